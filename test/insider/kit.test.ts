// The insider's kit against a house that runs, and against the same with weaknesses planted: what it cannot find there it would find nowhere.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startHouse } from "../house.ts";
import { attacks } from "./attacks.ts";
import { lootOf, tryAll } from "./kit.ts";
import { runningHouse } from "./running.ts";
import { send } from "./thief.ts";

test("the kit gets nothing from a house that runs, and finds what is planted in it", async (t) => {
  const house = await startHouse(t);
  await using loot = await lootOf(runningHouse(house.environment));
  const tried = await tryAll(loot, () => {});
  assert.deepEqual(
    tried.filter(({ got }) => got !== undefined),
    [],
  );
  assert.equal(tried.length, Object.keys(attacks).length);

  const planted = join(house.data, "server", "planted");
  writeFileSync(planted, `${loot.marker} ${Buffer.from(loot.ada.keys.boxSecret).toString("hex")}`);
  const found = async (name: string): Promise<string> => (await attacks[name]?.(loot)) ?? "";
  assert.match(await found("a search of the server's files for words of a letter"), /planted: raw/);
  const keys = "every key-sized string of the server's files, tried on the letter";
  assert.match(await found(keys), /secret half lies in the files/);
  // Undone in the middle, an attack on a row has put it back: the victim's mail comes.
  await send(house, "kit-ada", "after all of it");
});
