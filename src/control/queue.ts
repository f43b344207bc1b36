// What the operator may ask of the queue: ids, ages, sizes, states and the numbers of verdicts; and what they may do with an item. No
// address, no domain and no word of a letter: those are sealed until the letter is transmitted.
import type { Answer, Operations, Plain } from "./socket.ts";

interface ItemFacts {
  readonly item: string;
  readonly client: string;
  readonly created: number;
  readonly size: number;
  readonly recipients: readonly {
    readonly state: string;
    readonly due: number;
    readonly attempts: number;
    readonly status: string;
    readonly uncertain: number;
  }[];
}

interface OperatedQueue {
  list(atMost: number): Promise<readonly ItemFacts[]>;
  show(item: string): Promise<ItemFacts | undefined>;
  change(item: string, what: "retry" | "hold" | "drop"): Promise<number>;
  stuck(): Promise<{
    readonly aside: number;
    readonly held: number;
    readonly overdue: number;
    readonly oldest: number | undefined;
  }>;
  now(): number;
  /** The client of an address of ours. */
  resolve(address: string): Promise<{ readonly client: string } | undefined>;
  suppressed(
    client: string,
  ): Promise<readonly { readonly status: string; readonly times: number; readonly last: number }[]>;
  lift(client: string, recipient: string | undefined): Promise<number>;
}

type Args = { readonly [name: string]: Plain };

// A page of a terminal's history; who has more waiting wants to know why, not which.
const MOST_LISTED = 1000;

export function queueOperations(queue: OperatedQueue): Operations {
  return {
    "queue.list": async () => {
      const rows = await queue.list(MOST_LISTED);
      const text = rows.map((row) => line(row, queue.now())).join("\n");
      return answer(rows.length === 0 ? "nothing waits to leave" : text, rows.map(plain));
    },
    "queue.show": async (args) => {
      const found = await queue.show(word(args, "item"));
      if (found === undefined) return gone(word(args, "item"));
      return answer(details(found, queue.now()), plain(found));
    },
    "queue.retry": (args) => change(queue, args, "retry"),
    "queue.hold": (args) => change(queue, args, "hold"),
    "queue.drop": (args) => change(queue, args, "drop"),
    "queue.stuck": async () => {
      const stuck = await queue.stuck();
      return answer(`${stuck.aside} aside, ${stuck.held} held, ${stuck.overdue} overdue`, stuck);
    },
    "suppression.list": (args) => listSuppressed(queue, args),
    "suppression.lift": (args) => liftSuppressed(queue, args),
  };
}

const words = {
  retry: "tried at once",
  hold: "held; they wait until `bailee queue retry`, or until five days are over",
  drop: "taken out; the sender gets a report",
} as const;

async function change(
  queue: OperatedQueue,
  args: Args,
  what: "retry" | "hold" | "drop",
): Promise<Answer> {
  const touched = await queue.change(word(args, "item"), what);
  if (touched === 0) return gone(word(args, "item"));
  return answer(`${touched} recipients: ${words[what]}`, { recipients: touched });
}

async function listSuppressed(queue: OperatedQueue, args: Args): Promise<Answer> {
  const found = await queue.resolve(word(args, "address"));
  if (found === undefined) return refused(`no client has the address ${word(args, "address")}`);
  const rows = await queue.suppressed(found.client);
  const lines = rows.map(
    ({ status, times, last }) =>
      `${status}  refused ${times} times, last ${new Date(last).toISOString().slice(0, 10)}`,
  );
  const text = rows.length === 0 ? "no address is suppressed for this client" : lines.join("\n");
  return answer(
    text,
    rows.map(({ status, times, last }) => ({ status, times, last })),
  );
}

async function liftSuppressed(queue: OperatedQueue, args: Args): Promise<Answer> {
  const found = await queue.resolve(word(args, "address"));
  if (found === undefined) return refused(`no client has the address ${word(args, "address")}`);
  const recipient = args["all"] === true ? undefined : word(args, "recipient");
  const lifted = await queue.lift(found.client, recipient);
  if (lifted === 0 && recipient !== undefined)
    return refused("that address is not suppressed for this client");
  return answer(`${lifted} lifted: letters go there again`, { lifted });
}

function line(row: ItemFacts, now: number): string {
  const states = [...new Set(row.recipients.map(({ state }) => state))].join("+");
  const statuses = [...new Set(row.recipients.map(({ status }) => status))].filter(Boolean);
  const client = row.client === "" ? "the house" : `client ${row.client}`;
  return `${row.item}  ${age(now - row.created)}  ${row.size} bytes  ${row.recipients.length} recipients  ${states}  ${statuses.join(" ") || "-"}  ${client}`;
}

function details(row: ItemFacts, now: number): string {
  return [
    line(row, now),
    ...row.recipients.map(
      ({ state, due, attempts, status, uncertain }) =>
        `  ${state}, ${attempts} attempts, last ${status || "-"}, next ${new Date(due).toISOString()}` +
        (uncertain === 0 ? "" : `, ${uncertain} times handed over without an answer`),
    ),
  ].join("\n");
}

function age(milliseconds: number): string {
  const minutes = Math.max(0, Math.floor(milliseconds / 60_000));
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2880 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} d`;
}

function plain(row: ItemFacts): Plain {
  return { ...row, recipients: row.recipients.map((recipient) => ({ ...recipient })) };
}

function answer(text: string, value: Plain): Answer {
  return { ok: true, text, value };
}

function refused(why: string): Answer {
  return { ok: false, text: why, value: { refused: why } };
}

function gone(item: string): Answer {
  return refused(`no item ${item} waits (any more), or all of it is being tried just now`);
}

function word(args: Args, name: string): string {
  const value = args[name];
  return typeof value === "string" ? value : "";
}
