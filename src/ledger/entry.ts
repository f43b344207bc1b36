// Entries and leaves: commit now, reveal later. An entry has three parts, each of which can be opened alone:
//
//   c_part = SHA-256("bailee entry <part> v1\0" || nonce (32) || canonical JSON)
//   leaf   = "bailee/1.0\n" || base64(SHA-256("bailee entry v1\0" || c_public || c_client || c_case)) || "\n", 56 bytes
//
// An opening is one line of canonical JSON: {"case": c, "client": c, "entry": …, "index": n, "nonce": …, "part": "public"},
// where the two parts that stay closed are given by their commitments. What a part says is not known here.
import { randomBytes } from "node:crypto";
import { asBuffer, equalBytes, fromBase64, fromUtf8, toBase64, toUtf8 } from "#base/bytes";
import { type Canonical, canonicalBytes, parseCanonical } from "#base/canonical";
import { no, type Result, yes } from "#base/errors";
import { HASH_SIZE, sha256 } from "./tree.ts";

export const LEAF_SIZE = 56;
export const partNames = ["public", "client", "case"] as const;
export type PartName = (typeof partNames)[number];

/** One part with what hides it: 32 random bytes, and the canonical JSON. */
export interface Part {
  readonly nonce: Uint8Array;
  readonly bytes: Uint8Array;
}

export type Entry = { readonly [name in PartName]: Part };

export interface Opening extends Part {
  readonly index: number;
  readonly part: PartName;
  /** The commitments of the parts that stay closed; the opened part's own is not among them. */
  readonly others: { readonly [name in PartName]?: Uint8Array };
}

/** The public part of a cover: a leaf that only keeps the rhythm. */
const coverPublic: Canonical = { type: "cover" };

// The keeper's largest entry is a grant of 16 KiB with its approvals.
export const MAX_PART = 24 * 1024;
const MAX_OPENING = MAX_PART + 1024;
const versionLine = fromUtf8("bailee/1.0\n");
const entryLabel = fromUtf8("bailee entry v1\0");
const newline = 10;

/** Makes an entry with fresh nonces. Throws a TypeError on values without a canonical form, too large or too deep to be opened later. */
export function newEntry(parts: { readonly [name in PartName]: Canonical }): Entry {
  return {
    public: newPart(parts.public),
    client: newPart(parts.client),
    case: newPart(parts.case),
  };
}

/** A cover: keep it, it is opened later like any other entry. */
export function newCover(): Entry {
  return newEntry({ public: coverPublic, client: {}, case: {} });
}

/** The 56 bytes that go into the log. */
export function leafOf(entry: Entry): Uint8Array {
  return leafFrom(
    partCommitment("public", entry.public),
    partCommitment("client", entry.client),
    partCommitment("case", entry.case),
  );
}

/** True for bytes that have a leaf's form; what it commits to cannot be seen. */
export function isLeaf(bytes: Uint8Array): boolean {
  if (bytes.byteLength !== LEAF_SIZE || bytes[LEAF_SIZE - 1] !== newline) return false;
  if (!equalBytes(bytes.subarray(0, versionLine.byteLength), versionLine)) return false;
  const encoded = toUtf8(bytes.subarray(versionLine.byteLength, LEAF_SIZE - 1));
  return encoded !== undefined && fromBase64(encoded)?.byteLength === HASH_SIZE;
}

/** Opens one part of the entry that stands at an index of the log. */
export function openPart(entry: Entry, part: PartName, index: number): Opening {
  const others: { [name in PartName]?: Uint8Array } = {};
  for (const name of partNames) {
    if (name !== part) others[name] = partCommitment(name, entry[name]);
  }
  return { index, part, nonce: entry[part].nonce, bytes: entry[part].bytes, others };
}

/** The leaf that an opening is an opening of; undefined when a commitment of the other parts is missing. */
export function leafOfOpening(opening: Opening): Uint8Array | undefined {
  const commitments = partNames.map((name) =>
    name === opening.part ? partCommitment(name, opening) : opening.others[name],
  );
  const [ofPublic, ofClient, ofCase] = commitments;
  if (ofPublic === undefined || ofClient === undefined || ofCase === undefined) return undefined;
  return leafFrom(ofPublic, ofClient, ofCase);
}

/** What the part says, when the opening is one of this leaf. */
export function verifyOpening(
  opening: Opening,
  leaf: Uint8Array,
): Result<Canonical, "not-this-leaf" | "not-canonical"> {
  const opened = leafOfOpening(opening);
  if (opened === undefined || !equalBytes(opened, leaf)) return no("not-this-leaf");
  const value = parseCanonical(opening.bytes, MAX_PART);
  return value === undefined ? no("not-canonical") : yes(value);
}

/** An opening as one line, without its newline. Throws a TypeError when the part's bytes are not canonical. */
export function formatOpening(opening: Opening): string {
  const entry = parseCanonical(opening.bytes, MAX_PART);
  if (entry === undefined) throw new TypeError("a part that is not canonical cannot be opened");
  const fields: { [name: string]: Canonical } = {
    index: opening.index,
    part: opening.part,
    nonce: toBase64(opening.nonce),
    entry,
  };
  for (const name of partNames) {
    const commitment = opening.others[name];
    if (commitment !== undefined) fields[name] = toBase64(commitment);
  }
  return asBuffer(canonicalBytes(fields)).toString();
}

/** Reads one line; undefined when it is not exactly what `formatOpening` writes. */
export function parseOpening(line: Uint8Array): Opening | undefined {
  const value = parseCanonical(line, MAX_OPENING);
  if (typeof value !== "object" || Array.isArray(value)) return undefined;
  const fields = value as { readonly [name: string]: Canonical };
  const { index, part: partField, nonce: nonceField, entry } = fields;
  const part = partNames.find((name) => name === partField);
  const nonce = commitmentOf(nonceField);
  if (typeof index !== "number" || index < 0 || part === undefined) return undefined;
  if (nonce === undefined || entry === undefined || Object.keys(fields).length !== 6) {
    return undefined;
  }
  const others: { [name in PartName]?: Uint8Array } = {};
  for (const name of partNames) {
    if (name === part) continue;
    const commitment = commitmentOf(fields[name]);
    if (commitment === undefined) return undefined;
    others[name] = commitment;
  }
  return { index, part, nonce, bytes: canonicalBytes(entry), others };
}

/** The commitment of one part. */
function partCommitment(name: PartName, { nonce, bytes }: Part): Uint8Array {
  return sha256(fromUtf8(`bailee entry ${name} v1\0`), nonce, bytes);
}

function leafFrom(...commitments: [Uint8Array, Uint8Array, Uint8Array]): Uint8Array {
  const commitment = sha256(entryLabel, ...commitments);
  return Buffer.concat([versionLine, fromUtf8(`${toBase64(commitment)}\n`)]);
}

function newPart(value: Canonical): Part {
  const bytes = canonicalBytes(value);
  // An opening holds the part one level deeper than it stands alone.
  if (
    bytes.byteLength > MAX_PART ||
    !parseCanonical(canonicalBytes({ entry: value }), MAX_OPENING)
  ) {
    throw new TypeError(
      `a part of ${bytes.byteLength} bytes is too large or too deep to be opened`,
    );
  }
  return { nonce: randomBytes(32), bytes };
}

function commitmentOf(value: Canonical | undefined): Uint8Array | undefined {
  const bytes = typeof value === "string" ? fromBase64(value) : undefined;
  return bytes?.byteLength === HASH_SIZE ? bytes : undefined;
}
