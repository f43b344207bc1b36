// What a search must know of a message beside its placement: which facts a search program asks for, and how they are made.
import {
  addressText,
  dayOfDate,
  decodeWords,
  fieldTexts,
  foldText,
  isKeptField,
  type ParsedMessage,
  type TextPiece,
  textPieces,
} from "#mail/message";
import type { SearchKey } from "./command.ts";
import type { Facet, Fact } from "./opened.ts";

/** What is known of one message. */
export interface Known {
  /** Folded texts of a field in every occurrence; null where only the message itself can tell. Name in lower case. */
  field(name: string): readonly string[] | null;
  /** Day of its Date field since 1970; null where it has none that can be read. */
  sentDay(): number | null;
  /** Where its header begins and ends. */
  head(): readonly [start: number, end: number];
  pieces(where: "text" | "body"): readonly TextPiece[];
}

const sent: Facet = { name: "sent", of: ({ envelope }) => dayOfDate(envelope.date ?? "") ?? null };
const head: Facet = { name: "head", of: ({ root }) => [root.headerStart, root.bodyStart] };
const pieces = {
  text: { name: "pieces/text", of: (message: ParsedMessage) => textPieces(message, "text") },
  body: { name: "pieces/body", of: (message: ParsedMessage) => textPieces(message, "body") },
} as const;
const fieldFacet = (name: string): Facet => ({
  name: `field/${name}`,
  of: (message) => knownText(message, name),
});

/** The facts that a search program asks for, each once. */
export function facetsOf(key: SearchKey): readonly Facet[] {
  const found = new Map<string, Facet>();
  const waiting = [key];
  for (let each = waiting.pop(); each !== undefined; each = waiting.pop()) {
    if (each.key === "and") waiting.push(...each.keys);
    if (each.key === "or") waiting.push(each.a, each.b);
    if (each.key === "not") waiting.push(each.a);
    for (const facet of facetsOfOne(each)) found.set(facet.name, facet);
  }
  return [...found.values()];
}

function facetsOfOne(key: SearchKey): readonly Facet[] {
  if (key.key === "header") return isKeptField(key.field) ? [head, fieldFacet(key.field)] : [head];
  if (key.key === "day") return key.date === "sent" ? [sent] : [];
  return key.key === "body" || key.key === "text" ? [pieces[key.key]] : [];
}

/** Reads facts by what they are; `row` is in the order of `facets`, which came of `facetsOf`. */
export function knownBy(facets: readonly Facet[], row: readonly Fact[]): Known {
  const fact = (name: string): Fact =>
    row[facets.findIndex((facet) => facet.name === name)] ?? null;
  return {
    field: (name) => fact(`field/${name}`) as readonly string[] | null,
    sentDay: () => fact("sent") as number | null,
    head: () => fact("head") as readonly [number, number],
    pieces: (where) => fact(`pieces/${where}`) as readonly TextPiece[],
  };
}

/** Addresses are told as they stood, and once more as one reads them, without the quotes that only the grammar needs. */
function knownText(message: ParsedMessage, field: string): readonly string[] | null {
  const raw = fieldTexts(message, field);
  if (raw === undefined) return null;
  const texts = raw.map((text) => foldText(decodeWords(text)));
  switch (field) {
    case "from":
    case "to":
    case "cc":
    case "bcc": {
      const read = foldText(decodeWords(addressText(message.envelope[field])));
      return raw.length === 0 || texts.includes(read) ? texts : [...texts, read];
    }
    default:
      return texts;
  }
}
