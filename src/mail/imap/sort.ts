// Hits in the order that SORT asks for: their envelopes are opened where a criterion needs one.
import type { ParsedMessage } from "#mail/message";
import type { SortCriterion } from "./command.ts";
import { type Hit, withMessages } from "./find.ts";
import type { Session } from "./session.ts";
import { inOrder, type Keyed, needsEnvelope, type Sortable } from "./sort-order.ts";

/** One hit with what it is sorted by. */
export type Sorted = Keyed<Sortable & { readonly hit: Hit }>;

export async function sortHits(
  session: Session,
  hits: readonly Hit[],
  criteria: readonly SortCriterion[],
): Promise<readonly Sorted[]> {
  const facts: (Sortable & { readonly hit: Hit })[] = [];
  const add = (hit: Hit, message: ParsedMessage | undefined): void => {
    const { receivedAt, size, uid } = hit.placement;
    facts.push({ hit, number: uid, receivedAt, size, envelope: message?.envelope });
  };
  if (needsEnvelope(criteria))
    for await (const { hit, message } of withMessages(session, hits)) add(hit, message);
  else for (const hit of hits) add(hit, undefined);
  return inOrder(facts, criteria);
}
