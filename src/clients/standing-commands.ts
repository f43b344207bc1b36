// The writes that move a client's standing. Each throws when it no longer finds what it was decided on, and so undoes the log
// event that is carried out with it.
import { command } from "#engine";
import type { Insertable, Kysely } from "kysely";
import { Broken } from "#base/errors";
import type { ClientStatus, Mover } from "./contract.ts";
import { mayMove } from "./status.ts";
import type { Tables } from "./tables.ts";

type Row<Table extends keyof Tables> = Insertable<Tables[Table]>;

export interface Move {
  readonly client_id: string;
  readonly from: ClientStatus;
  readonly to: ClientStatus;
  readonly by: Mover;
  readonly since: number;
}

async function move(tx: Kysely<Tables>, { client_id, from, to, by, since }: Move): Promise<void> {
  if (!mayMove(from, to, by)) throw new Broken("a move that is not allowed");
  const moved = await tx
    .updateTable("client")
    .set({ status: to, status_since: since })
    .where("client_id", "=", client_id)
    .where("status", "=", from)
    .executeTakeFirst();
  if (moved.numUpdatedRows === 0n)
    throw new Broken("the client is no longer where the move begins");
}

export const moveStatus = command<Tables, Move, void>("clients.moveStatus", move);

export const setHold = command<Tables, Row<"client_hold">, void>(
  "clients.setHold",
  async (tx, { client_id, kind, ...fresh }) => {
    await tx
      .insertInto("client_hold")
      .values({ client_id, kind, ...fresh })
      .onConflict((conflict) => conflict.columns(["client_id", "kind"]).doUpdateSet(fresh))
      .execute();
  },
);

/** Forgets a quiet hold, together with the line that tells of it. */
export const endQuietHold = command<Tables, { readonly client_id: string }, void>(
  "clients.endQuietHold",
  async (tx, { client_id }) => {
    const gone = await tx
      .deleteFrom("client_hold")
      .where("client_id", "=", client_id)
      .where("kind", "=", "quiet-legal-hold")
      .executeTakeFirst();
    if (gone.numDeletedRows === 0n) throw new Broken("the quiet hold is no longer there");
  },
);

/** The move, the window with its order, the receipt to be, and the end of the other sessions. */
export const closeClient = command<
  Tables,
  {
    readonly move: Move;
    readonly closing: Row<"client_closing">;
    readonly receipt: Row<"erasure_receipt"> | undefined;
    readonly keepSession: string;
  },
  void
>("clients.close", async (tx, { move: moved, closing, receipt, keepSession }) => {
  await move(tx, moved);
  await tx.insertInto("client_closing").values(closing).execute();
  if (receipt !== undefined) await tx.insertInto("erasure_receipt").values(receipt).execute();
  await tx
    .deleteFrom("web_session")
    .where("client_id", "=", moved.client_id)
    .where("session_id", "!=", keepSession)
    .execute();
});

/** Back to where they were; the order and the receipt that was not yet written are gone. */
export const reopenClient = command<Tables, { readonly move: Move }, void>(
  "clients.reopen",
  async (tx, { move: moved }) => {
    await move(tx, moved);
    const gone = await tx
      .deleteFrom("client_closing")
      .where("client_id", "=", moved.client_id)
      .returning("receipt_id")
      .executeTakeFirst();
    if (gone === undefined) throw new Broken("the window is no longer there");
    if (gone.receipt_id !== null)
      await tx.deleteFrom("erasure_receipt").where("receipt_id", "=", gone.receipt_id).execute();
  },
);

export const replaceContact = command<Tables, Row<"contact">, void>(
  "clients.replaceContact",
  async (tx, { client_id, sealed }) => {
    await tx
      .insertInto("contact")
      .values({ client_id, sealed })
      .onConflict((conflict) => conflict.column("client_id").doUpdateSet({ sealed }))
      .execute();
  },
);
