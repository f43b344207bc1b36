// The keeper's socket: reads calls, carries them out, answers as they are ready. Opens no network port, ever.
import { chmod, unlink } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { logBroken } from "#base/log";
import { encodeFrame, readFrames } from "#base/frames";
import { dispatch } from "./calls.ts";
import type { Keeper } from "./port.ts";
import { type Answer, type Call, readCall, toFrame } from "./wire.ts";

/** Listens on FOLDER/keeper.sock (0600). The caller holds the folder's lock, so that a socket that is there is a dead one. */
export async function serveKeeper(keeper: Keeper, folder: string): Promise<AsyncDisposable> {
  const path = join(folder, "keeper.sock");
  await unlink(path).catch(() => undefined);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => sockets.delete(socket));
    void serveSocket(keeper, socket).catch((error: unknown) => {
      logBroken("keeper-connection", error);
      socket.destroy();
    });
  });
  const listening = Promise.withResolvers<void>();
  server.once("error", listening.reject);
  server.listen(path, () => listening.resolve());
  await listening.promise;
  await chmod(path, 0o600);
  return {
    async [Symbol.asyncDispose]() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      for (const socket of sockets) socket.destroy();
      await closed.promise;
    },
  };
}

async function serveSocket(keeper: Keeper, socket: Socket): Promise<void> {
  for await (const frame of readFrames(socket)) {
    const call = readCall(frame);
    if (call === undefined) throw new RangeError("a frame on the keeper's socket is no call");
    void answerCall(keeper, call, socket);
  }
  socket.end();
}

async function answerCall(keeper: Keeper, call: Call, socket: Socket): Promise<void> {
  const answer = await carryOut(keeper, call);
  if (socket.writable) socket.write(answer);
}

async function carryOut(keeper: Keeper, { id, method, args }: Call): Promise<Uint8Array> {
  const encode = (answer: Answer): Uint8Array => encodeFrame(toFrame(answer));
  try {
    const carried = dispatch(keeper, method, args);
    if (carried === undefined) throw new RangeError("a call with no such method or arguments");
    return encode({ id, value: await carried });
  } catch (error) {
    return encode({ id, broken: logBroken("keeper-call", error) });
  }
}
