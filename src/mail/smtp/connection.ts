// One conversation: bytes from a stream through the wire to the session, its replies back in one write per turn. Knows
// streams and timeouts, no sockets; TLS is handed in.
import type { Duplex } from "node:stream";
import { logBroken } from "#base/log";
import type { Clock } from "#base/time";
import { answer } from "./answers.ts";
import { findFlaw } from "./inspect.ts";
import { MAX_AUTH_LINE, MAX_COMMAND_LINE, READ_AHEAD, type Timeouts } from "./limits.ts";
import type { Peer, SmtpPorts } from "./ports.ts";
import { newSession, step } from "./session.ts";
import type { Event, Next, Rules } from "./state.ts";
import { openWire, type Piece } from "./wire.ts";

export interface Surroundings {
  readonly rules: Rules;
  readonly ports: SmtpPorts;
  readonly clock: Clock;
  /** The peer's IP address; in memory only. */
  readonly peer: string;
  /** TLS from the first byte (RFC 8314). */
  readonly implicitTls: boolean;
  readonly timeouts: Timeouts;
  /** Turns the stream into a TLS one; rejects when the handshake fails or takes too long. */
  readonly startTls: ((plain: Duplex) => Promise<Duplex>) | undefined;
}

export interface Connection {
  /** Resolves when the conversation is over. */
  readonly done: Promise<void>;
  /** Ends it with 421 as soon as no message is under way. */
  leave(): void;
  /** Ends it with 421 even in the middle of a message, of which nothing is kept. */
  stop(): void;
  destroy(): void;
}

type News = "bytes" | "ended" | "timeout" | "leaving";

