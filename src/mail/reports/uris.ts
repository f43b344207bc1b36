// Where reports go, as records say it: rua of DMARC (RFC 9989 §4.7) and of TLS reports (RFC 8460 §3). Pure and total; what cannot be read is
// passed over.

export type Destination =
  | { readonly kind: "mailto"; readonly address: string; readonly most: number }
  | { readonly kind: "https"; readonly url: URL };

/** Nobody needs more places, and a record that names hundreds would have us write to hundreds. */
const MAX_DESTINATIONS = 5;
const units: { readonly [unit: string]: number } = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** The value of rua: URIs with commas between them; a mailto may end with "!" and the most octets (RFC 7489 §6.2). */
export function destinationsOf(rua: string): readonly Destination[] {
  return rua
    .split(",")
    .flatMap((uri) => destinationOf(uri.trim()) ?? [])
    .slice(0, MAX_DESTINATIONS);
}

function destinationOf(uri: string): Destination | undefined {
  const mail = /^mailto:([^!?]+)(?:\?[^!]*)?(?:!(\d{1,9})([kmgt]?))?$/i.exec(uri);
  if (mail !== null) {
    const [, written = "", size, unit = ""] = mail;
    const address = decoded(written);
    if (address === undefined || !isAddress(address)) return undefined;
    const most =
      size === undefined ? Infinity : Number(size) * (units[unit.toLowerCase()] ?? 2 ** 40);
    return { kind: "mailto", address, most };
  }
  if (!/^https:\/\//i.test(uri) || !URL.canParse(uri)) return undefined;
  const url = new URL(uri);
  return url.username === "" && url.password === "" ? { kind: "https", url } : undefined;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** As it may stand in a command to another server: ASCII, without what means something there. */
function isAddress(text: string): boolean {
  return (
    /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i.test(text) &&
    text.length <= 254
  );
}

export function domainIn(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1).toLowerCase();
}

/** The tags of a record: "v=TLSRPTv1; rua=…" (RFC 8460 §3). Undefined when it is another kind of record, or none alone is. */
export function tlsRua(records: readonly string[]): string | undefined {
  const own = records.filter((record) => /^v=TLSRPTv1\s*(?:;|$)/.test(record));
  if (own.length !== 1) return undefined;
  return /;\s*rua\s*=\s*([^;]+)/.exec(own[0] ?? "")?.[1]?.trim();
}
