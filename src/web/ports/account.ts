// What the pages about a client's own account need, in the pages' own words. A rejection means that the keeper is away.
import type { Result } from "#base/errors";
import type { LogKind } from "#policy";
import type { ContactData, LogLine, SignedIn } from "../ports.ts";

/** Times are milliseconds since 1970. */
export interface OwnStanding {
  readonly status: string;
  readonly since: number;
  readonly level: string;
  /** What the level means; "" where there is nothing to say. */
  readonly words: string;
  readonly serving: {
    readonly imap: "whole" | "read-only" | "off";
    readonly submission: boolean;
    readonly web: "open" | "own-data" | "shut";
    readonly inbound: "taken" | "deferred" | "refused" | "unknown";
  };
  readonly next: { readonly level: string; readonly at: number } | undefined;
  readonly holds: readonly {
    readonly kind: string;
    readonly since: number;
    readonly until: number | undefined;
    readonly inForce: boolean;
  }[];
  readonly plan: string;
  readonly planVersion: number;
  readonly mode: string;
  readonly clientSince: number;
  readonly closing:
    | { readonly closedAt: number; readonly eraseAfter: number; readonly mayComeBack: boolean }
    | undefined;
}

export interface LogPage {
  readonly events: readonly LogLine[];
  readonly destroyed: number;
  readonly older: string | undefined;
}

export interface AccountPort {
  standing(session: SignedIn): Promise<OwnStanding | undefined>;
  services(
    plan: string,
    version: number,
  ):
    | {
        readonly words: string;
        readonly services: readonly string[];
        readonly limits: { readonly storage: number; readonly recipientsPerDay: number };
      }
    | undefined;
  log(
    session: SignedIn,
    limit: number,
    part: { readonly kind?: LogKind | undefined; readonly before?: string | undefined },
  ): Promise<LogPage>;
  correctContact(
    session: SignedIn,
    contact: ContactData,
  ): Promise<Result<true, "contact-incomplete" | "key-not-certified">>;
  close(
    session: SignedIn,
    password: string,
  ): Promise<
    Result<
      { readonly receipt: string; readonly eraseAfter: number },
      "wrong" | "too-many" | "not-allowed"
    >
  >;
  reopen(session: SignedIn): Promise<Result<true, "not-closed" | "too-late">>;
  /** By the token of the receipt's link. `receipt` is canonical JSON; undefined until everything is destroyed. */
  receipt(token: string): Promise<
    | {
        readonly closedAt: number;
        readonly eraseAfter: number;
        readonly receipt: Uint8Array | undefined;
      }
    | undefined
  >;
  /** The wish to cancel or withdraw, by whoever says so, filed with support. Gives when it was kept, milliseconds since 1970. */
  cancel(request: {
    readonly kind: "cancel" | "withdraw";
    readonly address: string;
    readonly reply: string;
    readonly words: string;
    /** The connection's own address, for limits only. */
    readonly peer: string;
  }): Promise<Result<number, "too-many" | "not-now">>;
  /** The digest of the policy in force. */
  readonly policy: string;
  /** A ZIP, as it is being made. */
  export(session: SignedIn): Promise<ReadableStream<Uint8Array>>;
}
