// Two programs that do not trust each other: a Bailee and a witness of its own, each started as its operator starts it. What the house
// shows to a person waits for the witness; what the witness saw binds the house.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { addClient } from "./client.ts";
import { exampleOf, type Options, runJson } from "./grants.ts";
import { type House, root, startHouse } from "./house.ts";
import { makeLetter } from "./letters.ts";
import { freePorts } from "./ports.ts";
import { sendLetter } from "./send.ts";

test("a house and its witness, as two operators run them: no look before the witness saw it, and no way back behind it", async (t) => {
  const house = await startHouse(t, { BAILEE_PUBLISH_SECONDS: "1" });
  const vkey = (await readFile(join(house.data, "ledger", "vkey"), "utf8")).trim();
  const ours = await runJson(house, ["witness", "init", "witness.example/w1"]);
  assert.equal(ours.code, 0);
  const { keys } = ours.value as { readonly keys: readonly string[] };
  assert.equal(
    (await house.run(["witness", "init", "witness.example/w1"])).code,
    1,
    "there is one",
  );
  assert.equal((await house.run(["witness", "follow", "nonsense"])).code, 64);
  const followed = await runJson(house, ["witness", "follow", vkey]);
  assert.deepEqual((followed.value as { logs: unknown }).logs, ["bailee.localhost/ledger"]);
  const [port = 0] = await freePorts(1);
  const policy = join(house.data, "policy.txt");
  const url = `http://127.0.0.1:${port}`;
  await writeFile(policy, `log ${vkey}\nwitness w ${keys[0]} ${url}\nquorum w\n`);
  const running = await house.run(["keeper", "witnesses", policy]);
  assert.equal(running.code, 1, "not while the keeper runs");
  await house.stop();
  const set = await house.run(["keeper", "witnesses", policy]);
  assert.equal(set.code, 0, set.stderr);
  const stopWitness = await startWitness(t, house, port);
  await house.start();

  const ada = await addClient(house, "ada");
  await sendLetter({
    port: house.ports.LMTP,
    lmtp: true,
    from: "friend@example.net",
    to: [ada.address],
    letter: makeLetter({
      from: "friend@example.net",
      to: ada.address,
      subject: "a word",
      text: "a word",
    }),
  });
  const hash = await approvedGrant(house, ada.address);
  const out = join(house.data, "package");
  const release = (...more: readonly string[]) =>
    runJson(house, ["grant", "release", hash, "--out", out, ...more]);
  await until(async () => (await verify(house, policy)).ok);
  const first = await release("--no-wait");
  assert.deepEqual((first.value as { said?: string }).said ?? "", "");
  assert.equal((first.value as { refusal?: string }).refusal, "awaiting-witnesses");
  await until(async () => (await release("--no-wait")).code === 0);
  await until(async () => Object.keys((await verify(house, policy)).witnesses).length === 1);

  // The copy of now, then a little more history that the witness sees, then the copy put back.
  await house.stop();
  const copies = ["keeper", "ledger"].map((name) => join(house.data, name));
  for (const path of copies) await cp(path, `${path}.copy`, { recursive: true });
  await house.start();
  const before = (await verify(house, policy)).size;
  await addClient(house, "bob");
  await until(async () => {
    const { size, ok } = await verify(house, policy);
    return ok && size > before;
  });
  await house.stop();
  for (const path of copies) {
    await rm(path, { recursive: true });
    await cp(`${path}.copy`, path, { recursive: true });
  }
  await assert.rejects(house.start(), /set back/);
  await stopWitness();
});

interface Verified {
  readonly ok: boolean;
  readonly size: number;
  readonly witnesses: { readonly [name: string]: number };
}

async function verify(house: House, policy: string): Promise<Verified> {
  const memory = join(house.data, "no-memory");
  const ran = await runJson(house, ["verify", `${house.url}/ledger`], { policy, memory });
  await rm(memory, { force: true });
  return { ok: false, size: 0, witnesses: {}, ...(ran.value as object) };
}

async function startWitness(
  t: TestContext,
  house: House,
  port: number,
): Promise<() => Promise<void>> {
  const child = spawn(
    process.execPath,
    [join(root, "src/cli/cli.ts"), "witness", "start", "--port", String(port)],
    { env: house.environment, stdio: ["ignore", "pipe", "inherit"] },
  );
  const ended = new Promise<number | null>((done) => child.once("exit", (code) => done(code)));
  t.after(() => child.kill("SIGKILL"));
  const said = await new Promise<string>((done) =>
    child.stdout.once("data", (bytes: Buffer) => done(bytes.toString())),
  );
  assert.equal(said, `witness to 1 log at http://127.0.0.1:${port}\n`);
  return async () => {
    child.kill("SIGTERM");
    assert.equal(await ended, 0);
  };
}

async function approvedGrant(house: House, address: string): Promise<string> {
  const { keys, people } = exampleOf(house);
  const messages = (await runJson(house, ["grant", "messages", address])).value as {
    readonly messageId: string;
  }[];
  const draft = join(house.data, "draft.json");
  const fields: Options = {
    ...people,
    ground: "E2",
    class: "content",
    client: address,
    id: messages[0]?.messageId ?? "",
    asked: "the letter",
    reason: "our relay is being abused",
    demand: ["providerInterest=our relay", "clientInterest=the account was taken over"],
    out: draft,
  };
  const drafted = await runJson(house, ["grant", "draft"], fields);
  assert.equal(drafted.code, 0, JSON.stringify(drafted.value));
  const filed = await runJson(house, ["grant", "file", draft], { key: keys.operator });
  assert.equal(filed.code, 0, JSON.stringify(filed.value));
  const { hash } = filed.value as { readonly hash: string };
  for (const key of [keys.approver1, keys.approver2])
    assert.equal((await runJson(house, ["approve", "sign", hash], { key })).code, 0);
  return hash;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let left = 60; left > 0; left -= 1) {
    if (await isSo()) return;
    await sleep(250);
  }
  assert.fail("it did not come to be within a minute");
}
