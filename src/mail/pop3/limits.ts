// Every bound of the POP3 server with its reason. Values only.
import { MINUTE, SECOND } from "#base/time";

/** RFC 1939 §3: an inactivity timer of ten minutes at least. */
export const IDLE_TIMEOUT = 10 * MINUTE + 30 * SECOND;
/** Nobody types passwords here: a program that says nothing for a minute before it signs in holds a socket for nothing. */
export const STRANGER_TIMEOUT = MINUTE;
/** A peer that takes none of our octets for so long is gone. */
export const STALLED_TIMEOUT = 5 * MINUTE;
/** A ClientHello that takes longer does not come. */
export const HANDSHAKE_TIMEOUT = 20 * SECOND;
/** RFC 2449 §4 has 255 octets for a command; a password in base64 (RFC 5034 §4) may be longer, and nobody's is longer than this. */
export const MAX_LINE = 4096;
/** Octets of commands waiting while one runs: a program that pipelines a deletion of its whole maildrop sends some kilobytes ahead. */
export const MAX_AHEAD = 256 * 1024;
/** Commands before sign-in; a program needs five. */
export const MAX_STRANGER_COMMANDS = 50;
/** Wrong passwords on one connection; the sign-in itself counts them per account and peer. */
export const MAX_FAILED_SIGN_INS = 3;
/** Sockets of the whole server: POP3 sessions are short. */
export const MAX_CONNECTIONS = 500;
/** Of one address; a family or an office behind one router. */
export const MAX_CONNECTIONS_PER_ADDRESS = 50;
/** How long an answer about the account's standing holds. */
export const RECHECK = MINUTE;
