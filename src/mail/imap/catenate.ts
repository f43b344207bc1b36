// The bytes of a message that is put in: a literal as it came, or pieces put together, of which some stand in the account already
// (RFC 4469). Reads; changes nothing, \Seen included.
import { decodeStructure, parseMessage, withoutNul } from "#mail/message";
import type { AppendedMessage, AppendedPart } from "./command.ts";
import { MAX_APPEND, MAX_URLS } from "./limits.ts";
import { decodeName } from "./names.ts";
import { partialBytes, sectionBytes } from "./section.ts";
import { bad, mailboxOf, refuse, type Reply, type Session } from "./session.ts";
import { type MessageUrl, parseMessageUrl } from "./url.ts";

/** What one command has fetched so far: its pieces are often of one message. */
export interface Gathering {
  urls: number;
  octets: number;
  last:
    | { readonly messageId: string; readonly bytes: Uint8Array; readonly structure: Uint8Array }
    | undefined;
}

export const newGathering = (): Gathering => ({ urls: 0, octets: 0, last: undefined });

/** The message as it will be kept, or the refusal of the whole command. */
export async function gather(
  session: Session,
  { parts, form }: AppendedMessage,
  gathering: Gathering,
): Promise<Uint8Array | Reply> {
  if (form === "utf8" && !session.enabled.has("UTF8=ACCEPT") && !session.enabled.has("IMAP4REV2"))
    return refuse("UTF8=ACCEPT was not enabled");
  const pieces: Uint8Array[] = [];
  let size = 0;
  for (const part of parts) {
    const piece = await octetsOf(session, part, gathering);
    if ("status" in piece) return piece;
    size += piece.byteLength;
    gathering.octets += piece.byteLength;
    if (size > session.house.appendLimit || gathering.octets > MAX_APPEND)
      return refuse("The message is too large", "TOOBIG");
    pieces.push(piece);
  }
  if (size === 0) return refuse("An empty message is none; nothing was put in");
  const [only] = pieces;
  const bytes = pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces);
  if (!bytes.includes(0)) return bytes;
  const kept = withoutNul(bytes, parseMessage(bytes).root);
  if (kept === undefined) return refuse("A NUL stands where none can be kept", "UNKNOWN-CTE");
  return kept.byteLength > session.house.appendLimit
    ? refuse("The message is too large", "TOOBIG")
    : kept;
}

async function octetsOf(
  session: Session,
  part: AppendedPart,
  gathering: Gathering,
): Promise<Uint8Array | Reply> {
  if (part.kind === "text") return part.bytes;
  gathering.urls += 1;
  if (gathering.urls > MAX_URLS) return refuse("So many URLs are not followed", "LIMIT");
  const url = parseMessageUrl(part.url, session.selected?.name);
  const bytes = url && (await follow(session, url, gathering));
  return bytes ?? badUrl(part.url);
}

/** RFC 4469 §5: any TEXT-CHAR but "]" stands for itself. */
function badUrl(url: Uint8Array): Reply {
  const shown = Buffer.from(url)
    .toString("latin1")
    .slice(0, 1000)
    .replace(/[^\x20-\x5c\x5e-\x7e]/g, (octet) => `%${octet.charCodeAt(0).toString(16)}`);
  return shown === ""
    ? bad("An empty URL")
    : refuse("That URL leads to no part of a message here", `BADURL ${shown}`);
}

async function follow(
  session: Session,
  url: MessageUrl,
  gathering: Gathering,
): Promise<Uint8Array | undefined> {
  const mailbox = mailboxOf(session);
  const name = url.folder === undefined ? undefined : decodeName(Buffer.from(url.folder), true);
  const folders = await mailbox.folders();
  const folder = folders.find(({ id, name: each }) =>
    url.folder === undefined ? id === session.selected?.folderId : each === name,
  );
  if (folder === undefined) return undefined;
  if (url.uidValidity !== undefined && url.uidValidity !== folder.uidValidity) return undefined;
  const snapshot = await mailbox.snapshot(folder.id);
  const placement = snapshot?.placements.find(({ uid }) => uid === url.uid);
  if (placement === undefined) return undefined;
  const { messageId } = placement;
  if (gathering.last?.messageId !== messageId) {
    const structure = (await mailbox.structures([messageId])).get(messageId);
    const [body] = await Array.fromAsync(mailbox.bodies([messageId]));
    if (structure === undefined || body === undefined) return undefined;
    gathering.last = { messageId, bytes: body.bytes, structure };
  }
  const { bytes, structure } = gathering.last;
  const found = sectionBytes(decodeStructure(structure), bytes, url.section);
  return found && partialBytes(found, url.partial);
}
