// What a list does to a letter's header: its own fields in front, those of other lists out, every other octet as it came. Pure.
import { asBuffer, concatBytes, fromUtf8 } from "#base/bytes";
import { folded, headerFields, headerPhrase } from "#mail/message";

export interface ListFields {
  readonly name: string;
  readonly domain: string;
  readonly title: string;
  /** Where one click takes this reader off the list (RFC 8058 §3.1). */
  readonly leaveLink: string;
  /** The same by a letter. */
  readonly leaveAddress: string;
}

/** RFC 2919 §2: one dot-separated name that stays the same for as long as the list lives. */
function listId({ name, domain }: Pick<ListFields, "name" | "domain">): string {
  return `<${name}.${domain}>`;
}

/** Where reports of failure go: to the list's owner, never to the author. */
export function ownerAddress({ name, domain }: Pick<ListFields, "name" | "domain">): string {
  return `${name}-owner@${domain}`;
}

/** The lines in front of one reader's copy. `prefix` is what the server put there on arrival. */
export function listPrefix(list: ListFields, prefix: Uint8Array): Uint8Array {
  const { name, domain, title, leaveLink, leaveAddress } = list;
  const owner = ownerAddress(list);
  const isWeb = leaveLink.startsWith("https:");
  const fields: readonly (readonly [string, string])[] = [
    ["Sender", `<${owner}>`],
    ["List-Id", `${headerPhrase(title)} ${listId(list)}`],
    ["List-Post", `<mailto:${name}@${domain}>`],
    ["List-Owner", `<mailto:${owner}>`],
    ["List-Unsubscribe", `<${leaveLink}>, <mailto:${leaveAddress}>`],
    // RFC 8058 §3.1 asks for https; a trial without TLS has the link alone.
    ...(isWeb ? ([["List-Unsubscribe-Post", "List-Unsubscribe=One-Click"]] as const) : []),
    ["Precedence", "list"],
  ];
  const arrived = asBuffer(prefix)
    .toString("latin1")
    .replace(/^Return-Path:[^\r]*\r\n/, "");
  const own = fields.map(([field, value]) => folded(field, value)).join("");
  return concatBytes(
    fromUtf8(`Return-Path: <${owner}>\r\n`),
    Buffer.from(arrived, "latin1"),
    fromUtf8(own),
  );
}

/** The letter without the fields that are a list's to say (RFC 2369 §4). */
export function withoutListFields(raw: Uint8Array): Uint8Array {
  const kept: Uint8Array[] = [];
  let from = 0;
  for (const { name, start, end } of headerFields(raw, 0, raw.byteLength)) {
    if (!/^(?:list-|return-path$|precedence$|sender$)/.test(name)) continue;
    kept.push(raw.subarray(from, start));
    from = end;
  }
  kept.push(raw.subarray(from));
  return concatBytes(...kept);
}

/** Why a letter must not be passed on, whoever wrote it; undefined where it may. */
export function loops(
  list: Pick<ListFields, "name" | "domain">,
  sender: string,
  raw: Uint8Array,
): "came from here" | "automatic" | undefined {
  // Reports have no sender (RFC 5321 §4.5.5); absence notes and the like say what they are (RFC 3834 §5).
  if (sender === "") return "automatic";
  for (const { name, valueStart, end } of headerFields(raw, 0, raw.byteLength)) {
    const value = asBuffer(raw).toString("latin1", valueStart, end).trim().toLowerCase();
    if (name === "list-id" && value.includes(listId(list))) return "came from here";
    if (name === "auto-submitted" && !/^no\b/.test(value)) return "automatic";
  }
  return undefined;
}
