// The insider's kit: tries every attack of attacks.ts against a Bailee that runs here, with the settings that it runs with, as root on its
// files and its SQLite database. Makes two clients of its own for that and changes nothing that it does not put back.
//
//   BAILEE_DATA=… node test/insider/kit.ts        exits with 1 when anything was got
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { connectKeeper, type KeyFile } from "#keeper";
import { newBoxKeyPair, newSigningKeyPair } from "#vault";
import type { World } from "../../src/keeper/testing/world.ts";
import { attacks, type Loot } from "./attacks.ts";
import { type Running, runningHouse } from "./running.ts";
import { addClient, send, victimOf } from "./thief.ts";

export interface Tried {
  readonly name: string;
  /** What the attack got; undefined when it was stopped. */
  readonly got: string | undefined;
}

/** Makes the two clients with a letter each, and reaches the keeper's socket. Throws when the instance cannot be reached. */
export async function lootOf(house: Running): Promise<Loot & AsyncDisposable> {
  const marker = `Quibblesnipe${randomBytes(4).toString("hex")}`;
  const listed = await house.run(["client", "list"]);
  for (const name of ["kit-ada", "kit-mal"])
    if (!listed.stdout.includes(`${name}@`)) await addClient(house, name);
  await send(house, "kit-ada", `a letter about ${marker}`);
  await send(house, "kit-mal", "a letter to the insider");
  const keeper = await connectKeeper(join(house.data, "keeper", "keeper.sock"));
  return {
    house,
    marker,
    keeper,
    ada: await victimOf(house, "kit-ada"),
    mal: await victimOf(house, "kit-mal"),
    world: strangers(),
    [Symbol.asyncDispose]: () => keeper[Symbol.asyncDispose](),
  };
}

/** Tries them all, one after the other. */
export async function tryAll(loot: Loot, tell: (tried: Tried) => void): Promise<readonly Tried[]> {
  const tried: Tried[] = [];
  for (const [name, attack] of Object.entries(attacks)) {
    const one = { name, got: await attack(loot) };
    tried.push(one);
    tell(one);
  }
  return tried;
}

/** An operator and approvers whom nobody enrolled. */
function strangers(): World {
  const key = (): KeyFile => ({ kind: "ed25519", ...newSigningKeyPair() });
  return {
    operator: key(),
    approvers: [key(), key()],
    recipient: { kind: "x25519", ...newBoxKeyPair() },
    clock: { time: Date.now(), now: () => Date.now() },
    endings: [],
  } as unknown as World;
}

if (import.meta.main) {
  await using loot = await lootOf(runningHouse());
  const tried = await tryAll(loot, ({ name, got }) => {
    const said = got === undefined ? `stopped  ${name}` : `GOT      ${name}: ${got}`;
    process.stdout.write(`${said}\n`);
  });
  const got = tried.filter((one) => one.got !== undefined).length;
  process.stdout.write(
    `${tried.length} attacks, ${tried.length - got} stopped, ${got} got something\n`,
  );
  process.exitCode = got === 0 ? 0 : 1;
}
