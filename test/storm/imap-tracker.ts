// One connection's view of its folder, kept from what the server says unasked alone, as a careful mail program keeps it. Whatever
// contradicts it, or what another connection was told of the same message, is an error.
import { createHash } from "node:crypto";
import { readSet, readValues, type Value } from "./imap-response.ts";

export interface Row {
  /** Undefined until a FETCH said it. */
  uid: number | undefined;
  flags: ReadonlySet<string> | undefined;
  modseq: number | undefined;
}

/** What never changes of a UID, as somebody was told; and who saw it as \Recent. Shared by all connections. */
export interface Registry {
  readonly fixed: Map<string, string>;
  readonly recentIn: Map<string, number>;
  selections: number;
}

export const openRegistry = (): Registry => ({
  fixed: new Map(),
  recentIn: new Map(),
  selections: 0,
});

export type Running = "by-number" | "other";

export interface View {
  /** Account and folder, for the registry. */
  readonly name: string;
  uidValidity: number;
  rows: Row[];
  highestModseq: number;
  readonly selection: number;
  readonly readOnly: boolean;
  /** Gone UIDs of this UIDVALIDITY, as told to this connection. */
  readonly gone: Set<number>;
  /** What VANISHED (EARLIER) told. */
  readonly earlier: Set<number>;
}

export interface Tracker {
  readonly errors: string[];
  view: View | undefined;
  /** A SELECT is on its way; `cached` is what a QRESYNC client remembers. */
  select(name: string, readOnly: boolean, cached?: View): void;
  leave(): void;
  /** The commands now running: answers to those by number may not tell EXPUNGE. */
  running(kinds: readonly Running[]): void;
  /** One untagged response, without "* ". */
  hear(response: Buffer): void;
  /** The numbers of the last SEARCH or ESEARCH. */
  found(): readonly number[];
}

// Items of FETCH that are the message's own for ever.
const fixedItems = /^(?:ENVELOPE|BODYSTRUCTURE|BODY|RFC822\.SIZE|INTERNALDATE|EMAILID|BODY\[.*\])$/;

