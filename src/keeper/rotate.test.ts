import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { DAY } from "#base/time";
import { openKeeper } from "./open.ts";
import { readRoot } from "./root.ts";
import { askOwn, enrolClient, newWorld, sealContact } from "./testing/world.ts";

const keysOf = (folder: string): readonly string[] => readdirSync(join(folder, "keys")).sort();

async function withClient(t: TestContext) {
  const world = await newWorld(t);
  const keeper = await world.open();
  const of = await enrolClient(keeper);
  return { world, keeper, of, folder: world.place.folder };
}

test("the root key is made anew while the keeper runs: everything opens, before and after a restart, and the old key opens nothing", async (t) => {
  const { world, keeper, of, folder } = await withClient(t);
  const old = await readRoot(folder);
  const { logVerifierKey, enrolKey } = await keeper.hello();
  const [before, rotated] = await Promise.all([keeper.ruleKey(), keeper.rotateRoot()]);
  assert.equal(rotated.generation, 2);
  assert.deepEqual(keysOf(folder), ["2"], "what the old root wrapped is gone");
  const now = await readRoot(folder);
  assert.equal(now.generation, 2);
  assert.notDeepEqual(now.key, old.key);
  assert.deepEqual((await keeper.ruleKey()).secretKey, before.secretKey);
  const second = await enrolClient(keeper);
  assert.notEqual(second.client, of.client);
  await keeper[Symbol.asyncDispose]();
  await using again = await world.open();
  assert.deepEqual(
    [(await again.hello()).logVerifierKey, (await again.hello()).enrolKey],
    [logVerifierKey, enrolKey],
  );
  assert.deepEqual((await again.ruleKey()).secretKey, before.secretKey);
  assert.equal((await again.rotateRoot()).generation, 3);
});

test("a rotation that was cut short leaves the old generation whole, and what it began is removed", async (t) => {
  const { world, keeper, folder } = await withClient(t);
  const { logVerifierKey } = await keeper.hello();
  await keeper[Symbol.asyncDispose]();
  // As it is when the power goes before the one file is replaced: some secrets of the next generation are there.
  await mkdir(join(folder, "keys", "2"));
  await writeFile(join(folder, "keys", "2", "log"), "half");
  const again = await world.open();
  assert.equal((await again.hello()).logVerifierKey, logVerifierKey);
  assert.deepEqual(keysOf(folder), ["1"]);
  assert.equal((await again.rotateRoot()).generation, 2);
  await again[Symbol.asyncDispose]();
  // And when it goes after that, before the old generation is removed.
  await mkdir(join(folder, "keys", "1"));
  await writeFile(join(folder, "keys", "1", "log"), "old");
  const last = await world.open();
  assert.equal((await last.hello()).logVerifierKey, logVerifierKey);
  assert.deepEqual(keysOf(folder), ["2"]);
  await last[Symbol.asyncDispose]();
  await rm(join(folder, "passphrase"));
  await assert.rejects(
    openKeeper({ ...world.place, clock: world.clock }),
    /passphrase file is missing/,
  );
});

test("in a new quarter clients' secrets are wrapped anew, then the old keys of their classes are destroyed, and all still opens", async (t) => {
  const { world, keeper, of, folder } = await withClient(t);
  const contact = sealContact(of, "c", "kept over the quarter");
  const path = join(folder, "clients", of.client);
  const was = readFileSync(path, "utf8");
  const old = readdirSync(join(folder, "keys", "1")).filter((name) => name.startsWith("class."));
  assert.ok(old.length >= 4, old.join(" "));
  await keeper[Symbol.asyncDispose]();
  world.clock.time += 100 * DAY;
  // The beat runs when a keeper ends, too: the first moves, the next destroys.
  for (let times = 0; times < 2; times += 1) await (await world.open())[Symbol.asyncDispose]();
  const now = readFileSync(path, "utf8");
  assert.notEqual(now, was);
  const names = readdirSync(join(folder, "keys", "1"));
  for (const dataClass of ["contact", "payment", "standing"])
    assert.ok(!old.some((name) => name.startsWith(`class.${dataClass}.`) && names.includes(name)));
  await using last = await world.open();
  assert.deepEqual(await askOwn(world, last, of, [contact]), ["kept over the quarter"]);
});
