// Erasure: at the client's own signed order everything that the keeper holds of them is destroyed. The entry comes first and
// names nobody in public; then the client's file is overwritten and removed, at once or, after a crash, at the next start.
import { toHex } from "#base/bytes";
import { Broken } from "#base/errors";
import { logBroken } from "#base/log";
import { DAY, dayOf, seconds } from "#base/time";
import { formatOpening, openPart } from "#ledger";
import { verifyBytes } from "#vault";
import type { Book } from "./book.ts";
import type { KeptClient, Keystore } from "./clients.ts";
import type { Erased, EraseOrder, EraseRefusal, Ruled } from "./port.ts";
import { refused } from "./rules.ts";
import type { Erasure } from "./state.ts";
import { eraseBytes, sha256 } from "./statements.ts";
import type { Underway } from "./underway.ts";

// Copies of the keeper's folder are to be kept no longer than this (docs/keeper.md): long enough to notice that a disk is
// failing and to put yesterday's copy back, short enough that the receipt's day is near.
const BACKUP_DAYS = 14;

interface Parts {
  readonly book: Book;
  readonly keystore: Keystore;
  readonly underway: Underway;
  /** Sums up what was opened for standing purposes while the client still has a pseudonym to be summed under. */
  readonly summarise: () => Promise<void>;
}

export function openErasure(
  parts: Parts,
): (order: EraseOrder) => Promise<Ruled<Erased, EraseRefusal>> {
  const { book, keystore, underway } = parts;
  return async (order) => {
    const known = book.state.erased.get(order.client);
    // The same order again, because its answer was lost: the same receipt, and no receipt while the file is there.
    if (known?.order === nameOf(order)) {
      await keystore.destroy(order.client);
      return { ok: true, value: receiptOf(known) };
    }
    const client = await keystore.find(order.client);
    if (client?.account !== order.account)
      return refused("unknown-client", "no such client is held here");
    if (!verifyBytes(client.signingKey, eraseBytes(order), order.signature))
      return refused("bad-signature", "the order is not signed by the account's own key");
    if (seconds(book.now()) < order.notBefore)
      return refused("not-yet", "the client may still come back");
    using left = underway.leave(order.client);
    if (left === undefined) return refused("in-use", "something of the client's is being opened");
    try {
      await parts.summarise();
      await book.write({
        public: { type: "erasure" },
        client: {
          client: client.client,
          account: client.account,
          destroyed: destroyedOf(client),
          unreadableFrom: unreadableFrom(book.now()),
        },
        of: order.client,
        fact: { kind: "erased", client: order.client, order: nameOf(order) },
      });
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      logBroken("keeper-erasure", error);
      // If the journal has it and the ledger has not, it is carried out at the next start, and the same order gets its receipt then.
      return refused("ledger-unavailable", "the ledger cannot be written now; ask again");
    }
    await keystore.destroy(order.client);
    const erasure = book.state.erased.get(order.client);
    if (erasure === undefined) throw new Broken("an erasure was written and is not known");
    return { ok: true, value: receiptOf(erasure) };
  };
}

function receiptOf({ index, at, entry }: Erasure): Erased {
  const openings = (["public", "client"] as const).map((part) =>
    formatOpening(openPart(entry, part, index)),
  );
  return { index, at, unreadableFrom: unreadableFrom(at * 1000), openings };
}

/** What the client's file holds the keys of; in client-only mode it never held that of content. */
function destroyedOf({ mode }: KeptClient): readonly string[] {
  const always = ["contact", "payment", "standing", "pseudonym"];
  return mode === "client-only" ? always : ["content", ...always];
}

/** The last copy may be a day younger than the erasure's second. */
function unreadableFrom(erasedAt: number): string {
  return dayOf(erasedAt + (BACKUP_DAYS + 1) * DAY);
}

function nameOf({ signature }: EraseOrder): string {
  return toHex(sha256(signature));
}
