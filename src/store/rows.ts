// Small pieces of SQL that every write of the store is made of: the account's counter, sets of UIDs and ids as one parameter.
import { type Expression, type Kysely, sql } from "kysely";
import { Broken } from "#base/errors";
import { prepared } from "#engine";
import type { Allowance } from "./contract.ts";
import type { Tables } from "./tables.ts";

export type Db = Kysely<Tables>;

export interface FolderKey {
  readonly client: string;
  readonly account: string;
  readonly folder: string;
}

export interface Touched {
  readonly id: string;
  readonly modseq: number;
  readonly uidValidity: number;
  /** The first of the UIDs that were taken. */
  readonly firstUid: number;
}

interface Touch {
  readonly client: string;
  readonly account: string;
  readonly uids: number;
}

const touchInbox = prepared((tx: Db, touch: Touch) =>
  touchQuery(tx, touch).where("role", "=", "inbox"),
);

const touchNamed = prepared((tx: Db, touch: Touch & { readonly folder: string }) =>
  touchQuery(tx, touch).where("id", "=", touch.folder),
);

function touchQuery(tx: Db, { client, account, uids }: Touch) {
  const next = tx
    .selectFrom("account")
    .select(sql<number>`counter + 1`.as("modseq"))
    .where("client_id", "=", client)
    .where("id", "=", account);
  return tx
    .updateTable("folder")
    .set((eb) => ({ uid_next: eb("uid_next", "+", uids), highest_modseq: next }))
    .where("client_id", "=", client)
    .where("account_id", "=", account)
    .returning(["id", "uid_next", "uid_validity", "highest_modseq"]);
}

interface Counted extends Added {
  readonly client: string;
  readonly account: string;
  readonly counter: number;
}

const setCounter = prepared((tx: Db, row: Counted) =>
  tx
    .updateTable("account")
    .set((eb) => ({
      counter: row.counter,
      octets: eb("octets", "+", row.octets),
      messages: eb("messages", "+", row.messages),
    }))
    .where("client_id", "=", row.client)
    .where("id", "=", row.account),
);

/** Octets and messages that a write adds to an account's usage; negative for what it removes. */
export interface Added {
  readonly octets: number;
  readonly messages: number;
}

const nothing: Added = { octets: 0, messages: 0 };

export function usageOf(rows: readonly { readonly size: number }[]): Added {
  return { octets: rows.reduce((sum, { size }) => sum + size, 0), messages: rows.length };
}

/**
 * Gives a folder the account's next MODSEQ, takes `uids` UIDs from it and counts what is added to the account's usage. `folder`
 * undefined means the inbox. Undefined, and nothing written, when the account has no such folder.
 */
export async function touchFolder(
  tx: Db,
  key: { readonly client: string; readonly account: string; readonly folder: string | undefined },
  uids: number,
  added: Added = nothing,
): Promise<Touched | undefined> {
  const { client, account, folder } = key;
  const [row] =
    folder === undefined
      ? await touchInbox(tx, { client, account, uids })
      : await touchNamed(tx, { client, account, uids, folder });
  if (row === undefined) return undefined;
  await setCounter(tx, { client, account, counter: row.highest_modseq, ...added });
  return {
    id: row.id,
    modseq: row.highest_modseq,
    uidValidity: row.uid_validity,
    firstUid: row.uid_next - uids,
  };
}

/** Lets a second folder share the MODSEQ that this command already took. */
export async function shareModseq(
  tx: Db,
  { client, folder }: FolderKey,
  modseq: number,
): Promise<void> {
  await tx
    .updateTable("folder")
    .set({ highest_modseq: modseq })
    .where("client_id", "=", client)
    .where("id", "=", folder)
    .execute();
}

/** One folder's row; undefined when it is not there or another account's. */
export function folderRow(tx: Db, { client, account, folder }: FolderKey) {
  return tx
    .selectFrom("folder")
    .selectAll()
    .where("client_id", "=", client)
    .where("account_id", "=", account)
    .where("id", "=", folder)
    .executeTakeFirst();
}

/** What the account may keep at most, asked before anything is written. */
export async function hasRoom(
  tx: Db,
  { client, account }: { readonly client: string; readonly account: string },
  added: Added,
  allowance: Allowance | undefined,
): Promise<boolean> {
  if (allowance === undefined) return true;
  const { octets, messages } = await accountRow(tx, client, account);
  return fits({ octets, messages }, added, allowance);
}

/** Taking nothing more is allowed even to who is over: copies of nothing, replacements by something smaller. */
function fits(usage: Added, added: Added, allowance: Allowance): boolean {
  return (
    (added.octets <= 0 || usage.octets + added.octets <= allowance.octets) &&
    (added.messages <= 0 || usage.messages + added.messages <= allowance.messages)
  );
}

export async function accountRow(tx: Db, client: string, account: string) {
  const row = await tx
    .selectFrom("account")
    .selectAll()
    .where("client_id", "=", client)
    .where("id", "=", account)
    .executeTakeFirst();
  if (row === undefined) throw new Broken("the account is not there");
  return row;
}

/**
 * A set of numbers as one parameter, so that a set of any size is one prepared statement. Both databases know json_each over an
 * object with a column `key`, and a JSON array only under different names; so the numbers are the keys.
 */
export function numbersOf(values: readonly number[]): Expression<number> {
  const text = `{${values.map((value) => `"${value}":0`).join(",")}}`;
  return sql<number>`(select cast(key as bigint) from json_each(${text}))`;
}

/** A set of ids as one parameter, whatever is in them. */
export function idsOf(values: readonly string[]): Expression<string> {
  return keysOf(keySet(values));
}

/** The text of that parameter, where the query is prepared. */
export function keySet(values: readonly string[]): string {
  return `{${values.map((value) => `${JSON.stringify(value)}:0`).join(",")}}`;
}

export function keysOf(text: string): Expression<string> {
  return sql<string>`(select key from json_each(${text}))`;
}
