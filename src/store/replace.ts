// One message in the place of another (RFC 8508): the new one placed and the old one gone in one transaction, or neither.
import type { Placed } from "./contract.ts";
import { place, type PlaceArgs, placementsAmong } from "./place.ts";
import { removePlacements } from "./remove.ts";
import { type Db, folderRow, shareModseq } from "./rows.ts";

export interface ReplaceArgs extends PlaceArgs {
  readonly folder: string;
  /** The folder and UID of the message that goes. */
  readonly source: string;
  readonly uid: number;
}

export type ReplaceValue =
  | { readonly placed: Placed }
  | { readonly stale: true }
  | "no-such-folder"
  | "no-such-message"
  | "over-quota";

export async function replace(tx: Db, args: ReplaceArgs): Promise<ReplaceValue> {
  const { client, account, source, uid, allowance } = args;
  const key = { client, account, folder: source };
  if ((await folderRow(tx, key)) === undefined) return "no-such-folder";
  const rows = await placementsAmong(tx, key, [uid]);
  const [old] = rows;
  if (old === undefined) return "no-such-message";
  // Only what the replacement adds is weighed (RFC 8508 §3.4).
  const room = allowance && {
    octets: allowance.octets + old.size,
    messages: allowance.messages + 1,
  };
  const value = await place(tx, { ...args, allowance: room });
  if (typeof value === "string" || "stale" in value) return value;
  await removePlacements(tx, key, rows, value.modseq, args.now);
  if (source !== args.folder) await shareModseq(tx, key, value.modseq);
  const [placed] = value.placed;
  return placed === undefined ? "no-such-message" : { placed };
}
