// Annotations (RFC 5464): small values by name on a folder or on the account. Entry and value are sealed together, and found by an
// HMAC over owner and entry; what they mean, and how large one may be, is the protocol's to say.
import { concatBytes, fromUtf8, toHex } from "#base/bytes";
import { Broken, no, type Result, yes } from "#base/errors";
import { nameMac } from "#vault";
import { announceChange } from "./changes.ts";
import { setAnnotationsCommand } from "./commands.ts";
import type { MailboxContext } from "./folders.ts";
import { content, openContent, whatOpens } from "./names.ts";
import type { Tables } from "./tables.ts";

const NUL = 0;

// No folder's name has a control character: the MACs of names and of entries never meet.
const entryMac = (nameKey: Uint8Array, object: string, entry: string): Uint8Array =>
  nameMac(nameKey, `\0${object}\0${entry}`);

const part = (mac: Uint8Array): string => `annotation/${toHex(mac)}`;

export async function readAnnotations(
  { engine, owner, keys }: MailboxContext,
  folderId: string | undefined,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const object = folderId ?? owner.account;
  const rows = await engine
    .reader<Tables>()
    .selectFrom("annotation")
    .select(["entry_mac", "sealed"])
    .where("client_id", "=", owner.client)
    .where("account_id", "=", owner.account)
    .where("object", "=", object)
    .execute();
  const found = rows.flatMap(({ entry_mac: mac, sealed }) => {
    const opened = whatOpens(() => openContent(owner, keys.opener, object, part(mac), sealed));
    return opened === undefined ? [] : [unpack(opened)];
  });
  return new Map(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** See `Mailbox.setAnnotations`. Entries are the protocol's, already in their one spelling. */
export async function setAnnotations(
  { engine, owner, keys }: MailboxContext,
  folderId: string | undefined,
  values: ReadonlyMap<string, Uint8Array | null>,
  most: number,
): Promise<Result<true, "no-such-folder" | "too-many">> {
  const object = folderId ?? owner.account;
  const changes = [...values].map(([entry, value]) => {
    const mac = entryMac(keys.nameKey, object, entry);
    const sealed =
      value === null
        ? null
        : keys.sealer.seal(content(owner, object, part(mac)), pack(entry, value));
    return { mac, sealed };
  });
  const value = await engine.write(setAnnotationsCommand, {
    ...owner,
    folder: folderId,
    changes,
    most,
  });
  if (value !== "set") return no(value);
  announceChange(engine, owner, folderId ?? "");
  return yes(true);
}

/** The entry in UTF-8, NUL, the value. */
function pack(entry: string, value: Uint8Array): Uint8Array {
  return concatBytes(fromUtf8(entry), Uint8Array.of(NUL), value);
}

function unpack(bytes: Uint8Array): [entry: string, value: Uint8Array] {
  const end = bytes.indexOf(NUL);
  if (end < 0) throw new Broken("an annotation without its entry");
  return [Buffer.from(bytes.subarray(0, end)).toString("utf8"), bytes.subarray(end + 1)];
}
