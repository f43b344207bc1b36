// IMAP URLs that name a message or a part of one within the account (RFC 5092, as far as RFC 4469 §3 uses them): text to value, pure and
// total. What names a server, carries an authorisation or no message is no URL here.
import { toUtf8 } from "#base/bytes";
import type { Partial, Section } from "./command.ts";
import { expectEnd, Malformed, openCursor } from "./cursor.ts";
import { sectionArguments } from "./grammar-fetch.ts";

export interface MessageUrl {
  /** Undefined for the selected folder. */
  readonly folder: string | undefined;
  readonly uidValidity: number | undefined;
  readonly uid: number;
  readonly section: Section;
  readonly partial: Partial | undefined;
}

const form =
  /^(?:(?<path>[^;]*?)(?:;UIDVALIDITY=(?<validity>\d{1,10}))?\/)?;UID=(?<uid>\d{1,10})(?:\/;SECTION=(?<section>[^;]+?))?(?:\/;PARTIAL=(?<offset>\d{1,15})(?:\.(?<count>\d{1,15}))?)?$/i;

const whole: Section = { path: [], text: "", fields: [] };

/** `selected` is the name of the selected folder, against which a relative path is read. Undefined for anything else. */
export function parseMessageUrl(octets: Uint8Array, selected?: string): MessageUrl | undefined {
  const found = form.exec(Buffer.from(octets).toString("latin1"))?.groups;
  if (found === undefined) return undefined;
  const folder = folderOf(found["path"] ?? "", selected);
  const section = sectionOf(found["section"]);
  const uid = Number(found["uid"]);
  if (folder === "nowhere" || section === undefined || uid === 0) return undefined;
  const { validity, offset, count } = found;
  if (count !== undefined && Number(count) === 0) return undefined;
  return {
    folder: folder.name,
    uidValidity: validity === undefined ? undefined : Number(validity),
    uid,
    section,
    partial:
      offset === undefined
        ? undefined
        : { offset: Number(offset), count: count === undefined ? Infinity : Number(count) },
  };
}

/** RFC 3986 §5.2.3: a path without its leading slash stands beside the last level of the base. */
function folderOf(
  path: string,
  selected: string | undefined,
): { readonly name: string | undefined } | "nowhere" {
  if (path.startsWith("//")) return "nowhere"; // a server is named
  const name = unescaped(path.replace(/^\//, "").replace(/\/$/, ""));
  if (name === undefined || /^imap:/i.test(name)) return "nowhere";
  if (name === "") return selected === undefined ? "nowhere" : { name: undefined };
  if (path.startsWith("/") || selected === undefined) return { name };
  const above = selected.slice(0, selected.lastIndexOf("/") + 1);
  return { name: above + name };
}

function sectionOf(escaped: string | undefined): Section | undefined {
  if (escaped === undefined) return whole;
  const text = unescaped(escaped);
  if (text === undefined) return undefined;
  try {
    const cursor = openCursor(Buffer.from(text));
    const section = sectionArguments(cursor);
    expectEnd(cursor);
    return section;
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}

/** Percent-encoded UTF-8 as text; undefined when it is none. */
function unescaped(text: string): string | undefined {
  if (/%(?![0-9a-f]{2})/i.test(text)) return undefined;
  const octets = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return toUtf8(Buffer.from(octets, "latin1"))?.normalize("NFC");
}
