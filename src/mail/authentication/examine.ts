// One letter from another server: examined, said in one field, and what its author's domain asks for done. Tells what it saw to whoever
// counts for DMARC reports.
import type { Clock } from "#base/time";
import { isLocalNetwork } from "#base/network";
import type { Evidence } from "./evidence.ts";
import { disarmForged } from "./forged.ts";
import type { Lookup } from "./ports.ts";
import { resultsField } from "./results.ts";
import { type VerdictRules, type Verdict, verdictOf } from "./verdict.ts";
import { type ArrivedLetter, verifyLetter } from "./verify.ts";

export interface ExaminerOptions extends VerdictRules {
  readonly lookup: Lookup;
  readonly clock: Clock;
  /** Our name in the results field. */
  readonly hostname: string;
  /** Whether letters from this machine and private networks are examined: only where a resolver was named, in tests. */
  readonly asksForLocal: boolean;
  /** Told of every letter whose author's domain has a policy. Never waited for. */
  readonly seen?: (seen: SeenLetter) => void;
}

/** What a report may say of one letter. */
export interface SeenLetter {
  readonly at: number;
  readonly address: string;
  /** The envelope's domain; "" for the null reverse-path. */
  readonly envelopeFrom: string;
  readonly evidence: Evidence;
  readonly verdict: Verdict;
}

export type Examination =
  | {
      /** The results field; "" when nothing was examined. */
      readonly fields: string;
      readonly place: "inbox" | "junk";
      /** The letter to keep: as it came, but for fields that claimed to be our results. */
      readonly raw: Uint8Array;
    }
  | { readonly later: string }
  | { readonly refuse: string };

/** Resolves within EXAMINED_FOR and some; rejects only when something of ours is broken. */
export type Examine = (letter: ArrivedLetter) => Promise<Examination>;

export function openExaminer(options: ExaminerOptions): Examine {
  const { hostname, clock, asksForLocal, seen } = options;
  return async (letter) => {
    const raw = disarmForged(letter.raw, [hostname]);
    if (!asksForLocal && isLocalNetwork(letter.address)) return { fields: "", place: "inbox", raw };
    const evidence = await verifyLetter(options, letter);
    const verdict = verdictOf(evidence, options);
    const { address, sender } = letter;
    if (evidence.dmarc.published !== undefined && verdict.act !== "later") {
      const envelopeFrom = sender.slice(sender.lastIndexOf("@") + 1).toLowerCase();
      seen?.({ at: clock.now(), address, envelopeFrom, evidence, verdict });
    }
    // RFC 7372 §3.3: 26 says that several checks failed, which is what a failure of DMARC is.
    if (verdict.act === "refuse")
      return {
        refuse: "5.7.26 The domain in From asks to reject what it does not vouch for (DMARC)",
      };
    if (verdict.act === "later")
      return { later: "4.7.0 The DNS does not say just now what the sender's domain asks for" };
    const fields = resultsField(hostname, evidence, verdict.override?.comment);
    return { fields, place: verdict.act, raw };
  };
}
