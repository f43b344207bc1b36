// The operator's way in while the server runs: named operations over a Unix socket that only its owner may open. One
// connection carries one operation: the request, any number of progress lines, the answer.
import { chmod, rm } from "node:fs/promises";
import { createConnection, createServer, type Socket } from "node:net";
import { Broken } from "#base/errors";
import { encodeFrame, readFrames } from "#base/frames";
import { logBroken } from "#base/log";

export type Plain =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly Plain[]
  | { readonly [name: string]: Plain };

/** An operation's answer: `ok` decides the exit code, `text` is for people, `value` for `--json`. */
export interface Answer {
  readonly ok: boolean;
  readonly text: string;
  readonly value: Plain;
}

export type Progress = (line: string) => void;
type Operation = (args: { readonly [name: string]: Plain }, progress: Progress) => Promise<Answer>;
export type Operations = { readonly [name: string]: Operation };

interface Request {
  readonly operation: string;
  readonly args: { readonly [name: string]: Plain };
}

type Reply = { readonly progress: string } | { readonly answer: Answer };

/** Listens on `path` (mode 0600). Throws when another server is alive behind it; removes what a dead one left. */
export async function openControl(path: string, operations: Operations): Promise<AsyncDisposable> {
  if (await isServed(path))
    throw new Broken(`another Bailee is already serving this data folder (${path})`);
  await rm(path, { force: true });
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => socket.destroy());
    void answerOne(socket, operations);
  });
  const before = process.umask(0o177);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  }).finally(() => process.umask(before));
  await chmod(path, 0o600);
  return {
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** True when a living server answers at the path. */
export function isServed(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = createConnection(path);
  socket.on("connect", () => {
    socket.destroy();
    resolve(true);
  });
  socket.on("error", () => resolve(false));
  return promise;
}

/** Asks the running server; throws Broken when it goes away before its answer. */
export async function callControl(
  path: string,
  request: Request,
  progress: Progress,
): Promise<Answer> {
  const socket = createConnection(path);
  socket.write(encodeFrame({ body: request, attachments: [] }));
  for await (const frame of readFrames(socket)) {
    const reply = frame.body as Reply;
    if ("answer" in reply) {
      socket.destroy();
      return reply.answer;
    }
    progress(reply.progress);
  }
  throw new Broken("the server ended before it had answered");
}

async function answerOne(socket: Socket, operations: Operations): Promise<void> {
  const send = (reply: Reply): void => {
    if (!socket.destroyed) socket.write(encodeFrame({ body: reply, attachments: [] }));
  };
  try {
    for await (const frame of readFrames(socket)) {
      const answer = await carryOut(frame.body as Request, operations, (progress) =>
        send({ progress }),
      );
      send({ answer });
    }
  } catch {
    socket.destroy(); // the asker went away, or spoke no frames: nobody is left to tell
  }
}

async function carryOut(
  request: Request,
  operations: Operations,
  progress: Progress,
): Promise<Answer> {
  const operation = Object.hasOwn(operations, request.operation)
    ? operations[request.operation]
    : undefined;
  if (operation === undefined) {
    return { ok: false, text: `the server knows no operation ${request.operation}`, value: null };
  }
  try {
    return await operation(request.args, progress);
  } catch (error) {
    const id = logBroken("control.broken", error);
    const why = error instanceof Error ? error.message : String(error);
    return { ok: false, text: `${why} (${id})`, value: { error: id } };
  }
}
