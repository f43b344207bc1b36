// A process with a queue, to be killed: queues letters when told to on standard input and says so; dies by its own hand (kill -9) at
// the step that it was given. Arguments are one JSON object.
import { createInterface } from "node:readline";
import { openDns } from "#dns";
import { openEngine } from "#engine";
import { openQueue, queueRoom } from "#mail/queue";
import { systemClock } from "#base/time";
import { letter } from "../queue.ts";

export interface ChildArguments {
  readonly folder: string;
  readonly databaseUrl: string | undefined;
  readonly port: number;
  readonly key: { readonly day: string; readonly publicKey: string; readonly secretKey: string };
  /** The step at which it dies, and at which coming by: "claimed 2"; "" for never. */
  readonly dies: string;
}

const { folder, databaseUrl, port, key, dies } = JSON.parse(
  process.argv[2] ?? "{}",
) as ChildArguments;
const bytes = (hex: string) => Buffer.from(hex, "hex");
const [dyingStep, dyingTime = "1"] = dies.split(" ");
let comings = 0;
const engine = await openEngine({ folder, databaseUrl, rooms: [queueRoom] });
const queue = await openQueue({
  engine,
  clock: systemClock,
  keys: [{ day: key.day, publicKey: bytes(key.publicKey), secretKey: bytes(key.secretKey) }],
  destroyKey: async () => {},
  dns: openDns("127.0.0.1:1"),
  hostname: "mx.bailee.example",
  isOurDomain: (domain) => domain === "bailee.example",
  deliverLocal: async () => ({ ok: true }),
  smarthost: { host: "127.0.0.1", port },
  retrySeconds: 0,
  onStep(step) {
    if (step !== dyingStep) return;
    comings += 1;
    if (comings === Number(dyingTime)) process.kill(process.pid, "SIGKILL");
  },
});
process.stdout.write("ready\n");
// "ID SIZE": a letter with that Message-ID and so many octets of text, to two recipients. Its sender is elsewhere, so that reports
// leave by the same way.
for await (const line of createInterface({ input: process.stdin })) {
  const [id = "", size = "0"] = line.split(" ");
  const text = `${"marker-of-the-body ".padEnd(70, "x")}\r\n`.repeat(Math.ceil(Number(size) / 72));
  const raw = Buffer.from(`Message-ID: <${id}>\r\nSubject: x\r\n\r\n${text}`);
  const to = ["friend@far.example", "gone@far.example"];
  await queue.enqueue(letter(to, { raw, sender: "sender@near.example" }));
  process.stdout.write(`queued ${id}\n`);
}
