// The structure of a message as bytes, to be sealed beside it and read for every FETCH instead of parsing again.
//
//   UTF-8 of a JSON array: [2, size, envelope, part, preview, references, fields]
//   envelope  [date, subject, from, sender, replyTo, to, cc, bcc, inReplyTo, messageId]; sender and replyTo are 0 when they
//             are the same list as from; an address is [name, route, mailbox, host]
//   part      [type, subtype, parameters, id, description, encoding, md5, disposition, language, location,
//             headerStart, bodyStart - headerStart, bodyEnd - bodyStart, lines, parts, message]; parameters are names and
//             values in turn, disposition is [type, parameters], message is [envelope, part]; null where there is none
//
//   references  ids, oldest first; fields  {name: [value, …] or null}, of what the envelope does not tell
//
// The leading 2 is the version. Raw text is one character per octet, as in the shapes.
import { asBuffer, fromUtf8 } from "#base/bytes";
import { Broken } from "#base/errors";
import type { Address, Envelope, KeptFields, Parameters, ParsedMessage, Part } from "./shape.ts";

const VERSION = 2;

type Text = string | null;
type PackedAddress = [Text, Text, Text, Text];
type PackedList = PackedAddress[] | null;
type PackedEnvelope = [
  Text,
  Text,
  PackedList,
  PackedList | 0,
  PackedList | 0,
  PackedList,
  PackedList,
  PackedList,
  Text,
  Text,
];
type PackedPart = [
  string,
  string,
  string[],
  Text,
  Text,
  string,
  Text,
  [string, string[]] | null,
  string[] | null,
  Text,
  number,
  number,
  number,
  number,
  PackedPart[],
  [PackedEnvelope, PackedPart] | null,
];
type Packed = [number, number, PackedEnvelope, PackedPart, string, readonly string[], KeptFields];

export function encodeStructure(message: ParsedMessage): Uint8Array {
  const packed: Packed = [
    VERSION,
    message.size,
    packEnvelope(message.envelope),
    packPart(message.root),
    message.preview,
    message.references,
    message.fields,
  ];
  return fromUtf8(JSON.stringify(packed));
}

/** The message that `encodeStructure` was given. Throws Broken for bytes that it did not make: they come from our own seal. */
export function decodeStructure(bytes: Uint8Array): ParsedMessage {
  try {
    const buffer = asBuffer(bytes);
    const packed = JSON.parse(buffer.toString("utf8")) as Packed;
    if (packed[0] !== VERSION) throw new RangeError("an unknown version");
    return {
      size: packed[1],
      envelope: unpackEnvelope(packed[2]),
      root: unpackPart(packed[3]),
      preview: packed[4],
      references: packed[5],
      fields: packed[6],
    };
  } catch (error) {
    throw new Broken(
      "a stored structure cannot be read",
      error instanceof RangeError ? error : undefined,
    );
  }
}

function packEnvelope(envelope: Envelope): PackedEnvelope {
  const { from, sender, replyTo } = envelope;
  return [
    envelope.date,
    envelope.subject,
    packList(from),
    sender === from ? 0 : packList(sender),
    replyTo === from ? 0 : packList(replyTo),
    packList(envelope.to),
    packList(envelope.cc),
    packList(envelope.bcc),
    envelope.inReplyTo,
    envelope.messageId,
  ];
}

function unpackEnvelope(packed: PackedEnvelope): Envelope {
  const from = unpackList(packed[2]);
  return {
    date: packed[0],
    subject: packed[1],
    from,
    sender: packed[3] === 0 ? from : unpackList(packed[3]),
    replyTo: packed[4] === 0 ? from : unpackList(packed[4]),
    to: unpackList(packed[5]),
    cc: unpackList(packed[6]),
    bcc: unpackList(packed[7]),
    inReplyTo: packed[8],
    messageId: packed[9],
  };
}

function packList(list: readonly Address[] | null): PackedList {
  return list === null
    ? null
    : list.map(({ name, route, mailbox, host }): PackedAddress => [name, route, mailbox, host]);
}

function unpackList(packed: PackedList): readonly Address[] | null {
  return packed === null
    ? null
    : packed.map(([name, route, mailbox, host]): Address => ({ name, route, mailbox, host }));
}

function packParameters(parameters: Parameters): string[] {
  return parameters.flat();
}

function unpackParameters(flat: readonly string[]): Parameters {
  const out: [string, string][] = [];
  for (let index = 0; index < flat.length; index += 2) {
    out.push([flat[index] ?? "", flat[index + 1] ?? ""]);
  }
  return out;
}

function packPart(part: Part): PackedPart {
  const { disposition, message } = part;
  return [
    part.type,
    part.subtype,
    packParameters(part.parameters),
    part.id,
    part.description,
    part.encoding,
    part.md5,
    disposition === null ? null : [disposition.type, packParameters(disposition.parameters)],
    part.language === null ? null : [...part.language],
    part.location,
    part.headerStart,
    part.bodyStart - part.headerStart,
    part.bodyEnd - part.bodyStart,
    part.lines,
    part.parts.map((child) => packPart(child)),
    message === null ? null : [packEnvelope(message.envelope), packPart(message.root)],
  ];
}

function unpackPart(packed: PackedPart): Part {
  const disposition = packed[7];
  const message = packed[15];
  const headerStart = packed[10];
  const bodyStart = headerStart + packed[11];
  return {
    type: packed[0],
    subtype: packed[1],
    parameters: unpackParameters(packed[2]),
    id: packed[3],
    description: packed[4],
    encoding: packed[5],
    md5: packed[6],
    disposition:
      disposition === null
        ? null
        : { type: disposition[0], parameters: unpackParameters(disposition[1]) },
    language: packed[8],
    location: packed[9],
    headerStart,
    bodyStart,
    bodyEnd: bodyStart + packed[12],
    lines: packed[13],
    parts: packed[14].map((child) => unpackPart(child)),
    message:
      message === null
        ? null
        : { envelope: unpackEnvelope(message[0]), root: unpackPart(message[1]) },
  };
}
