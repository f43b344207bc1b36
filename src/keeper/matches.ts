// Is the message that somebody reports really one that this client received or sent? The keeper opens the fingerprints that were
// made at receipt and says which equal the reporter's copy, and not a bit more. One entry, and no answer before it is durable.
import { equalBytes } from "#base/bytes";
import { dayOf, seconds } from "#base/time";
import type { Book } from "./book.ts";
import type { Keystore } from "./clients.ts";
import type { Keeper, SealedObject } from "./port.ts";
import { refused } from "./rules.ts";
import { openTurns } from "./turns.ts";
import type { Underway } from "./underway.ts";

// Each answer says whether a known message is in a mailbox. A desk that handles a wave of reports against one sender needs some;
// who tries a list of suspects' messages one by one needs thousands.
const MATCHES_A_DAY = 20;
// A mailbox's fingerprints of the weeks around the reported date; they go in one frame.
const MAX_FINGERPRINTS = 20_000;
// What an entry has room for; one letter that came more often than that is told by the number.
const MOST_NAMED = 500;

// And all clients together: a report is about one sender, so a day's reports are about few. Who asks of everybody whether they have
// a certain letter needs them all. A small house may have a bad day.
const CLIENTS_A_DAY = 50;
const CLIENTS_PERCENT = 1;

export function openMatches(parts: {
  readonly book: Book;
  readonly keystore: Keystore;
  readonly underway: Underway;
}): Keeper["matchReport"] {
  const { book, keystore, underway } = parts;
  const inTurn = openTurns();
  const isTooMany = (client: string): boolean => {
    const { state } = book;
    const now = book.now();
    const held = state.matchesOn(client, dayOf(now));
    const share = Math.floor((state.settledClients(seconds(now)) * CLIENTS_PERCENT) / 100);
    return held === 0
      ? state.matchedOn(dayOf(now)) >= Math.max(CLIENTS_A_DAY, share)
      : held >= MATCHES_A_DAY;
  };
  const matchReport: Keeper["matchReport"] = async (about, fingerprints) => {
    if (underway.isLeaving(about.client))
      return refused("unknown-client", "the client is being erased");
    using _ = underway.begin("match", about.client);
    const client = await keystore.find(about.client);
    if (client?.account !== about.account)
      return refused("unknown-client", "no such client is enrolled");
    const opener = await client.opener("content");
    if (opener === undefined)
      return refused("client-only", "this client's mail opens with their own credential only");
    const isSound = about.fingerprint.byteLength === 32 && fingerprints.length <= MAX_FINGERPRINTS;
    if (!isSound || !fingerprints.every((each) => isFingerprintOf(about, each)))
      return refused("out-of-scope", "fingerprints of this account's messages, 32 bytes, no more");
    if (isTooMany(about.client))
      return refused("too-many", "so many reports a day are tried, against one client and in all");
    const matched: string[] = [];
    for (const { context, sealed } of fingerprints) {
      // On the ground of a review: its approvals are for being shown a message, and nothing is shown here.
      const opened = opener.openOnGround({ ...context, class: "content" }, "A", sealed);
      if (opened.ok && equalBytes(opened.value, about.fingerprint)) matched.push(context.object);
    }
    await book.write({
      public: { type: "report-matched", tried: fingerprints.length, matched: matched.length },
      client: { ids: matched.slice(0, MOST_NAMED) },
      of: about.client,
      fact: { kind: "matched", client: about.client },
    });
    return { ok: true, value: matched };
  };
  // Looking at the day's number and counting are one step.
  return (about, fingerprints) => inTurn(() => matchReport(about, fingerprints));
}

function isFingerprintOf(
  about: { readonly client: string; readonly account: string },
  { context }: SealedObject,
): boolean {
  return (
    context.class === "content" &&
    context.client === about.client &&
    context.account === about.account &&
    context.part === "fingerprint"
  );
}
