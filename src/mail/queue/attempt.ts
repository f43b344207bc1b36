// One attempt from beginning to end: recorded before it is made, made, and its outcome recorded with the reports it owes.
//
// A crash after the peer said 250 and before the outcome is on disk repeats the transmission: mail arrives at least once,
// never less. What cannot be opened, or breaks this code, is set aside and logged; the queue goes on.
import { setTimeout as wait } from "node:timers/promises";
import { newId } from "#base/ids";
import { log, logBroken } from "#base/log";
import { SECOND } from "#base/time";
import { ATTEMPT_LOST, DELAY_NOTICE, EXPIRY, waitAfter } from "./backoff.ts";
import type { Bodies } from "./bodies.ts";
import {
  beginAttempt,
  setAside,
  settleAttempt,
  type Settlement,
  type Suppression,
} from "./commands.ts";
import type { Fate, Step } from "./contract.ts";
import type { DueRecipient, Job } from "./due.ts";
import type { Keyring } from "./keyring.ts";
import type { Pace } from "./pace.ts";
import { type Action, type Reported, signedReport, wantsReport } from "./report.ts";
import { type Envelope, openBody, openEnvelope, sealItem } from "./sealed.ts";
import type { SuppressionList } from "./suppression.ts";
import type { Tables } from "./tables.ts";
import { expired, transmit, type Transmitted, type Ways } from "./transmit.ts";
import { failed, later, type Verdict } from "./verdict.ts";

// How long a disk that is full is given before the outcome is written again.
const SETTLE_AGAIN = 2 * SECOND;

const unknown = later("4.3.0", "unknown");

export interface Finished {
  /** Recipients that left the queue. */
  readonly gone: readonly string[];
}

interface Outcome {
  readonly recipient: DueRecipient;
  readonly verdict: Verdict;
  /** Undefined when the recipient leaves the queue. */
  readonly retryAt: number | undefined;
  readonly action: Action | undefined;
}

/** Rejects only when the engine cannot write the claim: then nothing was sent. */
export async function attempt(parts: Parts, job: Job): Promise<Finished> {
  const { ways, keyring, pace } = parts;
  const { client, item } = job.name;
  const { engine } = ways.options;
  const now = ways.clock.now();
  const recipients = job.recipients.map(({ id }) => id);
  const claim = { client, item, recipients, now, lostAt: now + ATTEMPT_LOST };
  const ours = await engine.write(beginAttempt, claim);
  step(parts, "claimed");
  const taken = new Set(ours.map(({ recipient }) => recipient));
  const dropping = new Set(ours.filter((row) => row.dropping).map(({ recipient }) => recipient));
  const mine: Job = { ...job, recipients: job.recipients.filter(({ id }) => taken.has(id)) };
  if (mine.recipients.length === 0) return { gone: [] };
  let settlement: Settled | undefined;
  try {
    const opened = await openItem(parts, mine);
    if (opened !== undefined) {
      step(parts, "opened");
      const outcome = await carryOut(parts, mine, opened, dropping);
      step(parts, "transmitted");
      pace.ended(job.domain, outcome.verdicts);
      settlement = await conclude(parts, mine, opened, outcome);
    }
  } catch (error) {
    return poison(ways, mine, logBroken("queue.attempt", error));
  }
  if (settlement === undefined) {
    // A key that is gone was destroyed with the client or the day; a body that does not open is damaged.
    return poison(
      ways,
      mine,
      keyring.openerOf(mine.day) === undefined ? "no key" : "does not open",
    );
  }
  const itemGone = await settle(parts, settlement.settlement);
  step(parts, "settled");
  if (itemGone) await dropBody(parts, item);
  await tellFates(ways, settlement.fates);
  return { gone: settlement.settlement.finished };
}

/** What an attempt works with. */
export interface Parts {
  readonly ways: Ways;
  readonly keyring: Keyring;
  readonly bodies: Bodies;
  readonly pace: Pace;
  readonly suppression: SuppressionList | undefined;
  /** True once the queue closes. */
  readonly isClosing: () => boolean;
}

function step({ ways }: Parts, which: Step): void {
  ways.options.onStep?.(which);
}

