// What one connection of the IMAP storm does at random, and how it checks its own view on the way.
import { dice, type Dice, randomLetter } from "../letters.ts";
import { openStormClient, type StormClient } from "./imap-client.ts";
import { compareResynced, type Registry, type Row, type View } from "./imap-tracker.ts";

// Folders stay small enough for everything to meet everything else.
const MOST_MESSAGES = 150;
export const password = "a password for the storm";
const folders = ["INBOX", "Archive", "Work", "Work/Old"];
const keywords = ["$Forwarded", "$MDNSent", "todo", "Project-X"];
const systemFlags = ["\\Seen", "\\Answered", "\\Flagged", "\\Draft", "\\Deleted"];

type Flavour = "plain" | "condstore" | "qresync" | "rev2" | "notify" | "uidonly";
const flavours: readonly Flavour[] = [
  "plain",
  "condstore",
  "qresync",
  "qresync",
  "rev2",
  "notify",
  "uidonly",
];
const notify =
  "NOTIFY SET (SELECTED-DELAYED (MessageNew (UID FLAGS) MessageExpunge FlagChange)) (PERSONAL (MessageNew MessageExpunge))";

/** What all connections share. */
export interface Storm {
  readonly port: number;
  readonly seed: string;
  readonly registry: Registry;
  readonly errors: string[];
  /** Commands by name. */
  readonly counts: Map<string, number>;
  commands: number;
  resynced: number;
  /** All come to rest after what they are doing. */
  pausing: boolean;
}

export interface Worker {
  readonly storm: Storm;
  readonly who: string;
  readonly account: string;
  readonly roll: Dice;
  readonly flavour: Flavour;
  client: StormClient;
  /** What a QRESYNC client remembers of each folder. */
  readonly cache: Map<string, View>;
}

export async function openWorker(storm: Storm, index: number, account: string): Promise<Worker> {
  const flavour = flavours[Math.floor(index / 10 + index) % flavours.length] ?? "plain";
  const who = `connection ${index} (${flavour})`;
  const client = await signedIn(storm, who, account, flavour);
  const roll = dice(`${storm.seed} ${index}`);
  return { storm, who, account, roll, flavour, client, cache: new Map() };
}

async function signedIn(
  storm: Storm,
  who: string,
  account: string,
  flavour: Flavour,
): Promise<StormClient> {
  const client = await openStormClient(storm.port, who, storm.registry);
  const [answer] = (await client.say(`LOGIN "${account}" "${password}"`)) ?? [];
  if (answer?.status !== "OK") throw new Error(`${who} cannot sign in: ${answer?.text}`);
  if (flavour === "condstore") await client.say("ENABLE CONDSTORE");
  if (flavour === "qresync") await client.say("ENABLE QRESYNC");
  if (flavour === "rev2") await client.say("ENABLE IMAP4rev2");
  if (flavour === "notify") await client.say(notify);
  if (flavour === "uidonly") await client.say("ENABLE UIDONLY CONDSTORE");
  return client;
}

/** With NOTIFY numbers may shift at any moment, and UIDONLY knows none: such clients say UIDs. */
const saysUids = ({ flavour }: Worker): boolean => flavour === "notify" || flavour === "uidonly";

export const fetching = ({ flavour }: Pick<Worker, "flavour">): string =>
  flavour === "uidonly" ? "UID FETCH" : "FETCH";

/** Does one thing at random. */
export async function step(worker: Worker): Promise<void> {
  const { client, roll } = worker;
  const { view } = client.tracker;
  if (view === undefined) {
    await selectSome(worker);
    return;
  }
  // A careful client learns the UIDs of what is new before it does anything by UID.
  const unknown = view.rows.findIndex(({ uid }) => uid === undefined);
  if (unknown >= 0) {
    const set = worker.flavour === "uidonly" ? "1:*" : `${unknown + 1}:${view.rows.length}`;
    await said(worker, `${fetching(worker)} ${set} (UID FLAGS RFC822.SIZE)`);
    return;
  }
  const action = actions[roll(actions.length)];
  if (action !== undefined) await action(worker, view);
}

