// The end of a message: destroyed for good once it stood in no folder for long enough. First nobody can have it back, then the blob
// goes, then the row, so that a crash on the way leaves a row that the next call finds, never a body that nothing names.
import type { Engine } from "#engine";
import { claimUnplacedCommand, purgeCommand } from "./commands.ts";
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
    for (const [client, same] of Map.groupBy(rows, (row) => row.client_id)) {
      const blobs = new Set(same.filter((row) => row.is_blob).map((row) => row.id));
      const messageIds = await engine.write(claimUnplacedCommand, {
        client,
        messageIds: same.map((row) => row.id),
        before,
      });
      for (const id of messageIds) if (blobs.has(id)) await engine.blobs.remove(id);
      await engine.write(purgeCommand, { client, messageIds });
      destroyed += messageIds.length;
    }
  }
}
