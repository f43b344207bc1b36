// Ports for test servers that nobody else takes: below the range from which the system gives
// outgoing connections theirs, in blocks of which each test process holds one.
import { createServer, type Server } from "node:net";

const FIRST = 10_000; // above the ports that programs are known by
const END = 32_000; // Linux gives outgoing connections 32768 and up
const BLOCK = 100; // eight for a house, and the towns of one file are a few houses

let held: Promise<number> | undefined;
let next = 0;

/** Ports on loopback on which nothing listens, and which no other test process is given. */
export async function freePorts(count: number): Promise<number[]> {
  held ??= holdBlock();
  const first = await held;
  const free: number[] = [];
  for (let tried = 0; free.length < count; tried += 1) {
    if (tried === BLOCK) throw new Error(`of the ports from ${first}, too few are free`);
    const port = first + 1 + (next++ % (BLOCK - 1));
    const server = await listen(port);
    if (server === undefined) continue;
    await new Promise((closed) => server.close(closed));
    free.push(port);
  }
  return free;
}

/** Listens on the first port of a block as long as this process lives: that makes the block its own. */
async function holdBlock(): Promise<number> {
  const blocks = (END - FIRST) / BLOCK;
  for (let tried = 0; tried < blocks; tried += 1) {
    const first = FIRST + ((process.pid + tried) % blocks) * BLOCK;
    const server = await listen(first);
    server?.unref();
    if (server !== undefined) return first;
  }
  throw new Error(`every block of ports from ${FIRST} to ${END} is held`);
}

async function listen(port: number): Promise<Server | undefined> {
  const server = createServer();
  return new Promise((done) => {
    server.once("error", () => done(undefined));
    server.listen(port, "127.0.0.1", () => done(server));
  });
}