/** Says commands in one packet, counts them, and wants OK or NO for each. */
async function said(worker: Worker, ...lines: readonly (string | Buffer)[]): Promise<boolean> {
  for (const line of lines) {
    const [verb = "", second = ""] = line.toString("latin1", 0, 30).split(" ");
    const name =
      (verb === "UID" ? `UID ${second}` : verb).split(/\s/, 1)[0] === "UID"
        ? `UID ${second}`
        : verb;
    worker.storm.counts.set(name, (worker.storm.counts.get(name) ?? 0) + 1);
    worker.storm.commands += 1;
  }
  const answers = await worker.client.say(...lines);
  for (const [at, answer] of (answers ?? []).entries()) {
    const allowed =
      answer.status === "OK" || (answer.status === "NO" && !answer.text.includes("SERVERBUG"));
    if (!allowed)
      worker.storm.errors.push(
        `${worker.who}: ${answer.status} ${answer.text} to ${lines[at]?.toString("latin1", 0, 200)}`,
      );
  }
  return answers?.every(({ status }) => status === "OK") === true;
}

function someSet(roll: Dice, most: number): string {
  const first = 1 + roll(most);
  const last = Math.min(most, first + roll(6));
  return roll(6) === 0
    ? `${first},${1 + roll(most)}`
    : first === last
      ? String(first)
      : `${first}:${last}`;
}

function someUids(roll: Dice, view: View): string {
  const uids = view.rows.flatMap(({ uid }) => uid ?? []);
  const from = roll(uids.length);
  return uids.slice(from, from + 1 + roll(5)).join(",");
}

function someFlags(roll: Dice): string {
  const all = [...systemFlags, ...keywords];
  return Array.from({ length: 1 + roll(2) }, () => all[roll(all.length)]).join(" ");
}

export function append(roll: Dice, seed: string, to: string): Buffer {
  const count = roll(8) === 0 ? 2 : 1;
  const parts: Uint8Array[] = [Buffer.from(`APPEND "${to}"`)];
  for (let each = 0; each < count; each += 1) {
    const letter = randomLetter(`${seed} ${roll(400)}`);
    const flags = roll(2) === 0 ? ` (${someFlags(roll)})` : "";
    parts.push(Buffer.from(`${flags} {${letter.byteLength}+}\r\n`), letter);
  }
  return Buffer.concat(parts);
}

const somewhere = (roll: Dice): string => folders[roll(folders.length)] ?? "INBOX";

type Action = (worker: Worker, view: View) => Promise<unknown>;

const fetchItems = [
  "(FLAGS)",
  "(UID FLAGS MODSEQ)",
  "(ENVELOPE)",
  "(BODYSTRUCTURE RFC822.SIZE)",
  "(UID INTERNALDATE BODY.PEEK[HEADER])",
  "(BODY.PEEK[] EMAILID)",
  "(BODY[TEXT])",
  "FULL",
];

/** By number or by UID, whichever the dice say; nothing for an empty folder. */
function onSome(command: (set: string, roll: Dice) => string): Action {
  return async (worker, view) => {
    const { roll } = worker;
    if (view.rows.length === 0) return;
    const byUid = saysUids(worker) || roll(2) === 0;
    const line = command(byUid ? someUids(roll, view) : someSet(roll, view.rows.length), roll);
    if (line !== "") await said(worker, byUid ? `UID ${line}` : line);
  };
}

const fetchSome = onSome((set, roll) => `FETCH ${set} ${fetchItems[roll(fetchItems.length)]}`);

const storeSome: Action = async (worker, view) => {
  const { roll, client } = worker;
  if (view.readOnly || view.rows.length === 0) return;
  const rows = view.rows.slice(roll(view.rows.length)).slice(0, 1 + roll(4));
  const uids = rows.flatMap(({ uid }) => uid ?? []);
  const sign = ["+", "-", ""][roll(3)] ?? "";
  const silent = roll(3) === 0;
  const flags = someFlags(roll);
  const condition = roll(6) === 0 ? ` (UNCHANGEDSINCE ${view.highestModseq + roll(20)})` : "";
  const line = `UID STORE ${uids.join(",")}${condition} ${sign}FLAGS${silent ? ".SILENT" : ""} (${flags})`;
  if (!silent || condition !== "") {
    // With a condition, what was refused is said only in the tagged line: asked again, to keep the view simple.
    await said(worker, silent ? `UID FETCH ${uids.join(",")} (FLAGS)` : line);
    return;
  }
  // What .SILENT does the client does to its own view at once, so that news told behind it count.
  const before = client.tracker.view;
  for (const row of rows) row.flags = changed(row.flags ?? new Set(), sign, flags);
  if (!(await said(worker, line)) && client.tracker.view === before)
    await said(worker, `UID FETCH ${uids.join(",")} (FLAGS)`);
};

