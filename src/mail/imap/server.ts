// Sockets, TLS and timeouts of the IMAP server: carries bytes between a peer and its conversation. Decides nothing.
import { createServer, type Server, type Socket } from "node:net";
import {
  createSecureContext,
  createServer as createTlsServer,
  type SecureContext,
  TLSSocket,
} from "node:tls";
import { Broken } from "#base/errors";
import { logBroken } from "#base/log";
import { type Clock, MINUTE, systemClock } from "#base/time";
import { converse } from "./converse.ts";
import type { Io } from "./io.ts";
import {
  HANDSHAKE_TIMEOUT,
  MAX_CONNECTIONS,
  MAX_CONNECTIONS_PER_ADDRESS,
  MAX_MESSAGE,
  OUTPUT_BUFFER,
} from "./limits.ts";
import { openOpened } from "./opened.ts";
import { openOutput } from "./output.ts";
import type { SignIn } from "./ports.ts";
import { openRecents, type Recents } from "./recents.ts";
import type { House } from "./session.ts";
import { openReader } from "./wire.ts";

export interface ImapServerOptions {
  /** IP address to listen on. */
  readonly bind: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** The name in the greeting. */
  readonly hostname: string;
  /** PEM. Without it STARTTLS is not offered. */
  readonly tls: { readonly key: string; readonly cert: string } | undefined;
  /** TLS from the first byte (RFC 8314). */
  readonly implicitTls: boolean;
  /** Passwords may be said without TLS. */
  readonly allowPlaintext: boolean;
  readonly signIn: SignIn;
  readonly clock?: Clock;
  /** Octets of the largest message that APPEND takes; 25 MiB by default. */
  readonly appendLimit?: number;
  /** Milliseconds after which a live session's standing is asked for anew; a minute by default. */
  readonly recheck?: number;
  /** Who was told of which message first: one for all ports of a house, so that no message is recent on two. Its own when absent. */
  readonly recents?: Recents;
}

export interface ImapServer extends AsyncDisposable {
  /** The port in use. */
  readonly port: number;
}

interface Connection {
  readonly peer: string;
  /** Says farewell and hangs up. */
  leave(): void;
}

/** Listens and serves until disposed; resolves once it listens, rejects when it cannot. Disposing tells every peer BYE. */
export async function openImapServer(options: ImapServerOptions): Promise<ImapServer> {
  const { implicitTls, tls, clock = systemClock } = options;
  if (implicitTls && tls === undefined) throw new Broken("TLS from the first byte needs a key");
  const context = tls === undefined ? undefined : createSecureContext({ ...tls });
  const house: House = {
    hostname: options.hostname,
    clock,
    signIn: options.signIn,
    allowPlaintext: options.allowPlaintext,
    appendLimit: options.appendLimit ?? MAX_MESSAGE,
    recents: options.recents ?? openRecents(clock.now()),
    opened: openOpened(() => performance.now()),
    connections: new Map(),
    recheck: options.recheck ?? MINUTE,
  };
  const live = new Set<Connection>();
  const onSocket = (socket: Socket): void => {
    const peer = socket.remoteAddress ?? "";
    socket.on("error", () => socket.destroy());
    let fromHere = 0;
    for (const each of live) if (each.peer === peer) fromHere += 1;
    if (fromHere >= MAX_CONNECTIONS_PER_ADDRESS || live.size >= MAX_CONNECTIONS) {
      socket.end("* BYE [LIMIT] Too many connections\r\n");
      return;
    }
    socket.setNoDelay(true);
    const io = openIo(socket, implicitTls ? undefined : context, implicitTls);
    const connection = { peer, leave: () => io.leave() };
    live.add(connection);
    void converse(io, house)
      .catch((error: unknown) => logBroken("imap.connection", error))
      .finally(() => {
        live.delete(connection);
        io.close();
      });
  };
  const server =
    implicitTls && tls !== undefined
      ? createTlsServer({ ...tls, handshakeTimeout: HANDSHAKE_TIMEOUT }, onSocket)
      : createServer(onSocket);
  // A peer that breaks off its handshake is no news.
  server.on("tlsClientError", (_error: Error, socket: Socket) => socket.destroy());
  const port = await listen(server, options.bind, options.port);
  return {
    port,
    async [Symbol.asyncDispose]() {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      for (const connection of live) connection.leave();
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

function openIo(
  socket: Socket,
  startTlsWith: SecureContext | undefined,
  secured: boolean,
): Io & { leave(): void; close(): void } {
  const reader = openReader();
  let stream = socket;
  let secure = secured;
  let news = false;
  let wake: (() => void) | undefined;

  const nudge = (): void => {
    news = true;
    wake?.();
  };
  const onData = (chunk: Buffer): void => {
    reader.push(chunk);
    // While a command runs, no more than this is taken in from a peer that pipelines.
    if (reader.buffered() > OUTPUT_BUFFER) stream.pause();
    nudge();
  };
  const attach = (to: Socket): void => {
    stream = to;
    to.on("data", onData);
    to.on("end", () => to.end());
    for (const event of ["end", "close", "error"]) to.on(event, nudge);
    to.on("error", () => to.destroy());
  };
  attach(socket);
  const out = openOutput(
    () => stream,
    () => stream.destroy(),
  );
  return {
    reader,
    out,
    peer: socket.remoteAddress ?? "",
    secure: () => secure,
    mayStartTls: () => !secure && startTlsWith !== undefined,
    open: () => !stream.destroyed && !stream.writableEnded,
    nudge,
    async event(timeout) {
      if (stream.isPaused()) stream.resume();
      if (news) {
        news = false;
        return "news";
      }
      const { promise, resolve } = Promise.withResolvers<"news" | "timeout">();
      wake = () => resolve("news");
      const timer = setTimeout(() => resolve("timeout"), timeout);
      const what = await promise;
      clearTimeout(timer);
      wake = undefined;
      news = false;
      return what;
    },
    async startTls() {
      if (startTlsWith === undefined) return false;
      const plain = stream;
      plain.off("data", onData);
      plain.removeAllListeners("end");
      const turned = new TLSSocket(plain, { isServer: true, secureContext: startTlsWith });
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const timer = setTimeout(() => resolve(false), HANDSHAKE_TIMEOUT);
      turned.once("secure", () => resolve(true));
      turned.once("close", () => resolve(false));
      attach(turned);
      secure = await promise;
      clearTimeout(timer);
      if (!secure) turned.destroy();
      return secure;
    },
    leave() {
      out.text("* BYE The server stops\r\n");
      this.close();
    },
    close() {
      out.flush();
      stream.end();
      // A peer that does not close its side does not keep the socket.
      setTimeout(() => stream.destroy(), 2000).unref();
    },
  };
}
