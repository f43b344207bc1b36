// kill -9 at the two steps that decide: after the claim, and after the peer said 250 but before that is on the disk. All steps, both
// databases and random moments are in test/storm/queue.storm.ts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "#base/time";
import { openDns } from "#dns";
import { openEngine } from "#engine";
import { openQueue, queueRoom } from "#mail/queue";
import { until } from "../queue.ts";
import { startScriptedPeer } from "../scripted-peer.ts";
import { openQueueProcess } from "./queue-process.ts";

test("a letter whose process was killed is found by the ordinary path: sent once, or twice where only the peer knew that it had it", async (t) => {
  for (const { dies, whole } of [
    { dies: "claimed", whole: 1 },
    { dies: "transmitted", whole: 2 },
  ]) {
    const peer = await startScriptedPeer(t, () => "ok");
    await using process = await openQueueProcess(peer.port);
    await process.start(dies);
    process.send("letter@x", 100);
    await process.died();
    assert.ok(process.acknowledged.has("letter@x"));
    await using engine = await openEngine({ folder: process.folder, rooms: [queueRoom] });
    await using queue = await openQueue({
      engine,
      clock: systemClock,
      keys: [process.key],
      destroyKey: async () => {},
      dns: openDns("127.0.0.1:1"),
      hostname: "mx.bailee.example",
      isOurDomain: (domain) => domain === "bailee.example",
      deliverLocal: async () => ({ ok: true }),
      smarthost: { host: "127.0.0.1", port: peer.port },
    });
    await until(async () => (await queue.counts()).items === 0);
    assert.deepEqual(
      peer.acknowledged,
      Array.from({ length: whole }, () => "letter@x"),
    );
  }
});