function changed(old: ReadonlySet<string>, sign: string, flags: string): ReadonlySet<string> {
  const named = new Set(flags.toLowerCase().split(" "));
  if (sign === "+") return old.union(named);
  return sign === "-" ? old.difference(named) : named;
}

const searches = [
  "ALL",
  "UNSEEN",
  "KEYWORD todo",
  "NOT DELETED",
  "TEXT letter",
  "LARGER 2000",
  "RETURN (MIN MAX COUNT) FLAGGED",
  "OR SEEN ANSWERED",
];

const orders = ["SUBJECT", "REVERSE DATE", "FROM ARRIVAL", "SIZE", "DISPLAYTO REVERSE SUBJECT"];

/** SEARCH, SORT or THREAD: what is found is there, and once. */
const searchSome: Action = async (worker, view) => {
  const { roll, client } = worker;
  const uid = saysUids(worker) || roll(2) === 0;
  const kind = roll(4);
  const what = searches[roll(searches.length)] ?? "ALL";
  const keys = what.replace(/^RETURN \([^)]*\) /, "");
  const line =
    kind === 0
      ? `SORT (${orders[roll(orders.length)]}) UTF-8 ${keys}`
      : kind === 1
        ? `THREAD ${roll(2) === 0 ? "REFERENCES" : "ORDEREDSUBJECT"} UTF-8 ${keys}`
        : `SEARCH ${what}`;
  await said(worker, `${uid ? "UID " : ""}${line}`);
  if (client.tracker.view !== view || line.includes("RETURN")) return;
  const { rows } = view;
  const known = new Set(rows.flatMap((row) => row.uid ?? []));
  const whole = rows.every((row) => row.uid !== undefined);
  const found = client.tracker.found();
  if (new Set(found).size < found.length)
    worker.storm.errors.push(`${worker.who}: ${line} found one twice: ${found.join(" ")}`);
  for (const number of found) {
    const here = uid ? known.has(number) || view.gone.has(number) || !whole : number <= rows.length;
    if (!here)
      worker.storm.errors.push(`${worker.who}: ${line} found ${number}, which is not there`);
  }
};

const replaceSome: Action = async (worker, view) => {
  const { roll, storm } = worker;
  if (view.readOnly || view.rows.length === 0) return;
  const at = roll(view.rows.length);
  const byUid = saysUids(worker) || roll(2) === 0;
  const which = byUid ? `UID REPLACE ${view.rows[at]?.uid}` : `REPLACE ${at + 1}`;
  const target = roll(2) === 0 ? view.name.split(" ")[1] : somewhere(roll);
  const letter = randomLetter(`${storm.seed} ${roll(400)}`);
  const head = `${which} "${target}" (${someFlags(roll)}) {${letter.byteLength}+}\r\n`;
  await said(worker, Buffer.concat([Buffer.from(head), letter]));
};

const actions: readonly Action[] = [
  fetchSome,
  fetchSome,
  fetchSome,
  storeSome,
  storeSome,
  storeSome,
  searchSome,
  searchSome,
  searchSome,
  replaceSome,
  async (worker) => {
    // To hear nothing, and then to hear again of all that happened in the meantime.
    if (worker.flavour === "notify") await said(worker, "NOTIFY NONE", notify, "NOOP");
  },
  async (worker, view) => {
    if (view.rows.length < MOST_MESSAGES)
      await said(worker, append(worker.roll, worker.storm.seed, somewhere(worker.roll)));
  },
  async (worker, view) => {
    const target = worker.roll(3) === 0 ? view.name.split(" ")[1] : somewhere(worker.roll);
    if (view.rows.length < MOST_MESSAGES)
      await onSome((set) => `COPY ${set} "${target}"`)(worker, view);
  },
  async (worker, view) => {
    if (!view.readOnly)
      await onSome((set, roll) => `MOVE ${set} "${somewhere(roll)}"`)(worker, view);
  },
  async (worker, view) => {
    if (view.readOnly || view.rows.length === 0) return;
    const uids = someUids(worker.roll, view);
    const all = worker.roll(3) === 0 || view.rows.length > MOST_MESSAGES;
    await said(
      worker,
      `UID STORE ${uids} +FLAGS (\\Deleted)`,
      all ? "EXPUNGE" : `UID EXPUNGE ${uids}`,
    );
  },
  async (worker, view) => {
    // Many commands in one packet.
    const uids = view.rows.length === 0 ? "1" : someUids(worker.roll, view);
    await said(
      worker,
      "NOOP",
      `UID FETCH ${uids} (FLAGS MODSEQ)`,
      "CHECK",
      `UID SEARCH UID ${uids}`,
      "NOOP",
    );
  },
  async (worker) => said(worker, `STATUS "${somewhere(worker.roll)}" (MESSAGES UIDNEXT UNSEEN)`),
  async (worker) => said(worker, 'LIST "" "*" RETURN (STATUS (MESSAGES))'),
  async (worker) => said(worker, "NOOP"),
  async (worker) => {
    worker.storm.counts.set("IDLE", (worker.storm.counts.get("IDLE") ?? 0) + 1);
    worker.storm.commands += 1;
    await worker.client.idle(worker.roll(100));
  },
  async (worker) => selectSome(worker),
  async (worker) => {
    if (worker.roll(3) === 0) await reconnect(worker);
    else await selectSome(worker);
  },
];

