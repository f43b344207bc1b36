// What the abuse room needs from its siblings, in its own words. Nothing here opens a message: a report is matched by the keeper,
// which answers with ids, and a case is opened by the session of somebody at the desk.
interface Owner {
  readonly client: string;
  readonly account: string;
}

export interface KnownClient extends Owner {
  readonly address: string;
  readonly status: string;
}

/** A session at the desk, as far as cases go. */
export interface DeskReader {
  open(object: string, part: string, sealed: Uint8Array): Uint8Array | undefined;
}

/** A client's session, as far as decisions about them go. */
export interface ClientReader extends Owner {
  open(object: string, part: string, sealed: Uint8Array): Uint8Array | undefined;
}

/** `none`: no message in the window has that fingerprint. The keeper's other refusals by their names. */
export type MatchOutcome =
  | { readonly ok: true; readonly ids: readonly string[]; readonly tried: number }
  | { readonly ok: false; readonly refusal: string; readonly why: string };

export interface AbusePorts {
  /** The client of an address of ours; undefined for any other. */
  resolve(address: string): Promise<KnownClient | undefined>;
  client(id: string): Promise<KnownClient | undefined>;
  /** Seals a part of a case to the desk (class case). */
  sealForDesk(object: string, part: string, bytes: Uint8Array): Promise<Uint8Array>;
  /** Seals to the client's content key, for their own pages; undefined when that key is not the certified one. */
  sealForClient(
    owner: Owner,
    object: string,
    part: string,
    bytes: Uint8Array,
  ): Promise<Uint8Array | undefined>;
  /** Class rule, which the server may open: whom a decision keeps out. */
  readonly rules: {
    seal(object: string, bytes: Uint8Array): Promise<Uint8Array>;
    open(object: string, sealed: Uint8Array): Promise<Uint8Array | undefined>;
    /** Hex under a key that the server has in memory only, to know a report again. */
    mac(text: string): Promise<string>;
  };
  /** Has the keeper compare a fingerprint with those of the account's messages received between two instants. */
  match(
    owner: Owner,
    fingerprint: Uint8Array,
    between: { readonly from: number; readonly to: number },
  ): Promise<MatchOutcome>;
  /** Which of these ids are messages of the account that are held. */
  held(owner: Owner, ids: readonly string[]): Promise<readonly string[]>;
  readonly withholding: {
    withhold(owner: Owner, ids: readonly string[], decision: string): Promise<number>;
    giveBack(owner: Owner, decision: string): Promise<number>;
    end(owner: Owner, decision: string): Promise<number>;
  };
  /** True when the client is in that state afterwards. */
  setSuspended(client: string, suspended: boolean): Promise<boolean>;
  /** The letter to the client; the same key gives one letter. Resolves when it is durable, or could not be given. */
  tell(
    client: string,
    letter:
      | { readonly kind: "statement-of-reasons"; readonly fields: StatementLetter }
      | {
          readonly kind: "appeal-decided";
          readonly fields: {
            readonly case: string;
            readonly result: string;
            readonly statement: string;
          };
        },
    key: string,
  ): Promise<void>;
}

interface StatementLetter {
  readonly case: string;
  readonly measure: string;
  readonly clause: string;
  readonly until: string;
  readonly statement: string;
}
