// Every bound of the IMAP server with its reason. Values only.
import { MINUTE, SECOND } from "#base/time";

/** RFC 9051 §5.4: an autologout timer of a signed-in session is at least 30 minutes. */
export const SIGNED_IN_TIMEOUT = 30 * MINUTE + 30 * SECOND;
/** Nobody types passwords here: a program that says nothing for a minute before it signs in holds a socket for nothing. */
export const STRANGER_TIMEOUT = MINUTE;
/** A peer that takes none of our bytes for so long is gone: the slowest link moves one buffer in less. */
export const STALLED_TIMEOUT = 5 * MINUTE;
/** A ClientHello that takes longer does not come. */
export const HANDSHAKE_TIMEOUT = 20 * SECOND;
/** 25 MiB, as SMTP takes them: what cannot be sent need not be kept. */
export const MAX_MESSAGE = 25 * 1024 * 1024;
/** Literals of one APPEND together, held in memory until they are stored: two of the largest messages and room. */
export const MAX_APPEND = 64 * 1024 * 1024;
/** URLs that one command follows: each may open a message of the largest size, and a message of so many parts is nobody's draft. */
export const MAX_URLS = 100;
/** Octets of an annotation; RFC 5464 §4.1 wants 1,024 at least, and a program's settings are some kilobytes. */
export const MAX_ANNOTATION = 32 * 1024;
/** Annotations of one folder, and of the account; RFC 5464 §4.1 wants ten at least. All of one are read at once: a megabyte or so. */
export const MAX_ANNOTATIONS = 100;
/** Names, passwords, search texts: nobody's is longer. */
export const MAX_LITERAL = 64 * 1024;
/** Before sign-in: a login and a password. */
export const MAX_STRANGER_LITERAL = 4096;
/** Commands before sign-in; a program needs five, and signing in is the only thing to do here. */
export const MAX_STRANGER_COMMANDS = 100;
/** Wrong passwords on one connection; the sign-in itself counts them per account and peer. */
export const MAX_FAILED_SIGN_INS = 5;
/** Sixteen connections of one person are normal (four devices of four folders each); twice that is room enough. */
export const MAX_CONNECTIONS_PER_ACCOUNT = 32;
/** Sockets of the whole server, well below the descriptors of a process. */
export const MAX_CONNECTIONS = 2000;
/** Of one address before anybody can tell who it is; a family or an office behind one router. */
export const MAX_CONNECTIONS_PER_ADDRESS = 200;
/** Messages whose structures are opened together in FETCH and SEARCH: some hundred kilobytes. */
export const BATCH = 200;
/**
 * Output gathered before it goes to the socket; also the most that one session holds for a slow peer, beside one body. With half
 * of it a full download took a sixth longer.
 */
export const OUTPUT_BUFFER = 64 * 1024;
/** Octets of what live sessions keep open, all accounts together: the envelopes of some hundred thousand messages. */
export const MAX_OPENED = 64 * 1024 * 1024;
/** What nobody asked for in so long is let go: a program that only waits needs none of it, and what is closed cannot leak. */
export const OPENED_REST = 10 * MINUTE;
