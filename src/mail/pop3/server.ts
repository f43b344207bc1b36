// Sockets, TLS and timeouts of the POP3 server: carries lines between a peer and its session. Decides nothing. TLS from the first
// octet only (RFC 8314 §3.3): no program that fetches by POP3 needs another way.
import type { Socket } from "node:net";
import { createServer, type Server } from "node:tls";
import { Broken } from "#base/errors";
import { logBroken } from "#base/log";
import { type Clock, systemClock } from "#base/time";
import {
  HANDSHAKE_TIMEOUT,
  IDLE_TIMEOUT,
  MAX_AHEAD,
  MAX_CONNECTIONS,
  MAX_CONNECTIONS_PER_ADDRESS,
  MAX_LINE,
  STALLED_TIMEOUT,
  STRANGER_TIMEOUT,
} from "./limits.ts";
import type { SignIn } from "./ports.ts";
import { type Answer, openPop3Session, type Pop3House } from "./session.ts";

export interface Pop3ServerOptions {
  /** IP address to listen on. */
  readonly bind: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** PEM. */
  readonly tls: { readonly key: string; readonly cert: string };
  readonly signIn: SignIn;
  readonly clock?: Clock;
  /** Milliseconds of silence after which a session that signed in ends, deleting nothing; ten and a half minutes by default. */
  readonly idle?: number;
}

export interface Pop3Server extends AsyncDisposable {
  /** The port in use. */
  readonly port: number;
}

/** Listens and serves until disposed; resolves once it listens, rejects when it cannot. What was marked as deleted and not ended by QUIT stays. */
export async function openPop3Server(options: Pop3ServerOptions): Promise<Pop3Server> {
  const { clock = systemClock, idle = IDLE_TIMEOUT } = options;
  const house: Pop3House = { signIn: options.signIn, clock, locked: new Set() };
  const live = new Set<Socket>();
  const onSocket = (socket: Socket): void => {
    const peer = socket.remoteAddress ?? "";
    socket.on("error", () => socket.destroy());
    const fromHere = [...live].filter((each) => each.remoteAddress === peer).length;
    if (fromHere >= MAX_CONNECTIONS_PER_ADDRESS || live.size >= MAX_CONNECTIONS) {
      socket.end("-ERR [SYS/TEMP] Too many connections\r\n");
      return;
    }
    socket.setNoDelay(true);
    live.add(socket);
    void serve(socket, house, peer, idle)
      .catch((error: unknown) => logBroken("pop3.connection", error))
      .finally(() => {
        live.delete(socket);
        socket.end();
        // A peer that does not close its side does not keep the socket.
        setTimeout(() => socket.destroy(), 2000).unref();
      });
  };
  const server = createServer({ ...options.tls, handshakeTimeout: HANDSHAKE_TIMEOUT }, onSocket);
  // A peer that breaks off its handshake is no news.
  server.on("tlsClientError", (_error: Error, socket: Socket) => socket.destroy());
  const port = await listen(server, options.bind, options.port);
  return {
    port,
    async [Symbol.asyncDispose]() {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      for (const socket of live) socket.destroy();
      await promise;
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.once("error", (error) =>
    reject(new Broken(`cannot listen on ${host} port ${port}`, error)),
  );
  server.listen({ host, port }, () => {
    const address = server.address();
    resolve(typeof address === "object" && address !== null ? address.port : port);
  });
  return promise;
}

/** Resolves when nothing more will be said. */
async function serve(socket: Socket, house: Pop3House, peer: string, idle: number): Promise<void> {
  using session = openPop3Session(house, peer);
  socket.setTimeout(STRANGER_TIMEOUT, () => socket.destroy());
  await say(socket, session.greeting());
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of chunksOf(socket)) {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    let from = 0;
    for (let end = held.indexOf("\r\n"); end >= 0; end = held.indexOf("\r\n", from)) {
      const line = held.subarray(from, end);
      from = end + 2;
      // One answer after the other, whatever was sent ahead (RFC 2449 §6.6).
      const answer = line.length > MAX_LINE ? tooLong : await session.take(line);
      await say(socket, answer);
      if (answer.over === true || socket.destroyed) return;
      socket.setTimeout(session.signedIn() ? idle : STRANGER_TIMEOUT);
    }
    held = held.subarray(from);
    if (held.length > (session.signedIn() ? MAX_AHEAD : MAX_LINE)) {
      await say(socket, tooLong);
      return;
    }
  }
}

/** What comes until either side closes; a peer that is gone without a word has only closed. */
async function* chunksOf(socket: Socket): AsyncGenerator<Buffer> {
  try {
    // Not destroyed when we stop reading: the farewell is still to go out.
    yield* socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  } catch (error) {
    if (!socket.destroyed) throw error;
  }
}

const tooLong: Answer = {
  octets: [Buffer.from("-ERR That line is too long\r\n")],
  over: true,
};

/** Resolves when the peer has room for more, or is gone. */
async function say(socket: Socket, { octets }: Answer): Promise<void> {
  if (socket.destroyed || socket.writableEnded) return;
  socket.cork();
  for (const piece of octets) socket.write(piece);
  socket.uncork();
  if (!socket.writableNeedDrain) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(() => socket.destroy(), STALLED_TIMEOUT);
  socket.once("drain", resolve);
  socket.once("close", resolve);
  await promise;
  clearTimeout(timer);
  socket.off("drain", resolve);
  socket.off("close", resolve);
}
