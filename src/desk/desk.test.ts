// The staff's room over a real engine and a real keeper: the password, the key, and what a session opens.
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test, type TestContext } from "node:test";
import { fromUtf8, toUtf8 } from "#base/bytes";
import { Broken } from "#base/errors";
import { HOUR } from "#base/time";
import { openThrottle, openTurnstile } from "#clients";
import { openEngine } from "#engine";
import { spawnKeeper, verifyCertificate } from "#keeper";
import { newBoxKeyPair } from "#vault";
import { type Desk, deskRoom, openDesk } from "./desk.ts";

async function openRoom(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), "bailee-desk-"));
  const keeper = await spawnKeeper({
    folder: join(folder, "keeper"),
    publishedFolder: join(folder, "published"),
    origin: "bailee.example/ledger",
    publishSeconds: 300,
  });
  const engine = await openEngine({ folder, rooms: [deskRoom] });
  t.after(async () => {
    await engine[Symbol.asyncDispose]();
    await keeper[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  const clock = { time: Date.now(), now: () => clock.time };
  const reopen = (): Desk =>
    openDesk({
      engine,
      clock,
      keeper,
      verifyCertificate,
      turnstile: openTurnstile(),
      throttle: openThrottle(clock),
    });
  return { desk: reopen(), reopen, folder, clock, passwordFile: join(folder, "desk-password") };
}

test("the desk has a password of its own, in a file that is its owner's alone", async (t) => {
  const { desk, clock, passwordFile } = await openRoom(t);
  assert.equal(await desk.ensure(passwordFile), true);
  assert.equal(await desk.ensure(passwordFile), false);
  assert.equal(statSync(passwordFile).mode & 0o777, 0o600);
  const typed = readFileSync(passwordFile, "utf8").trim();
  assert.deepEqual(await desk.signIn(`${typed}x`, "::1"), { ok: false, refusal: "wrong" });
  const signedIn = await desk.signIn(typed, "::1");
  assert.ok(signedIn.ok);
  assert.equal((await desk.resume(signedIn.value.token))?.name, "desk");
  clock.time += 9 * HOUR;
  assert.equal(await desk.resume(signedIn.value.token), undefined, "a shift is over");
});

test("what was sealed to the desk opens in its session, as the part that it is and as no other", async (t) => {
  const { desk, passwordFile } = await openRoom(t);
  await desk.ensure(passwordFile);
  const sealed = await desk.seal("case1", "request", fromUtf8("words"));
  const signedIn = await desk.signIn(readFileSync(passwordFile, "utf8").trim(), "::1");
  assert.ok(signedIn.ok);
  const session = await desk.resume(signedIn.value.token);
  assert.ok(session);
  assert.equal(toUtf8(session.open("case1", "request", sealed) ?? new Uint8Array()), "words");
  assert.equal(session.open("case2", "request", sealed), undefined);
  assert.equal(session.open("case1", "reply", sealed), undefined);
  await desk.end(signedIn.value.token);
  assert.equal(await desk.resume(signedIn.value.token), undefined);
});

test("a key swapped in the database is not sealed to", async (t) => {
  const { desk, reopen, folder, passwordFile } = await openRoom(t);
  await desk.ensure(passwordFile);
  using db = new DatabaseSync(join(folder, "bailee.sqlite"));
  db.prepare("update desk_key set public_key = ?").run(newBoxKeyPair().publicKey);
  await assert.rejects(reopen().seal("case1", "request", fromUtf8("words")), Broken);
});