export function converse(first: Duplex, around: Surroundings): Connection {
  const { rules, timeouts } = around;
  const lineLimit = rules.role === "submission" ? MAX_AUTH_LINE : MAX_COMMAND_LINE;
  const wire = openWire(rules.maxSize, lineLimit);
  let stream = first;
  let ended = false;
  let leaving = false;
  let stopping = false;
  let greeted = false;
  let wake: ((news: News) => void) | undefined;
  let state = newSession(around.implicitTls);
  let out = "";
  let reading: Next = { do: "read" };

  const onData = (bytes: Buffer): void => {
    wire.push(bytes);
    if (wire.buffered() > READ_AHEAD) stream.pause();
    wake?.("bytes");
  };
  const onEnd = (): void => {
    ended = true;
    wake?.("ended");
  };
  const listen = (to: Duplex): void => {
    stream = to;
    to.on("data", onData).on("end", onEnd).on("close", onEnd).on("error", onEnd);
  };

  const news = async (limit: number): Promise<News> => {
    if (ended) return "ended";
    if (stopping || (leaving && reading.do === "read")) return "leaving";
    const { promise, resolve } = Promise.withResolvers<News>();
    wake = resolve;
    const timer = setTimeout(() => resolve("timeout"), Math.max(0, limit));
    if (stream.isPaused()) stream.resume();
    const what = await promise;
    clearTimeout(timer);
    wake = undefined;
    return what;
  };

  const flush = async (): Promise<void> => {
    if (out === "" || !stream.writable) return;
    const fits = stream.write(out);
    out = "";
    if (fits) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => stream.destroy(), timeouts.write);
    stream.once("drain", resolve).once("close", resolve);
    await promise;
    clearTimeout(timer);
    stream.off("drain", resolve).off("close", resolve);
  };

  /** The next event, or undefined when the peer is gone. */
  const nextEvent = async (): Promise<Event | undefined> => {
    const began = performance.now();
    for (;;) {
      const piece = wire.next();
      if (piece !== undefined) return eventOf(piece);
      if (wire.isFlood()) return { kind: "flood" };
      await flush();
      // A byte now and then is no progress: the whole has its time too.
      const whole = reading.do === "read" ? timeouts.command : timeouts.message;
      const left = whole - (performance.now() - began);
      const what = await news(reading.do === "read" ? left : Math.min(timeouts.block, left));
      if (what === "ended") return undefined;
      if (what === "timeout") return { kind: "timeout" };
      if (what === "leaving") return { kind: "shutting-down" };
    }
  };

  let known: Promise<Peer> | undefined;
  /** Asked for when first needed; a name server in trouble is no name, and no reason to keep mail out. */
  const whoIs = (): Promise<Peer> => (known ??= peerOf(around));

  let message: Uint8Array = new Uint8Array();
  const eventOf = (piece: Piece): Event => {
    if (piece.kind === "line" || piece.kind === "bad-line") return piece;
    if (reading.do === "read-chunk" && !(reading.last && reading.keep))
      return reading.last
        ? { kind: "message", flaw: undefined }
        : { kind: "chunk", tooLarge: wire.isTooLarge() };
    const { bytes, tooLarge } = wire.takeMessage();
    message = bytes;
    return { kind: "message", flaw: tooLarge ? "too-large" : findFlaw(bytes) };
  };

  /** Upgrades; false when the peer had sent something in clear after STARTTLS (RFC 3207 §4.2 would hand it to the session). */
  const secure = async (): Promise<boolean> => {
    if (wire.buffered() > 0 || stream.readableLength > 0 || around.startTls === undefined)
      return false;
    stream.pause();
    await flush();
    stream.off("data", onData).off("end", onEnd).off("close", onEnd).off("error", onEnd);
    listen(await around.startTls(stream));
    return true;
  };

  /** Carries out what the session wants and returns the event that this made, if any. */
  const carryOut = async (next: Next): Promise<Event | undefined> => {
    if (next.do === "read-message") wire.readMessage();
    if (next.do === "read-chunk") wire.readChunk(next.size, next.keep);
    if (next.do === "start-tls") return (await secure()) ? { kind: "secured" } : undefined;
    if (next.do !== "ask") return undefined;
    const { ports, clock, peer } = around;
    const taken = message;
    if (next.ask.kind === "accept") message = new Uint8Array();
    return answer(rules, ports, clock, next.ask, whoIs, peer, () => taken);
  };

  const run = async (): Promise<void> => {
    const { implicitTls, startTls } = around;
    listen(implicitTls && startTls !== undefined ? await startTls(first) : first);
    greeted = true;
    let event: Event | undefined = { kind: "connected" };
    while (event !== undefined) {
      const { state: after, replies, next } = step(rules, state, event);
      state = after;
      if (replies.length > 0) out += `${replies.join("\r\n")}\r\n`;
      if (state.transaction === undefined) wire.forget();
      reading = next;
      if (next.do === "close") break;
      event = await carryOut(next);
      if (next.do === "start-tls" && event === undefined) break;
      event ??= await nextEvent();
    }
    if (reading.do === "start-tls") stream.destroy();
    else await flush();
    hangUp(stream);
  };

  return {
    done: run().catch((error: unknown) => {
      stream.destroy();
      throw error;
    }),
    leave() {
      leaving = true;
      if (!greeted) stream.destroy(); // still in its handshake: no word would reach it
      else if (reading.do === "read") wake?.("leaving");
    },
    stop() {
      stopping = true;
      wake?.("leaving");
    },
    destroy() {
      stream.destroy();
    },
  };
}

async function peerOf({ rules, ports, peer: address }: Surroundings): Promise<Peer> {
  if (rules.role !== "mx" || ports.reverseName === undefined) return { address, name: undefined };
  try {
    return { address, name: await ports.reverseName(address) };
  } catch (error) {
    logBroken("smtp.reverse-name", error);
    return { address, name: undefined };
  }
}

// The peer reads the last reply before the connection is reset under it; two seconds are a slow round trip and more.
function hangUp(stream: Duplex): void {
  stream.resume();
  stream.end();
  setTimeout(() => stream.destroy(), 2000).unref();
}
