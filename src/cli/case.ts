// `bailee case …`: requests for data at the disclosure desk, and signed records of any desk. Keys stay in their files: a record is
// signed here and handed to the server, which hands it to the keeper and then does what it says.
import { randomBytes } from "node:crypto";
import { toBase64Url, toHex } from "#base/bytes";
import { type Canonical, canonicalBytes, parseCanonical } from "#base/canonical";
import {
  becauses,
  closedRecord,
  determinedRecord,
  kinds,
  outcomes,
  type Outcome,
  requesterKinds,
  type Verdict,
  verdicts,
} from "#disclosure";
import { keyId, recordBytes } from "#keeper";
import { signBytes } from "#vault";
import {
  ask,
  type Call,
  type CliCommand,
  readGiven,
  report,
  UsageError,
  writeNew,
} from "./command.ts";
import { keyFrom, needed } from "./grant.ts";

const text = { type: "string" } as const;

export const caseNew: CliCommand = {
  summary: "take in a request",
  help: `
bailee case new --kind KIND --requester NAME --requester-kind WHO --came-by WORDS --about ADDRESS --asked WORDS
                [--instrument WORDS] [--prohibition WORDS] (--key FILE | --out FILE) [--json]

Takes in a request for data, sealed to the desk, and records its receipt: signed with the key of who received it, or into FILE to be
signed later. KIND is one of ${Object.keys(kinds).join(", ")}; WHO one of ${requesterKinds.join(", ")}. --instrument names kind, issuer, reference and
date; --prohibition the document that forbids telling the client.
`,
  options: {
    kind: text,
    requester: text,
    "requester-kind": text,
    "came-by": text,
    about: text,
    asked: text,
    instrument: text,
    prohibition: text,
    key: text,
    out: text,
  },
  positionals: [0, 0],
  async run(call) {
    const out = call.option("out");
    if (out === undefined) needed(call, "key");
    const answer = await ask(call, "case.new", {
      kind: needed(call, "kind"),
      requesterName: needed(call, "requester"),
      requesterKind: needed(call, "requester-kind"),
      cameBy: needed(call, "came-by"),
      about: needed(call, "about"),
      asked: needed(call, "asked"),
      instrument: call.option("instrument") ?? "",
      prohibition: call.option("prohibition") ?? "",
    });
    if (!answer.ok) return report(call, answer);
    const {
      id,
      record,
      answer: ways,
    } = answer.value as {
      id: string;
      record: string;
      answer: string[];
    };
    if (out !== undefined) {
      await writeNew(out, record);
      const words = `${answer.text}\nwrote ${out}; next: bailee case record ${out} --key YOUR-KEY`;
      return report(call, { ok: true, text: words, value: { id, out, answer: ways } });
    }
    const recorded = await handIn(call, Buffer.from(record), "");
    const { index } = (recorded.value ?? {}) as { readonly index?: number };
    return report(call, {
      ok: recorded.ok,
      text: `${answer.text}\n${recorded.text}`,
      value: recorded.ok ? { id, index: index ?? null, answer: ways } : recorded.value,
    });
  },
};

export const caseRecord: CliCommand = {
  summary: "sign a record and hand it in",
  help: `
bailee case record FILE --key KEY [--note WORDS] [--json]

Signs a case's record with KEY and hands it in. The keeper writes it to the ledger, and then the server does what it says: moves the
case, deletes or gives back a message, keeps a sender out. FILE comes from the desk's pages; where it names no signer, KEY is. --note is
kept with the case, sealed: for a determination it is the determination in writing.
`,
  options: { key: text, note: text },
  positionals: [1, 1],
  run: async (call) =>
    report(
      call,
      await handIn(call, readGiven(call.positionals[0] ?? ""), call.option("note") ?? ""),
    ),
};

export const caseList: CliCommand = {
  summary: "list requests",
  help: `
bailee case list [--json]

Lists requests with what is clear on disk: id, kind, stage, dates. What they ask and about whom opens at the desk only.
`,
  options: {},
  positionals: [0, 0],
  run: async (call) => report(call, await ask(call, "case.list", {})),
};

export const caseShow: CliCommand = {
  summary: "show where a request is and what is next",
  help: `
bailee case show ID [--json]

Shows the stage of a request, its dates, and the one next command.
`,
  options: {},
  positionals: [1, 1],
  run: async (call) =>
    report(call, await ask(call, "case.show", { id: call.positionals[0] ?? "" })),
};

