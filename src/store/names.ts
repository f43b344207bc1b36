// Folder names: what is a good one, its levels, and its sealed form. Pure but for the sealing.
import { newId } from "#base/ids";
import { Broken } from "#base/errors";
import { logBroken } from "#base/log";
import { nameMac, type Context, type Opener, type Sealer } from "#vault";
import type { Owner, Role } from "./contract.ts";
import type { NewFolder } from "./folder-rows.ts";

// 255 octets is what other servers and the file systems of mail programs take for a name.
const MAX_NAME_BYTES = 255;
// Sixteen levels are more than any program shows; each level is one more row that a single CREATE may make.
const MAX_DEPTH = 16;
// Every LIST opens every name: 10,000 of them take about a tenth of a second.
export const MAX_FOLDERS = 10_000;

/**
 * The one spelling of a name: NFC, "INBOX" in capitals as the first level (RFC 9051 §5.1). Undefined for what is no name: empty
 * levels, control characters, the wildcards of LIST, too long, too deep.
 */
export function canonicalName(name: string): string | undefined {
  if (!name.isWellFormed()) return undefined;
  const levels = name.normalize("NFC").split("/");
  if (levels[0]?.toUpperCase() === "INBOX") levels[0] = "INBOX";
  const canonical = levels.join("/");
  if (levels.includes("") || levels.length > MAX_DEPTH) return undefined;
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f-\u009f*%]/.test(canonical)) return undefined;
  return Buffer.byteLength(canonical) <= MAX_NAME_BYTES ? canonical : undefined;
}

/** "a/b/c" gives "a", "a/b". */
export function parentsOf(name: string): readonly string[] {
  const levels = name.split("/");
  return levels.slice(1).map((_, index) => levels.slice(0, index + 1).join("/"));
}

/** A folder to be made, its name sealed to its own new id. */
export function newFolder(
  owner: Owner,
  keys: { readonly sealer: Sealer; readonly nameKey: Uint8Array },
  name: string,
  role: Role | undefined,
  subscribed: boolean,
): NewFolder {
  const id = newId();
  return { id, ...sealName(owner, keys, id, name), role: role ?? null, subscribed };
}

export function sealName(
  owner: Owner,
  keys: { readonly sealer: Sealer; readonly nameKey: Uint8Array },
  folderId: string,
  name: string,
): { name: Uint8Array; mac: Uint8Array } {
  return {
    name: keys.sealer.seal(content(owner, folderId, "name"), Buffer.from(name)),
    mac: nameMac(keys.nameKey, name),
  };
}

/** Throws Broken when the name does not open: the row was tampered with, or the keys are another account's. */
export function openName(
  owner: Owner,
  opener: Opener,
  folderId: string,
  sealed: Uint8Array,
): string {
  return Buffer.from(openContent(owner, opener, folderId, "name", sealed)).toString("utf8");
}

/** The context of a piece of content: of a message (body, structure) or of a folder (name, keywords). */
export function content(owner: Owner, object: string, part: string): Context<"content"> {
  return { class: "content", client: owner.client, account: owner.account, object, part };
}

export function openContent(
  owner: Owner,
  opener: Opener,
  object: string,
  part: string,
  sealed: Uint8Array,
): Uint8Array {
  const opened = opener.open(content(owner, object, part), "own", sealed);
  if (!opened.ok) throw new Broken(`${part.replace(/\/.*/, "")} of ${object} ${opened.refusal}`);
  return opened.value;
}

/** What does not open was tampered with or is damaged: it is logged, left out, and does not stop the rest. */
export function whatOpens(open: () => Uint8Array): Uint8Array | undefined {
  try {
    return open();
  } catch (error) {
    logBroken("store.open", error);
    return undefined;
  }
}
