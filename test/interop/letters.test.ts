// Envelope and structure of made, odd and real mail against independent parsers: Dovecot's, and Python's email package. Where the
// other one is not followed, the case stands here with its reason, and is counted.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createReadStream } from "node:fs";
import { test, type TestContext } from "node:test";
import { toUtf8 } from "#base/bytes";
import {
  type Address,
  type Envelope,
  type Parameters,
  parseMessage,
  type Part,
  splitMbox,
} from "#mail/message";
import { randomLetter } from "../letters.ts";
import { requirePrograms, testMbox } from "../require.ts";
import { describeByDovecot, type Listed } from "./doveadm.ts";

const made = Array.from({ length: 300 }, (_, seed) => randomLetter(`agree ${seed}`));

const odd = [
  "From: foo\n\nx",
  "From: foo bar <baz>\n\nx",
  "From: <@r1,@r2:u@h>\n\nx",
  'From: "quoted local"@dom\n\nx',
  "From: u@[127.0.0.1] (Name (nested) x)\n\nx",
  "From: (c1) u@h (c2)\n\nx",
  "From: G:;\n\nx",
  "From: G: a@b, c@d\n\nx",
  "From: John Q. Public <j@h>\n\nx",
  "From: <>\n\nx",
  "From: Name <>\n\nx",
  "From: a@b@c\n\nx",
  "From: undisclosed-recipients:;, x@y\n\nx",
  "From: a@b\nFrom: c@d\n\nx",
  "From: a<b@c>d<e@f>\n\nx",
  'From: "a" "b" c <x@y>\n\nx',
  "From: =?utf-8?q?A=2C?= B. C <a.b@c.d>\n\nx",
  "Subject: one\nSubject: two\n\nx",
  "Subject: a\n\tb\n  c \n\nx",
  "Subject:\n\nx",
  "nocolon\nSubject: x\n\nx",
  "Subject : x\n\nx",
  "Content-Type: text/html\n\nx\nx\nx",
  "Content-Type: text/plain; format=flowed\n\nx\nx\nx\n",
  'Content-Type: application/x; name*0="a"; name*1="b c"\n\nx',
  "Content-Type: multipart/mixed; boundary=a\n\n--a\n\nx\n--a\n--a--\n",
  "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: text/plain\n--a\n\n\n--a\n\n--a--",
  "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; boundary=a\n\n--a\n\nx\n--a--\n--a\n\ny\n--a--\n",
  "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; boundary=ab\n\n--ab\n\nx\n--ab--\n--a\n\ny\n--a--\n",
  "Content-Type: multipart/mixed; boundary=ab\n\n--ab\nContent-Type: multipart/mixed; boundary=a\n\n--a\n\nx\n--a--\n--ab\n\ny\n--ab--\n",
  "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: message/rfc822\n\nSubject: in\n\nbody\nline\n--a--\n",
  "Content-Type: multipart/digest; boundary=a\n\n--a\n\nSubject: in\n\nbody\nline\n--a\nContent-Type: text/plain\n\nx\n--a--\n",
  "Content-Type: message/rfc822\n\nSubject: in\n",
  "Content-Type: message/delivery-status\n\nx: y\n",
  "Content-Type: multipart/mixed; boundary=a\n\npre\n--a\n\nno end",
].map((text) => Buffer.from(text.replaceAll("\n", "\r\n")));

async function realMail(t: TestContext): Promise<Buffer[] | undefined> {
  const path = testMbox(t);
  if (path === undefined) return undefined;
  const out: Buffer[] = [];
  for await (const { bytes } of splitMbox(createReadStream(path))) out.push(Buffer.from(bytes));
  return out;
}

const addresses = (list: readonly Address[] | null): Listed =>
  list === null ? null : list.map(({ name, route, mailbox, host }) => [name, route, mailbox, host]);
const parameters = (list: Parameters): Listed => (list.length === 0 ? null : list.flat());

function envelopeList(envelope: Envelope): Listed {
  const { date, subject, from, sender, replyTo, to, cc, bcc, inReplyTo, messageId } = envelope;
  const lists = [from, sender, replyTo, to, cc, bcc].map(addresses);
  return [date, subject, ...lists, inReplyTo, messageId];
}

