// The rules by which a grant is filed: the policy's table of grounds, enforced. Pure: reads the grant and what the keeper
// knows, and answers with the first rule that it falls on, in words. What is not allowed here is not allowed.
import { fromHex } from "#base/bytes";
import { DAY, HOUR, SECOND } from "#base/time";
import {
  type Demand,
  demands,
  type Ground,
  groundReaches,
  groundRow,
  isDataClass,
  isGround,
  policyDigest,
} from "#policy";
import { verifyBytes } from "#vault";
import type { KeptClient } from "./clients.ts";
import { type Grant, idsOf, type Scope } from "./grant.ts";
import type { FileRefusal } from "./port.ts";
import type { State } from "./state.ts";
import { clientCaseBytes, determinationBytes, scopeRoot, scopeRootOf } from "./statements.ts";

export interface World {
  readonly state: State;
  /** Seconds since 1970. */
  readonly now: number;
  /** The client whom the grant names; undefined when there is none. */
  readonly client: KeptClient | undefined;
}

export interface Refused<Refusal extends string> {
  readonly ok: false;
  readonly refusal: Refusal;
  readonly why: string;
}

export function refused<Refusal extends string>(refusal: Refusal, why: string): Refused<Refusal> {
  return { ok: false, refusal, why };
}

type Verdict = Refused<FileRefusal> | undefined;
type Rule = (grant: Grant, ground: Ground, world: World) => Verdict;

// A draft may wait a day for the actor's signature, and may be meant for the coming week.
const OLDEST_START_S = DAY / SECOND;
const LATEST_START_S = (7 * DAY) / SECOND;
// What a grant lists must fit in its 16 KiB; more would be "everything" by another name.
const MAX_ITEMS = 1000;
// A busy mailbox gets some three hundred messages a day; beyond a month of that an order is no longer about one person.
const MAX_INTERCEPTED = 10_000;
// A month, as orders are commonly given; a longer one is renewed by a new grant with new approvals.
const LONGEST_INTERCEPTION_S = (31 * DAY) / SECOND;
// An authority's prohibition is renewed by a new document, not by a far date.
const LONGEST_SILENCE_S = (365 * DAY) / SECOND;
const REVIEW_WINDOW_S = (30 * DAY) / SECOND;

