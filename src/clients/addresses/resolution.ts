// Which of the rows that an address may mean it does mean. Pure; the order here is the law: the whole name, then the name without
// its tag (both whatever kind of address they are), then the domain's catch-all.
import { type Address, joinAddress, withoutTag } from "../address.ts";
import type { AddressKind, ClaimState } from "./contract.ts";

/** The rows that an address may mean. */
export interface Candidates {
  readonly exact: string;
  readonly untagged: string;
  /** Its domain's catch-all. */
  readonly all: string;
}

interface Row {
  readonly address: string;
  readonly kind: AddressKind;
  /** 1 or 0. */
  readonly enabled: number;
  readonly domain: string | null;
  /** Where the client's claim to the domain stands; null for an address of the house. */
  readonly claim: ClaimState | null;
}

/** The states in which a claim to a domain brings its mail. */
export const heldStates: readonly ClaimState[] = ["verified", "broken"];

export function candidates({ local, domain }: Address): Candidates {
  return {
    exact: joinAddress({ local, domain }),
    untagged: joinAddress({ local: withoutTag(local), domain }),
    all: catchAllOf(domain),
  };
}

/** "*" is no local part that anybody may choose. */
export function catchAllOf(domain: string): string {
  return joinAddress({ local: "*", domain });
}

/**
 * The row whose account takes the letter. An address that is switched off, or whose domain is no longer its client's, is nobody's:
 * it does not fall to the catch-all, or switching off would do nothing, and names would pass to whoever has the domain next.
 */
export function choose<Found extends Row>(
  rows: readonly Found[],
  { exact, untagged, all }: Candidates,
): Found | undefined {
  const first = [exact, untagged, all]
    .map((name) => rows.find(({ address }) => address === name))
    .find((row) => row !== undefined);
  if (first?.enabled !== 1) return undefined;
  if (first.domain === null) return first;
  return first.claim !== null && heldStates.includes(first.claim) ? first : undefined;
}
