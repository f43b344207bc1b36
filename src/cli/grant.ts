// `bailee grant …`: drafts, files, shows and releases grants, and opens what a release handed over. The keeper decides.
import { createHash, randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { toBase64Url, toHex } from "#base/bytes";
import { draftGrant } from "#disclosure";
import {
  grantBytes,
  grantHash,
  type KeyFile,
  type KeyKind,
  keyId,
  openPackage,
  readKeyFile,
} from "#keeper";
import { type Demand, demands } from "#policy";
import { signBytes } from "#vault";
import { keeperSocket, reachKeeper, unknownGrant } from "./approve.ts";
import {
  ask,
  type Call,
  type CliCommand,
  report,
  UsageError,
  readGiven,
  refusal,
  writeNew,
} from "./command.ts";
import { openCopies } from "./copies.ts";
import { coverSheet, manifestIn } from "./cover.ts";
import { grantWords } from "./grantwords.ts";
import { evidenceOf } from "./evidence.ts";
import { scopeFrom, scopeHelp, scopeOptions } from "./scope.ts";

// What is published is carried to witnesses twice a minute.
const WITNESS_WAIT = 15_000;

export const grantMessages: CliCommand = {
  summary: "list messages",
  help: `
bailee grant messages ADDRESS [--json]

Lists an account's messages by id, time and size, which is all that can be known without opening them, oldest first.
`,
  options: {},
  positionals: [1, 1],
  run: async (call) =>
    report(call, await ask(call, "grant.messages", { address: call.positionals[0] ?? "" })),
};

export const grantDraft: CliCommand = {
  summary: "write a grant",
  help: `
bailee grant draft --ground G --client ADDRESS SCOPE --asked WORDS --reason WORDS --requester NAME
                   --requester-kind KIND [--demand NAME=WORDS …] --actor FILE --recipient FILE --out FILE
                   [--class CLASS] [--hours H] [--notice-until DAY --notice-document WORDS]

Writes the canonical JSON of a grant. Grounds and what each demands stand on the policy page. --client is an address of ours. CLASS is
content (as without it), contact, standing, clientlog or payment. FILE for --actor and --recipient is a key file; only its public half is used.

${scopeHelp}
`,
  options: {
    ground: { type: "string" },
    class: { type: "string" },
    client: { type: "string" },
    ...scopeOptions,
    asked: { type: "string" },
    reason: { type: "string" },
    requester: { type: "string" },
    "requester-kind": { type: "string" },
    demand: { type: "string", multiple: true },
    actor: { type: "string" },
    recipient: { type: "string" },
    hours: { type: "string" },
    "notice-until": { type: "string" },
    "notice-document": { type: "string" },
    out: { type: "string" },
  },
  positionals: [0, 0],
  async run(call) {
    const out = needed(call, "out");
    const address = needed(call, "client");
    const found = await ask(call, "grant.resolve", { address });
    if (!found.ok) return report(call, found);
    const { client, account } = found.value as { client: string; account: string };
    const dataClass = call.option("class") ?? "content";
    const { ids, time } = await scopeFrom(call, address, dataClass);
    const drafted = draftGrant(
      {
        ground: needed(call, "ground"),
        class: dataClass,
        client,
        account,
        ids,
        time,
        asked: call.option("asked") ?? "",
        reason: call.option("reason") ?? "",
        actor: keyId(keyFrom("ed25519", needed(call, "actor")).publicKey),
        requesterName: call.option("requester") ?? "",
        requesterKind: call.option("requester-kind") ?? "",
        recipient: toHex(keyFrom("x25519", needed(call, "recipient")).publicKey),
        demands: demandsOf(call.options("demand")),
        hours: call.option("hours") ?? "12",
        noticeUntil: call.option("notice-until") ?? "",
        noticeDocument: call.option("notice-document") ?? "",
      },
      Date.now(),
      toBase64Url(randomBytes(16)),
    );
    if (!drafted.ok) {
      const lines = Object.entries(drafted.mistakes).map(([field, what]) => `${field}: ${what}`);
      return report(call, {
        ok: false,
        text: lines.join("\n"),
        value: { mistakes: { ...drafted.mistakes } },
      });
    }
    await writeNew(out, drafted.value);
    const hash = grantHash(drafted.value);
    const what = time === undefined ? counted(ids.length) : "future mail";
    const words = `wrote ${out}: ${what}\nhash ${hash}`;
    return report(call, { ok: true, text: words, value: { out, hash, items: ids.length } });
  },
};

export const grantFile: CliCommand = {
  summary: "file a grant",
  help: `
bailee grant file FILE --key KEYFILE [--keeper SOCKET] [--json]

Signs the grant in FILE with the actor's key and hands it to the keeper, which checks it against the table of grounds and holds it.
`,
  options: { key: { type: "string" }, keeper: { type: "string" } },
  positionals: [1, 1],
  async run(call) {
    const grant = readGiven(call.positionals[0] ?? "");
    const key = keyFrom("ed25519", needed(call, "key"));
    const hash = grantHash(grant);
    await using keeper = await keeperOf(call);
    const ruled = await keeper.fileGrant(grant, signBytes(key.secretKey, grantBytes(hash)));
    if (!ruled.ok) return report(call, refusal(ruled));
    return report(call, {
      ok: true,
      text: `filed ${ruled.value.hash}`,
      value: { hash: ruled.value.hash },
    });
  },
};

export const grantList: CliCommand = {
  summary: "list grants",
  help: `
bailee grant list [--keeper SOCKET] [--json]

Lists the grants that the keeper holds, with their state.
`,
  options: { keeper: { type: "string" } },
  positionals: [0, 0],
  async run(call) {
    await using keeper = await keeperOf(call);
    const rows = (await keeper.listGrants()).map((shown) => ({
      hash: shown.hash,
      state: shown.state,
      approvals: shown.approvals.length,
      needed: shown.approvalsNeeded,
      uses: shown.uses,
    }));
    const lines = rows.map(
      (row) =>
        `${row.hash}  ${row.state}  ${row.approvals}/${row.needed} approvals  used ${row.uses}`,
    );
    return report(call, {
      ok: true,
      text: lines.length === 0 ? "no grants" : lines.join("\n"),
      value: rows,
    });
  },
};

export const grantShow: CliCommand = {
  summary: "show a grant",
  help: `
bailee grant show HASH [--keeper SOCKET] [--json]

Shows one grant as the keeper holds it, its approvals and its state.
`,
  options: { keeper: { type: "string" } },
  positionals: [1, 1],
  async run(call) {
    await using keeper = await keeperOf(call);
    const shown = await keeper.showGrant(call.positionals[0] ?? "");
    if (shown === undefined) return report(call, unknownGrant);
    const { hash, state, uses } = shown;
    return report(call, {
      ok: true,
      text: grantWords(shown),
      value: { hash, state, uses, grant: Buffer.from(shown.grant).toString() },
    });
  },
};

export const grantRelease: CliCommand = {
  summary: "release a grant",
  help: `
bailee grant release HASH --out FILE [--no-wait] [--json]

Hands the sealed objects in the grant's scope to the keeper. It writes the ledger entry, opens exactly those, and answers with a package
sealed to the grant's recipient, which is written to FILE. Where the ledger has witnesses the entry must reach them first, which takes
some minutes (an hour, for one under a prohibition): this waits and asks again, unless --no-wait is given. Stopping it loses nothing.
`,
  options: { out: { type: "string" }, "no-wait": { type: "boolean" } },
  positionals: [1, 1],
  async run(call) {
    const hash = call.positionals[0] ?? "";
    const out = resolve(needed(call, "out"));
    for (let said = false; ; said = true) {
      const answer = await ask(call, "grant.release", { hash, out });
      const { refusal } = { refusal: "", ...(answer.value as object | null) };
      if (refusal !== "awaiting-witnesses" || call.flag("no-wait")) return report(call, answer);
      if (!said) process.stderr.write(`${answer.text}; waiting\n`);
      await sleep(WITNESS_WAIT);
    }
  },
};

export const grantOpen: CliCommand = {
  summary: "open a package",
  help: `
bailee grant open PACKAGE --hash HASH --key KEYFILE --out FOLDER [--ledger URL|FOLDER] [--json]

Opens a package with the recipient's X25519 key and writes each item, manifest.json and cover.txt, a sheet in plain words, into FOLDER. Each
item's hash is compared with the manifest, whose own hash stands in the ledger's outcome entry. --ledger fetches the proof that the
entry stands in the published ledger, and what the entry says once it is opened.
`,
  options: {
    hash: { type: "string" },
    key: { type: "string" },
    out: { type: "string" },
    ledger: { type: "string" },
  },
  positionals: [1, 1],
  async run(call) {
    const sealed = readGiven(call.positionals[0] ?? "");
    const key = keyFrom("x25519", needed(call, "key"));
    const folder = needed(call, "out");
    const hash = needed(call, "hash");
    const copies = await openCopies(key.secretKey, hash, sealed, folder);
    if (copies !== undefined) {
      const words = `${copies === 1 ? "1 letter" : `${copies} letters`} in ${folder}`;
      return report(call, { ok: true, text: words, value: { items: copies, folder } });
    }
    const opened = openPackage(key.secretKey, hash, sealed);
    if (opened === undefined) {
      return report(call, {
        ok: false,
        text: "the package does not open with this key for this grant",
        value: null,
      });
    }
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const write = (name: string, bytes: string | Uint8Array): Promise<void> =>
      writeFile(join(folder, name), bytes, { mode: 0o600 });
    const names = fileNames(opened.items.map(({ context }) => context));
    for (const [at, { bytes }] of opened.items.entries()) await write(names[at] ?? "", bytes);
    await write("manifest.json", opened.manifest);
    const manifest = manifestIn(opened);
    const ledger = call.option("ledger");
    const evidence = ledger === undefined ? [] : await evidenceOf(ledger, manifest.intent);
    for (const { name, text } of evidence) await write(name, text);
    const manifestHash = createHash("sha256").update(opened.manifest).digest("hex");
    const proofs = evidence.map(({ name }) => name);
    await write("cover.txt", coverSheet(manifest, { names, manifestHash, proofs }));
    const items = opened.items.length;
    return report(call, {
      ok: true,
      text: `${counted(items)} in ${folder}, beside cover.txt and manifest.json`,
      value: { items, folder, manifest: manifestHash, proofs },
    });
  },
};

function counted(items: number): string {
  return items === 1 ? "1 item" : `${items} items`;
}

/** A file for each item; of events of a log, whose ids differ, as of all else: class and id. */
function fileNames(
  contexts: readonly { readonly class: string; readonly object: string }[],
): string[] {
  return contexts.map(({ class: dataClass, object }) =>
    dataClass === "content" ? `${object}.eml` : `${dataClass}-${object}.json`,
  );
}

function keeperOf(call: Call): ReturnType<typeof reachKeeper> {
  return reachKeeper(call.option("keeper") ?? keeperSocket(call.config.data));
}

export function needed(call: Call, option: string): string {
  const value = call.option(option);
  if (value === undefined) throw new UsageError(`--${option} is needed`);
  return value;
}

export function keyFrom(kind: KeyKind, file: string): KeyFile {
  const key = readKeyFile(kind, readGiven(file).toString());
  if (key === undefined) throw new UsageError(`${file} is no ${kind} key file`);
  return key;
}

function demandsOf(given: readonly string[]): { readonly [name in Demand]?: string } {
  const pairs = given.map((pair) => {
    const at = pair.indexOf("=");
    const name = pair.slice(0, at);
    if (at < 1 || !Object.hasOwn(demands, name)) {
      throw new UsageError(
        `--demand takes NAME=WORDS with NAME one of ${Object.keys(demands).join(", ")}`,
      );
    }
    return [name, pair.slice(at + 1)];
  });
  return Object.fromEntries(pairs) as { readonly [name in Demand]?: string };
}
