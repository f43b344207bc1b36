// Deliveries into a real store on a real engine; only the clients' room, which a delivery must not know, is played.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { fromUtf8 } from "#base/bytes";
import { Broken } from "#base/errors";
import { invoke, openEngine } from "#engine";
import { decodeStructure, parseMessage } from "#mail/message";
import { openStore, storeRoom } from "#store";
import { newAccountKeys, openOpener, openSealer } from "#vault";
import { addAndThrow, addEntry, room, type Tables } from "../../../test/contract/engine-room.ts";
import { hashOf, randomLetter } from "../../../test/letters.ts";
import {
  type DeliveryEnvelope,
  type DeliveryPorts,
  makeDeliver,
  type TrafficEvent,
} from "./delivery.ts";

const owner = { client: "c1", account: "a1" };
const at = Date.UTC(2026, 10, 23, 18);
const prefix = fromUtf8("Return-Path: <peer@example.net>\r\nReceived: by mail.example.org\r\n");
const envelope: DeliveryEnvelope = {
  sender: "peer@example.net",
  recipient: "ada@example.org",
  receivedAt: at,
  prefix,
  peerDomain: "mx.example.net",
};

async function openRooms(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), "bailee-deliver-"));
  const engine = await openEngine({ folder, rooms: [storeRoom, room] });
  t.after(async () => {
    await engine[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  const store = openStore({ engine });
  const keys = newAccountKeys();
  const sealer = openSealer(keys.boxPublic);
  await engine.writeTogether(store.newAccount(owner, sealer, keys.nameKey));
  const mailbox = store.openMailbox(owner, {
    sealer,
    opener: openOpener(keys.boxSecret),
    nameKey: keys.nameKey,
  });
  const events: TrafficEvent[] = [];
  const ports: DeliveryPorts = {
    store,
    resolve: async () => ({ ...owner, inbound: "taken" }),
    sealerFor: async () => sealer,
    logged: async (client, _account, event) => {
      events.push(event);
      return invoke(addEntry, { client, id: events.length });
    },
  };
  const logLines = async () =>
    (await engine.reader<Tables>().selectFrom("entry").select("id").execute()).length;
  const inbox = async () => {
    const folders = await mailbox.folders();
    const id = folders.find(({ role }) => role === "inbox")?.id ?? "";
    return (await mailbox.snapshot(id))?.placements ?? [];
  };
  return { ports, mailbox, events, logLines, inbox };
}

const deliverWith = (ports: DeliveryPorts) => makeDeliver({ ...ports, clock: { now: () => at } });

test("a letter comes back octet for octet behind its prefix, with its structure and a line in the log", async (t) => {
  const { ports, mailbox, events, logLines, inbox } = await openRooms(t);
  const deliver = deliverWith(ports);
  for (let seed = 0; seed < 20; seed += 1) {
    const raw = randomLetter(`deliver ${seed}`);
    const outcome = await deliver(envelope, raw);
    assert.ok(outcome.ok);
    assert.equal(outcome.uid, seed + 1);
    const placement = (await inbox()).find(({ uid }) => uid === outcome.uid);
    assert.equal(placement?.size, prefix.byteLength + raw.byteLength);
    assert.equal(placement.receivedAt, at);
    const [body] = await Array.fromAsync(mailbox.bodies([outcome.messageId]));
    assert.ok(body !== undefined);
    assert.equal(hashOf(body.bytes.subarray(prefix.byteLength)), hashOf(raw));
    assert.deepEqual(Buffer.from(body.bytes.subarray(0, prefix.byteLength)), Buffer.from(prefix));
    const structure = (await mailbox.structures([outcome.messageId])).get(outcome.messageId);
    assert.deepEqual(decodeStructure(structure ?? new Uint8Array()), parseMessage(body.bytes));
    assert.deepEqual(events.at(-1), {
      kind: "traffic",
      at,
      fields: {
        direction: "in",
        size: prefix.byteLength + raw.byteLength,
        fate: "delivered",
        peer: "mx.example.net",
      },
    });
    assert.equal(await logLines(), seed + 1);
  }
});

test("junk goes to the folder for junk, and to the inbox where the account has none", async (t) => {
  const { ports, mailbox, inbox } = await openRooms(t);
  const deliver = deliverWith(ports);
  const raw = randomLetter("junk");
  assert.ok((await deliver({ ...envelope, place: "junk" }, raw)).ok);
  const junk = (await mailbox.folders()).find(({ role }) => role === "junk")?.id ?? "";
  const there = (await mailbox.snapshot(junk))?.placements.length;
  assert.deepEqual([there, (await inbox()).length], [1, 0]);
  assert.ok((await mailbox.deleteFolder(junk)).ok);
  assert.ok((await deliver({ ...envelope, place: "junk" }, raw)).ok);
  assert.equal((await inbox()).length, 1);
});

test("what a client's standing or key does not allow is refused, and nothing is written", async (t) => {
  const { ports, logLines, inbox } = await openRooms(t);
  const raw = randomLetter("refused");
  const refusals: [string, Partial<DeliveryPorts>][] = [
    ["no-such-user", { resolve: async () => undefined }],
    ["suspended-for-now", { resolve: async () => ({ ...owner, inbound: "deferred" }) }],
    ["refused-for-good", { resolve: async () => ({ ...owner, inbound: "refused" }) }],
    ["no-such-user", { resolve: async () => ({ ...owner, inbound: "unknown" }) }],
    ["cannot-seal", { sealerFor: async () => undefined }],
  ];
  for (const [refusal, changed] of refusals) {
    assert.deepEqual(await deliverWith({ ...ports, ...changed })(envelope, raw), {
      ok: false,
      refusal,
    });
  }
  assert.deepEqual([await logLines(), (await inbox()).length], [0, 0]);
});

test("a port that fails is broken, and neither letter nor log line stays", async (t) => {
  const { ports, logLines, inbox } = await openRooms(t);
  const raw = randomLetter("broken");
  const away = async (): Promise<never> => {
    throw new Error("the keeper is away");
  };
  const faults: Partial<DeliveryPorts>[] = [
    { resolve: away },
    { sealerFor: away },
    { logged: away },
    { logged: async (client) => invoke(addAndThrow, { client, id: 1 }) },
  ];
  for (const fault of faults) {
    await assert.rejects(deliverWith({ ...ports, ...fault })(envelope, raw), (error) => {
      assert.ok(error instanceof Broken && error.cause instanceof Error);
      return true;
    });
  }
  assert.deepEqual([await logLines(), (await inbox()).length], [0, 0]);
});

test("a message beyond every limit is too large before anything else is asked", async (t) => {
  const { ports } = await openRooms(t);
  const resolve = () => assert.fail("not asked");
  const outcome = await deliverWith({ ...ports, resolve })(
    envelope,
    Buffer.alloc(101 * 1024 * 1024),
  );
  assert.deepEqual(outcome, { ok: false, refusal: "too-large" });
});

test("a letter that has no room is refused and leaves nothing; the provider's own is taken all the same", async (t) => {
  const { ports, logLines, inbox } = await openRooms(t);
  const asked: number[] = [];
  const hasRoom = async (_: unknown, octets: number) => {
    asked.push(octets);
    return false;
  };
  const raw = randomLetter("full");
  const deliver = deliverWith({ ...ports, hasRoom });
  assert.deepEqual(await deliver(envelope, raw), { ok: false, refusal: "over-quota" });
  assert.deepEqual(asked, [prefix.byteLength + raw.byteLength]);
  assert.deepEqual([await logLines(), (await inbox()).length], [0, 0]);
  assert.ok((await deliver({ ...envelope, byProvider: true }, raw)).ok);
});
