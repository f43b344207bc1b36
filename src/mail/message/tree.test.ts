import assert from "node:assert/strict";
import { test } from "node:test";
import {
  array,
  assert as check,
  boolean,
  constantFrom,
  letrec,
  oneof,
  property,
  record,
  uint8Array,
} from "fast-check";
import { parseMessage } from "./parse.ts";
import type { Part } from "./shape.ts";

/** A tree as a short text: type, and for leaves the octets of the body. */
function sketch(part: Part, bytes: Buffer): string {
  const body = JSON.stringify(bytes.toString("latin1", part.bodyStart, part.bodyEnd));
  const name = `${part.type}/${part.subtype}`;
  if (part.message !== null) return `${name}(${sketch(part.message.root, bytes)})`;
  if (part.type === "multipart")
    return `${name}(${part.parts.map((child) => sketch(child, bytes)).join(" ")})`;
  return `${name} ${body}`;
}

function sketchOf(...lines: string[]): string {
  const bytes = Buffer.from(lines.join("\r\n"), "latin1");
  return sketch(parseMessage(bytes).root, bytes);
}

const mixed = (boundary: string, subtype = "mixed") =>
  `Content-Type: multipart/${subtype}; boundary="${boundary}"`;

test("a message without MIME is text, its charset US-ASCII", () => {
  const { root } = parseMessage(Buffer.from("Subject: x\r\n\r\none\r\ntwo\r\nthree"));
  assert.equal(root.type, "text");
  assert.deepEqual(root.parameters, [["charset", "us-ascii"]]);
  assert.deepEqual([root.headerStart, root.bodyStart, root.bodyEnd, root.lines], [0, 14, 29, 2]);
});

test("preamble and epilogue belong to no part", () => {
  assert.equal(
    sketchOf(
      mixed("x"),
      "",
      "pre",
      "--x",
      "",
      "one",
      "--x",
      "",
      "two",
      "",
      "--x--",
      "epi",
      "--x",
      "",
      "no",
    ),
    'multipart/mixed(text/plain "one" text/plain "two\\r\\n")',
  );
});

test("a multipart that nobody closes ends with the message, or where an outer one goes on", () => {
  assert.equal(
    sketchOf(mixed("x"), "", "--x", "", "one", ""),
    'multipart/mixed(text/plain "one\\r\\n")',
  );
  assert.equal(
    sketchOf(mixed("x"), "", "--x", mixed("y"), "", "--y", "", "one", "--x", "", "two", "--x--"),
    'multipart/mixed(multipart/mixed(text/plain "one") text/plain "two")',
  );
});

test("of boundaries that begin alike the longest is meant, whichever is outside", () => {
  assert.equal(
    sketchOf(
      mixed("x"),
      "",
      "--x",
      mixed("xy"),
      "",
      "--xy",
      "",
      "one",
      "--xy--",
      "--x",
      "",
      "two",
      "--x--",
    ),
    'multipart/mixed(multipart/mixed(text/plain "one") text/plain "two")',
  );
  assert.equal(
    sketchOf(
      mixed("xy"),
      "",
      "--xy",
      mixed("x"),
      "",
      "--x",
      "",
      "one",
      "--x--",
      "--xy",
      "",
      "two",
      "--xy--",
    ),
    'multipart/mixed(multipart/mixed(text/plain "one") text/plain "two")',
  );
});

test("multiparts with the same boundary one in the other are told apart by their closing lines", () => {
  assert.equal(
    sketchOf(
      mixed("x"),
      "",
      "--x",
      mixed("x"),
      "",
      "--x",
      "",
      "one",
      "--x--",
      "--x",
      "",
      "two",
      "--x--",
    ),
    'multipart/mixed(multipart/mixed(text/plain "one") text/plain "two")',
  );
});

test("white space or more text after a boundary does not matter (RFC 2046 §5.1.1)", () => {
  assert.equal(
    sketchOf(mixed("x"), "", "--x  ", "", "one", "--x and more", "", "two", "--x-- \t", "epi"),
    'multipart/mixed(text/plain "one" text/plain "two")',
  );
});

test("empty parts are parts", () => {
  assert.equal(
    sketchOf(
      mixed("x"),
      "",
      "--x",
      "",
      "--x",
      "--x",
      "Content-Type: text/html",
      "--x",
      "",
      "",
      "--x--",
    ),
    'multipart/mixed(text/plain "" text/plain "" text/html "" text/plain "")',
  );
});

test("parts of a digest are messages unless they say otherwise", () => {
  assert.equal(
    sketchOf(
      mixed("x", "digest"),
      "",
      "--x",
      "",
      "Subject: a",
      "",
      "one",
      "--x",
      "Content-Type: text/plain",
      "",
      "two",
      "--x--",
    ),
    'multipart/digest(message/rfc822(text/plain "one") text/plain "two")',
  );
});

