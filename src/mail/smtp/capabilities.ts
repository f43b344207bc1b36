// What EHLO and LHLO advertise. What stands here works; nothing else does.
import { MAX_RECIPIENTS } from "./limits.ts";
import type { Rules, State } from "./state.ts";

/** The reply lines, "250-" but for the last. */
export function capabilities(rules: Rules, state: State): readonly string[] {
  const names = [
    "PIPELINING",
    `SIZE ${rules.maxSize}`,
    "8BITMIME",
    "SMTPUTF8",
    "ENHANCEDSTATUSCODES",
    "CHUNKING",
    "DSN",
    `LIMITS RCPTMAX=${MAX_RECIPIENTS}`,
  ];
  // RFC 8689 §2: only where the letter comes under TLS itself.
  if (state.secure) names.push("REQUIRETLS");
  if (rules.offersTls && !state.secure) names.push("STARTTLS");
  if (rules.role === "submission" && mayAuthenticate(rules, state)) names.push("AUTH PLAIN LOGIN");
  const lines = [rules.hostname, ...names];
  return lines.map((line, at) => `250${at === lines.length - 1 ? " " : "-"}${line}`);
}

/** Passwords cross in clear only where that was asked for. */
export function mayAuthenticate(rules: Rules, state: State): boolean {
  return state.secure || rules.allowPlaintextAuth;
}
