// kill -9 in the middle of a transmission: what was queued is found by the ordinary path and sent again.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { dayOf, systemClock } from "#base/time";
import { openDns } from "#dns";
import { openEngine } from "#engine";
import { openQueue, queueRoom } from "#mail/queue";
import { newBoxKeyPair } from "#vault";
import { until } from "../queue.ts";

test("an attempt that a kill -9 cut off before its answer is made again after the start", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "bailee-killed-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const key = { day: dayOf(Date.now()), ...newBoxKeyPair() };
  // A peer that takes everything and, the first time, never answers the final dot.
  let bodies = 0;
  const peer = createServer((socket) => {
    let text = "";
    socket.on("error", () => socket.destroy());
    socket.write("220 far\r\n");
    socket.on("data", (bytes: Buffer) => {
      text += bytes.toString("latin1");
      if (text.includes("marker-of-the-body") && text.endsWith("\r\n.\r\n")) {
        bodies += 1;
        text = "";
        if (bodies > 1) socket.write("250 taken\r\n");
      } else if (!text.includes("DATA")) socket.write("250 ok\r\n");
      else if (text.endsWith("DATA\r\n")) socket.write("354 go\r\n");
    });
  }).listen(0, "127.0.0.1");
  await once(peer, "listening");
  t.after(() => peer.close());
  const address = peer.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
  const script = join(import.meta.dirname, "queue-child.ts");
  const args = [folder, String(port), key.day, hex(key.publicKey), hex(key.secretKey)];
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  await until(() => bodies === 1);
  child.kill("SIGKILL");
  await once(child, "exit");
  await using engine = await openEngine({ folder, rooms: [queueRoom] });
  await using queue = await openQueue({
    engine,
    clock: systemClock,
    keys: [key],
    destroyKey: async () => {},
    dns: openDns("127.0.0.1:1"),
    hostname: "mx.bailee.example",
    isOurDomain: (domain) => domain === "bailee.example",
    deliverLocal: async () => ({ ok: true }),
    smarthost: { host: "127.0.0.1", port },
  });
  await until(() => bodies === 2);
  await until(async () => (await queue.counts()).items === 0);
  assert.deepEqual(await queue.counts(), { waiting: 0, aside: 0, items: 0 });
});
