// The ledger's witnesses. Which there are and how many must have seen an entry before a key turns is a file of the keeper's own, a C2SP
// trust policy; a change of it is an entry. The keeper talks to nobody: the server carries checkpoints out and cosignatures in, and
// cannot make any up. What it keeps back only leaves keys unturned.
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { asBuffer, fromUtf8, toHex, toUtf8 } from "#base/bytes";
import { Broken } from "#base/errors";
import { replaceFile } from "#base/files";
import { HOUR, SECOND, seconds } from "#base/time";
import { cosignedBy, type Log, parseNote, parseTrustPolicy, type TrustPolicy } from "#ledger";
import type { Book } from "./book.ts";
import type { Keeper } from "./port.ts";
import { refused } from "./rules.ts";
import { sha256 } from "./statements.ts";

/** The policy as it stands in the keeper's folder. */
export interface WitnessPolicy {
  readonly bytes: Uint8Array;
  readonly trust: TrustPolicy;
}

export interface Witnesses extends Pick<Keeper, "witnessing" | "cosigned"> {
  /** Whether a quorum saw the entry; always, where none is asked for. */
  saw(index: number): boolean;
  /** Nobody has cosigned for so long that a use begun now would only wait. */
  areAway(): boolean;
  /** Intents that are entered and whose key has not turned, because witnesses have not seen them. */
  readonly waiting: Set<number>;
}

interface Held {
  readonly line: string;
  /** Seconds, by the witness's clock. */
  readonly time: number;
}

// A cosignature is made anew every hour, so that its time stays near.
const FRESH_S = HOUR / SECOND;
// One that is missed is not yet an outage; two are.
const AWAY_S = 2 * FRESH_S;
// Clocks differ by minutes. Where they differ by more, one of them is wrong, and grants would end too late or too early.
const MAX_SKEW_S = FRESH_S;
// 32 witnesses of two keys each.
const MAX_LINES = 64;

/** Reads the policy in the keeper's folder; undefined when there is none. Throws Broken on one that is wrong or of another log. */
export async function readWitnessPolicy(
  folder: string,
  verifierKey: string,
): Promise<WitnessPolicy | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(join(folder, "witnesses"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Broken("the keeper's list of witnesses cannot be read", error);
  }
  const trust = parseTrustPolicy(bytes);
  if (!trust.ok) throw new Broken(`the keeper's list of witnesses is wrong: ${trust.refusal}`);
  const { logs } = trust.value;
  if (logs.length > 0 && !logs.some((log) => log.verifierKey === verifierKey))
    throw new Broken("the keeper's list of witnesses is for another log");
  return { bytes, trust: trust.value };
}

/** What witnesses say they saw of this ledger. One that is ahead of it keeps it from opening: signing on would fork it. */
export async function readSeen(folder: string | undefined): Promise<readonly Uint8Array[]> {
  if (folder === undefined) return [];
  try {
    const names = await readdir(folder);
    return await Promise.all(names.slice(0, MAX_LINES).map((name) => readFile(join(folder, name))));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new Broken("what witnesses saw cannot be read", error);
  }
}

