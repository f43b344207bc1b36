// A bank's statement, ISO 20022 camt.053 in its versions .02 to .13: the credits that were booked, and whatever else a person
// must see. Pure, total and bounded; expands no entity and refuses a file that declares one. Keeps no payer's name, account or
// words: the bank has them, and for matching the structured reference is enough.
import { createHash } from "node:crypto";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { lengthPrefixed, toHex, toUtf8 } from "#base/bytes";
import { parseAmount } from "./money.ts";
import { findReference, parseReference } from "./reference.ts";

export interface BankEntry {
  /** Names this entry among all of the account, however often the statement comes: a hash. */
  readonly id: string;
  readonly direction: "credit" | "returned";
  /** The day of booking. */
  readonly day: string;
  readonly cents: number;
  readonly currency: string;
  /** A right ISO 11649 reference; undefined when there is none. */
  readonly reference: string | undefined;
  /** The bank's own word for the entry, so that a person finds it there; "" when the bank gives none. */
  readonly bankReference: string;
}

export interface Statement {
  readonly entries: readonly BankEntry[];
  /** Debits, and what is only announced: not ours to credit. */
  readonly passedOver: number;
}

export type StatementMistake =
  | "too-large"
  | "not-utf8"
  | "declares-entities"
  | "not-xml"
  | "not-camt-053"
  | "bad-entry"
  | "too-many-entries";

// A month of a busy account: some ten thousand entries of at most a kilobyte.
export const MAX_STATEMENT_OCTETS = 12 * 1024 * 1024;
const MAX_ENTRIES = 20_000;
// The schema goes 14 deep at what we read; a deeper file is none of it.
const MAX_DEPTH = 40;

const many = new Set(["Stmt", "Ntry", "NtryDtls", "TxDtls", "RmtInf", "Strd", "Ustrd"]);

type Tree = { readonly [name: string]: unknown };

/** All or nothing: one entry that cannot be read refuses the file, so that no half of a statement is credited. */
export function parseStatement(
  bytes: Uint8Array,
):
  | { readonly ok: true; readonly value: Statement }
  | { readonly ok: false; readonly mistake: StatementMistake } {
  const mistaken = (mistake: StatementMistake) => ({ ok: false, mistake }) as const;
  if (bytes.byteLength > MAX_STATEMENT_OCTETS) return mistaken("too-large");
  const text = toUtf8(bytes);
  if (text === undefined) return mistaken("not-utf8");
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) return mistaken("declares-entities");
  const tree = parseXml(text);
  if (tree === undefined) return mistaken("not-xml");
  const document = below(tree, "Document");
  const space = document?.["@xmlns"];
  if (
    typeof space !== "string" ||
    !/^urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.\d\d$/.test(space)
  )
    return mistaken("not-camt-053");
  const statements = list(below(document, "BkToCstmrStmt"), "Stmt");
  if (statements.length === 0) return mistaken("not-camt-053");
  return readStatements(statements);
}

function parseXml(text: string): Tree | undefined {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "@",
    parseTagValue: false,
    parseAttributeValue: false,
    processEntities: false,
    htmlEntities: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
    maxNestedTags: MAX_DEPTH,
    // A prefix other than xmlns is a bank's habit; the names behind it are the standard's.
    transformTagName: (name) => name.slice(name.indexOf(":") + 1),
    transformAttributeName: (name) => (name.startsWith("@xmlns:") ? "@xmlns" : name),
    isArray: (name) => many.has(name),
  });
  try {
    if (XMLValidator.validate(text) !== true) return undefined;
    return parser.parse(text) as Tree;
  } catch {
    return undefined; // too deep, or a name that no schema has: not to be told apart from broken XML
  }
}

function readStatements(
  statements: readonly Tree[],
):
  | { readonly ok: true; readonly value: Statement }
  | { readonly ok: false; readonly mistake: StatementMistake } {
  const entries: BankEntry[] = [];
  // Entries that the bank gave no reference of their own are told apart by how often the same was seen before in the file.
  const seen = new Map<string, number>();
  let passedOver = 0;
  for (const statement of statements) {
    const account = accountOf(statement);
    for (const entry of list(statement, "Ntry")) {
      const read = readEntry(entry, account, seen);
      if (read === undefined) return { ok: false, mistake: "bad-entry" };
      if (read === "passed-over") passedOver += 1;
      else entries.push(...read);
      if (entries.length + passedOver > MAX_ENTRIES)
        return { ok: false, mistake: "too-many-entries" };
    }
  }
  return { ok: true, value: { entries, passedOver } };
}

