// What the journal holds: records, and the facts in them. Types only; what follows from a fact is for state.ts.
import type { ResetRequest } from "./resetbook.ts";
import type { PartName } from "#ledger";
import type { Person } from "./port.ts";

/** One record of the journal: when, the ledger entry that it made if any, and what follows from it. */
export interface JournalRecord {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly line?: RecordedLine;
  readonly fact?: Fact;
}

export interface RecordedLine {
  readonly index: number;
  readonly entry: {
    readonly [name in PartName]: { readonly nonce: string; readonly text: string };
  };
  /** Seconds since 1970 before which the public part stays closed; absent for an ordinary entry. */
  readonly revealBy?: number;
  readonly of?: string;
}

export type Fact =
  | {
      readonly kind: "genesis";
      /** Digest of the policy under which the house began. */
      readonly policy: string;
      readonly quorum: number;
      readonly people: readonly RecordedPerson[];
    }
  | { readonly kind: "person"; readonly person: RecordedPerson }
  /** May come into force from that second on. */
  | { readonly kind: "policy-announced"; readonly policy: string; readonly from: number }
  /** Is in force from here on. */
  | { readonly kind: "policy"; readonly policy: string }
  | { readonly kind: "day-keys"; readonly day: string }
  /** The desk's public key, hex: the first is the only one. */
  | { readonly kind: "desk"; readonly key: string }
  | { readonly kind: "client" }
  /** The client's file goes, and goes again whenever it is put back. */
  | {
      readonly kind: "erased";
      readonly client: string;
      /** SHA-256 of the order's signature, hex: the same order gets its receipt again. */
      readonly order: string;
    }
  /** What was opened for a standing purpose, before it was. */
  | { readonly kind: "standing"; readonly purpose: string; readonly clients: readonly string[] }
  /** The summary of a purpose is written. */
  | { readonly kind: "standing-summed"; readonly purpose: string }
  /** It is written that the purpose had its share of this hour. */
  | { readonly kind: "standing-stopped"; readonly purpose: string }
  | { readonly kind: "matched"; readonly client: string }
  | RecordedCase
  | { readonly kind: "reset-asked"; readonly hash: string; readonly request: ResetRequest }
  | { readonly kind: "reset-approval"; readonly hash: string; readonly approver: string }
  | {
      readonly kind: "reset-intent" | "reset-cancelled" | "reset-handed-over";
      readonly hash: string;
    }
  /** The list of witnesses that counts from here on. */
  | { readonly kind: "witnesses"; readonly digest: string }
  | { readonly kind: "destroyed"; readonly names: readonly string[] }
  | { readonly kind: "grant"; readonly text: string; readonly hash: string }
  | { readonly kind: "approval"; readonly hash: string; readonly approver: string }
  | { readonly kind: "intent"; readonly hash: string; readonly ids: readonly string[] }
  | {
      readonly kind: "outcome";
      readonly hash: string;
      /** Index of the intent that it answers. */
      readonly intent: number;
      readonly items: number;
      readonly failed: boolean;
    }
  /** Clients were told of the looks with these indexes. */
  | { readonly kind: "noticed"; readonly indexes: readonly number[] }
  | CoverRun
  | {
      readonly kind: "published";
      readonly size: number;
      /** Indexes of entries whose silence was over. */
      readonly revealed: readonly number[];
      /** How many runs of covers were opened, oldest first. */
      readonly coverRuns: number;
    };

/** What must be known of a case's record to judge those that follow it. */
export interface RecordedCase {
  readonly kind: "record";
  readonly type: string;
  readonly case: string;
  readonly nonce: string;
  /** SHA-256 of the record, hex: the same record gets its entry's index again. */
  readonly hash: string;
  /** Who signed it: the person, not the key. */
  readonly person: string;
  readonly client: string;
  /** Of an appeal: the decision's index. */
  readonly of?: number;
}

/** Covers that stand one after the other. Their nonces are derived (see covers.ts), so that they need no more memory than this. */
export interface CoverRun {
  readonly kind: "covers";
  readonly from: number;
  readonly count: number;
  /** Seconds since 1970: closed until then. */
  readonly revealBy: number;
}

export type RecordedPerson = Omit<Person, "key"> & { readonly key: string };
