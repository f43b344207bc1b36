// The clients' room with the real keeper in its own process: what stands in for it in the other tests is true to it.
import assert from "node:assert/strict";
import { globSync, readFileSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openEngine } from "#engine";
import { systemClock } from "#base/time";
import {
  eraseBytes,
  type Keeper,
  ownRequestBytes,
  spawnKeeper,
  verifyAddress,
  verifyCertificate,
} from "#keeper";
import { type Clients, clientsRoom, type KeeperPort, openClients } from "./clients.ts";

const domain = "example.test";
const password = "correct horse battery";
const contact = {
  name: "Marker Markington",
  postal: "1 Quay Street\n1000 Port",
  phone: "",
  email: "marker@elsewhere.test",
};

interface World extends AsyncDisposable {
  readonly clients: Clients;
  readonly keeper: Keeper;
  readonly folder: string;
}

async function openWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "bailee-clients-"));
  const keeper = await spawnKeeper({
    folder: join(folder, "keeper"),
    publishedFolder: join(folder, "published"),
    origin: "example.test/ledger",
    publishSeconds: 300,
  });
  const engine = await openEngine({ folder: join(folder, "engine"), rooms: [clientsRoom] });
  const port: KeeperPort = keeper; // the port is a part of the keeper's interface, word for word
  const clients = await openClients({
    engine,
    clock: systemClock,
    domain,
    keeper: port,
    verifyAddress,
    verifyCertificate,
    ownRequestBytes,
    eraseOrderBytes: eraseBytes,
    store: { newAccount: () => [] },
  });
  return {
    clients,
    keeper,
    folder,
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]();
      await keeper[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

test("sign-up, sign-in, own log and own contact go through the real keeper", async () => {
  await using world = await openWorld();
  const { clients, keeper, folder } = world;
  for (const plan of ["personal", "sealed"]) {
    const address = `${plan}@${domain}`;
    const made = await clients.signUp({ address, password, plan, contact });
    assert.ok(made.ok);
    const signedIn = await clients.signIn({
      login: address,
      password,
      protocol: "web",
      peer: "::1",
    });
    assert.ok(signedIn.ok);
    const session = signedIn.value;
    const { token } = await clients.openWebSession(session, true);
    const resumed = await clients.resumeWebSession(token);
    assert.ok(resumed);
    assert.deepEqual(await clients.readContact(resumed), contact);
    const page = await clients.readLogPage(resumed, 10);
    assert.equal(page.destroyed, 0);
    assert.deepEqual(page.events.map(({ kind }) => kind).sort(), ["change", "sign-in"]);
    assert.ok(await clients.sealerFor(session.client, session.account));
  }
  assert.deepEqual(await clients.expireLogs(keeper), { keys: 0, events: 0 });
  const files = globSync("**", { cwd: folder }).map((name) => join(folder, name));
  const onDisk = files
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, "latin1"))
    .join("\n");
  assert.ok(onDisk.includes(`personal@${domain}`), "the control is found: an address is clear");
  for (const secret of ["Markington", "Quay Street", "elsewhere.test", password])
    assert.ok(!onDisk.includes(secret), secret);
});
