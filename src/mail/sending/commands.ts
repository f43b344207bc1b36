// The writes of sending: named commands over plain rows, each one transaction. What is counted and what is decided upon is decided in
// the same transaction, so that no order of letters at once, in whichever process, takes more than there is room for.
import type { Kysely } from "kysely";
import { command } from "#engine";
import { DAY, HOUR } from "#base/time";
import { type Cause, causeToBrake, TRUSTED_FOR, USUAL_FOR } from "./brake.ts";
import {
  type Asked,
  DISTINCT_FOR,
  firstStep,
  type Limited,
  limitsOf,
  STEP,
  type Step,
  stepOf,
  stoppedBy,
  sumOf,
} from "./limits.ts";
import type { Tables } from "./tables.ts";

export interface Owner {
  readonly client: string;
  readonly account: string;
}

interface Letter extends Owner {
  readonly now: number;
  readonly recipientsPerDay: number;
  readonly recipients: number;
  readonly outside: number;
  /** Of the recipients elsewhere, each once. */
  readonly marks: readonly string[];
  /** Of the network that it comes from; null where that is not known. */
  readonly network: string | null;
}

/** What `take` counted, for `giveBack`. */
export interface Taken extends Owner {
  readonly step: number;
  readonly recipients: number;
  readonly outside: number;
  readonly marks: readonly string[];
}

type Verdict =
  | { readonly kind: "taken"; readonly taken: Taken }
  | { readonly kind: "never"; readonly limit: Limited; readonly most: number }
  | { readonly kind: "later"; readonly limit: Limited; readonly most: number; readonly at: number }
  /** `isNew`: this letter set it. */
  | { readonly kind: "held"; readonly isNew: boolean };

// Seven columns each, well below the 32,766 variables that SQLite allows.
const ROWS_AT_ONCE = 500;
// A network that was not used for so long is news again.
const NETWORK_FOR = 60 * DAY;

/** Counts a letter if it may be taken; a refusal counts nothing. */
export const take = command<Tables, Letter, Verdict>("sending.take", async (tx, letter) => {
  const { client, account, now, recipientsPerDay, recipients, outside, marks, network } = letter;
  const brake = await brakeOf(tx, letter);
  if ((brake?.since ?? 0) > 0) return { kind: "held", isNew: false };
  const steps = await stepsOf(tx, client, now);
  const distinct = await distinctOf(tx, letter);
  const asked: Asked = { recipients, outside, fresh: marks.length - distinct.known };
  const from = brake?.counts_from ?? 0;
  const counted = { steps, account, now, refusalsFrom: from, distinctEnds: distinct.ends };
  const stopped = stoppedBy(limitsOf(recipientsPerDay), counted, asked);
  if (stopped !== undefined) return stopped;
  const step = stepOf(now);
  const own = steps.filter((one) => one.account === account);
  own.push({ account, step, recipients, outside, refused: 0, suppressed: 0 });
  if (network !== null) await noteMarks(tx, { client, account }, "network", [network], now);
  const conduct = {
    steps: own,
    now,
    from,
    trustedUntil: brake?.trusted_until ?? 0,
    busiest: await busiestOf(tx, letter, now),
    newNetworks: await newNetworksOf(tx, letter, now),
  };
  const cause = causeToBrake(conduct);
  if (cause !== undefined) {
    await setBrake(tx, letter, now, cause);
    return { kind: "held", isNew: true };
  }
  await addTo(tx, letter, step, { recipients, outside });
  await noteMarks(tx, { client, account: "" }, "recipient", marks, now);
  await noteBusiest(tx, letter, now, sumOf(own, "recipients", firstStep(now, HOUR)));
  return { kind: "taken", taken: { client, account, step, recipients, outside, marks } };
});

/** For a letter that was not accepted after all: as if it had not been counted. */
export const giveBack = command<Tables, Taken, null>("sending.giveBack", async (tx, taken) => {
  const { client, step, recipients, outside, marks } = taken;
  await addTo(tx, taken, step, { recipients: -recipients, outside: -outside });
  for (let at = 0; at < marks.length; at += ROWS_AT_ONCE)
    await tx
      .updateTable("sending_mark")
      .set((expression) => ({ letters: expression("letters", "-", 1) }))
      .where("client_id", "=", client)
      .where("kind", "=", "recipient")
      .where("mark", "in", marks.slice(at, at + ROWS_AT_ONCE))
      .execute();
  await tx
    .deleteFrom("sending_mark")
    .where("client_id", "=", client)
    .where("kind", "=", "recipient")
    .where("letters", "<=", 0)
    .execute();
  return null;
});

/** A recipient was refused for good. Returns whether that set the brake. */
export const noteRefusal = command<
  Tables,
  Owner & { readonly now: number; readonly isSuppressed: boolean },
  boolean
