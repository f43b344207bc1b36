// What a look-up gives: types only.

/** Record types that we ask for, and what a record of each says. Names are lower case without the last dot; the root is "". */
export interface Records {
  A: string;
  AAAA: string;
  CNAME: string;
  NS: string;
  PTR: string;
  /** The strings of one record joined (RFC 7208 §3.3), as UTF-8. */
  TXT: string;
  MX: { readonly preference: number; readonly exchange: string };
  SRV: {
    readonly priority: number;
    readonly weight: number;
    readonly port: number;
    readonly target: string;
  };
  /** RFC 6698 §2.1. */
  TLSA: {
    readonly usage: number;
    readonly selector: number;
    readonly matching: number;
    readonly data: Uint8Array;
  };
  SOA: { readonly primary: string; readonly serial: number; readonly minimum: number };
}

export type RecordType = keyof Records;

export type Answer<Type extends RecordType> =
  | {
      readonly ok: true;
      /** At least one. */
      readonly records: readonly Records[Type][];
      /** Where the records stand: the name asked for, or what its aliases (CNAME) lead to. */
      readonly name: string;
      /** True when a resolver that we can trust says that DNSSEC vouches for it, every alias included. */
      readonly authenticated: boolean;
    }
  | {
      readonly ok: false;
      /** The name is there without such a record, or is not there at all. */
      readonly why: "nodata" | "nxdomain";
      readonly authenticated: boolean;
    }
  /** Nobody knows: no answer in time, a server's failure, a DNSSEC signature that is wrong (RFC 4035 §5.5). Ask again later. */
  | { readonly ok: false; readonly why: "trouble"; readonly reason: string };

export interface Dns {
  /** Never rejects. */
  lookup<Type extends RecordType>(name: string, type: Type): Promise<Answer<Type>>;
}
