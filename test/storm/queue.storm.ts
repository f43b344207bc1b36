// The queue in bad weather: kill -9 at every step on both databases, disks that are full or fail, peers that misbehave in every way,
// rows that are bent. A peer counts what arrives. `--only=kills|disks|peers`, `--rounds=N` for the random kills.
import { startPostgres } from "../postgres.ts";
import { writeFigure } from "./figures.ts";
import { breakDisks } from "./queue-disks.ts";
import { killAtEachStep, killAtRandom } from "./queue-kills.ts";
import { meetBentRows, meetPeers } from "./queue-peers.ts";

const option = (name: string): string | undefined =>
  process.argv.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3);
const only = option("only");
const rounds = Number(option("rounds") ?? 30);
const began = Date.now();
const results: string[] = [];
const told = (line: string): void => {
  results.push(line);
  process.stdout.write(`  ${line}\n`);
};

await using postgres = await startPostgres();
const databases = { SQLite: () => undefined, PostgreSQL: () => postgres.freshDatabase() };
if (only === undefined || only === "kills") {
  for (const [name, fresh] of Object.entries(databases)) {
    told(`${name}: ${await killAtEachStep(fresh())}`);
    told(`${name}: ${await killAtRandom(rounds, fresh())}`);
  }
}
if (only === undefined || only === "peers") {
  told(await meetPeers());
  told(await meetBentRows());
}
if (only === undefined || only === "disks") {
  for (const [name, fresh] of Object.entries(databases))
    for (const line of await breakDisks(fresh)) told(`${name}: ${line}`);
}
writeFigure("queue", `${Math.round((Date.now() - began) / 1000)} s in all`, results);
