import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { cp, rm, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { Broken } from "#base/errors";
import { connectKeeper, type Keeper, spawnKeeper } from "#keeper";
import {
  draftGrant,
  enrolClient,
  eraseOrder,
  file,
  granted,
  looksOf,
  newWorld,
  sealLetter,
  type World,
} from "./testing/world.ts";

/** The keeper's program, started so that the test can take it down hard. */
async function startProgram(world: World, shell?: string) {
  const { folder, publishedFolder, origin } = world.place;
  const program = join(import.meta.dirname, "process.ts");
  const args = [program, folder, publishedFolder, "--origin", origin, "--publish-seconds", "300"];
  const child =
    shell === undefined
      ? spawn(process.execPath, args, { stdio: ["pipe", "pipe", "ignore"] })
      : spawn("sh", ["-c", shell, "sh", process.execPath, ...args], {
          stdio: ["pipe", "pipe", "ignore"],
        });
  child.stdin.on("error", () => undefined);
  world.endings.push(() => {
    child.kill("SIGKILL");
    return ended(child);
  });
  await once(child.stdout, "data");
  const keeper = await connectKeeper(join(folder, "keeper.sock"));
  return { child, keeper };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

test("the program's folder is shut to others, and it ends by its leash or by SIGTERM", async (t) => {
  const world = await newWorld(t);
  const { folder } = world.place;
  const first = await startProgram(world);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.equal(statSync(join(folder, "keeper.sock")).mode & 0o777, 0o600);
  for (const name of ["passphrase", "root", "journal", "keys/1/log"])
    assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name);
  first.child.stdin?.end();
  await ended(first.child);
  assert.equal(first.child.exitCode, 0);
  await assert.rejects(first.keeper.hello(), Broken);
  const second = await startProgram(world);
  second.child.kill("SIGINT"); // a terminal's ctrl-C: the parent decides
  assert.ok(await second.keeper.hello());
  second.child.kill("SIGTERM");
  await ended(second.child);
  assert.equal(second.child.exitCode, 0);
  const began = Date.now();
  const third = await startProgram(world);
  t.diagnostic(`a second start answers in ${Date.now() - began} ms`);
  await third.keeper[Symbol.asyncDispose]();
});

test("two keepers never have one folder", async (t) => {
  const world = await newWorld(t);
  const { keeper } = await startProgram(world);
  await assert.rejects(spawnKeeper(world.place), Broken);
  await assert.rejects(world.open(), Broken);
  assert.ok(await keeper.hello(), "the first one never noticed");
});

test("of two that start together on an empty folder at most one runs, and what was made there opens again", async (t) => {
  const world = await newWorld(t);
  const both = await Promise.allSettled([spawnKeeper(world.place), spawnKeeper(world.place)]);
  const running = both.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  assert.ok(running.length <= 1);
  const key = await running[0]?.hello();
  await running[0]?.[Symbol.asyncDispose]();
  await using again = await world.open();
  if (key !== undefined) assert.deepEqual(await again.hello(), key);
});

test("bytes that are no call end their connection and nothing else", async (t) => {
  const world = await newWorld(t);
  const { keeper } = await startProgram(world);
  const path = join(world.place.folder, "keeper.sock");
  const frame = (head: string) => {
    const lengths = Buffer.alloc(8);
    lengths.writeUInt32BE(head.length + 4, 0);
    lengths.writeUInt32BE(head.length, 4);
    return Buffer.concat([lengths, Buffer.from(head)]);
  };
  for (const bytes of [
    Buffer.from("GET / HTTP/1.1\r\n\r\n"),
    frame('{"body":{"id":"x"},"attachments":[]}'),
    frame('{"body":5,"attachments":[99]}'),
    frame("null"),
    Buffer.alloc(64, 255),
  ]) {
    const socket = createConnection(path);
    socket.on("error", () => undefined);
    socket.write(bytes);
    socket.resume();
    await once(socket, "close");
  }
  const loose = keeper as unknown as { [method: string]: (...args: unknown[]) => Promise<unknown> };
  await assert.rejects(async () => loose["release"]?.("hash", "objects"), Broken);
  await assert.rejects(async () => loose["enrol"]?.({ client: 5 }), Broken);
  const extra = { class: "content", client: "c", account: "a", object: "o", part: "p", more: null };
  await assert.rejects(
    async () => loose["release"]?.("hash", [{ context: extra, sealed: Buffer.of(1) }]),
    Broken,
  );
  assert.ok(await keeper.hello());
});

test("a bit flipped in the journal stops the keeper, and what it would cut is kept", async (t) => {
  const world = await newWorld(t);
  const { folder } = world.place;
  {
    await using keeper = await world.open();
    for (let count = 0; count < 3; count += 1) await enrolClient(keeper);
  }
  const whole = readFileSync(join(folder, "journal"));
  for (const at of [0, 60, 700]) {
    const bent = Buffer.from(whole);
    bent[at] = (bent[at] ?? 0) ^ 1;
    await writeFile(join(folder, "journal"), bent);
    await assert.rejects(world.open(), Broken);
    const [name = ""] = globSync("journal.cut-*", { cwd: folder });
    const cut = readFileSync(join(folder, name));
    const left = readFileSync(join(folder, "journal"));
    assert.deepEqual(Buffer.concat([left, cut]), bent, `byte ${at}`);
    await rm(join(folder, name));
  }
  await writeFile(join(folder, "journal"), whole);
  await using keeper = await world.open();
  assert.ok(await keeper.hello());
});

test("killed at any moment between intent and answer, the keeper comes back with each use counted and settled", async (t) => {
  const world = await newWorld(t);
  let { child, keeper } = await startProgram(world);
  const of = await enrolClient(keeper);
  let lost = 0;
  let answered = 0;
  for (let round = 0; round < 12; round += 1) {
    const ground = round % 2 === 0 ? "E2" : "E3";
    const hashes: string[] = [];
    for (let count = 0; count < 4; count += 1)
      hashes.push(await granted(world, keeper, draftGrant(world, of, ground, ["one"])));
    const letter = sealLetter(of, "one", "letter");
    const releases = hashes.map((hash) => keeper.release(hash, [letter]));
    const settled = Promise.allSettled(releases);
    await new Promise((resolve) => setTimeout(resolve, round * 2.5));
    child.kill("SIGKILL");
    const answers = await settled;
    await ended(child);
    ({ child, keeper } = await startProgram(world));
    for (const [at, hash] of hashes.entries()) {
      const answer = answers[at];
      const wasAnswered = answer?.status === "fulfilled" && answer.value.ok;
      const shown = await keeper.showGrant(hash);
      if (wasAnswered) answered += 1;
      else lost += 1;
      assert.ok(!wasAnswered || shown?.uses === 1, "what was handed out is counted");
      const again = await keeper.release(hash, [letter]);
      // A grant for one use: either no intent was durable and the use is left, or it is spent for good.
      assert.equal(again.ok, shown?.uses === 0);
    }
    world.clock.time = Date.now();
    const looks = await looksOf(world, keeper, of);
    assert.ok(
      looks.every((look) => look.outcome !== "intent"),
      "each intent has its outcome",
    );
  }
  t.diagnostic(`${answered} releases answered before the kill, ${lost} cut off`);
  assert.ok(lost > 0, "the kill came in time at least once");
  await keeper.publish();
});

test("killed at any moment of an erasure, the keeper comes back and the order is carried out or never happened", async (t) => {
  const world = await newWorld(t);
  let { child, keeper } = await startProgram(world);
  let [done, lost] = [0, 0];
  for (let round = 0; round < 5; round += 1) {
    const clients = [];
    for (let count = 0; count < 6; count += 1) clients.push(await enrolClient(keeper));
    const orders = clients.map((of) => eraseOrder(of));
    const settled = Promise.allSettled(orders.map((order) => keeper.erase(order)));
    await new Promise((resolve) => setTimeout(resolve, round * 3));
    child.kill("SIGKILL");
    const answers = await settled;
    await ended(child);
    ({ child, keeper } = await startProgram(world));
    for (const [at, of] of clients.entries()) {
      const answer = answers[at];
      const wasErased = answer?.status === "fulfilled" && answer.value.ok;
      const isThere = existsSync(join(world.place.folder, "clients", of.client));
      const filed = await file(world, keeper, draftGrant(world, of, "E2", ["one"]));
      // Whether the entry was written decides, and the file follows it.
      assert.equal(filed.ok, isThere);
      if (wasErased) done += 1;
      else lost += 1;
      assert.ok(!wasErased || !isThere, "what was answered holds");
      const again = await keeper.erase(orders[at] ?? eraseOrder(of));
      assert.ok(again.ok, "the same order is carried out now, or gives its receipt again");
    }
  }
  t.diagnostic(`${done} erasures answered before the kill, ${lost} cut off`);
  assert.ok(lost > 0, "the kill came in time at least once");
});

test("on a full disk nothing is opened, and the keeper says so", async (t) => {
  const world = await newWorld(t);
  let hashes: string[] = [];
  const { child, keeper } = await startProgram(world);
  const of = await enrolClient(keeper);
  for (let count = 0; count < 60; count += 1)
    hashes.push(await granted(world, keeper, draftGrant(world, of, "E2", ["one"])));
  child.stdin?.end();
  await ended(child);
  const journal = join(world.place.folder, "journal");
  const blocks = Math.ceil(statSync(journal).size / 512) + 2;
  // Files may not grow past this size: writes beyond fail as on a full disk, and the signal for it is ignored.
  const full = await startProgram(world, `trap '' XFSZ; ulimit -f ${blocks}; exec "$@"`);
  const refusals: string[] = [];
  const letter = sealLetter(of, "one", "letter");
  for (const hash of hashes) {
    const ruled = await full.keeper.release(hash, [letter]);
    refusals.push(ruled.ok ? "released" : ruled.refusal);
  }
  assert.equal(refusals.at(-1), "ledger-unavailable");
  assert.ok(!refusals.slice(refusals.indexOf("ledger-unavailable")).includes("released"));
  full.child.kill("SIGKILL");
  await ended(full.child);
  const after = await startProgram(world);
  hashes = hashes.filter((_, at) => refusals[at] === "ledger-unavailable").slice(2);
  const released = await after.keeper.release(hashes[0] ?? "", [letter]);
  assert.ok(released.ok, "with room again, the next grant is released");
});

test("a keeper whose journal was set back refuses to start; one whose ledger was set back catches up without a fork", async (t) => {
  const world = await newWorld(t);
  const { folder } = world.place;
  const copy = `${folder}.yesterday`;
  let hash = "";
  {
    await using keeper = await world.open();
    await enrolClient(keeper);
  }
  await cp(folder, copy, { recursive: true });
  let key: string;
  {
    await using keeper = await world.open();
    const of = await enrolClient(keeper);
    hash = await granted(world, keeper, draftGrant(world, of, "E3", ["one"]));
    assert.ok((await keeper.release(hash, [sealLetter(of, "one", "letter")])).ok);
    key = (await keeper.hello()).logVerifierKey;
  }
  const today = readFileSync(join(folder, "journal"));
  await writeFile(join(folder, "journal"), readFileSync(join(copy, "journal")));
  await assert.rejects(world.open(), /backup was put back/);
  await writeFile(join(folder, "journal"), today);
  await rm(join(folder, "ledger"), { recursive: true });
  await cp(join(copy, "ledger"), join(folder, "ledger"), { recursive: true });
  await using keeper: Keeper = await world.open();
  assert.equal((await keeper.hello()).logVerifierKey, key);
  assert.equal((await keeper.showGrant(hash))?.state, "released");
  await keeper.publish(); // throws when what is published is not a part of this ledger
});

test("the keeper stays small, and stands on nothing from npm", (t) => {
  const files = globSync("*.ts", { cwd: import.meta.dirname }).filter(
    (name) => !name.includes(".test."),
  );
  let lines = 0;
  const imports = new Set<string>();
  for (const name of files) {
    const text = readFileSync(join(import.meta.dirname, name), "utf8");
    lines += text.split("\n").length;
    for (const [, target] of text.matchAll(/from "([^"]+)"/g))
      if (target !== undefined && !target.startsWith("./")) imports.add(target);
  }
  t.diagnostic(`${files.length} files, ${lines} lines`);
  t.diagnostic([...imports].sort().join(" "));
  // A third of it is types and the statements about them; docs/keeper.md has the path through the rest. Witnesses and resets came last, with 600:
  // that no key turns before an entry was seen, and that a day passes before a reset, is the keeper's to hold to and nobody else's.
  assert.ok(lines < 7000, "an afternoon's reading");
  assert.ok(files.length > 15 && imports.size > 10, "the scan found them");
  for (const target of imports)
    assert.match(target, /^(?:node:|#base\/|#policy$|#vault$|#ledger$)/, target);
  assert.ok(existsSync(join(import.meta.dirname, "keeper.ts")));
});
