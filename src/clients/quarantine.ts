// Addresses of the erased, which nobody else gets for a while: letters to who was there before must not reach a stranger. Keeps an
// HMAC of each and no address; who has the database and guesses an address can still try it.
import { createHmac, randomBytes } from "node:crypto";
import type { Engine } from "#engine";
import { Broken } from "#base/errors";
import { DAY } from "#base/time";
import { keepQuarantineKey } from "./commands.ts";
import type { Tables } from "./tables.ts";

// A year and a month: what is sent once a year has come back once to who sent it.
export const QUARANTINE = 396 * DAY;
// The last second of the year 9999.
export const FOR_GOOD = 253_402_300_799_000;

export interface Quarantine {
  nameOf(address: string): string;
}

export async function openQuarantine(engine: Engine): Promise<Quarantine> {
  const reader = engine.reader<Tables>();
  const read = () =>
    reader
      .selectFrom("address_quarantine_key")
      .select("key")
      .where("name", "=", "address")
      .executeTakeFirst();
  if ((await read()) === undefined)
    await engine.write(keepQuarantineKey, { name: "address", key: randomBytes(32) });
  const row = await read();
  if (row === undefined) throw new Broken("the quarantine has no key");
  return { nameOf: (address) => createHmac("sha256", row.key).update(address).digest("hex") };
}
