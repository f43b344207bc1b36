// The end of a message: destroyed for good once it stood in no folder for long enough. Blob first, row after, so that a crash between
// the two leaves a row that the next call finds, never a body that nothing names.
import type { Engine } from "#engine";
import { purgeCommand } from "./commands.ts";
import type { Tables } from "./tables.ts";

// One transaction's worth: deliveries in between need not wait long.
const AT_ONCE = 200;

/** Destroys what lost its last placement before an instant; returns how many messages went. */
export async function purgeUnplaced(engine: Engine, before: number): Promise<number> {
  let destroyed = 0;
  for (;;) {
    const rows = await engine
      .reader<Tables>()
      .selectFrom("message")
      .select(["client_id", "id"])
      .select((eb) => eb("body", "is", null).as("is_blob"))
      .where("unplaced_at", "<", before)
      .orderBy("client_id")
      .limit(AT_ONCE)
      .execute();
    if (rows.length === 0) return destroyed;
    for (const row of rows) if (row.is_blob) await engine.blobs.remove(row.id);
    for (const [client, same] of Map.groupBy(rows, (row) => row.client_id))
      await engine.write(purgeCommand, { client, messageIds: same.map((row) => row.id) });
    destroyed += rows.length;
  }
}