export async function openWitnesses(parts: {
  readonly policy: WitnessPolicy | undefined;
  readonly publishedFolder: string;
  readonly book: Book;
  readonly log: Log;
}): Promise<Witnesses> {
  const { policy, publishedFolder, book, log } = parts;
  await enterWitnesses(policy, publishedFolder, book);
  const waiting = new Set<number>();
  if (policy === undefined) {
    return {
      waiting,
      saw: () => true,
      areAway: () => false,
      witnessing: async () => ({ size: 0, due: [] }),
      cosigned: async () => refused("malformed", "no witnesses are asked for here"),
    };
  }
  const { trust } = policy;
  let seen = { size: 0, time: 0 };
  let held: { readonly text: string; readonly lines: ReadonlyMap<string, Held> } = {
    text: "",
    lines: new Map(),
  };
  /** The lines on a note of ours that count, by witness; what is on it already was judged when it came. */
  const onNote = (note: Uint8Array | undefined): typeof held => {
    const [text = "", signatures = ""] = splitNote(note);
    return { text, lines: readLines(trust, text, signatures.split("\n").slice(1)) };
  };
  const sawQuorum = ({ text, lines }: typeof held): boolean => {
    const time = trust.quorumTime(timesOf(lines));
    if (time === undefined) return false;
    seen = { size: Math.max(seen.size, sizeOf(text)), time: Math.max(seen.time, time) };
    book.notBefore(seen.time * SECOND);
    return true;
  };
  for (const note of [log.witnessed(), log.published()?.note]) {
    if (note !== undefined) sawQuorum((held = onNote(note)));
  }
  const isAsked = trust.quorum !== "none";
  return {
    waiting,
    saw: (index) => !isAsked || index < seen.size,
    areAway: () => isAsked && seconds(book.now()) - seen.time > AWAY_S,
    async witnessing() {
      const { note, size } = log.published() ?? { note: undefined, size: 0 };
      const [text] = splitNote(note);
      const lines = text === held.text ? held.lines : new Map<string, Held>();
      const now = seconds(book.now());
      const due = trust.witnesses.flatMap(({ name, url }) => {
        const isFresh = now - (lines.get(name)?.time ?? 0) < FRESH_S;
        return url === undefined || isFresh || size === 0 ? [] : [{ witness: name, url }];
      });
      return { size, due };
    },
    async cosigned(given) {
      const lines = toUtf8(given)?.split("\n") ?? [];
      if (lines.length > MAX_LINES) return refused("malformed", "more lines than witnesses");
      let wrong = "no witness of this ledger signed that over what is published";
      let next: typeof held | undefined;
      await log.cosign(publishedFolder, (note) => {
        const [text = ""] = splitNote(note);
        const now = seconds(book.now());
        const added = [...readLines(trust, text, lines)].filter(([, { time }]) => {
          const isNear = Math.abs(time - now) <= MAX_SKEW_S;
          if (!isNear) wrong = "the witness's clock and the keeper's are over an hour apart";
          return isNear;
        });
        if (added.length === 0) return undefined;
        next = { text, lines: new Map([...onNote(note).lines, ...added]) };
        const [own = ""] = splitNote(note)[1]?.split("\n") ?? [];
        const cosignatures = [...next.lines.values()].map(({ line }) => `${line}\n`);
        const signed = fromUtf8(`${text}\n${own}\n${cosignatures.join("")}`);
        return { note: signed, isWitnessed: trust.quorumTime(timesOf(next.lines)) !== undefined };
      });
      if (next === undefined) return refused("malformed", wrong);
      held = next;
      sawQuorum(held);
      return { ok: true, value: { witnessed: seen.size } };
    },
  };
}

/** Everybody may read whom this ledger asks; a change is an entry before anything is asked of the new ones. */
async function enterWitnesses(
  policy: WitnessPolicy | undefined,
  publishedFolder: string,
  book: Book,
): Promise<void> {
  const digest = policy === undefined ? "" : toHex(sha256(policy.bytes));
  if (book.state.witnesses !== digest) {
    const names = policy?.trust.witnesses.map(({ key }) => key.name) ?? [];
    await book.write({
      public: { type: "witnesses", digest, names, quorum: policy?.trust.quorum ?? "none" },
      fact: { kind: "witnesses", digest },
    });
  }
  const path = join(publishedFolder, "witnesses");
  if (policy !== undefined) await replaceFile(path, policy.bytes, 0o644);
  else await rm(path, { force: true });
}

/** Of each witness the latest of the lines that it signed over this text. */
function readLines(
  trust: TrustPolicy,
  text: string,
  lines: readonly string[],
): ReadonlyMap<string, Held> {
  const found = new Map<string, Held>();
  for (const line of lines) {
    const note = parseNote(fromUtf8(`${text}\n${line}\n`));
    if (note === undefined) continue;
    for (const [name, time] of cosignedBy(trust, note).times)
      if (time > (found.get(name)?.time ?? 0)) found.set(name, { line, time });
  }
  return found;
}

function timesOf(lines: ReadonlyMap<string, Held>): ReadonlyMap<string, number> {
  return new Map([...lines].map(([name, { time }]) => [name, time]));
}

/** The text of a checkpoint of ours and its signature lines. */
function splitNote(note: Uint8Array | undefined): readonly string[] {
  const whole = asBuffer(note ?? new Uint8Array()).toString();
  const end = whole.indexOf("\n\n");
  return end < 0 ? [] : [whole.slice(0, end + 1), whole.slice(end + 2)];
}

function sizeOf(text: string): number {
  return Number(text.split("\n")[1]);
}
