// The insider on the sockets: speaks to the house's own keeper and control socket as the server's user can, and asks for what
// no grant allows.
import assert from "node:assert/strict";
import { globSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { newId } from "#base/ids";
import { callControl } from "#control";
import { type Keeper, ownRequestBytes, type SealedObject } from "#keeper";
import { dataClasses, grounds, type Ground } from "#policy";
import { openSealer, signBytes } from "#vault";
import {
  approve,
  draftGrant,
  file,
  granted,
  looksOf,
  sealContact,
  sealLetter,
} from "../../src/keeper/testing/world.ts";
import { type House, startHouse } from "../house.ts";
import {
  addClient,
  bytesOf,
  openDatabase,
  reachKeeper,
  rowsOf,
  send,
  type Victim,
  victimOf,
  worldOf,
} from "./thief.ts";

async function houseOfTwo(t: TestContext) {
  const house = await startHouse(t);
  for (const name of ["ada", "bo"]) {
    await addClient(house, name);
    await send(house, name, `a letter to ${name}`);
  }
  const [ada, bo] = [await victimOf(house, "ada"), await victimOf(house, "bo")];
  return { house, world: worldOf(house), ada, bo };
}

/** The one letter of a client as it lies in the database. */
function letterOf(house: House, { client, account }: Victim): SealedObject & { id: string } {
  const db = openDatabase(house);
  const [row] = rowsOf(db, "select id, body from message where client_id = ?", client);
  db.close();
  const id = String(row?.["id"]);
  const context = { class: "content", client, account, object: id, part: "body" } as const;
  return { id, context, sealed: bytesOf(row, "body") };
}

const objectOf = ({ context, sealed }: SealedObject): SealedObject => ({ context, sealed });

test("whoever reaches the keeper's socket opens nothing without a grant, and nothing beyond one", async (t) => {
  const { house, world, ada, bo } = await houseOfTwo(t);
  await using keeper = await reachKeeper(house);
  const [hers, his] = [letterOf(house, ada), letterOf(house, bo)];
  const refusalOf = async (hash: string, ...objects: SealedObject[]): Promise<string> => {
    const released = await keeper.release(hash, objects.map(objectOf));
    return released.ok ? "opened" : released.refusal;
  };
  assert.equal(await refusalOf("0".repeat(64), hers), "unknown-grant");
  const hash = await granted(world, keeper, draftGrant(world, ada, "E2", [hers.id]));
  assert.equal(await refusalOf(hash, his), "out-of-scope");
  assert.equal(await refusalOf(hash, hers, his), "out-of-scope", "nor beside her own");
  assert.equal(await refusalOf(hash, hers, hers), "out-of-scope", "nor twice");
  // Said to be hers, it is in scope by its name and opens all the same not; and the use is spent.
  assert.equal(await refusalOf(hash, { ...hers, sealed: his.sealed }), "does-not-open");
  assert.equal(await refusalOf(hash, hers), "used-up");
  const [look] = await looksOf(world, keeper, ada);
  assert.equal(look?.outcome, "failed", "and she sees that somebody tried");
});

test("by the control socket a grant over one client releases nothing of another", async (t) => {
  const { house, world, ada, bo } = await houseOfTwo(t);
  await using keeper = await reachKeeper(house);
  const hash = await granted(world, keeper, draftGrant(world, ada, "E2", [letterOf(house, bo).id]));
  const out = join(house.data, "package");
  const answer = await callControl(
    join(house.data, "control.sock"),
    { operation: "grant.release", args: { hash, out } },
    () => undefined,
  );
  assert.equal(answer.ok, false);
  assert.match(answer.text, /out-of-scope/);
  assert.deepEqual(globSync(out), []);
});

test("what the table does not list is refused over the socket, with its reason", async (t) => {
  const { house, world, ada } = await houseOfTwo(t);
  await using keeper = await reachKeeper(house);
  const refusalOf = async (ground: Ground, bent: Parameters<typeof draftGrant>[4]) => {
    const filed = await file(world, keeper, draftGrant(world, ada, ground, ["one"], bent));
    return filed.ok ? "filed" : filed.refusal;
  };
  for (const purpose of ["provide-service", "own", "Protect-Both", "pr\u043etect-both", ""])
    assert.equal(await refusalOf("E2", { purpose }), "wrong-purpose", purpose);
  const one = { providerInterest: "our senders are blocked" };
  assert.equal(await refusalOf("E2", { demands: one }), "missing-demand");
  assert.equal(
    await refusalOf("E2", { demands: { ...one, clientInterest: " " } }),
    "missing-demand",
  );
  for (const ground of Object.keys(grounds) as Ground[]) {
    if (ground === "D2") continue;
    const demands = { earlierEntry: 1, authority: "the police of Example" };
    const bent = { class: "payment", account: "", ...(ground === "E4" && { demands }) };
    assert.equal(await refusalOf(ground, bent), "class-not-covered", ground);
  }
  const silent = { instrument: "warrant 7, for contact and standing", determination: "x" };
  assert.equal(await refusalOf("D2", { class: "payment", demands: silent }), "class-not-covered");
  assert.equal(await refusalOf("D2", { class: "payment" }), "filed", "the instrument names it");
  for (const dataClass of dataClasses) {
    if (dataClass === "content") continue;
    assert.equal(await refusalOf("E2", { class: dataClass }), "class-not-covered", dataClass);
  }
});

test("who asks does not approve, and nobody approves twice", async (t) => {
  const { house, world, ada } = await houseOfTwo(t);
  await using keeper = await reachKeeper(house);
  const filed = await file(world, keeper, draftGrant(world, ada, "E2", ["one"]));
  assert.ok(filed.ok);
  const { hash } = filed.value;
  const refusalOf = async (by: typeof world.operator): Promise<string> => {
    const ruled = await approve(keeper, hash, by);
    return ruled.ok ? "approved" : ruled.refusal;
  };
  assert.equal(await refusalOf(world.operator), "unknown-approver");
  assert.equal(await refusalOf(world.approvers[0]), "approved");
  assert.equal(await refusalOf(world.approvers[0]), "already");
  const released = await keeper.release(hash, [sealLetter(ada, "one", "x")]);
  assert.ok(!released.ok && released.refusal === "too-few-approvals");
});

test("a client's own key asks for what is theirs, and for nobody else's, nor for content", async (t) => {
  const { house, ada, bo } = await houseOfTwo(t);
  await using keeper = await reachKeeper(house);
  const ask = async (as: Victim, signer: Victim, objects: readonly SealedObject[]) => {
    const { client, account } = as;
    const request = { client, account, at: Math.floor(Date.now() / 1000), nonce: newId() };
    const signature = signBytes(signer.keys.signingSecret, ownRequestBytes(request, objects));
    const signed = { ...request, signature };
    const answer = await keeper.own(signed, objects);
    const again = await keeper.own(signed, objects);
    assert.ok(!again.ok, "no request is answered twice");
    return answer.ok ? "opened" : answer.refusal;
  };
  const hers = sealContact(ada, "contact", "Ada");
  assert.equal(await ask(ada, ada, [hers]), "opened");
  assert.equal(await ask(bo, bo, [hers]), "not-yours");
  assert.equal(await ask(ada, bo, [hers]), "bad-signature");
  const renamed = { ...hers, context: { ...hers.context, client: bo.client } };
  assert.equal(await ask(bo, bo, [renamed]), "does-not-open");
  assert.equal(await ask(ada, ada, [objectOf(letterOf(house, ada))]), "not-yours");
  const asContact = { ...hers.context, object: letterOf(house, ada).id };
  assert.equal(
    await ask(ada, ada, [{ context: asContact, sealed: letterOf(house, ada).sealed }]),
    "does-not-open",
  );
});

test("a keeper killed between intent and outcome comes back with the use spent, and the client sees that it failed", async (t) => {
  const { house, world, ada } = await houseOfTwo(t);
  // So large that opening and packing it takes a while after the entry stands.
  const context = {
    class: "content",
    client: ada.client,
    account: ada.account,
    object: "large",
    part: "body",
  } as const;
  const sealed = openSealer(ada.keys.boxPublic).seal(context, Buffer.alloc(44 * 1024 * 1024, 1));
  let isCut = false;
  for (let round = 0; round < 10 && !isCut; round += 1) {
    const keeper = await reachable(house);
    const hash = await granted(world, keeper, draftGrant(world, ada, "E2", ["large"]));
    const leaves = join(house.data, "keeper", "ledger", "leaves");
    const before = statSync(leaves).size;
    const released = keeper.release(hash, [{ context, sealed }]).catch(() => undefined);
    for (let tries = 0; tries < 20_000 && statSync(leaves).size === before; tries += 1)
      await new Promise((next) => setImmediate(next));
    process.kill(keeperOf(house), "SIGKILL");
    isCut = (await released) === undefined;
    const again = await reachable(house);
    const after = await again.release(hash, [{ context, sealed }]);
    const looks = await looksOf(world, again, ada);
    if (after.ok) {
      // Another leaf (a publication's covers) was taken for the intent and the kill came before it: nothing was spent.
      assert.ok(isCut && looks.every(({ outcome }) => outcome !== "intent"));
      isCut = false;
    } else assert.equal(after.refusal, "used-up");
    if (isCut) assert.equal(looks[0]?.outcome, "failed");
    await again[Symbol.asyncDispose]();
  }
  assert.ok(isCut, "one of the kills fell between the two entries");
  assert.match(house.printed(), /keeper\.started-again/);
});

test("bailee verify finds any one bit that is flipped in what the house published", async (t) => {
  const { house } = await houseOfTwo(t);
  {
    await using keeper = await reachKeeper(house);
    await keeper.publish();
  }
  await house.stop();
  const ledger = join(house.data, "ledger");
  const memory = join(house.data, "seen");
  const key = readFileSync(join(ledger, "vkey"), "utf8").trim();
  const verify = () => house.run(["verify", ledger, "--key", key, "--memory", memory]);
  assert.equal((await verify()).code, 0);
  const files = globSync("**/*", { cwd: ledger }).filter((name) =>
    statSync(join(ledger, name)).isFile(),
  );
  assert.ok(files.length >= 4, files.join(" "));
  for (const name of files) {
    if (name === "vkey") continue; // the key was given
    const whole = readFileSync(join(ledger, name));
    const bent = Buffer.from(whole);
    const at = Math.floor(bent.byteLength / 2);
    bent[at] = (bent[at] ?? 0) ^ 1;
    writeFileSync(join(ledger, name), bent);
    const found = await verify();
    assert.equal(found.code, 1, `${name} ${found.stdout}${found.stderr}`);
    writeFileSync(join(ledger, name), whole);
  }
  assert.equal((await verify()).code, 0);
});

function keeperOf(house: House): number {
  for (const path of globSync("/proc/[0-9]*/cmdline")) {
    try {
      const line = readFileSync(path, "utf8");
      if (line.includes("keeper/process.ts") && line.includes(house.data))
        return Number(path.split("/")[2]);
    } catch {
      // it ended meanwhile
    }
  }
  throw new Error("the house has no keeper");
}

/** The keeper, as soon as there is one again. */
async function reachable(house: House): Promise<Keeper> {
  for (let tries = 0; ; tries += 1) {
    try {
      const keeper = await reachKeeper(house);
      await keeper.hello();
      return keeper;
    } catch (error) {
      if (tries > 100) throw error;
      await sleep(100);
    }
  }
}
