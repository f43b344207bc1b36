// The server's end of the keeper's socket: each method of the port is one call; answers come back as they are ready.
// Holds no key and decides nothing. When the keeper goes away, everything that waits is rejected with Broken.
import { spawn } from "node:child_process";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { Broken } from "#base/errors";
import { encodeFrame, readFrames } from "#base/frames";
import { methods } from "./calls.ts";
import type { Keeper } from "./port.ts";
import { readAnswer, toFrame } from "./wire.ts";

export interface KeeperPlace {
  /** The keeper's own folder: made with mode 0700 when it is not there. */
  readonly folder: string;
  /** Where tiles, checkpoint and openings go, for the web to serve. */
  readonly publishedFolder: string;
  /** The ledger's origin line (C2SP tlog-checkpoint). */
  readonly origin: string;
  readonly publishSeconds: number;
  /** Where the server put what witnesses say they saw of this ledger last, a checkpoint a file. */
  readonly seenFolder?: string;
}

export interface SpawnedKeeper extends Keeper {
  /** Resolves with the reason when the keeper's process has ended, however it did. */
  readonly ended: Promise<string>;
}

/** The keeper's program needs half a second on the smallest machine; a minute means that it will not come. */
const START_MS = 60_000;

/** Starts the keeper as a child process and connects to it. It ends with this process, or when what is returned is disposed of. */
export async function spawnKeeper(place: KeeperPlace): Promise<SpawnedKeeper> {
  const child = spawn(
    process.execPath,
    [
      // Otherwise a signal opens the debugger, and with it every key, to whoever reaches a port on this machine.
      "--disable-sigusr1",
      join(import.meta.dirname, "process.ts"),
      place.folder,
      place.publishedFolder,
      "--origin",
      place.origin,
      "--publish-seconds",
      String(place.publishSeconds),
      ...(place.seenFolder === undefined ? [] : ["--seen", place.seenFolder]),
    ],
    // A pipe as standard input is the leash: when this process ends, however it ends, the keeper reads its end.
    // Nothing of the environment: NODE_OPTIONS could load code into the keeper, and it takes no settings from there.
    { stdio: ["pipe", "pipe", "inherit"], env: {} },
  );
  const ended = Promise.withResolvers<string>();
  child.once("exit", (code, signal) => ended.resolve(`the keeper ended (${signal ?? code})`));
  child.once("error", () => ended.resolve("the keeper's program could not be started"));
  child.stdin.on("error", () => undefined); // the keeper went first
  const ready = Promise.withResolvers<void>();
  const timer = setTimeout(() => ready.reject(new Broken("the keeper does not start")), START_MS);
  child.stdout.once("data", () => ready.resolve());
  void ended.promise.then(() =>
    ready.reject(new Broken("the keeper ended while it started; it said why above")),
  );
  try {
    await ready.promise;
    const keeper = await connectKeeper(join(place.folder, "keeper.sock"));
    return {
      ...keeper,
      ended: ended.promise,
      async [Symbol.asyncDispose]() {
        await keeper[Symbol.asyncDispose]();
        child.stdin.end();
        await ended.promise;
      },
    };
  } catch (error) {
    child.kill("SIGTERM");
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Connects to a keeper that runs already. Disposing of it closes the connection and leaves the keeper running. */
export async function connectKeeper(socketPath: string): Promise<Keeper> {
  const socket = connect(socketPath);
  const connected = Promise.withResolvers<void>();
  socket.once("connect", () => connected.resolve());
  socket.once("error", (error) =>
    connected.reject(new Broken("the keeper cannot be reached", error)),
  );
  await connected.promise;
  const call = openCalls(socket);
  const port = Object.fromEntries(
    methods.map((method) => [method, (...args: readonly unknown[]) => call(method, args)]),
  );
  return {
    ...(port as unknown as Keeper),
    async [Symbol.asyncDispose]() {
      const closed = Promise.withResolvers<void>();
      socket.once("close", () => closed.resolve());
      if (socket.destroyed) closed.resolve();
      else socket.end();
      await closed.promise;
    },
  };
}

type SendCall = (method: string, args: readonly unknown[]) => Promise<unknown>;

function openCalls(socket: Socket): SendCall {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let next = 1;
  let gone: Broken | undefined;
  const end = (cause?: unknown): void => {
    gone ??= new Broken("the keeper is away", cause);
    for (const promise of waiting.values()) promise.reject(gone);
    waiting.clear();
    socket.destroy();
  };
  socket.on("error", end);
  void readAnswers(socket, waiting).then(() => end(), end);
  return (method, args) => {
    if (gone !== undefined) return Promise.reject(gone);
    const answer = Promise.withResolvers<unknown>();
    const id = next;
    next += 1;
    waiting.set(id, answer);
    socket.write(encodeFrame(toFrame({ id, method, args })));
    return answer.promise;
  };
}

async function readAnswers(
  socket: Socket,
  waiting: Map<number, PromiseWithResolvers<unknown>>,
): Promise<void> {
  for await (const frame of readFrames(socket)) {
    const answer = readAnswer(frame);
    const promise = answer === undefined ? undefined : waiting.get(answer.id);
    if (answer === undefined || promise === undefined) continue;
    waiting.delete(answer.id);
    if ("broken" in answer) {
      promise.reject(new Broken(`the keeper failed; its log has it as ${answer.broken}`));
    } else {
      promise.resolve(answer.value);
    }
  }
}
