// Addresses and domains of clients on real tables of both databases, with a DNS that the test writes and a clock that it turns.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { no, yes } from "#base/errors";
import { DAY } from "#base/time";
import { type Postgres, requirePostgres, startPostgres } from "../../../test/postgres.ts";
import { domain, newSession, openRoom, password, type TestRoom } from "../testing/room.ts";
import type { Domains } from "./contract.ts";

let postgres: Postgres | undefined;
after(async () => postgres?.[Symbol.asyncDispose]());

function onBoth(name: string, body: (room: TestRoom) => Promise<void>): void {
  test(`sqlite: ${name}`, async () => {
    await using room = await openRoom();
    await body(room);
  });
  test(`postgres: ${name}`, async (t) => {
    if (!requirePostgres(t)) return;
    postgres ??= await startPostgres();
    await using room = await openRoom(postgres.freshDatabase());
    await body(room);
  });
}

const club = "club.example";

interface World {
  readonly domains: Domains;
  /** What stands in the DNS: "name TYPE" to its values. */
  readonly dns: Map<string, readonly string[]>;
  readonly told: string[];
  readonly forgotten: string[];
  dnsIsAway: boolean;
}

function worldOf({ clients }: TestRoom): World {
  const world: Omit<World, "domains"> = {
    dns: new Map(),
    told: [],
    forgotten: [],
    dnsIsAway: false,
  };
  const domains = clients.openDomains({
    lookUp: (name, type) =>
      Promise.resolve(world.dnsIsAway ? "trouble" : (world.dns.get(`${name} ${type}`) ?? "none")),
    signingRecords: () => Promise.resolve([]),
    services: [{ service: "imaps", port: 993 }],
    reports: {},
    smarthost: undefined,
    tell: (client, { what }) => {
      world.told.push(`${client} ${what}`);
      return Promise.resolve();
    },
    forget: (client, name) => {
      world.forgotten.push(`${client} ${name}`);
      return Promise.resolve();
    },
  });
  return Object.assign(world, { domains });
}

/** Puts into the DNS what proves a claim, beside the proofs of others when it is asked for. */
async function publishProof(
  world: World,
  who: { readonly client: string; readonly account: string },
  beside: readonly string[] = [],
): Promise<string> {
  const own = (await world.domains.list(who)).find((each) => each.domain === club);
  const value = own?.records.find(({ purpose }) => purpose === "proof")?.value ?? "";
  assert.match(value, /^bailee-domain=[a-z2-7]{26}$/);
  world.dns.set(`_bailee.${club} TXT`, [...beside, value]);
  return value;
}

async function proofOf(world: World, who: { readonly client: string; readonly account: string }) {
  const checked = await world.domains.check(who, club);
  return checked.ok ? checked.value.proof : checked.refusal;
}

