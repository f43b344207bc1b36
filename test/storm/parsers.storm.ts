// Input made to hurt, at one size and at four times that size, each in a process of its own: time and memory must grow with the size
// and not faster. Then every parser is fed mutations of good input for a while; none may throw or dwell.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { dice } from "../letters.ts";
import { writeFigure } from "./figures.ts";
import { shapes } from "./hostile.ts";
import { type Parser, parsers } from "./parsers.ts";

const option = (name: string): string | undefined =>
  process.argv.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3);

// Four times the input in sixteen times the time is a quadratic parser; ten leaves room for a busy machine.
const MOST_GROWTH = 10;
// Below this the clock and the collector say more than the parser.
const LEAST_TIME = 20;
// No input of at most 64 KB may hold the one thread of the server for longer.
const LONGEST = 250;

const trial = option("trial");
if (trial === undefined) await storm(Number(option("seconds") ?? 5));
else runTrial(trial, Number(option("size")));

async function storm(seconds: number): Promise<void> {
  const lines: string[] = [];
  for (const shape of shapes) lines.push(compare(shape.name, shape.size));
  for (const parser of parsers) lines.push(await fuzz(parser, seconds));
  writeFigure(
    "parsers",
    `${shapes.length} shapes of hostile input, ${parsers.length} parsers fed mutations for ${seconds} s each`,
    lines,
  );
}

/** In a process of its own: prints milliseconds and the kilobytes that the most memory grew by. */
function runTrial(name: string, size: number): void {
  const shape = shapes.find((each) => each.name === name);
  assert.ok(shape, name);
  const bytes = shape.make(size);
  const before = process.resourceUsage().maxRSS;
  const began = threadTime();
  shape.feed(bytes);
  const took = threadTime() - began;
  const memory = process.resourceUsage().maxRSS - before;
  process.stdout.write(JSON.stringify({ took, memory, octets: bytes.length }));
}

/** Milliseconds that this thread has computed, whatever else the machine did meanwhile. */
function threadTime(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function measured(name: string, size: number): { took: number; memory: number; octets: number } {
  const ran = spawnSync(
    process.execPath,
    [import.meta.filename, `--trial=${name}`, `--size=${size}`],
    { encoding: "utf8" },
  );
  assert.equal(ran.status, 0, `${name}: ${ran.stderr}`);
  return JSON.parse(ran.stdout) as { took: number; memory: number; octets: number };
}

function compare(name: string, size: number): string {
  const small = measured(name, size);
  const large = measured(name, 4 * size);
  const growth = Math.max(large.took, LEAST_TIME) / Math.max(small.took, LEAST_TIME);
  assert.ok(growth < MOST_GROWTH, `${name} grows ${growth.toFixed(1)} times`);
  const [less, more] = [small, large].map(
    ({ octets, took }) => `${Math.round(octets / 1000)} KB in ${Math.round(took)} ms`,
  );
  return `${name}: ${less}, ${more} and ${Math.round(large.memory / 1024)} MB more memory`;
}

async function fuzz({ name, feed, seeds }: Parser, seconds: number): Promise<string> {
  const roll = dice(name);
  const until = performance.now() + seconds * 1000;
  let inputs = 0;
  let longest = 0;
  while (performance.now() < until) {
    const input = mutated(Buffer.from(seeds[roll(seeds.length)] ?? "", "utf8"), roll);
    const began = threadTime();
    try {
      await feed(input);
    } catch (error) {
      assert.fail(`${name} threw ${String(error)} at ${input.toString("base64")}`);
    }
    longest = Math.max(longest, threadTime() - began);
    inputs += 1;
  }
  assert.ok(longest < LONGEST, `${name} dwelt ${longest} ms`);
  return `${name}: ${inputs} mutations, longest ${longest.toFixed(1)} ms`;
}

/** One to eight changes: octets replaced, taken out, doubled, or a run repeated up to 64 KB. */
function mutated(seed: Buffer, roll: (below: number) => number): Buffer {
  let bytes = seed;
  for (let changes = 1 + roll(8); changes > 0; changes -= 1) {
    const at = roll(bytes.length + 1);
    const to = Math.min(bytes.length, at + roll(40));
    const middle = [
      () => Buffer.from([roll(256)]),
      () => Buffer.alloc(0),
      () => Buffer.concat([bytes.subarray(at, to), bytes.subarray(at, to)]),
      () => repeatedRun(bytes.subarray(at, to), roll),
      () => Buffer.from('\r\n"\\({[<%*:;,=&?.)}]>'.charAt(roll(21))),
    ][roll(5)]?.();
    bytes = Buffer.concat([bytes.subarray(0, at), middle ?? bytes, bytes.subarray(to)]).subarray(
      0,
      65_536,
    );
  }
  return bytes;
}

function repeatedRun(run: Buffer, roll: (below: number) => number): Buffer {
  const times = roll(20) === 0 ? 2000 : 3;
  return Buffer.concat(Array.from({ length: times }, () => run)).subarray(0, 65_536);
}
