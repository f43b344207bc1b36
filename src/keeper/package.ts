// A package: what a release hands over, sealed to the grant's recipient as {class "case", object: grant hash, part
// "package"}. Inside:
//
//   u32 length of the manifest, big-endian | manifest, canonical JSON | the items, one after the other, in its order
//
//   manifest = {version: 1, grant: hash, intent: index, items: [{class, client, account, object, part, bytes, sha256}],
//               missing: [ids in scope of which nothing was given]}
import { asBuffer, concatBytes, equalBytes, toHex } from "#base/bytes";
import { type Canonical, canonicalBytes, parseCanonical } from "#base/canonical";
import { type Context, openOpener, openSealer } from "#vault";
import { sha256 } from "./statements.ts";

export interface PackageItem {
  readonly context: Context;
  readonly bytes: Uint8Array;
}

export interface OpenedPackage {
  /** Canonical JSON; its SHA-256 is in the ledger's outcome entry. */
  readonly manifest: Uint8Array;
  readonly items: readonly PackageItem[];
}

// A manifest has some 500 bytes for each item; four thousand items fit.
const MAX_MANIFEST = 4 * 1024 * 1024;

export function manifestOf(about: {
  readonly grant: string;
  readonly intent: number;
  readonly items: readonly PackageItem[];
  readonly missing: readonly string[];
}): Uint8Array {
  const items = about.items.map(({ context, bytes }): Canonical => {
    return { ...context, bytes: bytes.byteLength, sha256: toHex(sha256(bytes)) };
  });
  const { grant, intent, missing } = about;
  return canonicalBytes({ version: 1, grant, intent, items, missing });
}

export function sealPackage(
  recipient: Uint8Array,
  grant: string,
  manifest: Uint8Array,
  items: readonly PackageItem[],
): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(manifest.byteLength);
  const plain = concatBytes(length, manifest, ...items.map(({ bytes }) => bytes));
  return openSealer(recipient).seal(contextOf(grant), plain);
}

/** Opens a package with the recipient's X25519 secret. Undefined when it is not one for this key and grant, or an item is not as the manifest says. */
export function openPackage(
  recipientSecret: Uint8Array,
  grant: string,
  sealed: Uint8Array,
): OpenedPackage | undefined {
  const opened = openOpener(recipientSecret).open(contextOf(grant), "handle-case", sealed);
  if (!opened.ok || opened.value.byteLength < 4) return undefined;
  const plain = asBuffer(opened.value);
  let at = 4 + plain.readUInt32BE(0);
  const manifest = plain.subarray(4, at);
  const said = parseCanonical(manifest, MAX_MANIFEST) as
    | { readonly grant: string; readonly items: readonly ManifestItem[] }
    | undefined;
  if (said?.grant !== grant) return undefined;
  const items: PackageItem[] = [];
  for (const { bytes: length, sha256: hash, ...context } of said.items) {
    const bytes = plain.subarray(at, at + length);
    at += length;
    if (!equalBytes(Buffer.from(toHex(sha256(bytes))), Buffer.from(hash))) return undefined;
    items.push({ context, bytes });
  }
  return at === plain.byteLength ? { manifest, items } : undefined;
}

type ManifestItem = Context & { readonly bytes: number; readonly sha256: string };

function contextOf(grant: string): Context<"case"> {
  return { class: "case", client: "", account: "", object: grant, part: "package" };
}
