// Reads a DMARC aggregate report (RFC 9990, and RFC 7489 appendix C, which most still write). Pure, total and bounded; expands no entity and
// takes no document that declares one. A report with one row that cannot be read is none.
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { toUtf8 } from "#base/bytes";
import type { DmarcFigure, Received } from "./contract.ts";

// The largest that big receivers send about a busy domain have some thousand rows.
const MAX_ROWS = 20_000;
// feedback, record, auth_results, dkim, domain: extensions may go somewhat deeper.
const MAX_DEPTH = 20;

type Tree = { readonly [name: string]: unknown };

/** Undefined for what is no such report. */
export function readDmarc(bytes: Uint8Array): Extract<Received, { kind: "dmarc" }> | undefined {
  const text = toUtf8(bytes);
  if (text === undefined || /<!(?:DOCTYPE|ENTITY)/i.test(text)) return undefined;
  const tree = parseXml(text);
  const feedback = below(tree, "feedback");
  const metadata = below(feedback, "report_metadata");
  const range = below(metadata, "date_range");
  const organisation = word(metadata, "org_name");
  const id = word(metadata, "report_id");
  const domain = word(below(feedback, "policy_published"), "domain")?.toLowerCase();
  const [begin, end] = [whole(range, "begin"), whole(range, "end")];
  const records = list(feedback, "record");
  if (organisation === undefined || id === undefined || !isDomain(domain)) return undefined;
  if (begin === undefined || end === undefined || end < begin) return undefined;
  if (records.length === 0 || records.length > MAX_ROWS) return undefined;
  const figures = records.map(figureOf);
  if (!figures.every((each) => each !== undefined)) return undefined;
  return { kind: "dmarc", organisation, id, domain, begin, end, figures };
}

function figureOf(record: unknown): DmarcFigure | undefined {
  const row = below(record, "row");
  const evaluated = below(row, "policy_evaluated");
  const source = word(row, "source_ip");
  const count = whole(row, "count");
  const headerFrom = word(below(record, "identifiers"), "header_from")?.toLowerCase();
  if (source === undefined || !/^[0-9a-f.:]{2,45}$/i.test(source)) return undefined;
  if (count === undefined || !isDomain(headerFrom)) return undefined;
  return {
    source: source.toLowerCase(),
    count,
    disposition: word(evaluated, "disposition") ?? "none",
    dkim: word(evaluated, "dkim") === "pass",
    spf: word(evaluated, "spf") === "pass",
    headerFrom,
  };
}

function parseXml(text: string): unknown {
  try {
    if (XMLValidator.validate(text) !== true) return undefined;
    const parser = new XMLParser({
      ignoreAttributes: true,
      removeNSPrefix: true,
      parseTagValue: false,
      processEntities: true,
      maxNestedTags: MAX_DEPTH,
      isArray: (name) => name === "record",
    });
    return parser.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function below(tree: unknown, name: string): Tree | undefined {
  if (typeof tree !== "object" || tree === null || !Object.hasOwn(tree, name)) return undefined;
  const value = (tree as Tree)[name];
  return typeof value === "object" && value !== null ? (value as Tree) : undefined;
}

function list(tree: Tree | undefined, name: string): readonly unknown[] {
  const value = tree !== undefined && Object.hasOwn(tree, name) ? tree[name] : undefined;
  return Array.isArray(value) ? value : [];
}

/** A line of text; undefined for what is none or is longer than names are. */
function word(tree: Tree | undefined, name: string): string | undefined {
  const value = tree !== undefined && Object.hasOwn(tree, name) ? tree[name] : undefined;
  if (typeof value !== "string") return undefined;
  const text = value.replaceAll(/\p{C}/gu, "").trim();
  return text !== "" && text.length <= 255 ? text : undefined;
}

function whole(tree: Tree | undefined, name: string): number | undefined {
  const text = word(tree, name);
  return text !== undefined && /^\d{1,11}$/.test(text) ? Number(text) : undefined;
}

function isDomain(text: string | undefined): text is string {
  return text !== undefined && /^(?=.{1,253}$)[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(text);
}
