// What the authentication of mail needs from its siblings, in its own words. Types only.

/** What a record of each type says; names are lower case without the last dot. */
export interface RecordOf {
  A: string;
  AAAA: string;
  CNAME: string;
  PTR: string;
  /** The strings of one record joined. */
  TXT: string;
  MX: { readonly preference: number; readonly exchange: string };
}

/** `trouble` when nobody knows just now. */
export type DnsAnswer<Type extends keyof RecordOf> =
  | { readonly ok: true; readonly records: readonly RecordOf[Type][] }
  | { readonly ok: false; readonly why: "nodata" | "nxdomain" | "trouble" };

/** Never rejects. */
export type Lookup = <Type extends keyof RecordOf>(
  name: string,
  type: Type,
) => Promise<DnsAnswer<Type>>;