function structureList(part: Part, bytes: Buffer): Listed {
  const { disposition, message } = part;
  const extension = [
    disposition === null ? null : [disposition.type, parameters(disposition.parameters)],
    part.language,
    part.location,
  ];
  if (part.type === "multipart") {
    const children = part.parts.map((child) => structureList(child, bytes));
    return [...children, part.subtype, parameters(part.parameters), ...extension];
  }
  return [
    part.type,
    part.subtype,
    parameters(part.parameters),
    part.id,
    part.description,
    part.encoding,
    crlfSize(bytes.subarray(part.bodyStart, part.bodyEnd)),
    ...(message === null
      ? []
      : [envelopeList(message.envelope), structureList(message.root, bytes)]),
    ...(part.type === "text" || message !== null ? [part.lines] : []),
    part.md5,
    ...extension,
  ];
}

/** Dovecot counts every line end as CRLF. */
function crlfSize(body: Buffer): number {
  return body.toString("latin1").replace(/\r?\n/g, "\r\n").length;
}

/**
 * What is compared. Case: we keep types, encodings and parameter names in lower case, Dovecot as they came, and they mean
 * the same (RFC 2045 §5.1, §6.1). White space: at a fold and around values Dovecot keeps a tab in some fields and makes one space of
 * it in others; here it is always one space (RFC 5322 §3.2.2).
 */
function alike(value: Listed): Listed {
  if (typeof value === "string")
    return value
      .replace(/[ \t]+/g, " ")
      .trim()
      .toLowerCase();
  return Array.isArray(value) ? value.map((item: Listed) => alike(item)) : value;
}

/** doveadm's JSON cannot carry octets that are not UTF-8: both sides see "?" in their place, which changes no offset. */
function carried(bytes: Buffer): Buffer {
  if (toUtf8(bytes) !== undefined) return bytes;
  return Buffer.from(bytes.toString("latin1").replace(/[\x80-\xff]/g, "?"), "latin1");
}

/** Messages in which Dovecot and we differ, as texts to look at. */
async function differences(
  received: readonly Buffer[],
): Promise<{ index: number; ours: string; theirs: string }[]> {
  const messages = received.map((bytes) => carried(bytes));
  const described = await describeByDovecot(messages);
  return described.flatMap(({ envelope, structure }, index) => {
    const bytes = messages[index] ?? Buffer.alloc(0);
    const message = parseMessage(bytes);
    const ours = JSON.stringify(
      alike([envelopeList(message.envelope), structureList(message.root, bytes)]),
    );
    const theirs = JSON.stringify(alike([envelope, structure]));
    return ours === theirs ? [] : [{ index, ours, theirs }];
  });
}

test("Dovecot sees made letters as we do", async (t) => {
  if (!requirePrograms(t, "doveadm")) return;
  assert.deepEqual(await differences(made), []);
});

test("Dovecot sees odd messages as we do", async (t) => {
  if (!requirePrograms(t, "doveadm")) return;
  assert.deepEqual(await differences(odd), []);
});

/** Where Dovecot is not followed, and what it would make of the message. */
const notFollowed: readonly (readonly [reason: string, message: string])[] = [
  ["it drops the address of a phrase without angles", "From: foo bar@example.com\n\nx"],
  [
    "it takes obsolete white space in an address for a name (RFC 5322 §4.4)",
    "From: a . b @ c . d\n\nx",
  ],
  [
    "it makes an address of an empty list member (RFC 5322 §4.4 obs-addr-list)",
    "From: u@h, , v@h\n\nx",
  ],
  ["it drops the domain of an angle that nobody closes", "From: Name <a@b\n\nx"],
  ["it drops a domain with two dots in a row", "From: a@c..d\n\nx"],
  ["it makes an address of a Reply-To that holds a comma only", "From: a@b\nReply-To: ,\n\nx"],
  ["it gives an empty subtype instead of text/plain (RFC 2045 §5.2)", "Content-Type: text\n\nx"],
  ["it drops parameters after a double semicolon", "Content-Type: text/plain;; charset=x\n\nx"],
  ["it hides the text of a multipart without a boundary", "Content-Type: multipart/mixed\n\nx\n"],
  [
    "it hides the text of a multipart without parts",
    "Content-Type: multipart/mixed; boundary=a\n\nx\n",
  ],
  [
    "it does not look into message/global (RFC 9051 §7.5.2)",
    "Content-Type: message/global\n\nSubject: in\n\nx",
  ],
  [
    "it shows an encoded message/rfc822 as if it were none (RFC 2046 §5.2.1 forbids it)",
    "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeA0KDQp4\n",
  ],
  [
    "it leaves literal pieces of an extended parameter without percent-encoding (RFC 2231 §4.1)",
    "Content-Type: application/x; name*0*=utf-8''a%20; name*1=\"b c\"\n\nx",
  ],
];