/**
 * Writes the outcome, as often as it takes: on a full disk the letter has left all the same, and to forget that would send it
 * twice. Gives up only when the queue closes; the attempt then counts as one without an answer.
 */
async function settle(parts: Parts, settlement: Settlement): Promise<boolean> {
  const { engine } = parts.ways.options;
  for (;;) {
    try {
      return await engine.write(settleAttempt, settlement);
    } catch (error) {
      logBroken("queue.settle", error);
      if (parts.isClosing()) throw error;
      await wait(SETTLE_AGAIN);
    }
  }
}

/** The rows are gone and with them the way to the body; the sweep finds what cannot be removed now. */
async function dropBody({ bodies }: Parts, item: string): Promise<void> {
  try {
    await bodies.remove(item);
  } catch (error) {
    logBroken("queue.body", error);
  }
}

interface Settled {
  readonly settlement: Settlement;
  readonly fates: readonly Fate[];
}

interface Opened {
  readonly envelope: Envelope;
  readonly body: Uint8Array;
  readonly isBlob: boolean;
}

async function openItem({ ways, keyring, bodies }: Parts, job: Job): Promise<Opened | undefined> {
  const row = await ways.options.engine
    .reader<Tables>()
    .selectFrom("queue_item")
    .select(["envelope", "body", "is_blob"])
    .where("client_id", "=", job.name.client)
    .where("item_id", "=", job.name.item)
    .executeTakeFirst();
  const opener = keyring.openerOf(job.day);
  if (row === undefined || opener === undefined) return undefined;
  const sealed = await bodies.read(job.name.item, row);
  const envelope = openEnvelope(opener, job.name, row.envelope);
  const body = sealed && openBody(opener, job.name, sealed);
  if (envelope === undefined || body === undefined) return undefined;
  return { envelope, body, isBlob: row.is_blob === 1 };
}

async function poison(ways: Ways, job: Job, why: string): Promise<Finished> {
  const { client, item } = job.name;
  const recipients = job.recipients.map(({ id }) => id);
  await ways.options.engine.write(setAside, { client, item, recipients });
  log("queue.aside", { client, item, recipients: recipients.length, why });
  return { gone: recipients };
}

/** Sends to those who may be sent to; what is decided beforehand gets its verdict without a connection. */
async function carryOut(
  { ways, suppression }: Parts,
  job: Job,
  { envelope, body }: Opened,
  dropping: ReadonlySet<string>,
): Promise<Transmitted> {
  const early = await Promise.all(
    job.recipients.map(async ({ id, to }): Promise<Verdict | undefined> => {
      if (dropping.has(id)) return failed("5.3.0", "the operator of this server took it out");
      const status = await suppression?.statusOf(job.name.client, to.address);
      if (status === undefined) return undefined;
      const text = "not sent: this address refused your letters as unknown more than once lately";
      return { ...failed(status, text), isSuppressed: true };
    }),
  );
  const rest = { ...job, recipients: job.recipients.filter((_, at) => early[at] === undefined) };
  if (rest.recipients.length === 0)
    return { verdicts: early.map((verdict) => verdict ?? unknown), uncertain: false };
  const { verdicts, uncertain } = await transmit(ways, rest, envelope, body);
  const left = [...verdicts];
  if (uncertain) log("queue.uncertain", { item: job.name.item, recipients: left.length });
  return { verdicts: early.map((verdict) => verdict ?? left.shift() ?? unknown), uncertain };
}

