// The MIME tree of a message in one pass over its lines: RFC 2045, 2046 and what is broken besides. Octets are only looked
// at, never copied; the tree says where everything stands.
import { OpenBoundaries, type BoundaryLine } from "./boundaries.ts";
import { envelopeOf, type FieldValues, structuralFields } from "./envelope.ts";
import { parameter, parseLanguages, parseMediaType, parseStructured } from "./parameters.ts";
import { countLines, fieldName, isBlankLine, isFolded, lineEnd, unfold } from "./scan.ts";
import type { Envelope, Parameters, Part, RawText } from "./shape.ts";

// Nobody nests by hand beyond ten; Dovecot and Exchange stop at about a hundred as well. A part deeper than that is an opaque
// leaf (application/octet-stream), so that neither our stack nor a mail program's gives out.
export const MAX_DEPTH = 100;
// The largest digests and photo sets hold some hundreds of parts. After this many the last part takes the rest of the message.
export const MAX_PARTS = 10_000;

interface Header {
  readonly fields: FieldValues;
  readonly end: number;
}

/** What the header says of a part, before its body is read. */
interface Heading {
  readonly type: string;
  readonly subtype: string;
  readonly parameters: Parameters;
}

interface Mark {
  readonly at: number;
  /** Line feeds before `at`. */
  readonly lines: number;
}

export interface Tree {
  readonly envelope: Envelope;
  readonly root: Part;
}

/** Reads a whole message. Any bytes give a tree; a multipart always has at least one child. */
export function readTree(bytes: Uint8Array): Tree {
  return new TreeReader(bytes).message(0);
}

class TreeReader {
  readonly #bytes: Uint8Array;
  readonly #open = new OpenBoundaries();
  #at = 0;
  #lines = 0;
  #parts = 0;
  /** The delimiter that ended the last body read; undefined at the end of the message. */
  #stop: BoundaryLine | undefined;
  /** Where the last body ended: before the line end that belongs to the delimiter. */
  #bodyEnd: Mark = { at: 0, lines: 0 };

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  message(level: number): Tree {
    const headerStart = this.#at;
    const header = this.#header();
    const root = this.#part(headerStart, header, level, "text/plain");
    return { envelope: envelopeOf(header.fields), root };
  }

  #part(headerStart: number, header: Header, level: number, defaultType: string): Part {
    this.#parts += 1;
    // Where the header ran into a delimiter there is no body, and that is where the part ends.
    const bare = this.#stop !== undefined;
    const body: Mark = bare ? this.#bodyEnd : { at: header.end, lines: this.#lines };
    const said = headingOf(header.fields, defaultType);
    const heading = level < MAX_DEPTH || !isComposite(said) ? said : opaque;
    const boundary =
      heading.type === "multipart" ? parameter(heading.parameters, "boundary") : undefined;
    let parts: readonly Part[] = [];
    let message: Tree | null = null;
    if (!bare) {
      if (isMessage(heading)) message = this.message(level + 1);
      else if (boundary === undefined || boundary === "") this.#skipBody(body);
      else parts = this.#children(level, boundary, heading.subtype, body);
    }
    const end = this.#bodyEnd.at < body.at ? body : this.#bodyEnd;
    if (isMessage(heading)) message ??= emptyMessage(end.at);
    if (heading.type === "multipart" && parts.length === 0) parts = [coveringPart(body, end)];
    return {
      ...heading,
      ...detailsOf(header.fields, heading.type),
      headerStart,
      bodyStart: body.at,
      bodyEnd: end.at,
      lines: end.lines - body.lines,
      parts,
      message,
    };
  }

  /** The parts of a multipart whose header was just read; leaves `#stop` at the delimiter of an outer one. */
  #children(level: number, boundary: string, subtype: string, body: Mark): readonly Part[] {
    const childType = subtype === "digest" ? "message/rfc822" : "text/plain";
    const parts: Part[] = [];
    this.#open.push(level, boundary);
    this.#skipBody(body);
    while (this.#stop !== undefined && this.#stop.level === level && !this.#stop.close) {
      const headerStart = this.#at;
      const header = this.#header();
      parts.push(this.#part(headerStart, header, level + 1, childType));
    }
    const closed = this.#stop?.level === level;
    this.#open.popTo(level);
    // After the close delimiter comes an epilogue, up to a delimiter of an outer multipart.
    if (closed) this.#skipBody(body);
    return parts;
  }

  /** Reads lines up to a delimiter, which is consumed, or the end of the message. */
  #skipBody(start: Mark): void {
    const bytes = this.#bytes;
    const size = bytes.byteLength;
    this.#stop = undefined;
    if (this.#open.count === 0) {
      // Nothing can end this body but the end: its lines need only be counted.
      this.#lines += countLines(bytes, this.#at);
      this.#at = size;
    }
    while (this.#at < size) {
      const end = lineEnd(bytes, this.#at, size);
      const stop = this.#delimiter(this.#at, end);
      if (stop !== undefined) {
        this.#stopAt(stop, start, end);
        return;
      }
      this.#pass(end);
    }
    this.#bodyEnd = { at: this.#at, lines: this.#lines };
  }

  #stopAt(stop: BoundaryLine, start: Mark, end: number): void {
    const bytes = this.#bytes;
    const at = this.#at;
    const before =
      at > start.at && bytes[at - 1] === 10
        ? at - 1 > start.at && bytes[at - 2] === 13
          ? 2
          : 1
        : 0;
    this.#bodyEnd = { at: at - before, lines: this.#lines - (before > 0 ? 1 : 0) };
    this.#stop = stop;
    this.#pass(end);
  }

  #delimiter(at: number, end: number): BoundaryLine | undefined {
    return this.#parts < MAX_PARTS ? this.#open.match(this.#bytes, at, end) : undefined;
  }

  /** Goes to the next line. */
  #pass(end: number): void {
    if (end > this.#at && this.#bytes[end - 1] === 10) this.#lines += 1;
    this.#at = end;
  }

  /** Reads a header up to and including its blank line, or up to a delimiter (consumed, in `#stop`), or the end. */
  #header(): Header {
    const bytes = this.#bytes;
    const size = bytes.byteLength;
    const spans: Spans = new Map();
    let current: Span | undefined;
    this.#stop = undefined;
    while (this.#at < size) {
      const at = this.#at;
      const end = lineEnd(bytes, at, size);
      const stop = this.#delimiter(at, end);
      if (stop !== undefined) {
        this.#stopAt(stop, { at, lines: 0 }, end);
        return { fields: unfolded(bytes, spans), end: at };
      }
      this.#pass(end);
      if (isBlankLine(bytes, at, end)) break;
      if (isFolded(bytes, at)) {
        if (current !== undefined) current.end = end;
        continue;
      }
      const { name, valueStart } = fieldName(bytes, at, end);
      current =
        structuralFields.has(name) && valueStart < end ? { start: valueStart, end } : undefined;
      if (current !== undefined) note(spans, name, current);
    }
    return { fields: unfolded(bytes, spans), end: this.#at };
  }
}

