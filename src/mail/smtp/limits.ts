// Every limit of the SMTP server with its reason. Numbers only: what exceeds one is refused where it is met.

/** RFC 5321 §4.5.3.1.4 asks for 512 octets; ENVID, ORCPT, SIZE and the rest (RFC 3461 §5) may add a good 1,000 to that. */
export const MAX_COMMAND_LINE = 4096;

/** RFC 4954 §4: a server must take 12,288 octets while it authenticates. */
export const MAX_AUTH_LINE = 12_288;

/** What mail programs of our clients and of others may attach in practice: 25 MiB. */
export const MAX_MESSAGE = 25 * 1024 * 1024;

/** RFC 5321 §4.5.3.1.8 asks for at least 100; lists send to a thousand; each recipient is one sealing. */
export const MAX_RECIPIENTS = 1000;

/** RFC 5321 §4.5.3.1.3 says 256 for a path; bounce addresses of large senders are longer; nothing in use reaches this. */
export const MAX_ADDRESS = 512;

/** Nobody who works sends a hundred lines that mean nothing; a scanner does. */
export const MAX_MISTAKES = 100;

/** A thousand recipients, each refused once and told again, make 2,000 commands for one letter; who needs more sends none. */
export const MAX_COMMANDS = 3000;

/** A person mistypes; whoever guesses passwords must come back for every five. */
export const MAX_FAILED_SIGN_INS = 5;

/** RFC 5321 §6.3 wants a threshold of at least 100 Received fields; a message with more goes round in a circle. */
export const MAX_HOPS = 100;

/** A chunk (RFC 3030) beyond this is no message of any size that we take, and reading it to its end is no service. */
export const MAX_CHUNK = 256 * 1024 * 1024;

/**
 * A large sender opens dozens at once to one of our addresses; a hundred from one address is a flood or a fault. Of IPv6 a /64 counts
 * as one, since that is what one machine has.
 */
export const MAX_CONNECTIONS_PER_ADDRESS = 100;

/** Each costs some 100 KB while a message is under way; 2,000 fit into the smallest machine that we aim at. */
export const MAX_CONNECTIONS = 2000;

/** Of a line that goes on beyond every limit so much is read, in the hope of its end; no program sends a hundredth of it. */
export const MAX_LINE_DROPPED = 1024 * 1024;

/** How long each kind of silence lasts, in milliseconds. A parameter, so that tests need not wait. */
export interface Timeouts {
  /** From the end of one command to the end of the next. */
  readonly command: number;
  /** Between two blocks of a message. */
  readonly block: number;
  /** A whole message, or one chunk of it. */
  readonly message: number;
  /** Until a peer has taken its replies. */
  readonly write: number;
  /** A TLS handshake. */
  readonly handshake: number;
  /** What a message under way has on shutdown. */
  readonly grace: number;
}

export const TIMEOUTS: Timeouts = {
  // RFC 5321 §4.5.3.2.7: the server waits five minutes for the next command.
  command: 5 * 60_000,
  // RFC 5321 §4.5.3.2.5: three minutes for the next block of a message.
  block: 3 * 60_000,
  // 25 MiB in an hour are 60 kbit/s, less than any line of today; who needs longer holds a place and sends nothing.
  message: 60 * 60_000,
  // A peer that takes its replies this late takes none.
  write: 60_000,
  // Two round trips; 30 s are patient with the worst line.
  handshake: 30_000,
  // RFC 5321 §3.8 lets the peer try again.
  grace: 10_000,
};

/** Bytes read ahead of the session before the socket is paused: one TCP window, so that a pipelining peer is never slowed. */
export const READ_AHEAD = 256 * 1024;
