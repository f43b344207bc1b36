// What somebody with write access to the database could do, as commands, for the tests that show it is noticed.
import { command, type Room } from "#engine";
import type { Tables } from "../tables.ts";

export const swapCertificate = command<
  Tables,
  { account_id: string; public_key: Uint8Array; signature: Uint8Array | undefined },
  void
>("tampering.swapCertificate", async (tx, { account_id, public_key, signature }) => {
  await tx
    .updateTable("key_certificate")
    .set(signature === undefined ? { public_key } : { public_key, signature })
    .where("account_id", "=", account_id)
    .where("class", "=", "content")
    .execute();
});

/** Gives one account another's password row: whoever knows the other's password could then knock at this door. */
export const swapCredential = command<Tables, { from: string; to: string }, void>(
  "tampering.swapCredential",
  async (tx, { from, to }) => {
    const { salt, verifier, wrap, memory, passes } = await tx
      .selectFrom("credential")
      .selectAll()
      .where("account_id", "=", from)
      .executeTakeFirstOrThrow();
    await tx
      .updateTable("credential")
      .set({ salt, verifier, wrap, memory, passes })
      .where("account_id", "=", to)
      .execute();
  },
);

export const swapLogKeys = command<Tables, { public_key: Uint8Array }, void>(
  "tampering.swapLogKeys",
  async (tx, { public_key }) => {
    await tx.updateTable("client_log_key").set({ public_key }).execute();
  },
);

export const tamperingRoom: Room = {
  name: "tampering",
  migrations: [],
  commands: import.meta.url,
};
