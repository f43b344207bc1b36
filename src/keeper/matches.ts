// Is the message that somebody reports really one that this client received or sent? The keeper opens the fingerprints that were
// made at receipt and says which equal the reporter's copy, and not a bit more. One entry, and no answer before it is durable.
import { equalBytes } from "#base/bytes";
import { dayOf } from "#base/time";
import type { Book } from "./book.ts";
import type { Keystore } from "./clients.ts";
import type { Keeper, SealedObject } from "./port.ts";
import { refused } from "./rules.ts";
import { openTurns } from "./turns.ts";

// Each answer says whether a known message is in a mailbox. A desk that handles a wave of reports against one sender needs some;
// who tries a list of suspects' messages one by one needs thousands.
const MATCHES_A_DAY = 20;
// A mailbox's fingerprints of the weeks around the reported date; they go in one frame.
const MAX_FINGERPRINTS = 20_000;
// What an entry has room for; one letter that came more often than that is told by the number.
const MOST_NAMED = 500;

export function openMatches(book: Book, keystore: Keystore): Keeper["matchReport"] {
  const inTurn = openTurns();
  const matchReport: Keeper["matchReport"] = async (about, fingerprints) => {
    const client = await keystore.find(about.client);
    if (client?.account !== about.account)
      return refused("unknown-client", "no such client is enrolled");
    const opener = await client.opener("content");
    if (opener === undefined)
      return refused("client-only", "this client's mail opens with their own credential only");
    const isSound = about.fingerprint.byteLength === 32 && fingerprints.length <= MAX_FINGERPRINTS;
    if (!isSound || !fingerprints.every((each) => isFingerprintOf(about, each)))
      return refused("out-of-scope", "fingerprints of this account's messages, 32 bytes, no more");
    if (book.state.matchesOn(about.client, dayOf(book.now())) >= MATCHES_A_DAY)
      return refused("too-many", `${MATCHES_A_DAY} reports a day are tried against one client`);
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
