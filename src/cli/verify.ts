// `bailee verify`: checks a ledger as a stranger would, with the address and the key and nothing else. Remembers what it saw, so
// that the next check finds a log that shrank or forked.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { toUtf8 } from "#base/bytes";
import { canonicalText } from "#base/canonical";
import { replaceFile } from "#base/files";
import { SECOND } from "#base/time";
import { stateFolder } from "#config";
import {
  type Finding,
  formatRemembered,
  parseNote,
  parseRemembered,
  parseTrustPolicy,
  type Read,
  type Served,
  type TrustPolicy,
  type Verdict,
  verifyLog,
} from "#ledger";
import { reportWords } from "./reportwords.ts";
import { type CliCommand, exits, readGiven, report, UsageError } from "./command.ts";
import { readerOf } from "./published.ts";

export const verify: CliCommand = {
  summary: "check a ledger",
  help: `
bailee verify URL|FOLDER [--key VKEY] [--policy FILE] [--memory FILE] [--json]

Checks that the log is signed, that every hash and opening is right, that no leaf is unaccounted for, and that it continues what
was seen last time. VKEY is the ledger's key as the provider printed or published it elsewhere; without it the key comes from the
log itself, which proves less, and the verdict says so. FILE is a trust policy (C2SP tlog-policy): the log's key, the witnesses that
you know, and how many of them must have cosigned what the log shows; those with a URL are also asked what they saw. What was seen is kept in the memory (by default one for each address under
~/.local/state/bailee). Exit code 0 when all is right, 1 with findings, 69 when the log cannot be reached.
`,
  options: { key: { type: "string" }, policy: { type: "string" }, memory: { type: "string" } },
  positionals: [1, 1],
  async run(call) {
    const place = call.positionals[0] ?? "";
    const memory = call.option("memory") ?? memoryFor(place);
    const remembered = existsSync(memory)
      ? parseRemembered(readFileSync(memory, "utf8"))
      : undefined;
    const trust = trustIn(call.option("policy"));
    let verdict: Verdict;
    try {
      const read = readerOf(place);
      // A log that was there and has lost its checkpoint is a finding; where none was ever seen, there is nothing to check.
      if (remembered === undefined && (await read("checkpoint")) === undefined) {
        process.stderr.write(`there is no ledger at ${place}, or none is published yet\n`);
        return exits.unavailable;
      }
      verdict = await verifyLog({
        read,
        verifierKey: call.option("key") ?? (await keyIn(trust, read)),
        remembered,
        trust,
        served: trust === undefined ? [] : await askWitnesses(trust, read),
      });
    } catch (error) {
      if (error instanceof UsageError) throw error;
      process.stderr.write(`the ledger at ${place} cannot be read: ${messageOf(error)}\n`);
      return exits.unavailable;
    }
    if (verdict.ok && verdict.remembered !== undefined) {
      await mkdir(resolve(memory, ".."), { recursive: true });
      await replaceFile(memory, formatRemembered(verdict.remembered));
    }
    const { ok, size, opened, covers, closed, findings, caveats } = verdict;
    return report(call, {
      ok,
      text: words(place, verdict),
      value: {
        ok,
        size,
        opened,
        covers,
        closed,
        key: verdict.key,
        witnesses: Object.fromEntries(verdict.witnesses),
        findings: findings.map((finding) => ({ ...finding })),
        caveats: [...caveats],
        report: JSON.parse(canonicalText(verdict.report)),
      },
    });
  },
};

/** `fetch` says why in the cause. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = (error.cause ?? {}) as { readonly code?: unknown };
  return typeof code === "string" ? `${error.message}, ${code}` : error.message;
}

function words(place: string, verdict: Verdict): string {
  const { size, opened, covers, closed, findings, caveats } = verdict;
  return [
    verdict.ok
      ? `The ledger at ${place} is whole.`
      : `The ledger at ${place} is NOT as it should be.`,
    `  ${size} leaves = ${opened} opened + ${covers} covers + ${closed} closed`,
    ...[...verdict.witnesses].map(
      ([name, time]) => `  cosigned by ${name} at ${new Date(time * SECOND).toISOString()}`,
    ),
    ...findings.map((finding) => `  ${placeOf(finding)}: ${finding.kind}: ${finding.text}`),
    ...caveats.map((caveat) => `  Mind: ${caveat}`),
    ...reportWords(verdict.report),
  ].join("\n");
}

function trustIn(path: string | undefined): TrustPolicy | undefined {
  if (path === undefined) return undefined;
  const policy = parseTrustPolicy(readGiven(path));
  if (!policy.ok) throw new UsageError(`${path}: ${policy.refusal}`);
  return policy.value;
}

/** The policy's log, or of several the one that this place says it is. */
async function keyIn(trust: TrustPolicy | undefined, read: Read): Promise<string | undefined> {
  const keys = (trust?.logs ?? []).map(({ verifierKey }) => verifierKey);
  const said = toUtf8((await read("vkey")) ?? new Uint8Array())?.trim();
  return keys.find((key) => key === said) ?? keys[0];
}

/** What the witnesses saw last of this log. One that does not answer says nothing; whether enough cosigned is seen from the log. */
async function askWitnesses(trust: TrustPolicy, read: Read): Promise<readonly Served[]> {
  const note = parseNote((await read("checkpoint")) ?? new Uint8Array());
  const [origin = ""] = note?.text.split("\n") ?? [];
  const asked = trust.witnesses.map(async ({ name, url }): Promise<readonly Served[]> => {
    if (url === undefined) return [];
    const path = `${createHash("sha256").update(origin).digest("hex")}/checkpoint`;
    const served = await readerOf(url)(path).catch((error: unknown) => {
      process.stderr.write(`the witness ${name} does not answer: ${messageOf(error)}\n`);
    });
    return served === undefined ? [] : [{ witness: name, note: served }];
  });
  return (await Promise.all(asked)).flat();
}

function placeOf({ file, index, line }: Finding): string {
  const where = [
    index === undefined ? "" : `leaf ${index}`,
    line === undefined ? "" : `line ${line}`,
  ].filter((part) => part !== "");
  return where.length === 0 ? file : `${file} (${where.join(", ")})`;
}

function memoryFor(place: string): string {
  const name = createHash("sha256").update(place).digest("hex").slice(0, 16);
  return join(stateFolder(), `${name}.json`);
}
