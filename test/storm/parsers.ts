// Every parser that bytes of strangers reach, each as one function of bytes, with letters and commands to start from. A parser that
// throws anything is wrong: what it cannot read it must say in its answer.
import {
  decodeStructure,
  decodeTransfer,
  decodeWords,
  encodeStructure,
  foldText,
  headerFields,
  parseAddresses,
  parseDate,
  parseMessage,
  searchText,
  textPieces,
  selectHeader,
  splitMbox,
  unfold,
} from "#mail/message";
import { parseCommand as parseImap, verbOf } from "../../src/mail/imap/grammar.ts";
import { decodeName, fromModifiedUtf7 } from "../../src/mail/imap/names.ts";
import { openReader } from "../../src/mail/imap/wire.ts";
import { parsePath } from "../../src/mail/smtp/address.ts";
import { parseCommand as parseSmtp } from "../../src/mail/smtp/grammar.ts";
import { parseMailParameters, parseRecipientParameters } from "../../src/mail/smtp/parameters.ts";
import { openWire } from "../../src/mail/smtp/wire.ts";

export interface Parser {
  readonly name: string;
  readonly feed: (bytes: Buffer) => unknown;
  readonly seeds: readonly string[];
}

const letters = [
  'From: =?utf-8?q?J=C3=BCrgen?= <j@example.net>\r\nTo: a@b, "c, d" <e@f>, G: h@i, j@k;\r\nSubject: =?iso-8859-1?B?5Pb8?=\r\nDate: Mon, 23 Nov 2026 12:00:00 +0100 (CET)\r\nMessage-ID: <1@x>\r\nReferences: <a@b> <c@d>\r\n\r\nHello\r\n',
  "Content-Type: multipart/mixed; boundary=\"b 1\"\r\n\r\npre\r\n--b 1\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nna=C3=AFve=\r\n\r\n--b 1\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c\r\nContent-Type: text/html\r\n\r\n<p>y<style>z</style>\r\n--c--\r\n--b 1\r\nContent-Disposition: attachment; filename*0*=utf-8''a%20; filename*1=b\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8=\r\n--b 1--\r\nafter",
];
const imapCommands = [
  'a1 SEARCH RETURN (MIN MAX COUNT) CHARSET UTF-8 OR (FROM "x" NOT SEEN) UID 1:*,3 SINCE 1-Feb-2026 HEADER Subject {3+}\r\nabc',
  "a2 UID FETCH 1:* (FLAGS BODY.PEEK[1.2.HEADER.FIELDS (From To)]<0.10> BINARY[1] ENVELOPE) (CHANGEDSINCE 7 VANISHED)",
  'a3 APPEND "a &AOQ-" (\\Seen $x) " 1-Jan-2026 00:00:00 +0000" ~{3+}\r\nabc',
  'a4 LIST (SUBSCRIBED RECURSIVEMATCH) "" ("%" "*") RETURN (CHILDREN STATUS (MESSAGES UIDNEXT))',
  'a5 SELECT "INBOX" (QRESYNC (1 2 1:3,5 (1,2 3,4)))',
  "a6 STORE 1:2,* (UNCHANGEDSINCE 9) +FLAGS.SILENT (\\Deleted)",
];
const smtpCommands = [
  "MAIL FROM:<a.b+c@d.example> SIZE=100 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=x+2By",
  'RCPT TO:<@a,@b:"q \\" s"@[IPv6:::1]> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a+40b',
  "AUTH PLAIN AGEAYg==",
  "BDAT 100 LAST",
  "EHLO [192.0.2.1]",
];

export const parsers: readonly Parser[] = [
  {
    name: "message, structure, search text",
    seeds: letters,
    feed(bytes) {
      const message = parseMessage(bytes);
      decodeStructure(encodeStructure(message));
      let length = 0;
      for (const piece of searchText(bytes, textPieces(message, "text"))) length += piece.length;
      return length;
    },
  },
  {
    name: "header fields",
    seeds: letters,
    feed: (bytes) => {
      const fields = [...headerFields(bytes, 0, bytes.length)].slice(0, 20);
      const values = fields.map(({ valueStart, end }) => unfold(bytes, valueStart, end));
      return [values, selectHeader(bytes, 0, bytes.length, ["to", "subject"], true)];
    },
  },
  {
    name: "addresses",
    seeds: ['"a\\"b" <c@d>, e (f (g)) <@h:i@j>, G: k@l;', "=?utf-8?q?=C3=A4?= <x@[1.2.3.4]>"],
    feed: (bytes) => parseAddresses(bytes.toString("latin1")),
  },
  {
    name: "dates",
    seeds: ["Mon, 23 Nov 2026 12:00:00 +0100", "23 Nov 26 12:00 EST (x)"],
    feed: (bytes) => parseDate(bytes.toString("latin1")),
  },
  {
    name: "encoded words",
    seeds: ["=?utf-8?q?=C3=A4_?= =?iso-2022-jp?b?GyRCJCIbKEI=?=", "=?x?b?a?="],
    feed: (bytes) => foldText(decodeWords(bytes.toString("latin1"))),
  },
  {
    name: "transfer encodings",
    seeds: ["na=C3=AFve=\r\n=", "aGVs\r\nbG8=", "begin 644 x\r\n#86)C\r\nend"],
    feed: (bytes) =>
      ["quoted-printable", "base64", "x-uuencode", "7bit"].map((name) =>
        decodeTransfer(bytes, name),
      ),
  },
  {
    name: "mbox",
    seeds: [`From a@b Mon Nov 23 12:00:00 2026\n${letters[0] ?? ""}\n\nFrom c d\nx`],
    feed: async (bytes) => {
      let count = 0;
      for await (const _ of splitMbox([bytes])) count += 1;
      return count;
    },
  },
  {
    name: "SMTP wire",
    seeds: ["EHLO a\r\nDATA\r\n.a\r\n..\r\n.\r\nQUIT\r\n", "\r\n.\r\n"],
    feed(bytes) {
      const wire = openWire(10_000, 1000);
      wire.readMessage();
      wire.push(bytes.subarray(0, bytes.length >> 1));
      wire.push(bytes.subarray(bytes.length >> 1));
      let count = 0;
      while (wire.next() !== undefined) count += 1;
      return wire.takeMessage().bytes.length + count;
    },
  },
  {
    name: "SMTP grammar",
    seeds: smtpCommands,
    feed(bytes) {
      const line = bytes.toString("utf8");
      return [parseSmtp(line), parseMailParameters(line), parseRecipientParameters(line)].concat(
        parsePath(line) as never,
      );
    },
  },
  {
    name: "IMAP wire",
    seeds: imapCommands.map((line) => `${line}\r\n`),
    feed(bytes) {
      const reader = openReader();
      reader.push(bytes.subarray(0, bytes.length >> 1));
      reader.push(bytes.subarray(bytes.length >> 1));
      let count = 0;
      for (let event = reader.next(); event !== undefined; event = reader.next()) {
        count += 1;
        if (event.kind === "too-long") break;
        if (event.kind === "literal") reader.accept();
      }
      return count;
    },
  },
  {
    name: "IMAP grammar",
    seeds: imapCommands,
    feed: (bytes) => [parseImap(bytes), verbOf(bytes)],
  },
  {
    name: "IMAP names",
    seeds: ["a&AOQ-b", "&U,BTFw-/x"],
    feed: (bytes) => [decodeName(bytes, true), fromModifiedUtf7(bytes.toString("latin1"))],
  },
];