function readEntry(
  entry: Tree,
  account: string,
  seen: Map<string, number>,
): readonly BankEntry[] | "passed-over" | undefined {
  const indicator = word(entry["CdtDbtInd"]);
  if (indicator !== "CRDT" && indicator !== "DBIT") return undefined;
  const isReversal = word(entry["RvslInd"]) === "true" || word(entry["RvslInd"]) === "1";
  const status = word(entry["Sts"]) ?? word(below(entry, "Sts")?.["Cd"]);
  const isCredit = indicator === "CRDT" && !isReversal;
  // A reversed credit is a debit with the indicator: a payment that the bank took back, which a person must see.
  const isReturned = indicator === "DBIT" && isReversal;
  if (status !== "BOOK" || (!isCredit && !isReturned)) return "passed-over";
  const day = dayIn(below(entry, "BookgDt")) ?? dayIn(below(entry, "ValDt"));
  const whole = amountIn(entry["Amt"]);
  if (day === undefined || whole === undefined) return undefined;
  const parts = list(entry, "NtryDtls").flatMap((details) => list(details, "TxDtls"));
  const amounts = parts.map((part) =>
    amountIn(part["Amt"] ?? below(below(part, "AmtDtls"), "TxAmt")?.["Amt"]),
  );
  // A collective entry is taken apart only where its parts have amounts that add up to it in its currency.
  const sum = amounts.reduce((total, amount) => total + (amount?.cents ?? Number.NaN), 0);
  const isCollective =
    parts.length > 1 &&
    sum === whole.cents &&
    amounts.every((amount) => amount?.currency === whole.currency);
  const pieces = isCollective
    ? parts.map((part, index) => ({ of: [part], amount: amounts[index] ?? whole }))
    : [{ of: parts, amount: whole }];
  return pieces.map(({ of, amount }): BankEntry => {
    const bankReference = ownReference(entry);
    const own = [
      account,
      indicator,
      day,
      String(amount.cents),
      amount.currency,
      bankReference,
      word(entry["NtryRef"]) ?? "",
      ...of.flatMap((part) => refsOf(part)),
    ];
    const name = toHex(createHash("sha256").update(lengthPrefixed(own)).digest());
    // The bank's reference names the entry; within a collective one, and without any, the order does.
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return {
      id: bankReference !== "" && !isCollective ? name : `${name}/${count}`,
      direction: isCredit ? "credit" : "returned",
      day,
      ...amount,
      // Two payments in one entry that cannot be taken apart: which is whose, a person must say.
      reference: of.length > 1 ? undefined : referenceIn(of[0]),
      bankReference,
    };
  });
}

/** The bank's reference of an entry; some banks write a word there that says they have none. */
function ownReference(entry: Tree): string {
  const reference = plainWord(word(entry["AcctSvcrRef"]) ?? "");
  return /^(?:NONREF|NOTPROVIDED|NONE)$/i.test(reference) ? "" : reference;
}

function referenceIn(part: Tree | undefined): string | undefined {
  if (part === undefined) return undefined;
  const remittance = list(part, "RmtInf");
  const structured = remittance
    .flatMap((piece) => list(piece, "Strd"))
    .map((piece) => parseReference(word(below(piece, "CdtrRefInf")?.["Ref"]) ?? ""))
    .filter((reference) => reference !== undefined);
  const [first] = structured;
  if (first !== undefined) return new Set(structured).size === 1 ? first : undefined;
  // A line of free text is cut after 140 characters, wherever that is: a reference may go on in the next.
  const lines = remittance.flatMap((piece) => words(piece["Ustrd"]));
  const end = word(below(part, "Refs")?.["EndToEndId"]) ?? "";
  return findReference(lines.join(" ")) ?? findReference(lines.join("")) ?? parseReference(end);
}

function refsOf(part: Tree): readonly string[] {
  const refs = below(part, "Refs");
  return ["AcctSvcrRef", "EndToEndId", "TxId", "InstrId", "MsgId"]
    .map((name) => word(refs?.[name]) ?? "")
    .concat(referenceIn(part) ?? "");
}

function accountOf(statement: Tree): string {
  const id = below(below(statement, "Acct"), "Id");
  return word(id?.["IBAN"]) ?? word(below(id, "Othr")?.["Id"]) ?? "";
}

function amountIn(
  value: unknown,
): { readonly cents: number; readonly currency: string } | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { "#text": text, "@Ccy": currency } = value as Tree;
  const cents = typeof text === "string" ? parseAmount(text.trim()) : undefined;
  if (cents === undefined || typeof currency !== "string" || !/^[A-Z]{3}$/.test(currency))
    return undefined;
  return { cents, currency };
}

/** "Dt" is a day, "DtTm" an instant whose day in the bank's own zone counts. */
function dayIn(tree: Tree | undefined): string | undefined {
  const day = (word(tree?.["Dt"]) ?? word(tree?.["DtTm"]) ?? "").slice(0, 10);
  return /^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(Date.parse(day)) ? day : undefined;
}

/** What is shown to people and kept: as long as the standard allows, and nothing that a terminal or a page could take amiss. */
function plainWord(text: string): string {
  return text.replaceAll(/[^\w .:/+-]/g, "").slice(0, 35);
}

function below(tree: Tree | undefined, name: string): Tree | undefined {
  const value = tree !== undefined && Object.hasOwn(tree, name) ? tree[name] : undefined;
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Tree)
    : undefined;
}

function list(tree: Tree | undefined, name: string): readonly Tree[] {
  const value = tree?.[name];
  return Array.isArray(value)
    ? value.filter((item): item is Tree => typeof item === "object" && item !== null)
    : [];
}

function word(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}

function words(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
