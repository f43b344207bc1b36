// Abuse reports by mail in the Abuse Reporting Format (RFC 5965): a multipart/report of three parts, told apart strictly. Pure,
// total, bounded; decides nothing about what it reads.
import {
  decodeTransfer,
  headerFields,
  type ParsedMessage,
  parseMessage,
  type Part,
  unfold,
} from "#mail/message";

interface Arf {
  /** Lower case: "abuse", "fraud", "virus", "not-spam", "other", or what a later registration adds. */
  readonly feedbackType: string;
  /** The reporting program. */
  readonly userAgent: string;
  /** Domains that the reporter names, lower case. */
  readonly domains: readonly string[];
  /** What the first part says for people. */
  readonly words: string;
  /** The reported message, or its header where that is all that came. */
  readonly copy: Uint8Array;
  /** False where only the header came. */
  readonly isWhole: boolean;
}

/** `not-a-report`: an ordinary letter. `bad-report`: it says that it is a report, and breaks the format. */
export type ArfResult =
  | { readonly ok: true; readonly value: Arf }
  | {
      readonly ok: false;
      readonly refusal: "not-a-report" | "bad-report";
      readonly why: string;
    };

// Reports that are seen carry a dozen fields of a line each.
const MAX_FEEDBACK = 64 * 1024;
// A paragraph for people; what is longer is read in the letter itself.
const MAX_WORDS = 4000;
const MAX_DOMAINS = 50;

/** RFC 5965 §3.1 and §3.2: these stand at most once; the first three must stand. */
const once = [
  "feedback-type",
  "user-agent",
  "version",
  "arrival-date",
  "incidents",
  "original-envelope-id",
  "original-mail-from",
  "reporting-mta",
  "received-date",
  "source-ip",
] as const;
const required = once.slice(0, 3);

const bad = (why: string): ArfResult => ({ ok: false, refusal: "bad-report", why });

/** Reads a whole letter. */
export function parseArf(bytes: Uint8Array): ArfResult {
  const { root } = parseMessage(bytes);
  if (!isFeedbackReport(root))
    return { ok: false, refusal: "not-a-report", why: "no multipart/report of feedback-report" };
  const [text, feedback, original] = root.parts;
  if (root.parts.length !== 3 || text === undefined || original === undefined)
    return bad("a report has three parts");
  if (feedback?.type !== "message" || feedback.subtype !== "feedback-report")
    return bad("its second part is no message/feedback-report");
  const copy = copyOf(bytes, original);
  if (copy === undefined) return bad("its third part is no message and no header of one");
  const fields = fieldsOf(bytes, feedback);
  if (fields === undefined) return bad("its second part is too long or not in clear");
  const doubled = once.find((name) => (fields.get(name)?.length ?? 0) > 1);
  if (doubled !== undefined) return bad(`${doubled} stands twice`);
  const missing = required.find((name) => (fields.get(name)?.[0] ?? "") === "");
  if (missing !== undefined) return bad(`${missing} is missing`);
  const said = (name: string): string => fields.get(name)?.[0] ?? "";
  if (!/^\d{1,3}(?:\.\d{1,3})?$/.test(said("version"))) return bad("version is no number");
  if (!/^[A-Za-z0-9][A-Za-z0-9-]{0,39}$/.test(said("feedback-type")))
    return bad("feedback-type is no token");
  return {
    ok: true,
    value: {
      feedbackType: said("feedback-type").toLowerCase(),
      userAgent: printable(said("user-agent")).slice(0, 200),
      domains: domainsOf(fields.get("reported-domain") ?? []),
      words: text.type === "text" ? wordsOf(bytes, text) : "",
      ...copy,
    },
  };
}

/** The first letter that is attached to a letter, whole; undefined where there is none. */
export function attachedLetter(bytes: Uint8Array, message: ParsedMessage): Uint8Array | undefined {
  // As wide as a letter is parsed, so no further bound is needed.
  const waiting: Part[] = [message.root];
  for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
    if (part !== message.root && isLetter(part)) return contentOf(bytes, part);
    waiting.push(...part.parts);
  }
  return isLetter(message.root) ? contentOf(bytes, message.root) : undefined;
}

function isFeedbackReport({ type, subtype, parameters }: Part): boolean {
  const kind = parameters.find(([name]) => name.toLowerCase() === "report-type")?.[1];
  return type === "multipart" && subtype === "report" && kind?.toLowerCase() === "feedback-report";
}

function isLetter({ type, subtype }: Part): boolean {
  return type === "message" && (subtype === "rfc822" || subtype === "global");
}

function copyOf(bytes: Uint8Array, part: Part): Pick<Arf, "copy" | "isWhole"> | undefined {
  const isWhole = isLetter(part);
  const isHeader =
    (part.type === "text" && part.subtype === "rfc822-headers") ||
    (part.type === "message" && part.subtype === "global-headers");
  const copy = isWhole || isHeader ? contentOf(bytes, part) : undefined;
  return copy === undefined || copy.byteLength === 0 ? undefined : { copy, isWhole };
}

function contentOf(bytes: Uint8Array, part: Part): Uint8Array | undefined {
  return decodeTransfer(bytes.subarray(part.bodyStart, part.bodyEnd), part.encoding);
}

function fieldsOf(
  bytes: Uint8Array,
  part: Part,
): ReadonlyMap<string, readonly string[]> | undefined {
  if (part.bodyEnd - part.bodyStart > MAX_FEEDBACK) return undefined;
  const block = contentOf(bytes, part);
  if (block === undefined) return undefined;
  const fields = new Map<string, string[]>();
  for (const { name, valueStart, end } of headerFields(block, 0, block.byteLength)) {
    const values = fields.get(name) ?? [];
    values.push(unfold(block, valueStart, end));
    fields.set(name, values);
  }
  return fields;
}

function domainsOf(values: readonly string[]): readonly string[] {
  const domains = values
    .map((value) => value.toLowerCase().replace(/^dns;\s*/, ""))
    .filter((value) => /^[a-z0-9.-]{1,253}$/.test(value));
  return [...new Set(domains)].slice(0, MAX_DOMAINS);
}

function wordsOf(bytes: Uint8Array, part: Part): string {
  const content = contentOf(bytes, part) ?? new Uint8Array();
  const text = new TextDecoder().decode(content.subarray(0, 4 * MAX_WORDS));
  return printable(text.replaceAll("\r\n", "\n")).slice(0, MAX_WORDS).trim();
}

/** Without control characters and marks that turn the direction of writing; NFC. */
export function printable(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\P{C}\n]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, "")
    .normalize("NFC");
}
