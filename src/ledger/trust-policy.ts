// C2SP tlog-policy: a file that says which logs are meant, which witnesses are known, and how many of them must have cosigned a
// checkpoint for it to count. Parsing is strict; nothing is fetched here.
//
//   log <vkey> [<url>] | witness <name> <vkey> [<url>] | group <name> all|any|<k> <name>... | quorum <name>|none
import { asBuffer, toHex, toUtf8 } from "#base/bytes";
import { no, type Result, yes } from "#base/errors";
import { cosignedAt, parseCosignerKey } from "./cosignature.ts";
import { type Note, parseVerifierKey, type VerifierKey } from "./note.ts";
import type { Vkey } from "./vkey.ts";

export interface PolicyWitness {
  /** What the file calls it. */
  readonly name: string;
  readonly key: Vkey;
  /** Where it takes checkpoints (C2SP tlog-witness, the submission prefix), without a slash at its end. */
  readonly url: string | undefined;
}

export interface TrustPolicy {
  readonly logs: readonly { readonly key: VerifierKey; readonly verifierKey: string }[];
  readonly witnesses: readonly PolicyWitness[];
  /** The quorum's name; "none" asks for nobody. */
  readonly quorum: string;
  /** The latest second at or after which so many cosigned as the quorum asks for; undefined when too few did. 0 for "none". */
  quorumTime(times: ReadonlyMap<string, number>): number | undefined;
}

/** Who cosigned a note, by the policy's names, and whose cosignature on it is wrong. */
export interface Cosigned {
  readonly times: ReadonlyMap<string, number>;
  readonly bad: readonly string[];
}

// 32 logs, witnesses and groups each are the least that must be borne; with ML-DSA keys of 1.8 kB that is 128 kB.
const MAX_FILE = 512 * 1024;
const MAX_LINES = 1024;

type Times = ReadonlyMap<string, number>;
type Member = (times: Times) => number | undefined;

/** Reads a policy; the refusal says which line is wrong, in words. */
export function parseTrustPolicy(bytes: Uint8Array): Result<TrustPolicy, string> {
  // oxlint-disable-next-line no-control-regex -- the standard allows just these
  const isText = (text: string): boolean => !/[^\t\n\x20-\x7e\x80-\xff]/.test(text);
  if (bytes.byteLength > MAX_FILE) return no("the policy is larger than 512 KiB");
  // Octets, as the standard has it: names are compared as they stand.
  const text = asBuffer(bytes).toString("latin1");
  if (!isText(text) || !text.endsWith("\n")) return no("the policy is not lines of text");
  const lines = text.slice(0, -1).split("\n");
  if (lines.length > MAX_LINES) return no(`the policy has over ${MAX_LINES} lines`);
  const reader = openReader();
  for (const [at, line] of lines.entries()) {
    const words = line.split(/[ \t]+/).filter((word) => word !== "");
    if (words.length === 0 || words[0]?.startsWith("#")) continue;
    const fault = reader.read(words);
    if (fault !== undefined) return no(`line ${at + 1}: ${fault}`);
  }
  return reader.end();
}

/** The cosignatures on a note by the policy's witnesses. What others put there is passed over. */
export function cosignedBy(policy: TrustPolicy, note: Note): Cosigned {
  const times = new Map<string, number>();
  const bad: string[] = [];
  for (const { name, key } of policy.witnesses) {
    const time = cosignedAt(note, key);
    if (time === "bad") bad.push(name);
    else if (time !== "none") times.set(name, time);
  }
  return { times, bad };
}

function openReader(): {
  read(words: readonly string[]): string | undefined;
  end(): Result<TrustPolicy, string>;
} {
  const logs: { key: VerifierKey; verifierKey: string }[] = [];
  const witnesses: PolicyWitness[] = [];
  const members = new Map<string, Member>();
  const grouped = new Set<string>();
  const keys = new Set<string>();
  let quorum: string | undefined;

  const isNewKey = (kind: string, { publicKey }: { readonly publicKey: Uint8Array }): boolean => {
    const name = `${kind} ${toHex(publicKey)}`;
    return keys.has(name) ? false : (keys.add(name), true);
  };
  const readLog = ([encoded = "", url, ...rest]: readonly string[]): string | undefined => {
    const verifierKey = decode(encoded);
    const key = parseVerifierKey(verifierKey);
    if (key === undefined || rest.length > 0) return "a log is `log <vkey> [<url>]`";
    if (url !== undefined && urlOf(url) === undefined) return "this is no URL";
    if (!isNewKey("log", key)) return "this log stands here twice";
    logs.push({ key, verifierKey });
    return undefined;
  };
  const readWitness = ([name = "", encoded = "", given, ...rest]: readonly string[]):
    | string
    | undefined => {
    const key = parseCosignerKey(decode(encoded));
    if (key === undefined || rest.length > 0)
      return "a witness is `witness <name> <vkey> [<url>]`, with a cosigner's key";
    const url = given === undefined ? undefined : urlOf(given);
    if (given !== undefined && url === undefined) return "this is no URL";
    if (name === "none" || members.has(name)) return "this name is taken";
    if (!isNewKey("witness", key)) return "this witness stands here twice";
    witnesses.push({ name, key, url });
    members.set(name, (times) => times.get(name));
    return undefined;
  };
  const readGroup = ([name = "", count = "", ...names]: readonly string[]): string | undefined => {
    const of = names.map((each) => members.get(each));
    const known = of.filter((member) => member !== undefined);
    const words: { readonly [word: string]: number } = { all: names.length, any: 1 };
    const least = words[count] ?? (/^[1-9]\d{0,3}$/.test(count) ? Number(count) : 0);
    if (least < 1 || least > names.length) return "a group is `group <name> all|any|<k> <name>...`";
    if (name === "none" || members.has(name)) return "this name is taken";
    if (known.length !== names.length) return "a group is of names that stand before it";
    if (new Set(names).size !== names.length || names.some((each) => grouped.has(each)))
      return "a name is a member once";
    for (const each of names) grouped.add(each);
    members.set(name, (times) => {
      const each = known.map((member) => member(times)).filter((time) => time !== undefined);
      return each.toSorted((a, b) => b - a)[least - 1];
    });
    return undefined;
  };
  const readQuorum = ([name = "", ...rest]: readonly string[]): string | undefined => {
    if (quorum !== undefined) return "there is one quorum";
    if (rest.length > 0 || (name !== "none" && !members.has(name)))
      return "the quorum is a name that stands before it, or none";
    quorum = name;
    return undefined;
  };
  return {
    read([word, ...rest]) {
      if (word === "log") return readLog(rest);
      if (word === "witness") return readWitness(rest);
      if (word === "group") return readGroup(rest);
      return word === "quorum"
        ? readQuorum(rest)
        : "a line begins with log, witness, group or quorum";
    },
    end() {
      if (quorum === undefined) return no("there is no quorum line");
      const quorumTime = members.get(quorum) ?? (() => 0);
      return yes({ logs, witnesses, quorum, quorumTime });
    },
  };
}

/** A token's octets as UTF-8, which vkeys and addresses are. */
function decode(token: string): string {
  return toUtf8(Buffer.from(token, "latin1")) ?? "";
}

function urlOf(token: string): string | undefined {
  const url = URL.parse(decode(token));
  return url === null || !/^https?:$/.test(url.protocol) ? undefined : url.href.replace(/\/+$/, "");
}
