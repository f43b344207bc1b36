// From what was found to what happens: taken, into junk, refused, or later. Pure. SPF or DKIM alone decide nothing: forwarders break the
// one and mailing lists the other; DMARC is where a domain says what it wants.
import type { ArcCheck, Evidence } from "./evidence.ts";

export interface VerdictRules {
  /** Domains whose ARC seals we believe; theirs below them too. Usually none. */
  readonly trustedSealers: readonly string[];
  /** What a domain's wish for rejection comes to. */
  readonly reject: "refuse" | "junk";
  /** What happens when the DNS does not say what a domain wants. */
  readonly trouble: "take" | "later";
}

export interface Verdict {
  readonly act: "inbox" | "junk" | "refuse" | "later";
  /** Why a policy that failed was not followed, for the results field and the report (RFC 9990 §3.1.6). */
  readonly override:
    | {
        readonly type: "trusted_forwarder" | "local_policy" | "policy_test_mode";
        readonly comment: string;
      }
    | undefined;
}

export function verdictOf({ dmarc, arc }: Evidence, rules: VerdictRules): Verdict {
  const plainly = (act: Verdict["act"]): Verdict => ({ act, override: undefined });
  switch (dmarc.result) {
    case "temperror":
      return plainly(rules.trouble === "later" ? "later" : "inbox");
    case "permerror":
      return plainly("junk");
    case "pass":
    case "none":
      return plainly("inbox");
    case "fail":
      break;
  }
  const wish = dmarc.policy ?? "none";
  const testing = dmarc.published?.testing === true && dmarc.published.p !== wish;
  const tested = testing
    ? ({ type: "policy_test_mode", comment: "t=y: one step less than published" } as const)
    : undefined;
  if (wish === "none") return { act: "inbox", override: tested };
  const sealer = trustedSealer(arc, rules.trustedSealers);
  if (sealer !== undefined) {
    const comment = `ARC chain of ${arc.sealers.length} by trusted sealers, ${sealer} the last`;
    return { act: "inbox", override: { type: "trusted_forwarder", comment } };
  }
  if (wish === "quarantine") return { act: "junk", override: tested };
  if (rules.reject === "refuse") return { act: "refuse", override: undefined };
  return { act: "junk", override: { type: "local_policy", comment: "rejection is junk here" } };
}

/**
 * RFC 8617 §7.2: the last of a chain that validates, in which we trust everybody (each could have changed the letter), and whose first
 * seal says that DMARC passed where the letter came from.
 */
function trustedSealer(arc: ArcCheck, trusted: readonly string[]): string | undefined {
  if (arc.result !== "pass" || arc.firstDmarc !== "pass") return undefined;
  const isTrusted = (sealer: string): boolean =>
    trusted.some((domain) => sealer === domain || sealer.endsWith(`.${domain}`));
  return arc.sealers.length > 0 && arc.sealers.every(isTrusted) ? arc.sealers.at(-1) : undefined;
}
