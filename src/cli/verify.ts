// `bailee verify`: checks a ledger as a stranger would, with the address and the key and nothing else. Remembers what it saw, so
// that the next check finds a log that shrank or forked.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { canonicalText } from "#base/canonical";
import { replaceFile } from "#base/files";
import { stateFolder } from "#config";
import { type Finding, formatRemembered, parseRemembered, type Verdict, verifyLog } from "#ledger";
import { reportWords } from "./reportwords.ts";
import { type CliCommand, exits, report, UsageError } from "./command.ts";
import { readerOf } from "./published.ts";

export const verify: CliCommand = {
  summary: "check a ledger",
  help: `
bailee verify URL|FOLDER [--key VKEY] [--memory FILE] [--json]

Checks that the log is signed, that every hash and opening is right, that no leaf is unaccounted for, and that it continues what
was seen last time. VKEY is the ledger's key as the provider printed or published it elsewhere; without it the key comes from the
log itself, which proves less, and the verdict says so. What was seen is kept in FILE (by default one for each address under
~/.local/state/bailee). Exit code 0 when all is right, 1 with findings, 69 when the log cannot be reached.
`,
  options: { key: { type: "string" }, memory: { type: "string" } },
  positionals: [1, 1],
  async run(call) {
    const place = call.positionals[0] ?? "";
    const memory = call.option("memory") ?? memoryFor(place);
    const remembered = existsSync(memory)
      ? parseRemembered(readFileSync(memory, "utf8"))
      : undefined;
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
        verifierKey: call.option("key"),
        remembered,
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
    ...findings.map((finding) => `  ${placeOf(finding)}: ${finding.kind}: ${finding.text}`),
    ...caveats.map((caveat) => `  Mind: ${caveat}`),
    ...reportWords(verdict.report),
  ].join("\n");
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