test("a message inside has an envelope and offsets of its own", () => {
  const text = "Content-Type: message/rfc822\r\n\r\nSubject: in\r\nFrom: a@b\r\n\r\nbody\r\n";
  const { root } = parseMessage(Buffer.from(text));
  assert.equal(root.message?.envelope.subject, "in");
  assert.equal(root.message?.envelope.sender?.[0]?.mailbox, "a");
  assert.equal(root.lines, 4);
  const inner = root.message?.root;
  assert.equal(inner?.headerStart, root.bodyStart);
  assert.equal(text.slice(inner?.bodyStart, inner?.bodyEnd), "body\r\n");
  assert.equal(inner?.lines, 1);
});

test("message/global is looked into as well, an encoded message is not", () => {
  assert.equal(
    sketchOf("Content-Type: message/global", "", "Subject: in", "", "x"),
    'message/global(text/plain "x")',
  );
  assert.equal(
    sketchOf("Content-Type: message/rfc822", "Content-Transfer-Encoding: base64", "", "eA=="),
    'application/octet-stream "eA=="',
  );
});

test("the text of a multipart without any part can still be read", () => {
  assert.equal(sketchOf(mixed("x"), "", "text"), 'multipart/mixed(text/plain "text")');
  assert.equal(
    sketchOf("Content-Type: multipart/mixed", "", "text"),
    'multipart/mixed(text/plain "text")',
  );
});

test("bare LF ends lines as CRLF does", () => {
  const bytes = Buffer.from(`${mixed("x")}\n\n--x\n\none\n\n--x\r\n\ntwo\r\n--x--\n`);
  assert.equal(
    sketch(parseMessage(bytes).root, bytes),
    'multipart/mixed(text/plain "one\\n" text/plain "two")',
  );
});

test("a header line without a colon, or a folded first line, is passed over", () => {
  const { envelope } = parseMessage(Buffer.from(" odd\r\nnonsense\r\nSubject : x\r\n\r\n"));
  assert.equal(envelope.subject, "x");
});

test("the fields of a part are kept as they stand, structured ones taken apart", () => {
  const { root } = parseMessage(
    Buffer.from(
      [
        'Content-Type: TEXT/Plain; Charset="utf-8" (as said); format=flowed; x',
        "Content-Transfer-Encoding: Quoted-Printable (yes)",
        "Content-ID: <a@b>",
        "Content-Description: some",
        "\t words",
        "Content-MD5: abc==",
        'Content-Disposition: Attachment; filename="a\\"b"',
        "Content-Language: en, de (German)",
        "Content-Location: http://x.example/",
        "",
        "",
      ].join("\r\n"),
    ),
  );
  assert.deepEqual(
    { ...root, parts: undefined },
    {
      type: "text",
      subtype: "plain",
      parameters: [
        ["charset", "utf-8"],
        ["format", "flowed"],
      ],
      id: "<a@b>",
      description: "some words",
      encoding: "quoted-printable",
      md5: "abc==",
      disposition: { type: "attachment", parameters: [["filename", 'a"b']] },
      language: ["en", "de"],
      location: "http://x.example/",
      headerStart: 0,
      bodyStart: root.bodyEnd,
      bodyEnd: root.bodyEnd,
      lines: 0,
      parts: undefined,
      message: null,
    },
  );
});

test("the pieces of RFC 2231 become one parameter", () => {
  const parameters = (text: string) =>
    parseMessage(Buffer.from(`Content-Type: a/b; ${text}\r\n\r\n`)).root.parameters;
  assert.deepEqual(parameters("name*1=b; name*0=a; x=y"), [
    ["x", "y"],
    ["name", "ab"],
  ]);
  assert.deepEqual(parameters(`name*0*=utf-8''a%20; name*1="b c"; name*3=lost`), [
    ["name*", "utf-8''a%20b%20c"],
  ]);
  assert.deepEqual(parameters("name*=utf-8''%C3%A4"), [["name*", "utf-8''%C3%A4"]]);
});

test("of repeated fields addresses add up, the last subject and the first content type count", () => {
  const { envelope, root } = parseMessage(
    Buffer.from(
      "To: a@b\r\nTo: c@d\r\nSubject: 1\r\nSubject: 2\r\nContent-Type: text/html\r\nContent-Type: a/b\r\n\r\n",
    ),
  );
  assert.deepEqual(
    envelope.to?.map(({ mailbox }) => mailbox),
    ["a", "c"],
  );
  assert.equal(envelope.subject, "2");
  assert.equal(root.subtype, "html");
});

test("an absent field is null, an empty one is empty; Sender and Reply-To are From where they name nobody", () => {
  const { envelope } = parseMessage(
    Buffer.from("Subject:\r\nFrom: a@b\r\nSender: \r\nTo: \r\n\r\n"),
  );
  assert.equal(envelope.subject, "");
  assert.equal(envelope.date, null);
  assert.equal(envelope.to, null);
  assert.deepEqual(envelope.sender, envelope.from);
  assert.deepEqual(envelope.replyTo, envelope.from);
});

