// What a filed grant names, as sealed objects for the keeper: from the store, the clients' room and billing. Opens nothing.
import type { Billing } from "#billing";
import { type Canonical, canonicalBytes, parseCanonical } from "#base/canonical";
import { Broken } from "#base/errors";
import type { Clients } from "#clients";
import type { Disclosure } from "#disclosure";
import type { Grant, Keeper, Released, ReleaseRefusal, Ruled, SealedObject } from "#keeper";
import type { Store } from "#store";
import type { Support } from "#support";

export interface GrantRooms {
  readonly keeper: Keeper;
  readonly store: Store;
  readonly clients: Clients;
  readonly billing: Billing;
  readonly disclosure: Disclosure;
  readonly support: Pick<Support, "isTicketOf">;
}

/** Hands the objects of a grant to the keeper, unless the client took their approval of it back; then moves the case that it is of. */
export async function releaseGrant(
  rooms: GrantRooms,
  hash: string,
): Promise<Ruled<Released, ReleaseRefusal | "taken-back" | "unknown-ticket">> {
  const { keeper, disclosure, support } = rooms;
  const shown = await keeper.showGrant(hash);
  if (shown === undefined)
    return { ok: false, refusal: "unknown-grant", why: "the keeper holds no grant of that hash" };
  if (await disclosure.approvals.isTakenBack(hash))
    return { ok: false, refusal: "taken-back", why: "the client took their approval of it back" };
  const { ground, client, demands } = parseCanonical(shown.grant) as unknown as Grant;
  // The keeper sees that a ticket is named; that it is one of this client's is seen here.
  if (ground === "support" && !(await support.isTicketOf(String(demands.ticket), client)))
    return { ok: false, refusal: "unknown-ticket", why: "the client has no ticket of that number" };
  const released = await keeper.release(hash, await objectsOf(rooms, shown.grant));
  if (released.ok) await noteUse(disclosure, hash, released.value);
  return released;
}

async function noteUse(disclosure: Disclosure, hash: string, released: Released): Promise<void> {
  const { intentIndex, outcomeIndex, items } = released;
  await disclosure.approvals.used(hash);
  const found = await disclosure.cases.ofGrant(hash);
  if (found === undefined) return;
  await disclosure.cases.step(found.id, "produced", {
    words: `${items} items released; ledger entries ${intentIndex} and ${outcomeIndex}`,
    entry: outcomeIndex,
  });
}

/** The sealed objects that a grant names, with the contexts under which they were sealed. */
async function objectsOf(rooms: GrantRooms, bytes: Uint8Array): Promise<readonly SealedObject[]> {
  const { class: dataClass, client, account, scope } = parseCanonical(bytes) as unknown as Grant;
  const ids = "ids" in scope ? scope.ids : [];
  switch (dataClass) {
    case "content": {
      const messages = await rooms.store.sealedMessages({ client, account }, ids);
      return messages.map(({ messageId, body }) => ({
        context: { class: "content", client, account, object: messageId, part: "body" },
        sealed: body,
      }));
    }
    case "payment":
      return rooms.billing.sealedOf(client, ids);
    case "standing":
      return ids.includes("standing") ? [await sealedStanding(rooms.clients, client)] : [];
    default:
      return rooms.clients.sealedOf(dataClass, client, ids);
  }
}

/**
 * A client's standing as it is now. It stands clear on disk, so that a delivery can read it; to be shown to a person it is sealed to
 * the client's own key first, and goes the way of everything else: through the keeper, behind an entry, to the recipient's key.
 */
async function sealedStanding(clients: Clients, client: string): Promise<SealedObject> {
  const [standing, sealer] = await Promise.all([
    clients.standing(client),
    clients.standingSealer(client),
  ]);
  if (standing === undefined || sealer === undefined)
    throw new Broken("a client's standing cannot be sealed: no such client, or no certified key");
  const context = {
    class: "standing",
    client,
    account: "",
    object: "standing",
    part: "snapshot",
  } as const;
  return { context, sealed: sealer.seal(context, canonicalBytes(plain(standing))) };
}

/** Canonical JSON knows no undefined: what is not there is left out. */
function plain(value: object): Canonical {
  return JSON.parse(JSON.stringify(value)) as Canonical;
}

/** The ids of what is held of a class between two instants (milliseconds; from the first, before the second). */
export async function idsHeld(
  rooms: Pick<GrantRooms, "store" | "clients" | "billing">,
  owner: { readonly client: string; readonly account: string },
  dataClass: string,
  between: { readonly from: number; readonly until: number },
): Promise<readonly string[]> {
  const isBetween = (at: number): boolean => at >= between.from && at < between.until;
  if (dataClass === "content")
    return (await rooms.store.listMessages(owner))
      .filter(({ receivedAt }) => isBetween(receivedAt))
      .map(({ messageId }) => messageId);
  if (dataClass === "clientlog")
    return (await rooms.clients.listLog(owner.client))
      .filter(({ at }) => isBetween(at))
      .map(({ event }) => event);
  if (dataClass === "contact") return ["contact"];
  if (dataClass === "standing") return ["standing"];
  if (dataClass === "payment") return rooms.billing.objectsOf(owner.client);
  return [];
}
