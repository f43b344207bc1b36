// What clients ask about themselves, proved by the account's signing key: their contact, payment and standing data, their
// log, and who looked. Opens nothing of anybody else. Each look of a client at their own is counted; the counts of five
// minutes make one ledger entry, a Merkle root over (pseudonym, count), so that clients can check their own.
import { no, type Result, yes } from "#base/errors";
import { seconds } from "#base/time";
import { type Opener, verifyBytes } from "#vault";
import type { Book } from "./book.ts";
import { isClientClass, type KeptClient, type Keystore } from "./clients.ts";
import type { DayKeys } from "./daykeys.ts";
import type { OwnRefusal, OwnRequest, SealedObject } from "./port.ts";
import { summaryOf } from "./standing.ts";
import { ownRequestBytes } from "./statements.ts";

export interface Own {
  open(
    request: OwnRequest,
    objects: readonly SealedObject[],
  ): Promise<Result<readonly Uint8Array[], OwnRefusal>>;
  /** The client who asks, if the request is signed, fresh and new. */
  admit(
    request: OwnRequest,
    objects: readonly SealedObject[],
  ): Promise<Result<KeptClient, OwnRefusal>>;
  /** Writes the counts since the last summary as one entry; nothing when there are none. */
  summarise(): Promise<void>;
}

// Clocks of server and keeper may differ by this much; a nonce is remembered for as long as its request could come again.
const CLOCK_DIFFERENCE_S = 5 * 60;
const MAX_NONCE = 64;

export function openOwn(parts: {
  readonly book: Book;
  readonly keystore: Keystore;
  readonly dayKeys: Pick<DayKeys, "opener">;
}): Own {
  const { book, keystore } = parts;
  const startedAt = seconds(book.now());
  const seen = new Map<string, number>();
  let counts = new Map<string, number>();

  const isReplay = (request: OwnRequest, now: number): boolean => {
    for (const [name, until] of seen) {
      if (until >= now) break; // kept in the order of their coming: nearly that of their ends
      seen.delete(name);
    }
    const name = `${request.client} ${request.nonce}`;
    if (seen.has(name)) return true;
    seen.set(name, now + 2 * CLOCK_DIFFERENCE_S);
    return false;
  };

  const admit: Own["admit"] = async (request, objects) => {
    const client = await keystore.find(request.client);
    if (client?.account !== request.account) return no("unknown-client");
    const signed = ownRequestBytes(request, objects);
    if (!verifyBytes(client.signingKey, signed, request.signature)) return no("bad-signature");
    const now = seconds(book.now());
    // What was signed before this keeper started may have been answered by the one before it.
    if (Math.abs(request.at - now) > CLOCK_DIFFERENCE_S || request.at < startedAt)
      return no("stale");
    if (request.nonce.length > MAX_NONCE || isReplay(request, now)) return no("replayed");
    counts.set(client.pseudonym, (counts.get(client.pseudonym) ?? 0) + 1);
    return yes(client);
  };

  return {
    admit,
    async open(request, objects) {
      const admitted = await admit(request, objects);
      if (!admitted.ok) return admitted;
      const openers = new Map<string, Opener>();
      const opened: Uint8Array[] = [];
      for (const object of objects) {
        const opener = await openerFor(parts.dayKeys, admitted.value, object, openers);
        if (typeof opener === "string") return no(opener);
        const plain = openOwnObject(opener, object);
        if (plain === undefined) return no("does-not-open");
        opened.push(plain);
      }
      return yes(opened);
    },
    async summarise() {
      if (counts.size === 0) return;
      const summed = counts;
      counts = new Map();
      await book.write({ public: { type: "own-summary", ...summaryOf(summed) } });
    },
  };
}

async function openerFor(
  dayKeys: Pick<DayKeys, "opener">,
  client: KeptClient,
  { context }: SealedObject,
  openers: Map<string, Opener>,
): Promise<Opener | "not-yours" | "does-not-open" | "key-destroyed"> {
  const isTheirs = context.account === "" || context.account === client.account;
  if (context.client !== client.client || !isTheirs) return "not-yours";
  const name = context.class === "clientlog" ? context.part : context.class;
  const held = openers.get(name);
  if (held !== undefined) return held;
  let opener: Opener | "destroyed" | undefined;
  if (context.class === "clientlog") opener = await dayKeys.opener(context.part);
  else if (isClientClass(context.class)) opener = await client.opener(context.class);
  else return "not-yours";
  if (opener === "destroyed") return "key-destroyed";
  if (opener === undefined) return "does-not-open";
  openers.set(name, opener);
  return opener;
}

function openOwnObject(opener: Opener, { context, sealed }: SealedObject): Uint8Array | undefined {
  const { class: dataClass } = context;
  if (dataClass !== "clientlog" && !isClientClass(dataClass)) return undefined;
  const opened = opener.open({ ...context, class: dataClass }, "own", sealed);
  return opened.ok ? opened.value : undefined;
}