async function conclude(
  parts: Parts,
  job: Job,
  opened: Opened,
  { verdicts, uncertain }: Transmitted,
): Promise<Settled> {
  const { ways, suppression } = parts;
  const now = ways.clock.now();
  const outcomes = job.recipients.map((recipient, at) =>
    outcomeOf(ways, job, recipient, verdicts[at], now),
  );
  const finished = outcomes
    .filter(({ retryAt }) => retryAt === undefined)
    .map(({ recipient }) => recipient.id);
  const tryAgain = outcomes.flatMap(({ recipient, retryAt, action, verdict }) => {
    if (retryAt === undefined || verdict.kind === "sent") return [];
    const { id } = recipient;
    const delayTold = action === "delayed";
    return [{ recipient: id, due: retryAt, delayTold, status: verdict.status, uncertain }];
  });
  const { client, item } = job.name;
  const suppressed: Suppression[] = [];
  for (const { recipient, verdict } of outcomes) {
    const { address } = recipient.to;
    suppressed.push(...((await suppression?.afterVerdict(client, address, verdict, now)) ?? []));
  }
  const reports = await reportsFor(parts, job, opened, outcomes, now);
  // A stranger's letter that waits for a mailbox here is nobody's sending: the delivery notes it.
  const isSent = opened.envelope.submitted === true || !ways.options.isOurDomain(job.domain);
  const fates = opened.envelope.sender !== "" && isSent ? fatesOf(job, opened, outcomes, now) : [];
  return { settlement: { client, item, finished, later: tryAgain, reports, suppressed }, fates };
}

function outcomeOf(
  { options }: Ways,
  job: Job,
  recipient: DueRecipient,
  given: Verdict | undefined,
  now: number,
): Outcome {
  const age = now - job.created;
  const verdict = age >= EXPIRY ? expired(given ?? unknown) : (given ?? unknown);
  if (verdict.kind === "sent") {
    const here = options.isOurDomain(job.domain);
    const action = here ? "delivered" : verdict.reports ? undefined : "relayed";
    return { recipient, verdict, retryAt: undefined, action };
  }
  if (verdict.kind === "failed")
    return { recipient, verdict, retryAt: undefined, action: "failed" };
  const wait = waitAfter(recipient.attempts + 1, Math.random(), options.retrySeconds);
  const tell = age >= DELAY_NOTICE && !recipient.delayTold;
  // The last attempt is made when the time is up, not after it.
  const retryAt = Math.min(now + wait, Math.max(job.created + EXPIRY, now + 1));
  return { recipient, verdict, retryAt, action: tell ? "delayed" : undefined };
}

/** Sealed reports, one per action; none about a message that itself has the null reverse-path (RFC 5321 §4.5.5). */
async function reportsFor(
  { ways, keyring, bodies }: Parts,
  job: Job,
  { envelope, body }: Opened,
  outcomes: readonly Outcome[],
  now: number,
) {
  if (envelope.sender === "") return [];
  const byAction = new Map<Action, Reported[]>();
  for (const { recipient, verdict, action } of outcomes) {
    if (action === undefined || !wantsReport(recipient.to.notify, action)) continue;
    const reason = verdict.kind === "sent" ? undefined : verdict;
    const told = byAction.get(action) ?? [];
    told.push({ recipient: recipient.to, action, reason });
    byAction.set(action, told);
  }
  if (byAction.size === 0) return [];
  const key = await keyring.newest();
  const making = [...byAction.values()].map(async (reported) => {
    const facts = {
      id: newId(),
      hostname: ways.options.hostname,
      at: now,
      arrived: job.created,
      givesUp: job.created + EXPIRY,
      original: { ...job.name, ...envelope, raw: body },
      reported,
    };
    return bodies.put(sealItem(key, await signedReport(ways.options, facts), now), now);
  });
  return Promise.all(making);
}

function fatesOf(job: Job, opened: Opened, outcomes: readonly Outcome[], at: number): Fate[] {
  const { client, account } = job.name;
  const size = opened.body.byteLength;
  return outcomes.flatMap(({ verdict, action }): Fate[] => {
    if (verdict.kind === "later" && action !== "delayed") return [];
    const fate = verdict.kind === "later" ? "delayed" : verdict.kind;
    const refused = refusedBy(verdict);
    return [{ client, account, at, fate, peer: job.domain, size, ...(refused && { refused }) }];
  });
}

/** A no that stands; a peer that said "not now" for five days did not refuse. */
function refusedBy(verdict: Verdict): Fate["refused"] {
  if (verdict.kind !== "failed") return undefined;
  if (verdict.isSuppressed === true) return "suppressed";
  return verdict.fromPeer ? "by-peer" : undefined;
}

async function tellFates({ options }: Ways, fates: readonly Fate[]): Promise<void> {
  for (const fate of fates) {
    try {
      await options.onFate?.(fate);
    } catch (error) {
      logBroken("queue.fate", error);
    }
  }
}
