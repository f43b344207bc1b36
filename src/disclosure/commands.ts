// The writes of this room. Each body is one transaction and may be run again; a step that does not follow writes nothing.
import { command } from "#engine";
import {
  type Outcome,
  refusalOf,
  type Step,
  type StepRefusal,
  steps,
  type Verdict,
} from "./stages.ts";
import type { ApprovalState, Tables } from "./tables.ts";

export const addCase = command<Tables, Tables["disclosure_case"], void>(
  "disclosure.addCase",
  async (tx, row) => {
    await tx.insertInto("disclosure_case").values(row).execute();
  },
);

interface Taken {
  readonly case_id: string;
  readonly step: Step;
  readonly verdict: Verdict | undefined;
  readonly outcome: Outcome | undefined;
  readonly grant_hash: string | undefined;
  readonly note: { readonly note_id: string; readonly at: number; readonly sealed: Uint8Array };
}

export const takeStep = command<Tables, Taken, "taken" | "unknown" | StepRefusal>(
  "disclosure.takeStep",
  async (tx, { case_id, step, verdict, outcome, grant_hash, note }) => {
    const row = await tx
      .selectFrom("disclosure_case")
      .select(["stage", "verdict", "kind"])
      .where("case_id", "=", case_id)
      .executeTakeFirst();
    if (row === undefined) return "unknown";
    const refusal = refusalOf(row, step, outcome);
    if (refusal !== undefined) return refusal;
    await tx
      .updateTable("disclosure_case")
      .set({
        stage: steps[step].to,
        ...(verdict !== undefined && { verdict }),
        ...(outcome !== undefined && { outcome }),
        ...(grant_hash !== undefined && { grant_hash }),
      })
      .where("case_id", "=", case_id)
      .execute();
    await tx
      .insertInto("disclosure_note")
      .values({ case_id, ...note })
      .execute();
    return "taken";
  },
);

export const keepHold = command<
  Tables,
  { readonly case_id: string; readonly hold_until: number; readonly note: Taken["note"] },
  void
>("disclosure.keepHold", async (tx, { case_id, hold_until, note }) => {
  await tx
    .updateTable("disclosure_case")
    .set({ hold_until })
    .where("case_id", "=", case_id)
    .execute();
  await tx
    .insertInto("disclosure_note")
    .values({ case_id, ...note })
    .execute();
});

export const addApproval = command<Tables, Tables["disclosure_approval"], void>(
  "disclosure.addApproval",
  async (tx, row) => {
    await tx.insertInto("disclosure_approval").values(row).execute();
  },
);

/** False when it was no longer in the state from which it was to move, or is another client's. */
export const moveApproval = command<
  Tables,
  {
    readonly approval_id: string;
    readonly client_id: string | undefined;
    readonly from: ApprovalState;
    readonly to: ApprovalState;
    readonly until: number | null;
    readonly signature: Uint8Array | null;
    readonly grant_hash: string;
  },
  boolean
>("disclosure.moveApproval", async (tx, { approval_id, client_id, from, to, ...set }) => {
  let query = tx
    .updateTable("disclosure_approval")
    .set({ state: to, ...set })
    .where("approval_id", "=", approval_id)
    .where("state", "=", from);
  if (client_id !== undefined) query = query.where("client_id", "=", client_id);
  const [result] = await query.execute();
  return Number(result?.numUpdatedRows ?? 0) > 0;
});
