// Standing purposes: what the server is given without a person asking, because the service needs it. Only what the policy's
// table lists, never stored mail, and never of more clients an hour than its share: beyond it the keeper stops and says so in the
// ledger. What is opened is in the journal before it is opened; five minutes' counts make one entry, as with clients' own looks.
import { fromUtf8, lengthPrefixed, toHex } from "#base/bytes";
import { Broken } from "#base/errors";
import { logBroken } from "#base/log";
import { seconds } from "#base/time";
import { standingCap, type StandingRow, standingRow } from "#policy";
import type { Opener } from "#vault";
import type { Book } from "./book.ts";
import { isClientClass, type KeptClient, type Keystore } from "./clients.ts";
import type { Keeper, SealedObject, StandingRefusal } from "./port.ts";
import { type Refused, refused } from "./rules.ts";
import { merkleRoot } from "./statements.ts";
import { openTurns } from "./turns.ts";
import type { Underway } from "./underway.ts";

// A batch of invoices or notices; a whole hour's share of a large house in one call would be one record of the journal.
const MAX_OBJECTS = 1000;

export interface Standing {
  readonly open: Keeper["standing"];
  /** Writes one entry for each purpose that was used since its last. */
  summarise(): Promise<void>;
}

export function openStanding(parts: {
  readonly book: Book;
  readonly keystore: Keystore;
  readonly underway: Underway;
}): Standing {
  const { book, underway } = parts;
  const inTurn = openTurns();

  /** Undefined when the share allows it; what is allowed is counted in the journal already. */
  const count = async (
    purpose: string,
    row: StandingRow,
    clients: readonly string[],
  ): Promise<Refused<StandingRefusal> | undefined> => {
    const { state } = book;
    const at = seconds(book.now());
    const of = state.settledClients(at);
    const cap = standingCap(row, of);
    const inHour = state.standing.inHour(purpose, at);
    if (new Set([...inHour, ...clients]).size <= cap) {
      await book.note({ kind: "standing", purpose, clients });
      return undefined;
    }
    if (!state.standing.wasStopped(purpose, at))
      await book.write({
        public: { type: "standing-stopped", purpose, cap, of },
        fact: { kind: "standing-stopped", purpose },
      });
    return refused("over-the-share", `${purpose} opens ${cap} clients' data an hour`);
  };

  return {
    open: (purpose, objects) =>
      inTurn(async () => {
        const row = standingRow(purpose);
        const unlisted = judgeObjects(purpose, row, objects);
        if (row === undefined || unlisted !== undefined) return unlisted ?? notListed(purpose);
        const clients = new Map<string, KeptClient>();
        using held = new DisposableStack();
        for (const { context } of objects) {
          if (!clients.has(context.client)) {
            if (underway.isLeaving(context.client))
              return refused("unknown-client", "the client is being erased");
            held.use(underway.begin(`standing ${context.client}`, context.client));
          }
          const client = clients.get(context.client) ?? (await parts.keystore.find(context.client));
          if (client === undefined) return refused("unknown-client", "no such client is enrolled");
          if (context.account !== "" && context.account !== client.account)
            return refused("not-theirs", "the account is not this client's");
          clients.set(context.client, client);
        }
        try {
          const verdict = await count(purpose, row, [...clients.keys()]);
          if (verdict !== undefined) return verdict;
        } catch (error) {
          if (!(error instanceof Broken)) throw error;
          logBroken("keeper-standing", error);
          return refused("ledger-unavailable", "it cannot be counted, so nothing is opened");
        }
        return openAll(row, clients, objects, purpose);
      }),
    summarise: () =>
      inTurn(async () => {
        for (const [purpose, counts] of book.state.standing.pending) {
          const named = new Map<string, number>();
          for (const [client, each] of counts) {
            // Somebody erased since: they were summed up before, and what is left has no name.
            const name = (await parts.keystore.find(client))?.pseudonym ?? "";
            named.set(name, (named.get(name) ?? 0) + each);
          }
          await book.write({
            public: { type: "standing-summary", purpose, ...summaryOf(named) },
            fact: { kind: "standing-summed", purpose },
          });
        }
      }),
  };
}

/** What everybody may know of many looks: how many clients, how many looks, and a Merkle root by which a client can check their own. */
export function summaryOf(counts: ReadonlyMap<string, number>): {
  readonly clients: number;
  readonly total: number;
  readonly root: string;
} {
  // One leaf per client, in the order of the pseudonyms.
  const leaves = [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([pseudonym, count]) => lengthPrefixed([fromUtf8(pseudonym), String(count)]));
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return { clients: counts.size, total, root: toHex(merkleRoot(leaves)) };
}

function notListed(purpose: string): Refused<"not-listed"> {
  return refused("not-listed", `${purpose.slice(0, 40)} opens what its row lists and nothing else`);
}

function judgeObjects(
  purpose: string,
  row: StandingRow | undefined,
  objects: readonly SealedObject[],
): Refused<StandingRefusal> | undefined {
  if (row === undefined || objects.length === 0 || objects.length > MAX_OBJECTS)
    return notListed(purpose);
  const isListed = ({ context }: SealedObject): boolean =>
    context.class === row.class &&
    (row.objects === undefined || row.objects.includes(context.object));
  return objects.every(isListed) ? undefined : notListed(purpose);
}

async function openAll(
  row: StandingRow,
  clients: ReadonlyMap<string, KeptClient>,
  objects: readonly SealedObject[],
  purpose: string,
): ReturnType<Keeper["standing"]> {
  const openers = new Map<string, Opener | undefined>();
  const opened: Uint8Array[] = [];
  for (const { context, sealed } of objects) {
    const client = clients.get(context.client);
    if (!openers.has(context.client) && isClientClass(row.class))
      openers.set(context.client, await client?.opener(row.class));
    const opener = openers.get(context.client);
    // The vault asks the policy's table of classes once more whether the purpose is listed there.
    const listed = { ...context, class: row.class as "standing" };
    const plain = opener?.open(listed, purpose as "provide-service", sealed);
    if (plain?.ok !== true) return refused("does-not-open", "an object did not open");
    opened.push(plain.value);
  }
  return { ok: true, value: opened };
}