async function selectSome(worker: Worker): Promise<void> {
  const { roll } = worker;
  const { tracker } = worker.client;
  remember(worker);
  if (tracker.view !== undefined && roll(3) === 0) {
    await said(worker, roll(4) === 0 && !tracker.view.readOnly ? "CLOSE" : "UNSELECT");
    tracker.leave();
  }
  await select(worker, somewhere(roll), roll(6) === 0);
}

/** Keeps what a QRESYNC client would: UIDs, flags and HIGHESTMODSEQ of the folder that it leaves. */
function remember({ client, cache }: Worker): void {
  const { view } = client.tracker;
  if (view !== undefined && view.rows.every(({ uid }) => uid !== undefined))
    cache.set(view.name, view);
}

async function select(worker: Worker, name: string, readOnly: boolean): Promise<void> {
  const { client, roll, flavour, account, cache } = worker;
  const key = `${account} ${name}`;
  const cached = flavour === "qresync" && roll(4) > 0 ? cache.get(key) : undefined;
  const { tracker } = client;
  tracker.select(key, readOnly, cached);
  const parameters = cached === undefined ? "" : qresync(roll, cached);
  if (!(await said(worker, `${readOnly ? "EXAMINE" : "SELECT"} "${name}"${parameters}`))) {
    tracker.leave();
    return;
  }
  const { view } = tracker;
  if (view === undefined) return;
  const highest = view.highestModseq;
  const expected = cached && expectation(cached, view);
  if (view.rows.length > 0) await said(worker, `${fetching(worker)} 1:* (UID FLAGS MODSEQ)`);
  if (expected === undefined || tracker.view !== view) return;
  worker.storm.resynced += 1;
  // Where the client named the UIDs that it knows, news are told of those alone (RFC 7162 §3.2.5.1).
  const isLimited = /QRESYNC \(\d+ \d+ /.test(parameters);
  const rows = isLimited ? view.rows.filter(({ uid }) => expected.has(uid ?? 0)) : view.rows;
  for (const error of compareResynced(expected, rows, highest))
    worker.storm.errors.push(
      `${worker.who} ${key} after QRESYNC at ${cached?.highestModseq}, now ${highest}: ${error}`,
    );
}

function qresync(roll: Dice, cached: View): string {
  const uids = cached.rows.flatMap(({ uid }) => uid ?? []);
  const known = roll(2) === 0 || uids.length === 0 ? "" : ` ${uids.join(",")}`;
  const matched =
    known === "" || roll(2) === 0 ? "" : ` (1,${uids.length} ${uids[0]},${uids.at(-1)})`;
  const sensible = uids.length > 1 ? matched : "";
  return ` (QRESYNC (${cached.uidValidity} ${Math.max(1, cached.highestModseq)}${known}${sensible}))`;
}

/** The remembered rows with what the SELECT told of them. */
function expectation(cached: View, view: View): ReadonlyMap<number, Row> {
  const rows = new Map<number, Row>();
  for (const row of cached.rows)
    if (row.uid !== undefined && !view.earlier.has(row.uid)) rows.set(row.uid, row);
  for (const row of view.rows) if (row.uid !== undefined) rows.set(row.uid, { ...row });
  return rows;
}

export async function reconnect(worker: Worker): Promise<void> {
  remember(worker);
  if (worker.client.tracker.errors.length > 0)
    worker.storm.errors.push(...worker.client.tracker.errors.splice(0));
  if (worker.roll(2) === 0) await worker.client.say("LOGOUT");
  worker.client.close();
  worker.storm.counts.set("(reconnected)", (worker.storm.counts.get("(reconnected)") ?? 0) + 1);
  worker.client = await signedIn(worker.storm, worker.who, worker.account, worker.flavour);
}
