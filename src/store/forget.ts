// The end of an account: every message with its blob, every placement, every folder. Blob first, row after, so that a crash between
// the two leaves a row that the next call finds, never a body that nothing names.
import type { Engine } from "#engine";
import { forgetMessagesCommand, forgetRestCommand } from "./commands.ts";
import type { Owner } from "./contract.ts";
import type { Tables } from "./tables.ts";

// One transaction's worth: deliveries in between need not wait long.
const AT_ONCE = 200;

/** See `Store.forget`. */
export async function forget(engine: Engine, { client, account }: Owner): Promise<void> {
  const reader = engine.reader<Tables>();
  for (;;) {
    const rows = await reader
      .selectFrom("message")
      .select("id")
      .select((eb) => eb("body", "is", null).as("is_blob"))
      .where("client_id", "=", client)
      .where("account_id", "=", account)
      .limit(AT_ONCE)
      .execute();
    if (rows.length === 0) break;
    for (const row of rows) if (row.is_blob) await engine.blobs.remove(row.id);
    const messageIds = rows.map((row) => row.id);
    await engine.write(forgetMessagesCommand, { client, messageIds });
  }
  while (await engine.write(forgetRestCommand, { client, account, atMost: AT_ONCE }));
}
