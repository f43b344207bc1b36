// Annotations set and removed: all that a command names, or none. Entries and values come sealed.
import { type Db, folderRow } from "./rows.ts";

export interface AnnotateArgs {
  readonly client: string;
  readonly account: string;
  /** Undefined for the account itself. */
  readonly folder: string | undefined;
  readonly changes: readonly {
    readonly mac: Uint8Array;
    /** Null takes it away. */
    readonly sealed: Uint8Array | null;
  }[];
  readonly most: number;
}

export async function setAnnotations(
  tx: Db,
  { client, account, folder, changes, most }: AnnotateArgs,
): Promise<"set" | "no-such-folder" | "too-many"> {
  if (folder !== undefined && (await folderRow(tx, { client, account, folder })) === undefined)
    return "no-such-folder";
  const object = folder ?? account;
  const macs = new Set(
    (
      await tx
        .selectFrom("annotation")
        .select("entry_mac")
        .where("client_id", "=", client)
        .where("account_id", "=", account)
        .where("object", "=", object)
        .execute()
    ).map((row) => Buffer.from(row.entry_mac).toString("hex")),
  );
  const before = macs.size;
  for (const { mac, sealed } of changes) {
    const hex = Buffer.from(mac).toString("hex");
    if (sealed === null) macs.delete(hex);
    else macs.add(hex);
  }
  if (macs.size > most && macs.size > before) return "too-many";
  for (const { mac, sealed } of changes) {
    await tx
      .deleteFrom("annotation")
      .where("client_id", "=", client)
      .where("account_id", "=", account)
      .where("object", "=", object)
      .where("entry_mac", "=", mac)
      .execute();
    if (sealed === null) continue;
    await tx
      .insertInto("annotation")
      .values({ client_id: client, account_id: account, object, entry_mac: mac, sealed })
      .execute();
  }
  return "set";
}
