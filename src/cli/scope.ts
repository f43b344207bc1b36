// What a grant or a determination is about, as the command line names it: ids, the newest messages, what is held of some days, or
// mail that is still to come. Days become ids here, before anybody approves: a grant never holds a rule, only a list.
import { DAY, seconds } from "#base/time";
import { ask, type Call, UsageError } from "./command.ts";

export const scopeOptions = {
  id: { type: "string", multiple: true },
  newest: { type: "string" },
  since: { type: "string" },
  from: { type: "string" },
  until: { type: "string" },
  most: { type: "string" },
} as const;

export const scopeHelp = `What it is about is one of:
  --id ID …                   named objects: messages (bailee grant messages), "contact", "standing"
  --newest N                  the newest N messages
  --since WHEN --until WHEN   what is held of that time, as the ids that it comes to now
  --from WHEN --until WHEN    mail that is still to come (E3), at most --most messages (10000) and 31 days
WHEN is a day in UTC (2026-11-23, both days included) or an instant (2026-11-23T14:00:00Z); --from now begins at once.`;

export interface NamedScope {
  readonly ids: readonly string[];
  /** Seconds since 1970; there are no ids then. */
  readonly time:
    | { readonly from: number; readonly until: number; readonly most: number }
    | undefined;
}

// A grant that is drafted now is filed some minutes later: what begins "now" begins then.
const SOON_S = 5;

export async function scopeFrom(
  call: Call,
  address: string,
  dataClass: string,
): Promise<NamedScope> {
  const [since, from, until] = [call.option("since"), call.option("from"), call.option("until")];
  const named = call.options("id");
  const ways = [named.length > 0, call.option("newest"), since, from].filter(Boolean);
  if (ways.length > 1)
    throw new UsageError("--id, --newest, --since and --from exclude each other");
  if ((since ?? from) !== undefined && until === undefined)
    throw new UsageError("--until is needed: everything from then on is no scope");
  if (from !== undefined) {
    const begin =
      from === "now" ? seconds(Date.now()) + SOON_S : seconds(instantOf("from", from, false));
    const end = seconds(instantOf("until", until ?? "", true));
    return {
      ids: [],
      time: { from: begin, until: end, most: Number(call.option("most") ?? 10_000) },
    };
  }
  if (since !== undefined) {
    const listed = await ask(call, "grant.held", {
      address,
      class: dataClass,
      from: instantOf("since", since, false),
      until: instantOf("until", until ?? "", true),
    });
    if (!listed.ok) throw new UsageError(listed.text);
    return { ids: listed.value as readonly string[], time: undefined };
  }
  return { ids: await newestOf(call, address, named), time: undefined };
}

/** Milliseconds since 1970; the end of a day is the beginning of the next. */
function instantOf(option: string, text: string, isEnd: boolean): number {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
  const isInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z$/.test(text);
  const at = isDay || isInstant ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw new UsageError(`--${option} is a day in UTC or an instant that ends in Z`);
  return isDay && isEnd ? at + DAY : at;
}

async function newestOf(
  call: Call,
  address: string,
  named: readonly string[],
): Promise<readonly string[]> {
  const newest = call.option("newest");
  if (newest === undefined) return named;
  if (!/^[1-9]\d{0,3}$/.test(newest)) throw new UsageError("--newest takes a number from 1");
  const listed = await ask(call, "grant.messages", { address });
  const rows = listed.value as unknown as readonly {
    readonly messageId: string;
    readonly receivedAt: number;
  }[];
  return [...rows]
    .sort((a, b) => b.receivedAt - a.receivedAt)
    .slice(0, Number(newest))
    .map((row) => row.messageId);
}