onBoth("names and masks are had up to the plan's count, and given up for long", async (room) => {
  const { clients, clock } = room;
  const anna = await newSession(room, `anna@${domain}`);
  const eve = await newSession(room, `eve@${domain}`);
  const { addresses } = clients;
  assert.deepEqual(await addresses.add(anna, " Anna.Work ", domain, "for the office"), {
    ok: true,
    value: `anna.work@${domain}`,
  });
  for (const [local, at, refusal] of [
    ["anna.work", domain, "taken"],
    ["eve", domain, "taken"],
    ["postmaster", domain, "reserved"],
    ["a+b", domain, "bad-name"],
    ["*", domain, "bad-name"],
    ["x", "elsewhere.example", "not-your-domain"],
  ] as const)
    assert.deepEqual(await addresses.add(anna, local, at), no(refusal), `${local}@${at}`);
  assert.deepEqual(await addresses.mask(anna, "n".repeat(201)), no("long-note"));
  const mask = await addresses.mask(anna, "the shop");
  assert.ok(mask.ok);
  assert.match(mask.value, new RegExp(`^[a-z2-7]{12}@${domain}$`));

  for (const name of [`Anna.Work+x@${domain}`, mask.value.toUpperCase()]) {
    const found = await clients.resolve(name);
    assert.deepEqual([found?.client, found?.account], [anna.client, anna.account], name);
  }
  const own = await addresses.list(anna);
  assert.deepEqual(own.map(({ kind, note }) => `${kind}: ${note}`).sort(), [
    "alias: for the office",
    "main: ",
    "mask: the shop",
  ]);
  // Another session opens nothing of it, and changes nothing.
  assert.deepEqual(await addresses.switch(eve, mask.value, false), no("no-such-address"));
  assert.deepEqual(await addresses.remove(eve, mask.value), no("no-such-address"));
  assert.deepEqual(await addresses.remove(anna, `anna@${domain}`), no("not-this-kind"));

  // A sign-in is by the main address alone.
  const attempt = { login: mask.value, password, protocol: "web", peer: "192.0.2.9" } as const;
  assert.deepEqual(await clients.signIn(attempt), no("wrong"));
  assert.equal((await clients.list()).length, 2, "a client is listed once, by the main address");
  assert.equal((await clients.standing(anna.client))?.address, `anna@${domain}`);

  assert.ok((await addresses.switch(anna, mask.value, false)).ok);
  assert.equal(await clients.resolve(mask.value), undefined);
  const usable = await clients.addressesOf(anna.client, anna.account);
  assert.deepEqual(usable, [`anna@${domain}`, `anna.work@${domain}`]);
  assert.ok((await addresses.switch(anna, mask.value, true)).ok);
  assert.ok(await clients.resolve(mask.value));

  assert.ok((await addresses.remove(anna, `anna.work@${domain}`)).ok);
  assert.deepEqual(await addresses.add(eve, "anna.work", domain), no("taken"));
  const signUp = { address: `anna.work@${domain}`, password };
  assert.deepEqual(await clients.signUp(signUp), no("address-taken"));
  clock.turn(397 * DAY);
  assert.ok((await addresses.add(eve, "anna.work", domain)).ok, "in another year it is free");

  // Ten at once, and twenty in a year: nobody burns names by making and giving up.
  for (let made = 0; made < 20; made += 1) {
    const given = await addresses.add(anna, `n${made}`, domain);
    assert.ok(given.ok, String(made));
    if (made === 9) assert.deepEqual(await addresses.add(anna, "more", domain), no("too-many"));
    if (made >= 9) assert.ok((await addresses.remove(anna, given.value)).ok);
  }
  assert.deepEqual(await addresses.add(anna, "more", domain), no("spent"));

  await clients.setHold(anna.client, "abuse-block", clock.now() + DAY, {
    reason: "test",
    by: "operator",
  });
  assert.deepEqual(await addresses.mask(anna, ""), no("not-now"));
  const log = await clients.readLog(anna, 100);
  const lines = new Set(log.map(({ fields }) => fields["what"]));
  for (const what of ["address added", "address switched off", "address given up"])
    assert.ok(lines.has(what), what);
});

