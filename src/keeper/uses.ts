// One use of a grant, whatever it opens: whether it may begin, the entry before anything is opened, the entry after. No entry, no
// key: who calls this opens nothing before `writeIntent` has returned and hands nothing out before `writeOutcome` has.
import { toUtf8 } from "#base/bytes";
import type { Canonical } from "#base/canonical";
import { Broken } from "#base/errors";
import { logBroken } from "#base/log";
import { policyDigest } from "#policy";
import type { Book } from "./book.ts";
import type { Grant } from "./grant.ts";
import { approvalsNeeded, usesAllowed } from "./grants.ts";
import type { ReleaseRefusal } from "./port.ts";
import { type Refused, refused } from "./rules.ts";
import type { FiledGrant, Release, State } from "./state.ts";
import type { Underway } from "./underway.ts";
import type { Witnesses } from "./witnesses.ts";

/** Why a filed grant cannot be used now; undefined when it can. */
export function judgeUse(
  { hash, grant, approvals, releases }: FiledGrant,
  state: State,
  now: number,
  underway: Underway,
  { witnesses, pending }: { readonly witnesses: Witnesses; readonly pending: Release | undefined },
): Refused<ReleaseRefusal> | undefined {
  if (grant.policy !== policyDigest)
    return refused("old-policy", "it was approved under a policy that is no longer in force");
  if (now < grant.notBefore) return refused("not-yet", "the grant has not begun");
  if (now >= grant.expires) return refused("expired", "the grant has expired");
  const needed = approvalsNeeded(grant, state);
  if (approvals.length < needed)
    return refused("too-few-approvals", `${approvals.length} of ${needed} approvals`);
  if (underway.isLeaving(grant.client))
    return refused("unknown-client", "the client is being erased");
  if (underway.has(hash) || releases.some((each) => each.outcome === undefined && each !== pending))
    return refused("outcome-pending", "an earlier release of it has no durable outcome yet");
  if (pending !== undefined) return undefined;
  if (releases.length >= usesAllowed(grant))
    return refused("used-up", `it was good for ${usesAllowed(grant)} use`);
  return witnesses.areAway()
    ? refused("witnesses-away", "the ledger's witnesses have not answered for hours")
    : undefined;
}

/** A use that is entered and waits for witnesses, of the same objects: whoever asks again goes on with it. */
export function pendingUse(
  { releases }: FiledGrant,
  ids: readonly string[],
  { waiting }: Witnesses,
): Release | undefined {
  return releases.find(
    ({ index, ids: entered, outcome }) =>
      outcome === undefined &&
      waiting.has(index) &&
      entered.length === ids.length &&
      entered.every((id, at) => id === ids[at]),
  );
}

/** No key turns on an entry that a quorum of witnesses has not seen. */
export function awaitWitnesses(
  intent: number,
  witnesses: Witnesses,
): Refused<ReleaseRefusal> | undefined {
  if (witnesses.saw(intent)) {
    witnesses.waiting.delete(intent);
    return undefined;
  }
  witnesses.waiting.add(intent);
  const why = `entry ${intent} is written; ask again once witnesses have seen it`;
  return refused("awaiting-witnesses", why);
}

export const unavailable = refused(
  "ledger-unavailable",
  "the ledger cannot be written, so nothing is opened",
);

export async function unlessUnavailable(write: () => Promise<number>): Promise<number | undefined> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    logBroken("keeper-ledger", error);
    return undefined;
  }
}

type Said = { readonly [field: string]: Canonical };

/** The entry before: the use counts from here, whatever follows. `what` names the act: "release" or "interception". */
export function writeIntent(
  book: Book,
  { hash, grant }: FiledGrant,
  use: {
    readonly what: string;
    readonly pseudonym: string;
    readonly ids: readonly string[];
    /** For everybody and for the client. */
    readonly open: Said;
    readonly ofClient: Said;
  },
): Promise<number> {
  const { purpose, reason, requester, actor } = grant;
  const role = book.state.people.get(actor)?.role ?? "";
  const instrument = grant.demands.instrument;
  return book.write({
    public: {
      ...publicOf(grant, use.pseudonym),
      type: `${use.what}-intent`,
      role,
      ...use.open,
    },
    client: { reason, purpose, ...use.ofClient },
    case: { grant: hash, actor, requester, ...(instrument !== undefined && { instrument }) },
    of: grant.client,
    revealBy: revealBy(grant),
    fact: { kind: "intent", hash, ids: use.ids },
  });
}

/** The entry after, about the use whose intent has that index. Its pseudonym is the intent's, which outlives an erasure. */
export function writeOutcome(
  book: Book,
  { hash, grant, releases }: FiledGrant,
  outcome: {
    readonly what: string;
    readonly intent: number;
    readonly failed: boolean;
    readonly items: number;
    readonly open?: Said;
    readonly said: Said;
  },
): Promise<number> {
  const { what, intent, failed, items, open = {} } = outcome;
  const entry = releases.find(({ index }) => index === intent)?.entry;
  if (entry === undefined) throw new Broken("an outcome without its intent");
  const { pseudonym } = JSON.parse(toUtf8(entry.public.bytes) ?? "") as {
    readonly pseudonym: string;
  };
  return book.write({
    public: {
      ...publicOf(grant, pseudonym),
      type: `${what}-outcome`,
      intent,
      items,
      failed,
      ...open,
    },
    client: outcome.said,
    case: { grant: hash },
    of: grant.client,
    revealBy: revealBy(grant),
    fact: { kind: "outcome", hash, intent, items, failed },
  });
}

function publicOf(grant: Grant, pseudonym: string): { readonly [field: string]: Canonical } {
  return { ground: grant.ground, purpose: grant.purpose, class: grant.class, pseudonym };
}

function revealBy({ notice }: Grant): number | undefined {
  return notice === "now" ? undefined : notice.until;
}
