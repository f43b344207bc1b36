// What a conversation needs from its connection, in its own words: bytes in, bytes out, and a signal that something is new.
// The server fills this in with sockets; nothing here does.
import type { Reader } from "./wire.ts";

export interface Out {
  /** One character per octet. */
  text(octets: string): void;
  bytes(octets: Uint8Array): void;
  /** The peer is slower than we are: wait for `room` before more is said. */
  full(): boolean;
  /** Resolves when the peer has room for more, or is gone. */
  room(): Promise<void>;
  /** Sends what is gathered. */
  flush(): void;
}

type Event = "news" | "timeout";

export interface Io {
  readonly reader: Reader;
  readonly out: Out;
  /** IP address, for the sign-in's own counting; never stored here. */
  readonly peer: string;
  /** TLS is on. */
  secure(): boolean;
  /** STARTTLS can be offered. */
  mayStartTls(): boolean;
  /** False once the peer or we have closed: nothing more can be said. */
  open(): boolean;
  /** Resolves at the next bytes, nudge, close or after `timeout` milliseconds. */
  event(timeout: number): Promise<Event>;
  /** Makes `event` resolve. */
  nudge(): void;
  /** Turns to TLS after everything said so far is out; false when the handshake failed. */
  startTls(): Promise<boolean>;
}