export function openTracker(who: string, registry: Registry): Tracker {
  const errors: string[] = [];
  let kinds: readonly Running[] = [];
  let searched: readonly number[] = [];
  let next: View | undefined;
  const wrong = (what: string): void => {
    errors.push(`${who} ${tracker.view?.name ?? ""}: ${what}`);
  };

  function drop(view: View, at: number): void {
    const [row] = view.rows.splice(at, 1);
    if (row?.uid !== undefined) view.gone.add(row.uid);
  }

  function expunge(view: View, number: number): void {
    if (kinds.length > 0 && kinds.every((kind) => kind === "by-number"))
      wrong(`EXPUNGE ${number} in answer to a command by number`);
    if (number < 1 || number > view.rows.length)
      wrong(`EXPUNGE ${number} of ${view.rows.length} messages`);
    else drop(view, number - 1);
  }

  function vanish(view: View, set: string, earlier: boolean): void {
    if (!earlier && kinds.length > 0 && kinds.every((kind) => kind === "by-number"))
      wrong(`VANISHED ${set} in answer to a command by number`);
    for (const uid of readSet(set)) {
      if (earlier) {
        view.earlier.add(uid);
        view.gone.add(uid);
      }
      const at = view.rows.findIndex((row) => row.uid === uid);
      if (at >= 0 && earlier) wrong(`VANISHED (EARLIER) ${uid}, which is there`);
      else if (at >= 0) drop(view, at);
      else if (!earlier) {
        // One whose UID was not told yet: those stand last.
        const unknown = view.rows.findIndex((row) => row.uid === undefined);
        if (unknown < 0) wrong(`VANISHED ${uid}, which was not there`);
        else view.rows.splice(unknown, 1);
        view.gone.add(uid);
      }
    }
  }

  function exists(view: View, count: number): void {
    if (count < view.rows.length) wrong(`${count} EXISTS after ${view.rows.length}`);
    while (view.rows.length < count)
      view.rows.push({ uid: undefined, flags: undefined, modseq: undefined });
  }

  function fetched(view: View, number: number, items: readonly Value[]): void {
    const told = new Map<string, Value>();
    for (let at = 0; at + 1 < items.length; at += 2)
      told.set(String(items[at]).toUpperCase(), items[at + 1] ?? null);
    const row = view.rows[number - 1];
    if (row === undefined) {
      wrong(`FETCH of ${number} of ${view.rows.length} messages`);
      return;
    }
    const uid = told.get("UID");
    if (typeof uid === "string") identify(view, row, number, Number(uid));
    const modseq = told.get("MODSEQ");
    if (Array.isArray(modseq)) {
      const now = Number(modseq[0]);
      if (row.modseq !== undefined && now < row.modseq)
        wrong(`MODSEQ of UID ${row.uid} went from ${row.modseq} to ${now}`);
      row.modseq = now;
    }
    const flags = told.get("FLAGS");
    if (Array.isArray(flags)) setFlags(view, row, flags.map(String));
    if (row.uid === undefined) return;
    for (const [item, value] of told) {
      // Setting \Seen has a name of its own in the answer, and the same octets.
      if (!fixedItems.test(item)) continue;
      const key = `${view.name} ${view.uidValidity} ${row.uid} ${item}`;
      const hash = createHash("sha256").update(JSON.stringify(value)).digest("base64");
      const before = registry.fixed.get(key);
      if (before === undefined) registry.fixed.set(key, hash);
      else if (before !== hash) wrong(`${item} of UID ${row.uid} is another than before`);
    }
  }

  /** Where numbers were given up (RFC 9586), a UID that was not heard yet is one of those that EXISTS told of. */
  function placeOf(view: View, uid: number): number {
    const known = view.rows.findIndex((row) => row.uid === uid);
    if (known >= 0) return known;
    const unknown = view.rows.findIndex((row) => row.uid === undefined);
    if (unknown < 0 || view.gone.has(uid)) {
      wrong(`UIDFETCH of ${uid}, which is not there`);
      return -1;
    }
    const [row] = view.rows.splice(unknown, 1);
    if (row === undefined) return -1;
    row.uid = uid;
    const after = view.rows.findIndex((each) => each.uid === undefined || each.uid > uid);
    const at = after < 0 ? view.rows.length : after;
    view.rows.splice(at, 0, row);
    return at;
  }

  function identify(view: View, row: Row, number: number, uid: number): void {
    if (row.uid !== undefined && row.uid !== uid)
      wrong(`message ${number} is UID ${uid} and was UID ${row.uid}`);
    if (view.gone.has(uid)) wrong(`UID ${uid} is here again after it vanished`);
    const before = view.rows.slice(0, number - 1).findLast((each) => each.uid !== undefined)?.uid;
    const after = view.rows.slice(number).find((each) => each.uid !== undefined)?.uid;
    if ((before ?? 0) >= uid || (after ?? Infinity) <= uid)
      wrong(`message ${number} is UID ${uid}, between ${before} and ${after}`);
    row.uid = uid;
  }

  function setFlags(view: View, row: Row, flags: readonly string[]): void {
    const lower = new Set(flags.map((flag) => flag.toLowerCase()));
    // By EXAMINE one is shown them and takes none (RFC 3501 §6.3.2).
    if (lower.delete("\\recent") && row.uid !== undefined && !view.readOnly) {
      const key = `${view.name} ${view.uidValidity} ${row.uid}`;
      const other = registry.recentIn.get(key);
      if (other !== undefined && other !== view.selection)
        wrong(`UID ${row.uid} is \\Recent in selections ${other} and ${view.selection}`);
      registry.recentIn.set(key, view.selection);
    }
    row.flags = lower;
  }

  function condition(code: string): void {
    const [word = "", value = ""] = code.split(" ");
    if (word === "CLOSED") {
      tracker.view = next;
      next = undefined;
    }
    const { view } = tracker;
    if (view === undefined) return;
    if (word === "UIDVALIDITY") {
      if (view.uidValidity !== 0 && view.uidValidity !== Number(value)) {
        // Another folder of that name: nothing of the old one holds.
        view.rows = view.rows.map(() => ({ uid: undefined, flags: undefined, modseq: undefined }));
        view.gone.clear();
      }
      view.uidValidity = Number(value);
    }
    if (word === "HIGHESTMODSEQ") view.highestModseq = Number(value);
  }

  const tracker: Tracker = {
    errors,
    view: undefined,
    select(name, readOnly, cached) {
      registry.selections += 1;
      const view: View = {
        name,
        uidValidity: cached?.uidValidity ?? 0,
        rows: [],
        highestModseq: 0,
        selection: registry.selections,
        readOnly,
        gone: new Set(cached?.gone),
        earlier: new Set(),
      };
      // Until CLOSED what is told is the old folder's (RFC 9051 §7.1).
      if (tracker.view === undefined) tracker.view = view;
      else next = view;
    },
    leave() {
      next = undefined;
      tracker.view = undefined;
    },
    running(now) {
      kinds = now;
    },
    found: () => searched,
    hear(response) {
      const text = response.toString("latin1", 0, 400);
      const code = /^OK \[([^\]]*)\]/.exec(text)?.[1];
      if (code !== undefined) {
        condition(code);
        return;
      }
      if (/^(?:OK|NO|BAD|BYE|FLAGS|LIST|STATUS|CAPABILITY|ENABLED|METADATA|ID) /.test(text)) return;
      if (/^(?:SEARCH|SORT|THREAD)(?: |$)/.test(text)) {
        searched = text.length < 400 ? numbersIn(text) : numbersIn(response.toString("latin1"));
        return;
      }
      if (text.startsWith("ESEARCH")) {
        const all = / ALL ([\d:,]+)/.exec(response.toString("latin1"))?.[1];
        searched = all === undefined ? [] : readSet(all);
        return;
      }
      const { view } = tracker;
      if (view === undefined) {
        if (/^(?:\d+ (?:EXISTS|EXPUNGE|FETCH|RECENT)|VANISHED)/.test(text))
          wrong(`"${text.slice(0, 60)}" without a folder`);
        return;
      }
      const vanished = /^VANISHED (\(EARLIER\) )?([\d:,]+)$/.exec(response.toString("latin1"));
      if (vanished !== null) {
        vanish(view, vanished[2] ?? "", vanished[1] !== undefined);
        return;
      }
      const numbered = /^(\d+) (EXISTS|RECENT|EXPUNGE|FETCH|UIDFETCH)/.exec(text);
      if (numbered === null) {
        wrong(`"${text.slice(0, 60)}" is nothing that is known`);
        return;
      }
      const number = Number(numbered[1]);
      if (numbered[2] === "EXISTS") exists(view, number);
      if (numbered[2] === "EXPUNGE") expunge(view, number);
      if (numbered[2] === "RECENT" && number > view.rows.length)
        wrong(`${number} RECENT of ${view.rows.length} messages`);
      if (numbered[2] === "UIDFETCH") {
        const values = readValues(response)[2];
        const at = placeOf(view, number);
        if (at >= 0 && Array.isArray(values)) fetched(view, at + 1, values);
      }
      if (numbered[2] === "FETCH") {
        const values = readValues(response)[2];
        if (Array.isArray(values)) fetched(view, number, values);
        else wrong(`FETCH without items: ${text.slice(0, 60)}`);
      }
    },
  };
  return tracker;
}

