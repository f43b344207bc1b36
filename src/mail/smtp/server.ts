// Sockets, TLS and timeouts of the SMTP server: carries bytes between a peer, the wire and the session. Decides nothing.
import { createServer, type Server, type Socket } from "node:net";
import { createSecureContext, type SecureContext, TLSSocket } from "node:tls";
import type { Duplex } from "node:stream";
import { Broken } from "#base/errors";
import { logBroken } from "#base/log";
import { type Clock, systemClock } from "#base/time";
import { type Connection, converse, type Surroundings } from "./connection.ts";
import {
  MAX_CONNECTIONS,
  MAX_CONNECTIONS_PER_ADDRESS,
  MAX_MESSAGE,
  TIMEOUTS,
  type Timeouts,
} from "./limits.ts";
import type { SmtpPorts } from "./ports.ts";
import { replies } from "./replies.ts";
import { sourceOf } from "./source.ts";
import type { SmtpRole } from "./state.ts";

export interface SmtpServerOptions {
  readonly role: SmtpRole;
  /** IP address to listen on. */
  readonly bind: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** The name in greetings and Received fields. */
  readonly hostname: string;
  /** The domain of our addresses: where a bare "postmaster" lives, and the right side of a Message-ID we add. */
  readonly domain: string;
  /** PEM. Without it STARTTLS is not offered. */
  readonly tls: { readonly key: string; readonly cert: string } | undefined;
  /** TLS from the first byte (RFC 8314). */
  readonly implicitTls?: boolean;
  readonly allowPlaintextAuth?: boolean;
  /** Octets of the largest message; 25 MiB by default. */
  readonly maxSize?: number;
  /** What differs from RFC 5321's, in tests. */
  readonly timeouts?: Partial<Timeouts>;
  readonly clock?: Clock;
  readonly ports: SmtpPorts;
}

export interface SmtpServer extends AsyncDisposable {
  /** The port in use. */
  readonly port: number;
}

/** The peer broke off or let time run out; nothing of ours is broken. */
class HandshakeFailed extends Error {}

/**
 * Listens and serves until disposed; resolves once it listens, rejects when it cannot. Disposing stops listening, lets
 * messages under way finish within ten seconds and tells everybody 421.
 */
export async function openSmtpServer(options: SmtpServerOptions): Promise<SmtpServer> {
  const { implicitTls = false, tls } = options;
  if (implicitTls && tls === undefined) throw new Broken("TLS from the first byte needs a key");
  const secureContext = tls === undefined ? undefined : createSecureContext({ ...tls });
  const live = new Set<Connection>();
  const bySource = new Map<string, number>();
  const onSocket = (socket: Socket): void => {
    const peer = socket.remoteAddress ?? "";
    const source = sourceOf(peer);
    socket.on("error", () => socket.destroy());
    const fromHere = bySource.get(source) ?? 0;
    if (fromHere >= MAX_CONNECTIONS_PER_ADDRESS || live.size >= MAX_CONNECTIONS) {
      if (implicitTls) return void socket.destroy(); // who waits for a handshake cannot read a reply
      socket.resume();
      socket.end(`${replies.tooManyConnections}\r\n`, () => socket.destroy());
      return;
    }
    socket.setNoDelay(true);
    const connection = converse(socket, surroundings(options, secureContext, peer));
    live.add(connection);
    bySource.set(source, fromHere + 1);
    void connection.done
      .catch(
        (error: unknown) => error instanceof HandshakeFailed || logBroken("smtp.connection", error),
      )
      .finally(() => {
        live.delete(connection);
        const left = (bySource.get(source) ?? 1) - 1;
        if (left > 0) bySource.set(source, left);
        else bySource.delete(source);
      });
  };
  const server = createServer({ allowHalfOpen: true }, onSocket); // a peer may say all and then listen
  const port = await listen(server, options.bind, options.port);
  return {
    port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      for (const connection of live) connection.leave();
      const { grace } = timeoutsOf(options);
      const stopping = setTimeout(() => {
        for (const connection of live) connection.stop();
      }, grace);
      // What neither finished nor could be told so within twice that time waits for a port of ours or takes no reply.
      const ending = setTimeout(() => {
        for (const connection of live) connection.destroy();
      }, 2 * grace);
      await Promise.allSettled([...live].map(({ done }) => done));
      clearTimeout(stopping);
      clearTimeout(ending);
      await closed;
    },
  };
}

function surroundings(
  options: SmtpServerOptions,
  context: SecureContext | undefined,
  peer: string,
): Surroundings {
  const { role, hostname, domain, maxSize = MAX_MESSAGE, allowPlaintextAuth = false } = options;
  const offersTls = context !== undefined;
  const timeouts = timeoutsOf(options);
  return {
    rules: { role, hostname, domain, maxSize, offersTls, allowPlaintextAuth },
    ports: options.ports,
    clock: options.clock ?? systemClock,
    peer,
    implicitTls: options.implicitTls ?? false,
    timeouts,
    startTls:
      context === undefined
        ? undefined
        : (plain) => handshake(plain as Socket, context, timeouts.handshake),
  };
}

function timeoutsOf(options: SmtpServerOptions): Timeouts {
  return { ...TIMEOUTS, ...options.timeouts };
}

async function handshake(
  plain: Socket,
  secureContext: SecureContext,
  limit: number,
): Promise<Duplex> {
  const secured = new TLSSocket(plain, { isServer: true, secureContext });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new HandshakeFailed()), limit);
  const fail = (): void => reject(new HandshakeFailed());
  secured.once("secure", resolve).on("error", fail).once("close", fail).once("end", fail);
  try {
    await promise;
    return secured;
  } catch (error) {
    secured.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function listen(server: Server, bind: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) =>
      reject(new Broken(`cannot listen on ${bind} port ${port}`, error)),
    );
    server.listen(port, bind, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}
