// The neighbour on the same machine, and the one who holds a signal to a process: what they find of modes, arguments,
// environment and debugger.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { globSync, readFileSync, statSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { houseIn, root, startHouse } from "../house.ts";
import { addClient, reachKeeper, send } from "./thief.ts";

async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bailee-folder-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test("whatever the umask, and however the folder was made, nothing in it but the published ledger is for others", async (t) => {
  const folder = await folderFor(t);
  const before = process.umask(0);
  t.after(() => process.umask(before));
  const house = await houseIn(folder, {});
  t.after(() => house.kill());
  // As an administrator in a hurry makes it.
  for (const name of ["", "server", "keeper", "example-keys"])
    await mkdir(join(house.data, name), { mode: 0o755 });
  await house.start();
  await addClient(house, "ada");
  await send(house, "ada", "x".repeat(100_000)); // a body outside its row
  const lax = (): string[] =>
    globSync("**/*", { cwd: house.data }).filter(
      (name) =>
        !/^ledger(\/|$)/.test(name) && (statSync(join(house.data, name)).mode & 0o077) !== 0,
    );
  const names = globSync("**/*", { cwd: house.data });
  for (const wanted of [
    /sqlite-wal$/,
    /sqlite-shm$/,
    /blobs\/..\/./,
    /keeper\.sock$/,
    /control\.sock$/,
  ])
    assert.ok(
      names.some((name) => wanted.test(name)),
      String(wanted),
    );
  assert.deepEqual(lax(), [], "while it runs");
  await house.stop();
  assert.deepEqual(lax(), [], "when it has ended");
});

test("a data folder that everybody may write into, or too deep for a socket, is refused in words", async (t) => {
  const folder = await folderFor(t);
  const open = await houseIn(folder, {});
  await mkdir(open.data);
  await chmod(open.data, 0o777);
  await assert.rejects(open.start(), /every user of this machine may write into the data folder/);
  const deep = await houseIn(join(folder, "d".repeat(80)), {});
  await mkdir(join(folder, "d".repeat(80)));
  await assert.rejects(deep.start(), /bytes too long for the sockets in it; set BAILEE_DATA/);
  await rm(open.data, { recursive: true });
});

test("no signal opens a debugger on the server or the keeper, and neither takes a secret by argument or environment", async (t) => {
  const house = await startHouse(t, { NODE_OPTIONS: "--no-warnings" });
  const keeper = processesOf(house.data, "keeper/process.ts");
  assert.equal(keeper.length, 1);
  const [pid = 0] = keeper;
  process.kill(pid, "SIGUSR1");
  await sleep(500);
  assert.doesNotMatch(house.printed(), /Debugger|inspector/i);
  {
    await using reached = await reachKeeper(house);
    assert.ok(await reached.hello(), "it is still there");
  }
  assert.equal(readFileSync(`/proc/${pid}/environ`, "utf8"), "");
  const secrets = [
    ...globSync("keeper/passphrase", { cwd: house.data }),
    ...globSync("desk-password", { cwd: house.data }),
  ].map((name) => readFileSync(join(house.data, name), "utf8").trim());
  assert.equal(secrets.length, 2);
  for (const process of [pid, house.pid])
    for (const kind of ["cmdline", "environ"])
      for (const secret of secrets)
        assert.ok(!readFileSync(`/proc/${process}/${kind}`, "utf8").includes(secret), kind);
});

test("the command starts the server with the debugger's signal off", async (t) => {
  const folder = await folderFor(t);
  const { environment, data } = await houseIn(folder, {});
  const child = spawn(process.execPath, [join(root, "bailee"), "start"], {
    cwd: root,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  const ready = new Promise<void>((resolve) => {
    const heard = (bytes: Buffer): void => {
      printed += bytes.toString();
      if (printed.includes("Ready.")) resolve();
    };
    child.stdout.on("data", heard);
    child.stderr.on("data", heard);
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  t.after(async () => {
    child.kill("SIGTERM");
    await ended;
  });
  await ready;
  const servers = processesOf(data, "src/cli/cli.ts");
  assert.equal(servers.length, 1, printed);
  const [server = 0] = servers;
  process.kill(server, "SIGUSR1");
  await sleep(500);
  assert.doesNotMatch(printed, /Debugger/);
  assert.deepEqual(processesOf(data, "src/cli/cli.ts"), [server], "it is still there");
});

/** Processes that run a program of ours on a data folder, by argument or environment. */
function processesOf(data: string, program: string): number[] {
  return globSync("/proc/[0-9]*/cmdline").flatMap((path) => {
    const pid = path.split("/")[2] ?? "";
    try {
      const line = readFileSync(path, "utf8");
      const said = line + readFileSync(`/proc/${pid}/environ`, "utf8");
      return line.includes(program) && said.includes(data) ? [Number(pid)] : [];
    } catch {
      return []; // not ours to read, or gone
    }
  });
}
