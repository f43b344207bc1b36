// One table that turns what we know into what the peer hears: code, enhanced code (RFC 3463, RFC 5248), words. Never an
// address, a name or a cause; of something broken only its id.
import type { DeliveryRefusal } from "#mail/delivery";
import type { Problem } from "./grammar.ts";
import type { MessageFlaw } from "./inspect.ts";
import type { LineFlaw } from "./wire.ts";

export const replies = {
  ok: "250 2.0.0 OK",
  bye: "221 2.0.0 goodbye",
  senderOk: "250 2.1.0 sender OK",
  recipientOk: "250 2.1.5 recipient OK",
  chunkOk: "250 2.0.0 chunk OK",
  startMail: "354 end with a line that holds a dot only",
  cannotVerify: "252 2.1.5 send it and see",
  help: "214 2.0.0 RFC 5321",
  readyForTls: "220 2.0.0 go ahead",
  signedIn: "235 2.7.0 signed in",
  unknownCommand: "500 5.5.1 no such command here",
  notNow: "503 5.5.1 not at this point",
  helloFirst: "503 5.5.1 say hello first",
  noRecipients: "503 5.5.1 no valid recipient",
  noTls: "502 5.5.1 no TLS here",
  alreadyTls: "503 5.5.1 TLS is on",
  tlsFirst: "538 5.7.11 TLS first: the password would cross in clear",
  authFirst: "530 5.7.0 sign in first",
  alreadySignedIn: "503 5.5.1 signed in already",
  noSuchMechanism: "504 5.5.4 no such mechanism",
  authCancelled: "501 5.7.0 cancelled",
  badBase64: "501 5.5.2 no base64",
  wrongPassword: "535 5.7.8 login or password is wrong",
  tooManySignIns: "454 4.7.0 too many tries, wait a while",
  suspendedClient: "535 5.7.13 this account may not sign in now",
  notThisWay: "534 5.7.9 this account does not sign in this way",
  tooLarge: "552 5.3.4 message too large",
  tooManyRecipients: "452 4.5.3 too many recipients",
  noSuchUser: "550 5.1.1 no such address here",
  noRelay: "550 5.7.1 we do not relay",
  notYours: "550 5.7.1 sender is not yours",
  senderBlocked:
    "550 5.7.1 a decision on a report keeps this sender out for now; abuse@ has the reasons",
  noAuthor: "550 5.6.0 the header needs one From field with an address that can be read",
  authorNotYours: "550 5.7.1 an address in From, Sender or their Resent- fields is not yours",
  // RFC 6531 §3.5 gives the sender 550 and the recipient 553.
  utf8SenderNeeded: "550 5.6.7 an address beyond ASCII needs SMTPUTF8",
  utf8RecipientNeeded: "553 5.6.7 an address beyond ASCII needs SMTPUTF8",
  utf8HeaderNeeded: "554 5.6.9 a header beyond ASCII needs SMTPUTF8",
  encryptionNeeded: "530 5.7.10 REQUIRETLS needs TLS on this connection",
  senderSuspended: "550 5.7.13 this account may not send now",
  tooManyCommands: "421 4.7.0 too many commands for one letter",
  endlessLine: "421 4.7.0 a line without an end",
  notYet: "451 4.7.1 not now, try again in a while",
  tooManyMistakes: "421 4.7.0 too many mistakes",
  tooManyConnections: "421 4.7.0 too many connections",
  timeout: "421 4.4.2 waited too long",
  shuttingDown: "421 4.3.2 going down, come back",
} as const;

export const problemReplies: { readonly [problem in Problem]: string } = {
  syntax: "501 5.5.4 bad arguments",
  "bad-sender": "501 5.1.7 bad sender address",
  "bad-recipient": "501 5.1.3 bad recipient address",
  "bad-chunk": "501 5.5.4 bad chunk size",
  "unknown-parameter": "555 5.5.4 unknown parameter",
  "bad-parameter": "501 5.5.4 bad parameter",
};

export const lineReplies: { readonly [flaw in Exclude<LineFlaw, "endless">]: string } = {
  "too-long": "500 5.5.6 line too long",
  "bare-line-end": "500 5.5.2 only CRLF ends a line",
  "not-text": "500 5.5.2 not UTF-8 text",
};

export const flawReplies: { readonly [flaw in MessageFlaw | "too-large"]: string } = {
  "bare-line-end": "554 5.6.0 bare CR or LF in the message",
  nul: "554 5.6.0 NUL in the message",
  loop: "554 5.4.6 the message goes round in a circle",
  "too-large": replies.tooLarge,
};

export const deliveryReplies: { readonly [refusal in DeliveryRefusal]: string } = {
  "no-such-user": replies.noSuchUser,
  "suspended-for-now": "450 4.2.1 this mailbox takes no mail now",
  "refused-for-good": "550 5.2.1 this mailbox takes no mail",
  "too-large": "552 5.2.3 too large for this mailbox",
  // For now: who makes room has the letter at the next try, and a sender hears after days that nobody did.
  "over-quota": "452 4.2.2 this mailbox is full",
  "cannot-seal": "451 4.3.0 cannot take it now",
};

/** Something of ours is broken: the peer may try again and hears an id that the operator's log knows. */
export function brokenReply(id: string): string {
  return `451 4.3.0 cannot do that now (${id})`;
}

/** RFC 3463: class, subject, detail. */
const STATUS = /^[245]\.\d{1,3}\.\d{1,3}(?= |$)/;

// RFC 5321 §4.5.3.1.5: a reply line has 512 octets with code and CRLF.
const MAX_WORDS = 480;

/** Another room's words as a reply that asks for another try later: one line of printable ASCII, whatever they hold. */
export function laterReply(words: string): string {
  return `451 ${withStatus("4.7.1", words)}`;
}

/** The same for a no that stands. */
export function refusedReply(words: string): string {
  return `550 ${withStatus("5.7.1", words)}`;
}

function withStatus(usual: string, words: string): string {
  const line = words
    .replaceAll(/[^\x20-\x7e]+/g, " ")
    .trim()
    .slice(0, MAX_WORDS);
  return STATUS.exec(line)?.[0].startsWith(usual.slice(0, 2)) ? line : `${usual} ${line}`;
}

export function acceptedReply(id: string): string {
  return `250 2.0.0 accepted ${id}`;
}