onBoth("a domain is proved, brings its mail, breaks, and ends", async (room) => {
  const { clients, clock } = room;
  const anna = await newSession(room, `anna@${domain}`);
  const world = worldOf(room);
  const { domains } = world;
  for (const [name, refusal] of [
    [domain, "ours"],
    [`sub.${domain}`, "ours"],
    ["localhost", "bad-domain"],
    ["192.0.2.1", "bad-domain"],
    ["-x.example", "bad-domain"],
  ] as const)
    assert.deepEqual(await domains.claim(anna, name), no(refusal), name);
  assert.deepEqual(await domains.claim(anna, "BÜCHER.example"), yes("xn--bcher-kva.example"));
  assert.ok((await domains.remove(anna, "bücher.example")).ok);
  assert.deepEqual(await domains.claim(anna, `${club}.`), yes(club));
  assert.deepEqual(await domains.claim(anna, club), no("there"));
  assert.equal(await proofOf(world, anna), "no-proof");
  assert.ok(!clients.isOurDomain(club), "a claim is no proof");
  assert.deepEqual(await clients.addresses.add(anna, "info", club), no("not-your-domain"));

  await publishProof(world, anna);
  world.dns.set(`${club} MX`, [`10 ${domain}`]);
  assert.equal(await proofOf(world, anna), "verified");
  assert.ok(clients.isOurDomain("Club.Example.") && !clients.isHouseDomain(club));
  assert.ok((await clients.addresses.add(anna, "admin", club)).ok, "no name is reserved there");
  const whose = async (name: string) => (await clients.resolve(`${name}@${club}`))?.client;
  assert.equal(await whose("admin+tag"), anna.client);
  assert.equal(await whose("postmaster"), anna.client);
  assert.equal(await whose("anything"), undefined);
  assert.deepEqual(await clients.addresses.add(anna, "*", club), yes(`*@${club}`));
  assert.equal(await whose("anything"), anna.client);
  assert.equal((await clients.resolve(`Any+x@${club}`))?.address, `any+x@${club}`);
  assert.ok((await clients.addresses.switch(anna, `admin@${club}`, false)).ok);
  assert.equal(await whose("admin"), undefined, "what is off does not fall to the catch-all");
  assert.ok((await clients.addresses.switch(anna, `admin@${club}`, true)).ok);
  assert.equal(await clients.holdAddresses([`team@${club}`], "a list"), "bad-address");
  assert.equal(await clients.holdAddresses([`team@${club}`], "a list", anna.client), "held");
  assert.equal(await whose("team"), undefined, "a held name does not fall to the catch-all");

  // The DNS being away is held against nobody; the proof being gone is told, and has two weeks.
  clock.turn(DAY);
  world.dnsIsAway = true;
  assert.equal((await domains.checkDue()).checked, 1);
  assert.equal((await domains.list(anna))[0]?.state, "verified");
  world.dnsIsAway = false;
  clock.turn(DAY);
  await domains.checkDue();
  assert.deepEqual(world.told, []);
  clock.turn(DAY);
  world.dns.delete(`${club} MX`);
  await domains.checkDue();
  assert.match(world.told.join("\n"), /no longer as mail needs them: MX club\.example$/);
  clock.turn(DAY);
  world.dns.clear();
  assert.equal((await domains.checkDue()).broke, 1);
  assert.match(world.told.at(-1) ?? "", /within 14 days/);
  assert.equal(await whose("admin"), anna.client);
  clock.turn(15 * DAY);
  assert.equal((await domains.checkDue()).ended, 1);
  assert.ok(!clients.isOurDomain(club));
  assert.equal(await whose("admin"), undefined);
  assert.deepEqual(
    (await clients.addresses.list(anna)).map(({ address }) => address),
    [`anna@${domain}`],
  );

  // Who comes back within the month finds everything as it was.
  assert.ok((await domains.claim(anna, club)).ok);
  await publishProof(world, anna);
  assert.equal(await proofOf(world, anna), "verified");
  assert.equal(await whose("admin"), anna.client);
  assert.ok((await domains.remove(anna, club)).ok);
  assert.equal(await whose("admin"), undefined);
  clock.turn(31 * DAY);
  assert.equal((await domains.checkDue()).forgotten, 1);
  assert.deepEqual(world.forgotten, [`${anna.client} ${club}`]);
  assert.deepEqual(await domains.list(anna), []);
});

onBoth("a domain that another client proves brings them nothing of who had it", async (room) => {
  const { clients, clock } = room;
  const anna = await newSession(room, `anna@${domain}`);
  const bea = await newSession(room, `bea@${domain}`);
  const world = worldOf(room);
  const { domains } = world;
  await domains.claim(anna, club);
  await domains.claim(bea, club);
  const annas = await publishProof(world, anna);
  assert.equal(await proofOf(world, anna), "verified");
  for (const local of ["info", "*"]) assert.ok((await clients.addresses.add(anna, local, club)).ok);
  const whose = async (name: string) => (await clients.resolve(`${name}@${club}`))?.client;

  const beas = await publishProof(world, bea, [annas]);
  assert.equal(await proofOf(world, bea), "held", "who still proves it keeps it");
  world.dns.set(`_bailee.${club} TXT`, [beas]);
  assert.equal(await proofOf(world, bea), "waiting");
  assert.equal((await domains.list(anna))[0]?.state, "broken");
  assert.equal(await whose("info"), anna.client, "meanwhile its mail goes where it went");
  clock.turn(8 * DAY);
  assert.equal((await domains.checkDue()).proved, 1);
  assert.match(world.told.at(-1) ?? "", /its DNS proves another client$/);
  assert.deepEqual(
    (await domains.list(anna)).map(({ state }) => state),
    ["ended"],
  );

  assert.equal(await whose("postmaster"), bea.client);
  assert.equal(await whose("info"), undefined, "letters to who had it reach nobody");
  assert.deepEqual(await clients.addresses.add(bea, "info", club), no("kept-back"));
  assert.deepEqual(await clients.addresses.add(bea, "*", club), no("kept-back"));
  assert.ok((await clients.addresses.add(bea, "hello", club)).ok);
  assert.deepEqual(await clients.addresses.remove(anna, `info@${club}`), no("no-such-address"));
  // Anna cannot hold Bea's names back for longer by claiming again and again.
  assert.ok((await domains.claim(anna, club)).ok);
  clock.turn(31 * DAY);
  await domains.checkDue();
  assert.deepEqual(await domains.list(anna), []);
  assert.ok((await clients.addresses.add(bea, "info", club)).ok);
  assert.ok((await clients.addresses.add(bea, "*", club)).ok);
  assert.equal(await whose("info"), bea.client);
});