>("sending.noteRefusal", async (tx, { now, isSuppressed, ...owner }) => {
  const suppressed = isSuppressed ? 1 : 0;
  await addTo(tx, owner, stepOf(now), { refused: 1, suppressed });
  const brake = await brakeOf(tx, owner);
  if ((brake?.since ?? 0) > 0) return false;
  const steps = await stepsOf(tx, owner.client, now);
  const cause = causeToBrake({
    steps: steps.filter((one) => one.account === owner.account),
    now,
    from: brake?.counts_from ?? 0,
    // Number and networks are looked at when a letter is taken.
    trustedUntil: Number.MAX_SAFE_INTEGER,
    busiest: 0,
    newNetworks: 0,
  });
  if (cause === undefined) return false;
  await setBrake(tx, owner, now, cause);
  return true;
});

/** Its letters are held and the client has heard. */
export const noteTold = command<Tables, Owner & { readonly since: number }, null>(
  "sending.noteTold",
  async (tx, { client, account, since }) => {
    await tx
      .updateTable("sending_brake")
      .set({ told: 1 })
      .where("client_id", "=", client)
      .where("account_id", "=", account)
      .where("since", "=", since)
      .execute();
    return null;
  },
);

/** Only while the brake is set; says nothing of passwords otherwise. */
export const noteNewPassword = command<Tables, Owner & { readonly now: number }, null>(
  "sending.noteNewPassword",
  async (tx, { client, account, now }) => {
    await tx
      .updateTable("sending_brake")
      .set({ new_password: now })
      .where("client_id", "=", client)
      .where("account_id", "=", account)
      .where("since", ">", 0)
      .execute();
    return null;
  },
);

/**
 * Lifts a brake. What was counted before is settled. `isOwn`: whoever lifts it vouches for the letters, which is trusted for a day;
 * else what was sent that day is not the account's habit. `isConfirmed`: by the owner's word alone.
 */
export const lift = command<
  Tables,
  Owner & { readonly now: number; readonly isOwn: boolean; readonly isConfirmed: boolean },
  null
>("sending.lift", async (tx, { client, account, now, isOwn, isConfirmed }) => {
  const brake = await brakeOf(tx, { client, account });
  if (brake === undefined || brake.since === 0) return null;
  await tx
    .updateTable("sending_brake")
    .set({
      since: 0,
      counts_from: stepOf(now) + 1,
      trusted_until: isOwn ? now + TRUSTED_FOR : 0,
      ...(isConfirmed ? { confirmed: now } : {}),
      ends: now + USUAL_FOR,
    })
    .where("client_id", "=", client)
    .where("account_id", "=", account)
    .execute();
  if (!isOwn)
    await tx
      .deleteFrom("sending_day")
      .where("client_id", "=", client)
      .where("account_id", "=", account)
      .where("day", ">=", Math.floor((brake.since - HOUR) / DAY))
      .execute();
  return null;
});

/** Removes what is over; returns how many rows went. */
export const dropEnded = command<Tables, { readonly now: number }, number>(
  "sending.dropEnded",
  async (tx, { now }) => {
    let gone = 0;
    for (const table of ["sending_step", "sending_mark", "sending_day"] as const) {
      const result = await tx.deleteFrom(table).where("ends", "<=", now).executeTakeFirst();
      gone += Number(result.numDeletedRows);
    }
    const brakes = await tx
      .deleteFrom("sending_brake")
      .where("since", "=", 0)
      .where("ends", "<=", now)
      .executeTakeFirst();
    return gone + Number(brakes.numDeletedRows);
  },
);

export const forget = command<Tables, { readonly client: string }, null>(
  "sending.forget",
  async (tx, { client }) => {
    for (const table of ["sending_step", "sending_mark", "sending_day", "sending_brake"] as const)
      await tx.deleteFrom(table).where("client_id", "=", client).execute();
    return null;
  },
);

type Tx = Kysely<Tables>;

function brakeOf(tx: Tx, { client, account }: Owner) {
  return tx
    .selectFrom("sending_brake")
    .selectAll()
    .where("client_id", "=", client)
    .where("account_id", "=", account)
    .executeTakeFirst();
}

/** The client's steps of the last day. */
export async function stepsOf(tx: Tx, client: string, now: number): Promise<Step[]> {
  return tx
    .selectFrom("sending_step")
    .select(["account_id as account", "step", "recipients", "outside", "refused", "suppressed"])
    .where("client_id", "=", client)
    .where("step", ">=", firstStep(now, DAY))
    .execute();
}

