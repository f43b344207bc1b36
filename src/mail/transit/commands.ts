// The writes of filters in transit: named commands over plain rows, each one transaction that may be run again.
import { command } from "#engine";
import { DAY, HOUR, MINUTE } from "#base/time";
import type { Tables } from "./tables.ts";

/** RFC 6647 §5 asks for one minute at least; five is what mail servers wait before their first try again anyway. */
export const WAIT = 5 * MINUTE;
/** A server that did not come again by then has given up, or never meant to: RFC 5321 §4.5.4.1 has it try for four days, and early on. */
const COMES_WITHIN = DAY;
/** RFC 6647 §5 asks for a week at least; who writes once a month is still known. */
const KNOWN_FOR = 36 * DAY;
/** How often the end of a mark that is in use is moved: not at each letter. */
const MOVED_EVERY = 6 * HOUR;

/**
 * Whether a letter may pass now; if not, for how many milliseconds not yet. `mark` stands for the letter, `place` for where it comes from:
 * who came again once is let through from then on, whoever writes (RFC 6647 §5).
 */
export const greet = command<
  Tables,
  { readonly client: string; readonly mark: string; readonly place: string; readonly now: number },
  { readonly wait: number }
>("transit.greet", async (tx, { client, mark, place, now }) => {
  const rows = await tx
    .selectFrom("transit_mark")
    .selectAll()
    .where("client_id", "=", client)
    .where("mark", "in", [mark, place])
    .where("ends", ">", now)
    .execute();
  const put = async (name: string, row: { first: number; passed: number; ends: number }) => {
    await tx
      .insertInto("transit_mark")
      .values({ client_id: client, mark: name, ...row })
      .onConflict((conflict) => conflict.columns(["client_id", "mark"]).doUpdateSet(row))
      .execute();
  };
  const known = { first: now, passed: 1, ends: now + KNOWN_FOR };
  const there = rows.find((row) => row.mark === place);
  if (there !== undefined) {
    if (there.ends < known.ends - MOVED_EVERY) await put(place, known);
    return { wait: 0 };
  }
  const asked = rows.find((row) => row.mark === mark);
  if (asked === undefined) {
    await put(mark, { first: now, passed: 0, ends: now + COMES_WITHIN });
    return { wait: WAIT };
  }
  if (now < asked.first + WAIT) return { wait: asked.first + WAIT - now };
  await put(place, known);
  await tx
    .deleteFrom("transit_mark")
    .where("client_id", "=", client)
    .where("mark", "=", mark)
    .execute();
  return { wait: 0 };
});

export const choose = command<Tables, Tables["transit_choice"], void>(
  "transit.choose",
  async (tx, { client_id, sealed }) => {
    await tx
      .insertInto("transit_choice")
      .values({ client_id, sealed })
      .onConflict((conflict) => conflict.column("client_id").doUpdateSet({ sealed }))
      .execute();
  },
);

/** Without greylisting its marks are nobody's business any more. */
export const dropMarks = command<Tables, { readonly client: string }, void>(
  "transit.dropMarks",
  async (tx, { client }) => {
    await tx.deleteFrom("transit_mark").where("client_id", "=", client).execute();
  },
);

export const dropEnded = command<Tables, { readonly now: number }, number>(
  "transit.dropEnded",
  async (tx, { now }) => {
    const { numDeletedRows } = await tx
      .deleteFrom("transit_mark")
      .where("ends", "<=", now)
      .executeTakeFirst();
    return Number(numDeletedRows);
  },
);

export const forget = command<Tables, { readonly client: string }, void>(
  "transit.forget",
  async (tx, { client }) => {
    for (const table of ["transit_mark", "transit_choice"] as const)
      await tx.deleteFrom(table).where("client_id", "=", client).execute();
  },
);
