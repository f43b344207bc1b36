// What a client's standing means for each protocol, as data: suspension of mail is graded and gentle, because refusing mail
// destroys other people's letters. The level is a pure function of status, time and holds, so that it advances by itself.
import { DAY } from "#base/time";
import type { ClientStatus, Hold, Level, Serving } from "./contract.ts";

interface LevelRow extends Serving {
  /** What the client reads at the top of their pages; "" where there is nothing to say. */
  readonly words: string;
}

/** What each level answers. Nothing in here touches a mailbox: its settings are the same before and after. */
export const levels = {
  open: { imap: "whole", submission: true, web: "open", inbound: "taken", words: "" },
  notice: {
    imap: "whole",
    submission: true,
    web: "open",
    inbound: "taken",
    words: "Something is to be settled, and everything works as before.",
  },
  waiting: {
    imap: "off",
    submission: false,
    web: "own-data",
    inbound: "deferred",
    words: "This account waits to be opened.",
  },
  "read-only": {
    imap: "read-only",
    submission: true,
    web: "own-data",
    inbound: "taken",
    words: "Your mail can be read and arrives as before; it cannot be changed for now.",
  },
  "outbound-off": {
    imap: "read-only",
    submission: false,
    web: "own-data",
    inbound: "taken",
    words: "Your mail can be read and arrives as before; nothing can be sent.",
  },
  "export-only": {
    imap: "off",
    submission: false,
    web: "own-data",
    inbound: "taken",
    words:
      "Mail still arrives, but mail programs cannot sign in. Here you can see what we hold, and take it with you.",
  },
  deferred: {
    imap: "off",
    submission: false,
    web: "own-data",
    inbound: "deferred",
    words:
      "Letters to you are told to come back later; who sends them tries for some days. You can still take along what is here.",
  },
  refused: {
    imap: "off",
    submission: false,
    web: "own-data",
    inbound: "refused",
    words: "Letters to you are sent back to who wrote them. You can still take along what is here.",
  },
  deletion: {
    imap: "off",
    submission: false,
    web: "own-data",
    inbound: "refused",
    words: "This account is about to be closed and deleted. Take along what you need.",
  },
  closed: {
    imap: "off",
    submission: false,
    web: "own-data",
    inbound: "refused",
    words: "This account is closed. Letters to it are sent back to who wrote them.",
  },
  gone: { imap: "off", submission: false, web: "shut", inbound: "unknown", words: "" },
} as const satisfies { readonly [level in Level]: LevelRow };

const levelsByStatus = {
  pending: "waiting",
  active: "open",
  "past-due": "notice",
  closed: "closed",
  erased: "gone",
} as const satisfies { readonly [status in Exclude<ClientStatus, "suspended">]: Level };

/** Days of suspension after which each level begins. */
export const suspension: readonly { readonly level: Level; readonly afterDays: number }[] = [
  { level: "read-only", afterDays: 0 },
  // A week to see the notice before anything that the client sends is stopped.
  { level: "outbound-off", afterDays: 7 },
  { level: "export-only", afterDays: 14 },
  // A month: only from here on do other people's letters suffer.
  { level: "deferred", afterDays: 30 },
  // Servers that send try for four to five days (RFC 5321 §4.5.4.1): what was deferred before this can still arrive.
  { level: "refused", afterDays: 35 },
  // A season later: whoever is ill or travels comes back before.
  { level: "deletion", afterDays: 120 },
];

/** Days of suspension after which the client is closed for good: a month of notice behind the level "deletion". */
export const CLOSED_AFTER_DAYS = 150;

export interface StandingFacts {
  readonly status: ClientStatus;
  /** Milliseconds since 1970: when the status was last moved. */
  readonly since: number;
  readonly holds: readonly Hold[];
}

/** In force from its beginning to its end; one without an end until it is lifted, which gives it one. */
export function inForce(holds: readonly Hold[], kind: Hold["kind"], now: number): boolean {
  return holds.some((hold) => hold.kind === kind && isInForce(hold, now));
}

function isInForce({ since, until }: Hold, now: number): boolean {
  return since <= now && (until === undefined || now < until);
}

/**
 * Where the ladder of suspension is counted from: the suspension, or the end of a promise not to suspend that lay behind it.
 * Undefined while that promise lasts.
 */
export function suspendedFrom({ since, holds }: StandingFacts, now: number): number | undefined {
  let from = since;
  for (const hold of holds) {
    if (hold.kind !== "do-not-suspend") continue;
    if (isInForce(hold, now)) return undefined;
    if (hold.until !== undefined && hold.until <= now) from = Math.max(from, hold.until);
  }
  return from;
}

/** Total and pure. */
export function levelOf(facts: StandingFacts, now: number): Level {
  if (facts.status !== "suspended") return levelsByStatus[facts.status];
  const from = suspendedFrom(facts, now);
  if (from === undefined) return "notice";
  return suspension.findLast(({ afterDays }) => now >= from + afterDays * DAY)?.level ?? "notice";
}

/** The level that comes next by the passing of time alone, and when; undefined where none does. */
export function nextLevel(
  facts: StandingFacts,
  now: number,
): { readonly level: Level; readonly at: number } | undefined {
  if (facts.status !== "suspended") return undefined;
  const from = suspendedFrom(facts, now);
  if (from === undefined) return undefined;
  const next = suspension.find(({ afterDays }) => now < from + afterDays * DAY);
  const days = next?.afterDays ?? CLOSED_AFTER_DAYS;
  return { level: next?.level ?? "closed", at: from + days * DAY };
}

/** What the protocols answer: the level's row, less what a hold takes away. */
export function servingOf(facts: StandingFacts, now: number): Serving {
  const { imap, submission, web, inbound } = levels[levelOf(facts, now)];
  const blocked = inForce(facts.holds, "abuse-block", now);
  return { imap, submission: submission && !blocked, web, inbound };
}
