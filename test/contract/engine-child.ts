// A process to be killed: writes as fast as it can, sixteen at a time, and says each id once its write was acknowledged.
import { writeSync } from "node:fs";
import { openEngine } from "#engine";
import { addEntry, room } from "./engine-room.ts";

const { client, tried, ...settings } = JSON.parse(process.argv[2] ?? "{}") as {
  folder: string;
  databaseUrl?: string;
  blobsFolder?: string;
  client: string;
  tried: number;
};

await using engine = await openEngine({ ...settings, rooms: [room] });
let next = 0;
const line = async (): Promise<void> => {
  while (next < tried) {
    const id = next;
    next += 1;
    await engine.write(addEntry, { client, id, body: new Uint8Array(2000) });
    writeSync(1, `${id}\n`);
  }
};
await Promise.all(Array.from({ length: 16 }, line));
