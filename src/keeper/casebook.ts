// What the keeper remembers of cases: enough to see that a second person decided, that a nonce is new, that a step follows on the
// one before it. The words of a case are in the ledger's entries, and with the desk.
import type { RecordedCase } from "./facts.ts";

interface KnownCase {
  /** The person who recorded its receipt. */
  readonly receivedBy: string;
  isClosed: boolean;
}

export interface CaseBook {
  readonly byId: ReadonlyMap<string, KnownCase>;
  /** Decisions by the index of their entry. */
  readonly decisions: ReadonlyMap<number, { readonly person: string; readonly client: string }>;
  /** Decisions on whose appeal another person has decided. */
  readonly appealed: ReadonlySet<number>;
  /** What was written, by its nonce. */
  readonly written: ReadonlyMap<string, { readonly hash: string; readonly index: number }>;
}

export interface OpenCaseBook extends CaseBook {
  apply(fact: RecordedCase, index: number): void;
}

export function openCaseBook(): OpenCaseBook {
  const byId = new Map<string, KnownCase>();
  const decisions = new Map<number, { readonly person: string; readonly client: string }>();
  const appealed = new Set<number>();
  const written = new Map<string, { readonly hash: string; readonly index: number }>();
  return {
    byId,
    decisions,
    appealed,
    written,
    apply({ type, case: id, nonce, hash, person, client, of }, index) {
      written.set(nonce, { hash, index });
      const known = byId.get(id);
      if (type === "request-received") byId.set(id, { receivedBy: person, isClosed: false });
      if (type === "request-closed" && known !== undefined) known.isClosed = true;
      if (type === "decision") decisions.set(index, { person, client });
      if (of !== undefined) appealed.add(of);
    },
  };
}