interface Leaf {
  readonly kind: "leaf";
  readonly type: string;
  readonly body: readonly string[];
}
interface Multi {
  readonly kind: "multi";
  readonly preamble: readonly string[];
  readonly epilogue: readonly string[];
  readonly closed: boolean;
  readonly children: readonly Node[];
}
interface Message {
  readonly kind: "message";
  readonly inner: Node;
}
type Node = Leaf | Multi | Message;

// No "b" among them, so that no line of text begins as a boundary does.
const text = array(constantFrom("a", "-", "--", "\r\n", "\n", " ", "\xe9", "From "), {
  maxLength: 8,
});
const nodes = letrec<{ node: Node; leaf: Leaf; multi: Multi; message: Message }>((tie) => ({
  node: oneof(
    { depthSize: "medium", withCrossShrink: true },
    tie("leaf"),
    tie("multi"),
    tie("message"),
  ),
  leaf: record({
    kind: constantFrom("leaf" as const),
    type: constantFrom("text/plain", "text/html", "application/x", "image/png"),
    body: text,
  }),
  multi: record({
    kind: constantFrom("multi" as const),
    preamble: text,
    epilogue: text,
    closed: boolean(),
    children: array(tie("node"), { minLength: 1, maxLength: 3 }),
  }),
  message: record({ kind: constantFrom("message" as const), inner: tie("node") }),
}));

/** What must be found: offsets and lines, children or the message inside. */
interface Found {
  readonly type: string;
  readonly at: readonly number[];
  readonly inside: readonly Found[];
}

class Writer {
  out = "";
  #boundaries = 0;

  write(node: Node): Found {
    const headerStart = this.out.length;
    const boundary = `b${(this.#boundaries += 1)}`;
    const type =
      node.kind === "leaf"
        ? node.type
        : node.kind === "message"
          ? "message/rfc822"
          : "multipart/mixed";
    this.out += `Content-Type: ${type}${node.kind === "multi" ? `; boundary=${boundary}` : ""}\r\n\r\n`;
    const bodyStart = this.out.length;
    const inside: Found[] = [];
    if (node.kind === "leaf") this.out += node.body.join("");
    else if (node.kind === "message") inside.push(this.write(node.inner));
    else this.#multi(node, boundary, inside);
    const lines = this.out.slice(bodyStart).split("\n").length - 1;
    return { type, at: [headerStart, bodyStart, this.out.length, lines], inside };
  }

  #multi(node: Multi, boundary: string, inside: Found[]): void {
    const preamble = node.preamble.join("");
    this.out += preamble === "" ? "" : `${preamble}\r\n`;
    for (const [index, child] of node.children.entries()) {
      this.out += `${index === 0 ? "" : "\r\n"}--${boundary}\r\n`;
      inside.push(this.write(child));
    }
    if (!node.closed) return;
    this.out += `\r\n--${boundary}--`;
    const epilogue = node.epilogue.join("");
    if (epilogue !== "") this.out += `\r\n${epilogue}`;
  }
}

function foundIn(part: Part): Found {
  const inside = part.message === null ? part.parts : [part.message.root];
  return {
    type: `${part.type}/${part.subtype}`,
    at: [part.headerStart, part.bodyStart, part.bodyEnd, part.lines],
    inside: inside.map((child) => foundIn(child)),
  };
}

test("any tree that can be written is found again, to the octet and the line", () => {
  check(
    property(nodes.node, (node) => {
      const writer = new Writer();
      const expected = writer.write(node);
      assert.deepEqual(foundIn(parseMessage(Buffer.from(writer.out, "latin1")).root), expected);
    }),
    { numRuns: 1500 },
  );
});

function checkOffsets(part: Part, from: number, to: number): number {
  assert.ok(from <= part.headerStart && part.headerStart <= part.bodyStart, "header in its place");
  assert.ok(part.bodyStart <= part.bodyEnd && part.bodyEnd <= to, "body in its place");
  assert.equal(part.type === "multipart", part.parts.length > 0);
  let count = 1;
  let at = part.bodyStart;
  for (const child of part.message === null ? part.parts : [part.message.root]) {
    count += checkOffsets(child, at, part.bodyEnd);
    at = child.bodyEnd;
  }
  return count;
}

test("any octets give a tree whose parts lie in order, each inside its parent", () => {
  const piece = constantFrom(
    "Content-Type: multipart/mixed; boundary=b",
    "Content-Type: multipart/digest; boundary=bc",
    "Content-Type: message/rfc822",
    "--b",
    "--bc",
    "--b--",
    "--bc--",
    "\r\n",
    "\n",
    "\r\n\r\n",
    "x",
    ": ",
    " ",
  );
  check(
    property(array(piece, { maxLength: 60 }), (pieces) => {
      const bytes = Buffer.from(pieces.join("\n"));
      checkOffsets(parseMessage(bytes).root, 0, bytes.byteLength);
    }),
    { numRuns: 3000 },
  );
  check(
    property(uint8Array({ maxLength: 300 }), (bytes) => {
      checkOffsets(parseMessage(bytes).root, 0, bytes.byteLength);
    }),
  );
});
