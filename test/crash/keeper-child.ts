// A keeper in a process of its own whose disk fails at one moment: opens what it finds, then releases, publishes, enrols and releases again,
// and says after each step what came of it. Run by the storm of the keeper.
//
//   keeper-child.ts PLACE(JSON) FAULT NUMBER OBJECTS(JSON: [{hash, client, account, sealed (base64)}])
import { writeSync } from "node:fs";
import { type Fault, breakDisk } from "./faulty-disk.ts";

interface Wanted {
  readonly hash: string;
  readonly client: string;
  readonly account: string;
  readonly sealed: string;
}

const [place = "", fault = "", number = "0", wanted = "[]"] = process.argv.slice(2);
const disk = await breakDisk(fault as Fault, Number(number));
const { openKeeper } = await import("../../src/keeper/open.ts");
const { enrolClient } = await import("../../src/keeper/testing/world.ts");
const keeper = await openKeeper(JSON.parse(place) as Parameters<typeof openKeeper>[0]);
await keeper.publish();
const say = (line: string): void => void writeSync(1, `${line}\n`);
const step = async (name: string, work: () => Promise<string>): Promise<void> => {
  try {
    say(`${name} ${await work()}`);
  } catch {
    say(`${name} broken`);
  }
};
disk.arm();
for (const { hash, client, account, sealed } of JSON.parse(wanted) as readonly Wanted[]) {
  const context = { class: "content", client, account, object: "one", part: "body" } as const;
  await step(`release ${hash}`, async () => {
    const released = await keeper.release(hash, [
      { context, sealed: Buffer.from(sealed, "base64") },
    ]);
    return released.ok ? "ok" : released.refusal;
  });
  await step("publish", async () => `ok ${(await keeper.publish()).size}`);
  await step("enrol", async () => `ok ${(await enrolClient(keeper)).client}`);
}
say(`writes ${disk.count()}`);
process.exit(0);