/** How many of the marks count already; and, where the others leave no room for the rest, when each of those ends. */
async function distinctOf(
  tx: Tx,
  { client, marks, now, recipientsPerDay }: Letter,
): Promise<{ readonly known: number; readonly ends: readonly number[] }> {
  const counting = tx
    .selectFrom("sending_mark")
    .where("client_id", "=", client)
    .where("kind", "=", "recipient")
    .where("ends", ">", now);
  let known = 0;
  for (let at = 0; at < marks.length; at += ROWS_AT_ONCE) {
    const some = marks.slice(at, at + ROWS_AT_ONCE);
    known += (await counting.select("mark").where("mark", "in", some).execute()).length;
  }
  const { count } = await counting
    .select((expression) => expression.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  const { distinctWeek } = limitsOf(recipientsPerDay);
  if (count + marks.length - known <= distinctWeek) return { known, ends: [] };
  return { known, ends: (await counting.select("ends").execute()).map(({ ends }) => ends) };
}

async function busiestOf(tx: Tx, { client, account }: Owner, now: number): Promise<number> {
  const { busiest } = await tx
    .selectFrom("sending_day")
    .select((expression) => expression.fn.max("busiest").as("busiest"))
    .where("client_id", "=", client)
    .where("account_id", "=", account)
    .where("ends", ">", now)
    // An hour that began yesterday is still this one.
    .where("day", "<", Math.floor((now - HOUR) / DAY))
    .executeTakeFirstOrThrow();
  return busiest ?? 0;
}

/** Who never sent before comes from a new network by necessity: counted are those that came after an older one. */
async function newNetworksOf(tx: Tx, { client, account }: Owner, now: number): Promise<number> {
  const rows = await tx
    .selectFrom("sending_mark")
    .select("first")
    .where("client_id", "=", client)
    .where("account_id", "=", account)
    .where("kind", "=", "network")
    .where("ends", ">", now)
    .execute();
  const fresh = rows.filter(({ first }) => first > now - HOUR).length;
  return fresh === rows.length ? Math.max(0, fresh - 1) : fresh;
}

type Counts = Partial<Pick<Step, "recipients" | "outside" | "refused" | "suppressed">>;

async function addTo(
  tx: Tx,
  { client, account }: Owner,
  step: number,
  { recipients = 0, outside = 0, refused = 0, suppressed = 0 }: Counts,
): Promise<void> {
  const counts = { recipients, outside, refused, suppressed };
  const ends = (step + 1) * STEP + DAY;
  await tx
    .insertInto("sending_step")
    .values({ client_id: client, account_id: account, step, ...counts, ends })
    .onConflict((conflict) =>
      conflict.columns(["client_id", "account_id", "step"]).doUpdateSet((expression) => ({
        recipients: expression("sending_step.recipients", "+", recipients),
        outside: expression("sending_step.outside", "+", outside),
        refused: expression("sending_step.refused", "+", refused),
        suppressed: expression("sending_step.suppressed", "+", suppressed),
      })),
    )
    .execute();
}

async function noteMarks(
  tx: Tx,
  { client, account }: Owner,
  kind: "recipient" | "network",
  marks: readonly string[],
  now: number,
): Promise<void> {
  const ends = now + (kind === "network" ? NETWORK_FOR : DISTINCT_FOR);
  for (let at = 0; at < marks.length; at += ROWS_AT_ONCE) {
    const rows = marks.slice(at, at + ROWS_AT_ONCE).map((mark) => ({
      client_id: client,
      account_id: account,
      kind,
      mark,
      letters: 1,
      first: now,
      ends,
    }));
    await tx
      .insertInto("sending_mark")
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(["client_id", "kind", "account_id", "mark"]).doUpdateSet((expression) => ({
          // What is over and not yet removed begins anew.
          letters: expression
            .case()
            .when("sending_mark.ends", "<=", now)
            .then(1)
            .else(expression("sending_mark.letters", "+", 1))
            .end(),
          first: expression
            .case()
            .when("sending_mark.ends", "<=", now)
            .then(now)
            .else(expression.ref("sending_mark.first"))
            .end(),
          ends,
        })),
      )
      .execute();
  }
}

async function noteBusiest(
  tx: Tx,
  { client, account }: Owner,
  now: number,
  recipients: number,
): Promise<void> {
  const day = Math.floor(now / DAY);
  await tx
    .insertInto("sending_day")
    .values({
      client_id: client,
      account_id: account,
      day,
      busiest: recipients,
      ends: (day + 1) * DAY + USUAL_FOR,
    })
    .onConflict((conflict) =>
      conflict
        .columns(["client_id", "account_id", "day"])
        .doUpdateSet({ busiest: recipients })
        .where("sending_day.busiest", "<", recipients),
    )
    .execute();
}

async function setBrake(
  tx: Tx,
  { client, account }: Owner,
  now: number,
  { why, seen, usual }: Cause,
): Promise<void> {
  const set = { since: now, why, seen, usual, told: 0, new_password: 0, ends: now };
  await tx
    .insertInto("sending_brake")
    .values({
      client_id: client,
      account_id: account,
      counts_from: 0,
      trusted_until: 0,
      confirmed: 0,
      ...set,
    })
    .onConflict((conflict) => conflict.columns(["client_id", "account_id"]).doUpdateSet(set))
    .execute();
}
