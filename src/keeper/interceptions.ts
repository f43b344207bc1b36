// Interception orders: for one account and a time, future mail is sealed to a second key as well. The keeper signs that key on an
// approved grant, after the entry; sealing takes no second key without that signature. Nothing that is stored is opened by it, it
// ends by itself, and its outcome is an entry even when nobody reports it.
import { fromHex } from "#base/bytes";
import { DAY, SECOND, seconds } from "#base/time";
import type { Book } from "./book.ts";
import type { Certifier } from "./certify.ts";
import type { Keystore } from "./clients.ts";
import type { Interception, Keeper } from "./port.ts";
import { refused } from "./rules.ts";
import type { FiledGrant, Release, State } from "./state.ts";
import { openTurns } from "./turns.ts";
import type { Underway } from "./underway.ts";
import {
  awaitWitnesses,
  judgeUse,
  pendingUse,
  unavailable,
  unlessUnavailable,
  writeIntent,
  writeOutcome,
} from "./uses.ts";
import type { Witnesses } from "./witnesses.ts";

// The server counts what it sealed and reports it when it is up; whoever does not within a day will not.
const REPORT_WITHIN_S = DAY / SECOND;

export interface Interceptions extends Pick<
  Keeper,
  "intercept" | "interceptions" | "endInterception"
> {
  /** Writes the outcomes that nobody reported, as not known. */
  endOverdue(): Promise<void>;
}

interface Running {
  readonly filed: FiledGrant;
  readonly release: Release;
  readonly from: number;
  /** Seconds: the order's end, or the client's. */
  readonly until: number;
}

export function openInterceptions(parts: {
  readonly book: Book;
  readonly keystore: Keystore;
  readonly underway: Underway;
  readonly certifier: Certifier;
  readonly witnesses: Witnesses;
}): Interceptions {
  const { book, underway, witnesses } = parts;
  const { state } = book;
  const now = (): number => seconds(book.now());
  const signed = ({ filed, from, until }: Omit<Running, "release">): Interception => {
    const { client, account, recipient } = filed.grant;
    const publicKey = fromHex(recipient) ?? new Uint8Array();
    const about = { grant: filed.hash, client, account, publicKey, from, until };
    return parts.certifier.signInterception(about);
  };
  // The server's report and the keeper's own end must not both be written.
  const inTurn = openTurns();
  const end = ({ filed, release }: Running, items: number, wasReported: boolean): Promise<number> =>
    writeOutcome(book, filed, {
      what: "interception",
      intent: release.index,
      failed: false,
      items,
      open: { reported: wasReported },
      said: { items, reported: wasReported },
    });
  return {
    async intercept(hash) {
      const filed = state.grants.get(hash);
      if (filed === undefined) return refused("unknown-grant", "no grant of that hash is filed");
      const { scope, client: named, maxItems } = filed.grant;
      if ("ids" in scope) return refused("out-of-scope", "this grant is about what is stored");
      // From here to the reservation nothing waits.
      const pending = pendingUse(filed, [], witnesses);
      const verdict = judgeUse(filed, state, now(), underway, { witnesses, pending });
      if (verdict !== undefined) return verdict;
      if (now() >= scope.until) return refused("expired", "the order's time is over");
      using _ = underway.begin(hash, named);
      const client = await parts.keystore.find(named);
      if (client === undefined)
        return refused("unknown-client", "the client is no longer held here");
      const { from, until } = scope;
      const use = {
        what: "interception",
        pseudonym: client.pseudonym,
        ids: [],
        open: { days: Math.ceil((until - from) / (DAY / SECOND)) },
        ofClient: { from, until, most: maxItems },
      };
      const intent =
        pending?.index ?? (await unlessUnavailable(() => writeIntent(book, filed, use)));
      if (intent === undefined) return unavailable;
      return (
        awaitWitnesses(intent, witnesses) ?? { ok: true, value: signed({ filed, from, until }) }
      );
    },
    async interceptions() {
      return running(state)
        .filter(({ until, release }) => now() < until && witnesses.saw(release.index))
        .map(signed);
    },
    endInterception: (hash, items) =>
      inTurn(async () => {
        if (items < 0) throw new RangeError("fewer than no messages");
        const filed = state.grants.get(hash);
        const known = running(state).find((each) => each.filed.hash === hash);
        if (known === undefined) {
          const isOver = filed !== undefined && !("ids" in filed.grant.scope);
          return isOver && filed.releases.length > 0
            ? refused("already", "its outcome is written")
            : refused("unknown-grant", "no interception runs on a grant of that hash");
        }
        if (now() < known.until) return refused("not-yet", "it goes on until its end");
        return { ok: true, value: { index: await end(known, items, true) } };
      }),
    endOverdue: () =>
      inTurn(async () => {
        for (const each of running(state))
          if (now() >= each.until + REPORT_WITHIN_S) await end(each, 0, false);
      }),
  };
}

/** Those whose outcome is not written yet. */
function running({ grants, erased }: State): readonly Running[] {
  const all: Running[] = [];
  for (const filed of grants.values()) {
    const { scope, client } = filed.grant;
    if ("ids" in scope) continue;
    const until = Math.min(scope.until, erased.get(client)?.at ?? scope.until);
    for (const release of filed.releases)
      if (release.outcome === undefined) all.push({ filed, release, from: scope.from, until });
  }
  return all;
}