interface Span {
  readonly start: number;
  end: number;
}

type Spans = Map<string, Span[]>;

const addressFields = new Set(["from", "sender", "reply-to", "to", "cc", "bcc"]);
// Nobody repeats a field more often without meaning harm; what is beyond is left out.
const MAX_REPEATS = 100;

/**
 * Of several fields of one name all count where they hold addresses, the first where they say what the body is (that is how
 * the parts of the message were cut), and the last otherwise, as Dovecot has it.
 */
function note(spans: Spans, name: string, span: Span): void {
  const known = spans.get(name);
  if (known === undefined || addressFields.has(name)) {
    if (known === undefined) spans.set(name, [span]);
    else if (known.length < MAX_REPEATS) known.push(span);
  } else if (!name.startsWith("content-")) {
    known[0] = span;
  }
}

function unfolded(bytes: Uint8Array, spans: Spans): FieldValues {
  const fields = new Map<string, RawText>();
  for (const [name, found] of spans) {
    const values = found.map(({ start, end }) => unfold(bytes, start, end));
    fields.set(name, values.length === 1 ? (values[0] ?? "") : values.join(", "));
  }
  return fields;
}

const usAscii: Parameters = [["charset", "us-ascii"]];
const opaque: Heading = { type: "application", subtype: "octet-stream", parameters: [] };

function isMessage({
  type,
  subtype,
}: {
  readonly type: string;
  readonly subtype: string;
}): boolean {
  return type === "message" && (subtype === "rfc822" || subtype === "global");
}

function isComposite(heading: Heading): boolean {
  return heading.type === "multipart" || isMessage(heading);
}

function headingOf(fields: FieldValues, defaultType: string): Heading {
  const said = fields.get("content-type");
  const found = parseMediaType(said ?? defaultType) ?? {
    type: "text",
    subtype: "plain",
    parameters: [],
  };
  // A message that is encoded cannot be looked into (RFC 2046 §5.2.1 forbids it); it is a leaf.
  if (isMessage(found) && /^(?:base64|quoted-printable)$/.test(encodingOf(fields))) {
    return { type: "application", subtype: "octet-stream", parameters: found.parameters };
  }
  if (found.type === "text" && parameter(found.parameters, "charset") === undefined) {
    return { ...found, parameters: [...found.parameters, ...usAscii] };
  }
  return found;
}

function encodingOf(fields: FieldValues): string {
  const said = fields.get("content-transfer-encoding");
  return said === undefined ? "7bit" : parseStructured(said).value || "7bit";
}

type Details = Pick<
  Part,
  "id" | "description" | "encoding" | "md5" | "disposition" | "language" | "location"
>;

function detailsOf(fields: FieldValues, type: string): Details {
  const disposition = fields.get("content-disposition");
  const language = fields.get("content-language");
  const parsed = disposition === undefined ? undefined : parseStructured(disposition);
  return {
    id: fields.get("content-id") ?? null,
    description: fields.get("content-description") ?? null,
    encoding: type === "multipart" ? "7bit" : encodingOf(fields),
    md5: fields.get("content-md5") ?? null,
    disposition:
      parsed === undefined || parsed.value === ""
        ? null
        : { type: parsed.value, parameters: parsed.parameters },
    language: language === undefined ? null : parseLanguages(language),
    location: fields.get("content-location") ?? null,
  };
}

const noFields: FieldValues = new Map();

/** A text part over the whole body of a multipart in which no part was found, so that its text can still be read. */
function coveringPart(body: Mark, end: Mark): Part {
  return {
    type: "text",
    subtype: "plain",
    parameters: usAscii,
    ...detailsOf(noFields, "text"),
    headerStart: body.at,
    bodyStart: body.at,
    bodyEnd: end.at,
    lines: end.lines - body.lines,
    parts: [],
    message: null,
  };
}

function emptyMessage(at: number): Tree {
  const mark = { at, lines: 0 };
  return { envelope: envelopeOf(noFields), root: coveringPart(mark, mark) };
}
