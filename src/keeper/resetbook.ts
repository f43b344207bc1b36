// Resets as the journal tells of them: who asked, who approved, what became of it. Decides nothing.
import type { Fact } from "./facts.ts";

/** What is asked: for this account, that its keys go to whoever has the secret half of this key. */
export interface ResetRequest {
  readonly client: string;
  readonly account: string;
  /** X25519, hex. */
  readonly key: string;
  /** Seconds since 1970, by the server's clock: makes each request one of its own. */
  readonly at: number;
}

export interface FiledReset {
  readonly hash: string;
  readonly request: ResetRequest;
  /** Seconds, by the keeper's clock; the wait counts from here. */
  readonly askedAt: number;
  readonly approvals: { readonly approver: string; readonly at: number }[];
  /** The entry before the keys went. */
  intent?: number;
  end?: "cancelled" | "handed-over";
}

export type ResetFact = Extract<
  Fact,
  {
    kind:
      | "reset-asked"
      | "reset-approval"
      | "reset-intent"
      | "reset-cancelled"
      | "reset-handed-over";
  }
>;

export interface ResetBook {
  readonly byHash: ReadonlyMap<string, FiledReset>;
}

export function openResetBook(): ResetBook & {
  apply(fact: ResetFact, at: number, index: number): void;
} {
  const byHash = new Map<string, FiledReset>();
  return {
    byHash,
    apply(fact, at, index) {
      const { hash } = fact;
      if (fact.kind === "reset-asked") {
        byHash.set(hash, { hash, request: fact.request, askedAt: at, approvals: [] });
        return;
      }
      const filed = byHash.get(hash);
      if (filed === undefined) return;
      if (fact.kind === "reset-approval") filed.approvals.push({ approver: fact.approver, at });
      else if (fact.kind === "reset-intent") filed.intent = index;
      else filed.end = fact.kind === "reset-cancelled" ? "cancelled" : "handed-over";
    },
  };
}
