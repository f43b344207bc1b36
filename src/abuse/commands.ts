// The writes of the abuse room: named commands over plain rows. Each body is one transaction and may be run again.
import { command } from "#engine";
import { DAY, dayOf } from "#base/time";
import type { Tables } from "./tables.ts";

// What a person at the desk can read about one client in a day; a campaign of thousands says nothing that twenty do not.
const MOST_A_DAY = 20;

export type Taken = { readonly taken: "kept" | "again" | "enough"; readonly id: string };

/** A report, unless the same one waits already or there are enough about its client; those are counted. Nothing else follows. */
export const takeReport = command<Tables, Tables["abuse_report"], Taken>(
  "abuse.takeReport",
  async (tx, row) => {
    const [same] = await tx
      .updateTable("abuse_report")
      .set((eb) => ({ times: eb("times", "+", 1), changed: row.at }))
      .where("mac", "=", row.mac)
      .where("client_id", "=", row.client_id)
      .where("state", "=", "open")
      .returning("report_id")
      .execute();
    if (same !== undefined) return { taken: "again", id: same.report_id };
    if (row.client_id !== "") {
      const { count } = await tx
        .selectFrom("abuse_report")
        .select((eb) => eb.fn.countAll<number>().as("count"))
        .where("client_id", "=", row.client_id)
        .where("at", ">", row.at - DAY)
        .executeTakeFirstOrThrow();
      if (count >= MOST_A_DAY) {
        await tx
          .insertInto("abuse_beyond")
          .values({ client_id: row.client_id, day: dayOf(row.at), times: 1 })
          .onConflict((conflict) =>
            conflict
              .columns(["client_id", "day"])
              .doUpdateSet((eb) => ({ times: eb("abuse_beyond.times", "+", 1) })),
          )
          .execute();
        return { taken: "enough", id: "" };
      }
    }
    await tx.insertInto("abuse_report").values(row).execute();
    return { taken: "kept", id: row.report_id };
  },
);

export const keepMatch = command<
  Tables,
  { readonly report: string; readonly matched: string; readonly now: number },
  void
>("abuse.keepMatch", async (tx, { report, matched, now }) => {
  await tx
    .updateTable("abuse_report")
    .set({ matched, changed: now })
    .where("report_id", "=", report)
    .execute();
});

/** A block that a draft of a decision speaks of; it keeps out nobody until the decision is on record. */
export const prepareBlock = command<Tables, Tables["abuse_block"], void>(
  "abuse.prepareBlock",
  async (tx, row) => {
    await tx.insertInto("abuse_block").values(row).execute();
  },
);

/** A decision that is on record, and with it the report's new state and the block; done again, it changes nothing. */
export const keepDecision = command<Tables, Tables["abuse_decision"], boolean>(
  "abuse.keepDecision",
  async (tx, row) => {
    const added = await tx
      .insertInto("abuse_decision")
      .values(row)
      .onConflict((conflict) => conflict.column("decision_id").doNothing())
      .returning("decision_id")
      .execute();
    if (added.length === 0) return false;
    await tx
      .updateTable("abuse_report")
      .set({ state: "decided", changed: row.at })
      .where("report_id", "=", row.report_id)
      .execute();
    if (row.measure === "block")
      await tx
        .updateTable("abuse_block")
        .set({ active: 1, entry: row.entry, until: row.until })
        .where("decision_id", "=", row.decision_id)
        .execute();
    return true;
  },
);

/** False when the decision is not theirs or no longer open to an appeal. */
export const keepAppeal = command<
  Tables,
  {
    readonly decision: string;
    readonly client: string;
    readonly appeal: Uint8Array;
    readonly now: number;
  },
  boolean
>("abuse.keepAppeal", async (tx, { decision, client, appeal, now }) => {
  const changed = await tx
    .updateTable("abuse_decision")
    .set({ state: "appealed", appeal, appeal_at: now })
    .where("decision_id", "=", decision)
    .where("client_id", "=", client)
    .where("state", "=", "stands")
    .returning("decision_id")
    .execute();
  return changed.length === 1;
});

export const keepAnswer = command<
  Tables,
  {
    readonly decision: string;
    readonly state: "upheld" | "reversed";
    readonly answer: Uint8Array | null;
  },
  void
>("abuse.keepAnswer", async (tx, { decision, state, answer }) => {
  await tx
    .updateTable("abuse_decision")
    .set({ state, answer })
    .where("decision_id", "=", decision)
    .execute();
  if (state === "reversed")
    await tx.deleteFrom("abuse_block").where("decision_id", "=", decision).execute();
});

/** All that a decision says is done and told; its record handed in again does nothing more. */
export const markCarried = command<Tables, { readonly decision: string }, void>(
  "abuse.markCarried",
  async (tx, { decision }) => {
    await tx
      .updateTable("abuse_decision")
      .set({ carried: 1 })
      .where("decision_id", "=", decision)
      .execute();
  },
);

export const endDecision = command<Tables, { readonly decision: string }, void>(
  "abuse.endDecision",
  async (tx, { decision }) => {
    await tx
      .updateTable("abuse_decision")
      .set({ ended: 1 })
      .where("decision_id", "=", decision)
      .execute();
  },
);

/** What the job ends by date: blocks, drafts of blocks, marks by which reports are known again, old reports. */
export const endByDate = command<
  Tables,
  {
    readonly now: number;
    readonly draftsBefore: number;
    readonly marksBefore: number;
    readonly reportsBefore: number;
  },
  { readonly blocks: number; readonly marks: number; readonly reports: number }
>("abuse.endByDate", async (tx, { now, draftsBefore, marksBefore, reportsBefore }) => {
  const blocks = await tx
    .deleteFrom("abuse_block")
    .where((eb) =>
      eb.or([
        eb.and([eb("active", "=", 1), eb("until", "<=", now)]),
        eb.and([eb("active", "=", 0), eb("created", "<", draftsBefore)]),
      ]),
    )
    .returning("decision_id")
    .execute();
  const marks = await tx
    .updateTable("abuse_report")
    .set({ mac: null })
    .where("mac", "is not", null)
    .where("changed", "<", marksBefore)
    .returning("report_id")
    .execute();
  const reports = await tx
    .deleteFrom("abuse_report")
    .where("changed", "<", reportsBefore)
    .returning("report_id")
    .execute();
  await tx.deleteFrom("abuse_beyond").where("day", "<", dayOf(marksBefore)).execute();
  return { blocks: blocks.length, marks: marks.length, reports: reports.length };
});

/** Destroys what this room holds of a client who is erased. */
export const forgetClient = command<Tables, { readonly client: string }, number>(
  "abuse.forgetClient",
  async (tx, { client }) => {
    const gone = await tx
      .deleteFrom("abuse_report")
      .where("client_id", "=", client)
      .returning("report_id")
      .execute();
    await tx.deleteFrom("abuse_decision").where("client_id", "=", client).execute();
    await tx.deleteFrom("abuse_beyond").where("client_id", "=", client).execute();
    return gone.length;
  },
);
