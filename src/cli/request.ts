// `bailee approve person|policy|request|hand-in`: what a quorum of approvers decides beside grants, as files that go from one of them to
// the next: a new person's key, an amended policy. The keeper is asked directly, and judges the signatures.
import { createHash, randomBytes } from "node:crypto";
import { fromHex, toHex } from "#base/bytes";
import { canonicalBytes, parseCanonical } from "#base/canonical";
import { seconds } from "#base/time";
import { amendmentBytes, type Keeper, keyId, personBytes } from "#keeper";
import { policyDigest } from "#policy";
import { signBytes } from "#vault";
import { keeperSocket, reachKeeper } from "./approve.ts";
import {
  type Call,
  type CliCommand,
  readGiven,
  refusal,
  report,
  UsageError,
  writeNew,
} from "./command.ts";
import { keyFrom, needed } from "./grant.ts";

// A policy with its clauses is some 20 KiB; the keeper takes as much.
const MAX_DOCUMENT = 1 << 20;

export const approvePerson: CliCommand = {
  summary: "write a request to enrol a person's key",
  help: `
bailee approve person --person NAME --role WORDS --public-key HEX --as actor|approver … --out FILE [--json]

Writes a request to enrol a person: their name, which only approvers and the case's record see, what they are here (public), the public
half of their key as approve init printed it, and whether they may act, approve, or both. A quorum of approvers signs the file
(approve request) and one of them hands it in (approve hand-in). An approver counts a day later.
`,
  options: {
    person: { type: "string" },
    role: { type: "string" },
    "public-key": { type: "string" },
    as: { type: "string", multiple: true },
    out: { type: "string" },
  },
  positionals: [0, 0],
  run: (call) =>
    writeRequest(call, {
      version: 1,
      person: needed(call, "person"),
      role: needed(call, "role"),
      key: needed(call, "public-key"),
      roles: [...call.options("as")],
      policy: policyDigest,
      nonce: newNonce(),
    }),
};

export const approvePolicy: CliCommand = {
  summary: "write a request to announce an amended policy",
  help: `
bailee approve policy --document FILE --from YYYY-MM-DD --words WORDS --out FILE [--json]

Writes a request to announce an amended policy: the document as a program that carries it serves it at /policy.json, the day from which
that program may start (30 days from now at the earliest), and in words, for everybody, what changes. A quorum of approvers signs the
file (approve request) and one of them hands it in with the document (approve hand-in). Then tell the clients:
bailee notice send policy-amended.
`,
  options: {
    document: { type: "string" },
    from: { type: "string" },
    words: { type: "string" },
    out: { type: "string" },
  },
  positionals: [0, 0],
  run(call) {
    const document = readGiven(needed(call, "document"));
    if (parseCanonical(document, MAX_DOCUMENT) === undefined)
      throw new UsageError("that is no policy: take the file as /policy.json gives it");
    const from = Date.parse(`${needed(call, "from")}T00:00:00Z`);
    if (Number.isNaN(from)) throw new UsageError("--from takes a day, YYYY-MM-DD");
    return writeRequest(call, {
      version: 1,
      policy: toHex(createHash("sha256").update(document).digest()),
      from: seconds(from),
      words: needed(call, "words"),
      nonce: newNonce(),
    });
  },
};

export const approveRequest: CliCommand = {
  summary: "show a request and sign it",
  help: `
bailee approve request FILE --key FILE [--json]

Shows a request by approve person or approve policy, signs it with an approver's key, and prints one line for approve hand-in.
`,
  options: { key: { type: "string" } },
  positionals: [1, 1],
  async run(call) {
    const { bytes, said, kind } = readRequest(call);
    const key = keyFrom("ed25519", needed(call, "key"));
    const id = keyId(key.publicKey);
    const line = `${id} ${toHex(signBytes(key.secretKey, kinds[kind](bytes)))}`;
    const shown = Object.entries(said).map(([name, value]) => `${name}: ${String(value)}`);
    if (!call.json) process.stderr.write(`${shown.join("\n")}\n\n`);
    return report(call, { ok: true, text: line, value: { signature: line } });
  },
};

export const approveHandIn: CliCommand = {
  summary: "hand a signed request to the keeper",
  help: `
bailee approve hand-in FILE --signature "KEY-ID HEX" … [--document FILE] [--keeper SOCKET] [--json]

Hands a request and the lines that approve request printed to the keeper, which judges them and writes one ledger entry. An amended
policy comes with its document.
`,
  options: {
    signature: { type: "string", multiple: true },
    document: { type: "string" },
    keeper: { type: "string" },
  },
  positionals: [1, 1],
  async run(call) {
    const { bytes, kind } = readRequest(call);
    const approvals = call.options("signature").map((line) => {
      const [approver = "", hex = ""] = line.trim().split(/\s+/);
      const signature = fromHex(hex);
      if (signature === undefined) throw new UsageError("--signature takes a key id and hex");
      return { approver, signature };
    });
    const document = kind === "policy" ? readGiven(needed(call, "document")) : undefined;
    await using keeper = await reachKeeper(call.option("keeper") ?? keeperSocket(call.config.data));
    if (document === undefined) {
      const ruled = await keeper.enrolPerson(bytes, approvals);
      if (!ruled.ok) return report(call, refusal(ruled));
      const { keyId: id, person, roles } = ruled.value;
      const text = `enrolled ${person} (${roles.join(", ")}), key id ${id}`;
      return report(call, { ok: true, text, value: { person, roles: [...roles], id } });
    }
    const ruled: Awaited<ReturnType<Keeper["amendPolicy"]>> = await keeper.amendPolicy(
      bytes,
      document,
      approvals,
    );
    if (!ruled.ok) return report(call, refusal(ruled));
    const { index, policy, from } = ruled.value;
    const day = new Date(from * 1000).toISOString().slice(0, 10);
    const text = `announced ${policy}, from ${day} on; entry ${index}`;
    return report(call, { ok: true, text, value: { index, policy, from } });
  },
};

const kinds = { person: personBytes, policy: amendmentBytes } as const;

async function writeRequest(
  call: Call,
  request: Parameters<typeof canonicalBytes>[0],
): Promise<number> {
  const out = needed(call, "out");
  await writeNew(out, canonicalBytes(request));
  return report(call, { ok: true, text: `${out} is written`, value: { request: out } });
}

function readRequest(call: Call): {
  readonly bytes: Uint8Array;
  readonly said: object;
  readonly kind: keyof typeof kinds;
} {
  const bytes = readGiven(call.positionals[0] ?? "");
  const said = parseCanonical(bytes);
  if (typeof said !== "object") throw new UsageError("that file is no request");
  return { bytes, said, kind: "person" in said ? "person" : "policy" };
}

function newNonce(): string {
  return toHex(randomBytes(16));
}