export const caseStep: CliCommand = {
  summary: "note a step",
  help: `
bailee case step ID (authenticated | unverified | narrowed | delivered) --note WORDS [--grant HASH] [--json]

Notes a step that needs no entry of its own. authenticated: which number was called back, where it was found, who answered.
narrowed: what of the request is granted, with the hash of the grant. delivered: how the package was handed over, and to whom.
`,
  options: { note: text, grant: text },
  positionals: [2, 2],
  async run(call) {
    const [id = "", step = ""] = call.positionals;
    const note = needed(call, "note");
    const grant = call.option("grant") ?? "";
    return report(call, await ask(call, "case.step", { id, step, note, grant }));
  },
};

export const casePreserve: CliCommand = {
  summary: "keep what a request is about from destruction",
  help: `
bailee case preserve ID --client ADDRESS --note WORDS [--json]

Sets a legal hold on the client until the case's day: nothing of theirs is destroyed. The hold is quiet, because a prohibition to tell
may still come: nothing of it is in the client's log or on their pages until it is lifted (bailee client hold ADDRESS legal-hold --lift)
or over. Then one line says from when to when it was there. Where a prohibition lasts longer, run this again before the day.
`,
  options: { client: text, note: text },
  positionals: [1, 1],
  run: async (call) =>
    report(
      call,
      await ask(call, "case.preserve", {
        id: call.positionals[0] ?? "",
        client: needed(call, "client"),
        note: needed(call, "note"),
      }),
    ),
};

export const caseDetermine: CliCommand = {
  summary: "record whether a request is valid",
  help: `
bailee case determine ID --verdict (valid | invalid | incomplete) --note WORDS --key KEY [--json]

Records the determination of a request, by a person other than who received it. --note is the determination in writing, kept sealed.
A grant on D2 or E3 needs the signed line of bailee approve determine besides: it is about the named objects.
`,
  options: { verdict: text, note: text, key: text },
  positionals: [1, 1],
  async run(call) {
    const verdict = oneOf<Verdict>(call, "verdict", verdicts);
    const record = determinedRecord(aboutOf(call), verdict);
    return report(call, await handIn(call, record, needed(call, "note")));
  },
};

export const caseClose: CliCommand = {
  summary: "record how a request ended",
  help: `
bailee case close ID --outcome (fulfilled | part | rejected | withdrawn) --because WORD --key KEY [--note WORDS] [--json]

Records the end of a request. WORD is what outsiders count:
${Object.entries(becauses)
  .map(([word, meaning]) => `  ${word.padEnd(18)} ${meaning}`)
  .join("\n")}
`,
  options: { outcome: text, because: text, note: text, key: text },
  positionals: [1, 1],
  async run(call) {
    const outcome = oneOf<Outcome>(call, "outcome", outcomes);
    const because = oneOf(call, "because", Object.keys(becauses));
    const record = closedRecord(aboutOf(call), outcome, because);
    return report(call, await handIn(call, record, call.option("note") ?? ""));
  },
};

function aboutOf(call: Call) {
  return {
    case: call.positionals[0] ?? "",
    now: Date.now(),
    nonce: toBase64Url(randomBytes(16)),
  };
}

function oneOf<Word extends string>(call: Call, option: string, words: readonly Word[]): Word {
  const given = needed(call, option);
  const found = words.find((word) => word === given);
  if (found === undefined) throw new UsageError(`--${option} is one of: ${words.join(", ")}`);
  return found;
}

async function handIn(call: Call, drafted: Uint8Array, note: string) {
  const key = keyFrom("ed25519", needed(call, "key"));
  const record = named(drafted, keyId(key.publicKey));
  const signature = toHex(signBytes(key.secretKey, recordBytes(record)));
  return ask(call, "case.record", { record: Buffer.from(record).toString(), signature, note });
}

/** A draft names no signer; what names one is signed as it stands. */
function named(drafted: Uint8Array, actor: string): Uint8Array {
  const value = parseCanonical(drafted);
  if (typeof value !== "object" || Array.isArray(value))
    throw new UsageError("the file is no record in canonical JSON");
  const fields = value as { readonly [name: string]: Canonical };
  return fields["actor"] === "" ? canonicalBytes({ ...fields, actor }) : drafted;
}