test("where Dovecot is not followed it still does what the list says", async (t) => {
  if (!requirePrograms(t, "doveadm")) return;
  const found = await differences(
    notFollowed.map(([, text]) => Buffer.from(text.replaceAll("\n", "\r\n"))),
  );
  const agreed = notFollowed.filter((_, index) => !found.some((one) => one.index === index));
  assert.deepEqual(
    agreed.map(([reason]) => reason),
    [],
  );
  t.diagnostic(`${found.length} classes of disagreement`);
});

test("Dovecot sees real mail as we do", async (t) => {
  const messages = await realMail(t);
  if (messages === undefined || !requirePrograms(t, "doveadm")) return;
  const found = await differences(messages);
  const changed = messages.filter((bytes) => carried(bytes) !== bytes).length;
  t.diagnostic(
    `${messages.length} messages, ${changed} compared with "?" for octets, ${found.length} differ`,
  );
  // Numbers only: it is somebody's mail.
  assert.deepEqual(
    found.map(({ index }) => index),
    [],
  );
});

const script = `
import email, email.policy, email.utils, json, sys
def walk(part):
    children = part.get_payload() if part.is_multipart() else []
    return [part.get_content_type(), [walk(child) for child in children]]
out = []
data = sys.stdin.buffer.read()
while data:
    head, data = data.split(b"\\n", 1)
    size = int(head)
    message = email.message_from_bytes(data[:size], policy=email.policy.compat32)
    data = data[size:]
    lists = [[list(pair) for pair in email.utils.getaddresses([str(v) for v in message.get_all(name, [])])] for name in ("from", "to", "cc")]
    out.append([walk(message), lists, message["message-id"]])
json.dump(out, sys.stdout)
`;

type Walked = readonly [type: string, children: readonly Walked[]];
type PythonSays = readonly [
  Walked,
  readonly (readonly (readonly [string, string])[])[],
  string | null,
];

function describeByPython(messages: readonly Buffer[]): PythonSays[] {
  const input = Buffer.concat(
    messages.flatMap((bytes) => [Buffer.from(`${bytes.byteLength}\n`), bytes]),
  );
  const { stdout, stderr } = spawnSync("python3", ["-c", script], { input, maxBuffer: 1 << 30 });
  if (stdout.byteLength === 0) throw new Error(stderr.toString());
  return JSON.parse(stdout.toString()) as PythonSays[];
}

function walked(part: Part): Walked {
  const inside = part.message === null ? part.parts : [part.message.root];
  return [`${part.type}/${part.subtype}`, inside.map((child) => walked(child))];
}

const plainAddresses = (list: readonly Address[] | null) =>
  (list ?? []).filter(({ host }) => host !== null).map(({ mailbox, host }) => `${mailbox}@${host}`);

test("Python's email package finds the same parts and addresses in made letters", (t) => {
  if (!requirePrograms(t, "python3")) return;
  for (const [index, [tree, lists, id]] of describeByPython(made).entries()) {
    const { root, envelope } = parseMessage(made[index] ?? Buffer.alloc(0));
    assert.deepEqual(walked(root), tree);
    assert.equal(envelope.messageId, id);
    assert.deepEqual(
      [envelope.from, envelope.to, envelope.cc].map(plainAddresses),
      lists.map((list) => list.map(([, address]) => address)),
    );
  }
});
