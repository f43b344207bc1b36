// What somebody with the server's files has in hand, for the attacks: the database while the server is down, the keys of the
// example's people, and (as the client, not as the thief) the account keys behind a password.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { connectKeeper, type Keeper, type KeyFile, type KeyKind, readKeyFile } from "#keeper";
import { type AccountKeys, decodeAccountKeys, passwordKeys, unwrapSecret } from "#vault";
import type { EnrolledClient, World } from "../../src/keeper/testing/world.ts";
import { exampleOf } from "../grants.ts";
import type { House } from "../house.ts";
import { makeLetter } from "../letters.ts";
import { sendLetter } from "../send.ts";

export const password = "a password of the insider's victim";

export async function addClient(
  house: Pick<House, "run">,
  name: string,
  secret = password,
): Promise<void> {
  const words = ["client", "add", `${name}@bailee.localhost`, "--password-file", "-"];
  const ran = await house.run(words, `${secret}\n`);
  assert.equal(ran.code, 0, ran.stderr);
}

/** Resolves at 250; rejects with the reply that was another. */
export function send(house: Pick<House, "ports">, name: string, text: string): Promise<void> {
  const letter = makeLetter({
    from: "friend@example.org",
    to: `${name}@bailee.localhost`,
    subject: text,
    text,
  });
  const to = [`${name}@bailee.localhost`];
  return sendLetter({ port: house.ports.LMTP, lmtp: true, from: "friend@example.org", to, letter });
}

/** The server's database; only sound to write to while the server is down. */
export function openDatabase(house: Pick<House, "data">): DatabaseSync {
  return new DatabaseSync(join(house.data, "server", "bailee.sqlite"));
}

export type Row = { readonly [column: string]: string | number | Uint8Array | null };

export function rowsOf(db: DatabaseSync, sql: string, ...args: string[]): readonly Row[] {
  return db.prepare(sql).all(...args) as unknown as readonly Row[];
}

export function bytesOf(row: Row | undefined, column: string): Uint8Array {
  const value = row?.[column];
  assert.ok(value instanceof Uint8Array, column);
  return value;
}

export interface Victim extends EnrolledClient {
  readonly address: string;
}

/** A client as they know themselves: their ids, and the keys that their own password opens. */
export async function victimOf(house: Pick<House, "data">, name: string): Promise<Victim> {
  const address = `${name}@bailee.localhost`;
  const db = openDatabase(house);
  const [row] = rowsOf(
    db,
    "select credential.* from credential join address using (client_id, account_id) where address = ?",
    address,
  );
  const [client, account] = [String(row?.["client_id"]), String(row?.["account_id"])];
  const certified = (dataClass: string): Uint8Array => {
    const sql = "select public_key from key_certificate where client_id = ? and class = ?";
    return bytesOf(rowsOf(db, sql, client, dataClass)[0], "public_key");
  };
  const [contactKey, paymentKey] = [certified("contact"), certified("payment")];
  const standingKey = certified("standing");
  db.close();
  const cost = { memory: Number(row?.["memory"]), passes: Number(row?.["passes"]) };
  const { wrapKey } = await passwordKeys(password, bytesOf(row, "salt"), cost);
  const about = ["account-keys", client, account, "password"];
  const bundle = unwrapSecret(wrapKey, about, bytesOf(row, "wrap"));
  const keys: AccountKeys | undefined = bundle && decodeAccountKeys(bundle);
  assert.ok(keys, "the client's own password opens the client's own wrap");
  return { client, account, keys, contactKey, paymentKey, standingKey, address };
}

/** The people of a first start's example, to file and approve as they would. */
export function worldOf(house: House): World {
  const { keys } = exampleOf(house);
  const read = (kind: KeyKind, path: string): KeyFile => {
    const file = readKeyFile(kind, readFileSync(path, "utf8"));
    assert.ok(file, path);
    return file;
  };
  return {
    place: {
      folder: join(house.data, "keeper"),
      publishedFolder: join(house.data, "ledger"),
      origin: "bailee.localhost/ledger",
      publishSeconds: 1,
    },
    endings: [],
    clock: {
      get time() {
        return Date.now();
      },
      now: () => Date.now(),
    },
    operator: read("ed25519", keys.operator),
    approvers: [read("ed25519", keys.approver1), read("ed25519", keys.approver2)],
    recipient: read("x25519", keys.recipient),
    open: () => Promise.reject(new Error("the house has the keeper")),
  };
}

/** A connection of one's own to the house's keeper, as whoever runs as its user can have one. */
export function reachKeeper(house: House): Promise<Keeper> {
  return connectKeeper(join(house.data, "keeper", "keeper.sock"));
}
