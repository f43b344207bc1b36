// A real Bailee for tests: the program itself in a folder of its own, on ports of its own, started, stopped and killed.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TestContext } from "node:test";
import { freePorts } from "./ports.ts";

export const root = resolve(import.meta.dirname, "..");

export const portNames = [
  "WEB",
  "SMTP",
  "SUBMISSION",
  "SUBMISSIONS",
  "LMTP",
  "IMAP",
  "IMAPS",
  "POP3S",
] as const;
export type PortName = (typeof portNames)[number];

export interface House {
  readonly data: string;
  readonly ports: Readonly<Record<PortName, number>>;
  readonly url: string;
  readonly environment: NodeJS.ProcessEnv;
  /** All that the program printed so far, both streams. */
  printed(): string;
  /** Ends it as ctrl-C does, and resolves with the exit code. */
  stop(): Promise<number | null>;
  /** kill -9 to the server and its keeper at once, as when the power goes. */
  kill(): Promise<void>;
  /** Starts it again on the same folder and ports. */
  start(): Promise<void>;
  readonly pid: number;
  /** Runs the command line against this house; gives its output and exit code. */
  run(args: readonly string[], input?: string): Promise<Ran>;
}

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts a Bailee that is stopped, and its folder removed, when the test ends. */
export async function startHouse(t: TestContext, settings: NodeJS.ProcessEnv = {}): Promise<House> {
  const folder = await mkdtemp(join(tmpdir(), "bailee-house-"));
  const house = await houseIn(folder, settings);
  t.after(async () => {
    await house.kill();
    await rm(folder, { recursive: true, force: true });
  });
  await house.start();
  return house;
}

/** A house that is not started yet, in a folder that the caller removes. */
export async function houseIn(folder: string, settings: NodeJS.ProcessEnv = {}): Promise<House> {
  const free = await freePorts(portNames.length);
  const ports = Object.fromEntries(portNames.map((name, index) => [name, free[index]])) as Record<
    PortName,
    number
  >;
  const data = join(folder, "data");
  const environment = {
    ...withoutBailee(process.env),
    // What a verifier remembers is of this house alone: ports, and so addresses, come again.
    XDG_STATE_HOME: join(folder, "state"),
    BAILEE_DATA: data,
    ...Object.fromEntries(portNames.map((name) => [`BAILEE_${name}_PORT`, String(ports[name])])),
    ...settings,
  };
  let child: ChildProcess | undefined;
  let output = "";
  return {
    data,
    ports,
    url: `http://localhost:${ports.WEB}`,
    environment,
    printed: () => output,
    get pid() {
      return child?.pid ?? -1;
    },
    async start() {
      child = spawn(process.execPath, [join(root, "src/cli/cli.ts"), "start"], {
        cwd: folder,
        env: environment,
        stdio: ["ignore", "pipe", "pipe"],
        detached: true, // its own process group, so that kill() reaches the keeper in the same instant
      });
      const from = output.length;
      await new Promise<void>((ready, failed) => {
        const heard = (bytes: Buffer): void => {
          output += bytes.toString();
          if (output.includes("Ready.", from)) ready();
        };
        child?.stdout?.on("data", heard);
        child?.stderr?.on("data", heard);
        child?.on("exit", (code) =>
          failed(new Error(`ended with ${code} before it was ready:\n${output.slice(from)}`)),
        );
      });
    },
    async stop() {
      const ending = child;
      if (ending?.pid === undefined || ending.exitCode !== null || ending.signalCode !== null)
        return null;
      const ended = new Promise<number | null>((done) => ending.once("exit", (code) => done(code)));
      process.kill(-ending.pid, "SIGINT");
      return ended;
    },
    async kill() {
      const ending = child;
      if (ending?.pid === undefined || ending.exitCode !== null || ending.signalCode !== null)
        return;
      const ended = new Promise<void>((done) => ending.once("exit", () => done()));
      process.kill(-ending.pid, "SIGKILL");
      await ended;
    },
    run: (args, input) =>
      runProgram(process.execPath, [join(root, "src/cli/cli.ts"), ...args], {
        env: environment,
        input,
      }),
  };
}

/** Runs a program to its end and collects what it printed. */
export function runProgram(
  program: string,
  args: readonly string[],
  { env, input, cwd }: { env?: NodeJS.ProcessEnv; input?: string | undefined; cwd?: string } = {},
): Promise<Ran> {
  const { promise, resolve: done, reject } = Promise.withResolvers<Ran>();
  const child = spawn(program, [...args], {
    env: env ?? process.env,
    cwd,
    stdio: ["pipe", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (bytes: Buffer) => (stdout += bytes.toString("latin1")));
  child.stderr.on("data", (bytes: Buffer) => (stderr += bytes.toString("latin1")));
  child.on("error", reject);
  child.on("close", (code) => done({ code, stdout, stderr }));
  child.stdin.on("error", () => {});
  child.stdin.end(input ?? "");
  return promise;
}

function withoutBailee(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.startsWith("BAILEE_")),
  );
}