const numbersIn = (text: string): number[] =>
  text
    .replace(/\(MODSEQ \d+\)/, "")
    .replaceAll(/[()]/g, " ")
    .split(" ")
    .slice(1)
    .filter((word) => word !== "")
    .map(Number);

/**
 * What a QRESYNC client must have after its SELECT: the rows that it remembered, less what vanished, with what changed. Compares it
 * with the view that a whole FETCH gave; `highest` is HIGHESTMODSEQ of that SELECT, and what changed after it is not looked at.
 */
export function compareResynced(
  cached: ReadonlyMap<number, Row>,
  fresh: readonly Row[],
  highest: number,
): string[] {
  const errors: string[] = [];
  const here = new Set(fresh.map(({ uid }) => uid));
  for (const uid of cached.keys())
    if (!here.has(uid)) errors.push(`UID ${uid} was not told to have vanished`);
  for (const { uid, flags, modseq } of fresh) {
    if (uid === undefined || modseq === undefined || modseq > highest) continue;
    const known = cached.get(uid);
    if (known === undefined) errors.push(`UID ${uid} was not told to be new`);
    else if (!sameFlags(known.flags, flags))
      errors.push(
        `flags of UID ${uid} were not told: it has ${words(flags)} since MODSEQ ${modseq}, and had ${words(known.flags)} at ${known.modseq}`,
      );
  }
  return errors;
}

const words = (flags: ReadonlySet<string> | undefined): string =>
  `(${[...(flags ?? [])].join(" ")})`;

export function sameFlags(
  a: ReadonlySet<string> | undefined,
  b: ReadonlySet<string> | undefined,
): boolean {
  if (a === undefined || b === undefined) return false;
  return a.size === b.size && a.isSubsetOf(b);
}

/** Everything in which a view differs from a fresh SELECT and FETCH of the same folder when nobody does anything. */
export function compareViews(view: View, fresh: View): string[] {
  const where = `${view.name}, selection ${view.selection}:`;
  if (view.uidValidity !== fresh.uidValidity) return [`${where} another UIDVALIDITY`];
  if (view.rows.length !== fresh.rows.length)
    return [`${where} ${view.rows.length} messages where there are ${fresh.rows.length}`];
  return view.rows.flatMap((row, at) => {
    const now = fresh.rows[at];
    if (row.uid !== now?.uid) return [`${where} message ${at + 1} is ${now?.uid}, not ${row.uid}`];
    const errors: string[] = [];
    if (!sameFlags(row.flags, now?.flags))
      errors.push(
        `${where} UID ${row.uid} has (${[...(now?.flags ?? [])].join(" ")}), not (${[...(row.flags ?? [])].join(" ")})`,
      );
    if (row.modseq !== undefined && row.modseq !== now?.modseq)
      errors.push(`${where} UID ${row.uid} has MODSEQ ${now?.modseq}, not ${row.modseq}`);
    return errors;
  });
}
