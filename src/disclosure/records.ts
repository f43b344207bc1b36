// The records of a request's steps, as the canonical JSON that a person signs elsewhere: `actor` is empty until then, and filled in
// by the signer's own command with the id of their key. Pure.
import { canonicalBytes } from "#base/canonical";
import { seconds } from "#base/time";
import { policyDigest } from "#policy";
import { kinds } from "./kinds.ts";
import type { Request } from "./request.ts";
import type { Outcome, Verdict } from "./stages.ts";

interface About {
  readonly case: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly nonce: string;
}

function head({ case: id, now, nonce }: About) {
  return {
    version: 1,
    case: id,
    policy: policyDigest,
    at: seconds(now),
    nonce,
    actor: "",
  } as const;
}

export function receivedRecord(about: About, request: Request): Uint8Array {
  const { requesterName: name, requesterKind: kind } = request;
  const asks = kinds[request.kind].asks;
  return canonicalBytes({
    ...head(about),
    type: "request-received",
    requester: { name, kind },
    asks,
  });
}

export function determinedRecord(about: About, verdict: Verdict): Uint8Array {
  return canonicalBytes({ ...head(about), type: "request-determined", verdict });
}

export function closedRecord(about: About, outcome: Outcome, because: string): Uint8Array {
  return canonicalBytes({ ...head(about), type: "request-closed", outcome, because });
}

export const verdicts = ["valid", "invalid", "incomplete"] as const;
export const outcomes = ["fulfilled", "part", "rejected", "withdrawn"] as const;

/** Why a request ended as it did, as the ledger counts it. */
export const becauses = {
  "as-asked": "all that was asked for was given, or the requester took it back",
  narrowed: "less was given than was asked for",
  "not-valid": "the instrument is not valid or not enforceable",
  incomplete: "a demand of the policy stayed unmet",
  "not-authenticated": "nobody could say that it is genuine",
  "no-legal-process": "it came without legal process",
  "no-ground": "the policy has no ground for it",
  "no-such-client": "there is no such client",
  "nothing-held": "nothing of what was asked for is held",
  impossible: "it cannot be opened without the client's own credential",
  "not-approved": "the approvers did not approve it",
} as const;

export type Because = keyof typeof becauses;
