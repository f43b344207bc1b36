// A process with a queue, to be killed: folder, smarthost port and queue key as arguments. Queues one letter and says so.
import { openDns } from "#dns";
import { openEngine } from "#engine";
import { openQueue, queueRoom } from "#mail/queue";
import { systemClock } from "#base/time";
import { letter } from "../queue.ts";

const [folder = "", port = "", day = "", publicKey = "", secretKey = ""] = process.argv.slice(2);
const engine = await openEngine({ folder, rooms: [queueRoom] });
const queue = await openQueue({
  engine,
  clock: systemClock,
  keys: [
    { day, publicKey: Buffer.from(publicKey, "hex"), secretKey: Buffer.from(secretKey, "hex") },
  ],
  destroyKey: async () => {},
  dns: openDns("127.0.0.1:1"),
  hostname: "mx.bailee.example",
  isOurDomain: (domain) => domain === "bailee.example",
  deliverLocal: async () => ({ ok: true }),
  smarthost: { host: "127.0.0.1", port: Number(port) },
});
await queue.enqueue(letter(["friend@far.example"]));
process.stdout.write("queued\n");
setInterval(() => {}, 1000);
