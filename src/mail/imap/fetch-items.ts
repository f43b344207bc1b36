// How the items of FETCH are told of one message (RFC 9051 §7.5.2): from its placement, from facts of its structure, or from its octets.
// Opens nothing.
import { never } from "#base/errors";
import { decodeTransfer, type ParsedMessage } from "#mail/message";
import type { Placement } from "#store";
import type { FetchItem, PlainItem } from "./command.ts";
import { formatFlags } from "./flags.ts";
import { formatEnvelope, formatStructure } from "./format-structure.ts";
import { formatDateTime, formatText } from "./format.ts";
import type { Facet, Fact } from "./opened.ts";
import { findPart, partialBytes, sectionBytes } from "./section.ts";
import { isRecent, isRev2, selectedOf, type Session, spelling } from "./session.ts";

const structured = ["ENVELOPE", "BODYSTRUCTURE", "BODY", "PREVIEW"] as const;
type Structured = (typeof structured)[number];

/** Whether an item is made of the structure alone. */
export const isStructured = (item: PlainItem): item is Structured =>
  (structured as readonly PlainItem[]).includes(item);

/** One message on its way out. */
export interface Outgoing {
  readonly placement: Placement;
  readonly number: number;
  readonly facts: readonly Fact[];
  readonly message: ParsedMessage | undefined;
  readonly bytes: Uint8Array | undefined;
}

export function plainText(
  session: Session,
  item: Exclude<PlainItem, Structured>,
  outgoing: Outgoing,
): string {
  const { placement } = outgoing;
  switch (item) {
    case "FLAGS": {
      const recent = !isRev2(session) && isRecent(selectedOf(session), placement.uid);
      return `FLAGS ${formatFlags(placement.flags, placement.keywords, recent)}`;
    }
    case "UID":
      return `UID ${placement.uid}`;
    case "INTERNALDATE":
      return `INTERNALDATE ${formatDateTime(placement.receivedAt)}`;
    case "RFC822.SIZE":
      return `RFC822.SIZE ${placement.size}`;
    case "MODSEQ":
      return `MODSEQ (${placement.modseq})`;
    case "SAVEDATE":
      return `SAVEDATE ${formatDateTime(placement.savedAt)}`;
    case "EMAILID":
      return `EMAILID (${placement.messageId})`;
    case "THREADID":
      return "THREADID NIL";
    default:
      return never(item);
  }
}

/** An item that is made of the structure alone, as this session is to read it. */
export function facetOf(session: Session, item: Structured): Facet {
  const how = spelling(session);
  const facet = (of: (message: ParsedMessage) => string): Facet => ({
    name: `${item}${how.utf8 ? " utf8" : ""}`,
    of,
  });
  switch (item) {
    case "ENVELOPE":
      return facet(({ envelope }) => formatEnvelope(envelope, how));
    case "PREVIEW":
      return facet(({ preview }) => formatText(preview, how));
    case "BODY":
    case "BODYSTRUCTURE":
      return facet(({ root }) => formatStructure(root, item === "BODYSTRUCTURE", how));
    default:
      return never(item);
  }
}

/** False when the part cannot be decoded: nothing is sent for it. */
export function sendContent(
  session: Session,
  item: Exclude<FetchItem, { kind: "plain" }>,
  { message, bytes }: Outgoing,
  between: string,
): boolean {
  const { out } = session.io;
  if (bytes === undefined) return false;
  const content =
    item.kind === "section"
      ? sectionBytes(message, bytes, item.section)
      : binaryBytes(message, bytes, item.path);
  if (content === "unknown-encoding") return false;
  if (item.kind === "binary-size") {
    out.text(`${between}${item.label} ${content?.byteLength ?? 0}`);
    return true;
  }
  const origin = item.partial === undefined ? "" : `<${item.partial.offset}>`;
  if (content === undefined) {
    out.text(`${between}${item.label}${origin} NIL`);
    return true;
  }
  const sent = partialBytes(content, item.partial);
  const literal8 = item.kind === "binary" && sent.includes(0) ? "~" : "";
  out.text(`${between}${item.label}${origin} ${literal8}{${sent.byteLength}}\r\n`);
  out.bytes(sent);
  return true;
}

function binaryBytes(
  message: ParsedMessage | undefined,
  bytes: Uint8Array,
  path: readonly number[],
): Uint8Array | undefined | "unknown-encoding" {
  if (path.length === 0) return bytes;
  if (message === undefined) return undefined;
  const part = findPart(message.root, path);
  if (part === undefined) return undefined;
  const body = bytes.subarray(part.bodyStart, part.bodyEnd);
  if (part.type === "multipart" || part.message !== null) return body;
  return decodeTransfer(body, part.encoding) ?? "unknown-encoding";
}