/** The first rule on which the grant falls, or undefined when it may be filed. */
export function judgeGrant(grant: Grant, world: World): Verdict {
  if (!isGround(grant.ground))
    return refused("unknown-ground", "the policy's table has no such ground");
  for (const rule of rules) {
    const verdict = rule(grant, grant.ground, world);
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}

const purpose: Rule = (grant, ground) => {
  const row = groundRow(ground);
  if (grant.purpose === row.purpose) return undefined;
  return refused("wrong-purpose", `ground ${ground} serves ${row.purpose} and nothing else`);
};

const dataClass: Rule = (grant, ground) => {
  const row = groundRow(ground);
  if (!isDataClass(grant.class) || !groundReaches(ground, grant.class))
    return refused("class-not-covered", `ground ${ground} reaches ${row.classes.join(", ")}`);
  if (row.classes.includes(grant.class)) return undefined;
  // A named class: the instrument itself must speak of it.
  const named = new RegExp(`\\b${grant.class}\\b`, "i").test(String(grant.demands.instrument));
  if (named) return undefined;
  return refused(
    "class-not-covered",
    `${grant.class} is in reach only when the instrument names it`,
  );
};

const policy: Rule = (grant) =>
  grant.policy === policyDigest
    ? undefined
    : refused("old-policy", `the policy in force is ${policyDigest}`);

const times: Rule = (grant, ground, { now }) => {
  const { notBefore, expires } = grant;
  const life = groundRow(ground).lifeMs / SECOND;
  if (expires <= notBefore || expires <= now) return refused("bad-times", "it has expired");
  if (notBefore < now - OLDEST_START_S || notBefore > now + LATEST_START_S)
    return refused("bad-times", "it begins more than a day ago, or more than a week from now");
  if (expires - notBefore > life)
    return refused("bad-times", `ground ${ground} lives ${life / (HOUR / SECOND)} hours at most`);
  return undefined;
};

const scope: Rule = (grant, ground) =>
  "ids" in grant.scope ? ofIds(grant.scope, grant.maxItems) : ofTime(grant, ground, grant.scope);

function ofIds({ ids, root }: Extract<Scope, { ids: unknown }>, maxItems: number): Verdict {
  if (ids.length === 0) return refused("empty-scope", "name each thing that is to be opened");
  if (maxItems < 1 || maxItems > MAX_ITEMS)
    return refused("bad-scope", `maxItems is a number from 1 to ${MAX_ITEMS}`);
  if (ids.length > maxItems)
    return refused("bad-scope", `${ids.length} ids, but maxItems ${maxItems}`);
  // Wildcards and patterns have no letters to be written in.
  if (!ids.every((id) => /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/.test(id)))
    return refused("bad-scope", "an id has letters, digits and . _ : - only: no wildcards");
  if (!ids.every((id, at) => at === 0 || (ids[at - 1] ?? "") < id))
    return refused("bad-scope", "the ids are not sorted, or one stands twice");
  if (scopeRoot(ids) !== root) return refused("bad-scope", "the root is not that of the ids");
  return undefined;
}

/** An interception order: mail that is to come to one account, until an end. What is past is opened by its ids or not at all. */
function ofTime(
  { notBefore, expires, maxItems, class: dataClass }: Grant,
  ground: Ground,
  { from, until }: Extract<Scope, { from: unknown }>,
): Verdict {
  if (ground !== "E3" || dataClass !== "content")
    return refused("bad-scope", "only legal process reaches mail that is to come; name ids");
  if (maxItems < 1 || maxItems > MAX_INTERCEPTED)
    return refused("bad-scope", `maxItems is a number from 1 to ${MAX_INTERCEPTED}`);
  if (from < notBefore || from >= expires)
    return refused("bad-scope", "it begins while the grant lives: no mail of the past");
  if (until <= from || until - from > LONGEST_INTERCEPTION_S)
    return refused("bad-scope", "it ends after it begins, within 31 days");
  return undefined;
}

const filledIn: Rule = (grant, ground) => {
  const { demands: demanded } = groundRow(ground);
  const missing = demanded.find((demand) => {
    const value = grant.demands[demand];
    if (demand === "earlierEntry") return typeof value !== "number";
    return typeof value !== "string" || value.trim() === "";
  });
  if (missing !== undefined) return refused("missing-demand", `${missing}: ${demands[missing]}`);
  const extra = Object.keys(grant.demands).find((name) => !demanded.includes(name as Demand));
  if (extra === undefined) return undefined;
  return refused("not-canonical", `ground ${ground} has no demand ${extra.slice(0, 40)}`);
};

const client: Rule = (grant, _ground, world) => {
  const known = world.client;
  if (known === undefined) return refused("unknown-client", "no such client is enrolled");
  const accounts = grant.class === "content" ? [known.account] : ["", known.account];
  if (!accounts.includes(grant.account))
    return refused("unknown-client", "no such account of theirs");
  // Stored mail of theirs cannot be opened by anybody else; mail that is to come can be sealed to a second key.
  if (grant.class === "content" && known.mode === "client-only" && "ids" in grant.scope)
    return refused("client-only", "this client's mail opens with their own credential only");
  return undefined;
};

/** E1: the client's own signature over these ids, "UNTIL SIGNATURE" in one spelling only, so that it is good for one grant. */
const clientSigned: Rule = (grant, ground, world) => {
  if (ground !== "E1" || world.client === undefined) return undefined;
  const [, digits = "", hex = ""] =
    /^([1-9]\d{0,11}) ([0-9a-f]{128})$/.exec(String(grant.demands.clientSignature)) ?? [];
  const { client, account } = grant;
  const signed = clientCaseBytes({
    client,
    account,
    root: scopeRootOf(grant.scope),
    until: Number(digits),
  });
  if (!verifyBytes(world.client.signingKey, signed, fromHex(hex) ?? new Uint8Array()))
    return refused("bad-signature", `clientSignature: ${demands.clientSignature}`);
  if (grant.expires > Number(digits))
    return refused("bad-times", "the grant would outlive the client's approval");
  const used = [...world.state.grants.values()].some(
    (filed) => filed.grant.demands.clientSignature === grant.demands.clientSignature,
  );
  return used
    ? refused("duplicate", "the client's signature was used for another grant")
    : undefined;
};

/** D2 and E3: "KEY-ID SIGNATURE words", by an enrolled person; for E3 somebody other than the actor. */
const determined: Rule = (grant, ground, { state }) => {
  if (!groundRow(ground).demands.includes("determination")) return undefined;
  const match = /^([0-9a-f]{16}) ([0-9a-f]{128}) (.+)$/s.exec(String(grant.demands.determination));
  const person = state.people.get(match?.[1] ?? "");
  const said = `determination: ${demands.determination}`;
  if (person === undefined) return refused("missing-demand", said);
  const signed = determinationBytes({
    client: grant.client,
    class: grant.class,
    root: scopeRootOf(grant.scope),
    instrument: String(grant.demands.instrument),
    text: match?.[3] ?? "",
  });
  if (!verifyBytes(person.key, signed, fromHex(match?.[2] ?? "") ?? new Uint8Array()))
    return refused(
      "bad-signature",
      `${said}; what it was signed for is not this scope and instrument`,
    );
  if (ground === "E3" && person.person === state.people.get(grant.actor)?.person)
    return refused("self-determined", "somebody other than the actor must determine it");
  return undefined;
};

/** E4: only what was already seen, in a release for another purpose, and only to an authority. */
const seenEarlier: Rule = (grant, ground, { state }) => {
  if (ground !== "E4") return undefined;
  if (grant.requester.kind !== "authority")
    return refused("not-an-authority", `authority: ${demands.authority}`);
  const index = grant.demands.earlierEntry;
  for (const filed of state.grants.values()) {
    const release = filed.releases.find(
      (each) => each.index === index || each.outcome?.index === index,
    );
    if (release === undefined) continue;
    const fits =
      filed.grant.purpose !== grant.purpose &&
      filed.grant.class === grant.class &&
      filed.grant.client === grant.client &&
      filed.grant.account === grant.account &&
      release.outcome?.failed === false &&
      idsOf(grant.scope).every((id) => release.ids.includes(id));
    if (fits) return undefined;
  }
  return refused("bad-earlier-entry", `earlierEntry: ${demands.earlierEntry}`);
};

const notTooOften: Rule = (grant, ground, { state, now }) => {
  const cap = groundRow(ground).perClientIn30Days;
  if (cap === undefined) return undefined;
  const recent = [...state.grants.values()].filter(
    (filed) =>
      filed.grant.ground === ground &&
      filed.grant.client === grant.client &&
      filed.filedAt > now - REVIEW_WINDOW_S,
  );
  if (recent.length < cap) return undefined;
  return refused("too-many-reviews", `${cap} for one client in 30 days`);
};

/** How long what is written about a grant stays closed: only where the rules would let the grant itself delay notice. */
export function silenceOf(grant: Grant, world: World): number | undefined {
  if (grant.notice === "now" || !isGround(grant.ground)) return undefined;
  return notice(grant, grant.ground, world) === undefined ? grant.notice.until : undefined;
}

const notice: Rule = (grant, ground, { now }) => {
  if (grant.notice === "now") return undefined;
  if (!["D2", "E3"].includes(ground) || !["authority", "court"].includes(grant.requester.kind))
    return refused(
      "bad-notice",
      "only legal process, and only an authority or court, delays notice",
    );
  const { until } = grant.notice;
  if (until > now && until <= now + LONGEST_SILENCE_S) return undefined;
  return refused("bad-notice", "notice is delayed until a day within a year");
};

const rules: readonly Rule[] = [
  purpose,
  filledIn,
  dataClass,
  policy,
  times,
  scope,
  client,
  clientSigned,
  determined,
  seenEarlier,
  notTooOften,
  notice,
];
