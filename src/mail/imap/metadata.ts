// GETMETADATA and SETMETADATA (RFC 5464): notes that mail programs leave on folders and on the account. The account has one reader, so
// /shared and /private differ in name only; the store keeps both sealed.
import type { Command } from "./command.ts";
import { formatString } from "./format.ts";
import { nameText } from "./listing.ts";
import { MAX_ANNOTATIONS, MAX_ANNOTATION } from "./limits.ts";
import {
  findFolder,
  mailboxOf,
  missing,
  ok,
  refuse,
  type Reply,
  type Session,
  spelling,
  tell,
} from "./session.ts";

/** RFC 5464 §3.2.1.1: how to reach who runs the server; read-only. */
const ADMIN = "/shared/admin";

/** The folder's id, undefined for the account itself; a reply where there is no such folder. */
async function placeOf(
  session: Session,
  octets: Buffer,
): Promise<{ readonly id: string | undefined; readonly name: string } | Reply> {
  if (octets.length === 0) return { id: undefined, name: "" };
  const { folder } = await findFolder(session, octets);
  return folder === undefined ? missing() : { id: folder.id, name: folder.name };
}

export async function getMetadata(
  session: Session,
  command: Extract<Command, { name: "GETMETADATA" }>,
): Promise<Reply> {
  const { entries, maxSize = Infinity, depth } = command;
  const place = await placeOf(session, command.folder);
  if ("status" in place) return place;
  const found = new Map(await mailboxOf(session).annotations(place.id));
  if (place.id === undefined) found.set(ADMIN, adminUrl(session));
  const told: string[] = [];
  let longest = 0;
  for (const [entry, value] of found) {
    if (!entries.some((wanted) => isWithin(entry, wanted, depth))) continue;
    if (value.byteLength > maxSize) longest = Math.max(longest, value.byteLength);
    else told.push(`${entryText(entry)} ${valueText(session, value)}`);
  }
  // RFC 5464 §4.2.2: what is asked for by name and is not there has no value, which NIL says.
  if (depth === 0)
    for (const wanted of new Set(entries))
      if (!found.has(wanted)) told.push(`${entryText(wanted)} NIL`);
  const name = place.name === "" ? '""' : nameText(session, place.name);
  if (told.length > 0) tell(session, `METADATA ${name} (${told.join(" ")})`);
  return longest > 0 ? ok("Told", `METADATA LONGENTRIES ${longest}`) : ok("Told");
}

/** Whether an entry is the wanted one or at most `depth` components below it. */
function isWithin(entry: string, wanted: string, depth: number): boolean {
  if (entry === wanted) return true;
  if (!entry.startsWith(`${wanted}/`)) return false;
  return entry.slice(wanted.length + 1).split("/").length <= depth;
}

/** An astring: bare where the grammar allows. */
function entryText(entry: string): string {
  return /^[a-z0-9!#$&'+,\-./:;<=>?@[\]^_`|}~]+$/.test(entry)
    ? entry
    : `"${entry.replace(/["\\]/g, "\\$&")}"`;
}

/** A string, or a literal8 where a NUL is in it (RFC 5464 §5, value). */
function valueText(session: Session, value: Uint8Array): string {
  const octets = Buffer.from(value).toString("latin1");
  if (value.includes(0)) return `~{${value.byteLength}}\r\n${octets}`;
  return formatString(octets, spelling(session));
}

function adminUrl(session: Session): Uint8Array {
  return Buffer.from(`mailto:postmaster@${session.house.hostname}`);
}

export async function setMetadata(
  session: Session,
  command: Extract<Command, { name: "SETMETADATA" }>,
): Promise<Reply> {
  const place = await placeOf(session, command.folder);
  if ("status" in place) return place;
  const values = new Map(command.values);
  for (const [entry, value] of values) {
    if (entry === ADMIN && place.id === undefined)
      return refuse("That entry is the server's own", "CANNOT");
    // RFC 5464 §3.2: two components at least, four below a vendor.
    const components = entry.split("/").length - 1;
    if (components < (/^\/[^/]+\/vendor(?:\/|$)/.test(entry) ? 4 : 2))
      return refuse("No value can stand there", "CANNOT");
    if ((value?.byteLength ?? 0) > MAX_ANNOTATION)
      return refuse("The value is too large", `METADATA MAXSIZE ${MAX_ANNOTATION}`);
  }
  const set = await mailboxOf(session).setAnnotations(place.id, values, MAX_ANNOTATIONS);
  if (set.ok) return ok("Set");
  return set.refusal === "too-many"
    ? refuse("There are as many entries as there may be", "METADATA TOOMANY")
    : missing();
}
