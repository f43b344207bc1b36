// Passwords: their length, the rows that hold what is made from them, and the proof that somebody knows one.
import { randomBytes } from "node:crypto";
import type { Insertable, Selectable } from "kysely";
import { equalBytes } from "#base/bytes";
import {
  type AccountKeys,
  decodeAccountKeys,
  encodeAccountKeys,
  type PasswordCost,
  passwordCost,
  type PasswordKeys,
  passwordKeys,
  unwrapSecret,
  wrapSecret,
} from "#vault";
import type { Tables } from "./tables.ts";

// Ten characters: with Argon2id and growing waits, guessing is hopeless for anything but words from a list of the worst.
const MIN_LENGTH = 10;
// Bytes, so that a login costs the same memory traffic for everybody; longer than any passphrase that a person types.
const MAX_LENGTH = 1024;

export function passwordRefusal(
  password: string,
): "password-too-short" | "password-too-long" | undefined {
  const characters = Array.from(password.normalize("NFC")).length;
  if (characters < MIN_LENGTH) return "password-too-short";
  return Buffer.byteLength(password) > MAX_LENGTH ? "password-too-long" : undefined;
}

export interface Owner {
  readonly client: string;
  readonly account: string;
}

export type CredentialRow = Selectable<Tables["credential"]>;
export type NewCredentialRow = Insertable<Tables["credential"]>;

/** The id of an account's main password; app passwords have random ones. */
export const MAIN_PASSWORD = "password";

/** A credential row for a password: one Argon2id gives the verifier and the key that wraps the account's bundle. */
export async function passwordRow(
  owner: Owner,
  password: string,
  keys: AccountKeys,
  version: number,
  now: number,
  cost: PasswordCost = passwordCost,
): Promise<NewCredentialRow> {
  const salt = randomBytes(16);
  const { verifier, wrapKey } = await passwordKeys(password, salt, cost);
  return {
    client_id: owner.client,
    account_id: owner.account,
    credential_id: MAIN_PASSWORD,
    kind: "password",
    version,
    salt,
    memory: cost.memory,
    passes: cost.passes,
    verifier,
    wrap: wrapSecret(wrapKey, wrapAbout(owner, MAIN_PASSWORD), encodeAccountKeys(keys)),
    created: now,
  };
}

/**
 * Proves a password: the account's keys when it is right, undefined otherwise. Costs one Argon2id either way, and the same
 * for a row that is not there; callers go through the turnstile.
 */
export type ProvePassword = (
  password: string,
  row: CredentialRow | undefined,
) => Promise<AccountKeys | undefined>;

export function openPasswordProof(cost: PasswordCost = passwordCost): ProvePassword {
  // What an unknown login is measured against: a verifier that no password has.
  const nobody = { salt: randomBytes(16), verifier: randomBytes(32), ...cost };
  return async (password, row) => {
    const against = row ?? nobody;
    // No password of ours is longer; hashing megabytes for a guesser would be a gift.
    const typed = Buffer.byteLength(password) > MAX_LENGTH ? "" : password;
    const keys = await passwordKeys(typed, against.salt, {
      memory: against.memory,
      passes: against.passes,
    });
    const isRight = equalBytes(keys.verifier, against.verifier);
    return isRight && row !== undefined ? unwrapRow(row, keys) : undefined;
  };
}

function unwrapRow(row: CredentialRow, keys: PasswordKeys): AccountKeys | undefined {
  const owner = { client: row.client_id, account: row.account_id };
  const bundle = unwrapSecret(keys.wrapKey, wrapAbout(owner, row.credential_id), row.wrap);
  return bundle === undefined ? undefined : decodeAccountKeys(bundle);
}

export function wrapAbout(owner: Owner, credential: string): readonly string[] {
  return ["account-keys", owner.client, owner.account, credential];
}
