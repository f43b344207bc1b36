// One attempt from beginning to end: recorded before it is made, made, and its outcome recorded with the reports it owes.
//
// A crash after the peer said 250 and before the outcome is on disk repeats the transmission: mail arrives at least once,
// never less. What cannot be opened is set aside and logged; what goes wrong with ourselves (a disk that does not read, a keeper that is away)
// is tried again like any other trouble. The queue goes on.
import { setTimeout as wait } from "node:timers/promises";
import { newId } from "#base/ids";
import { log, logBroken } from "#base/log";
import { MINUTE, SECOND } from "#base/time";
import { endItem } from "./aside.ts";
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
// So often reports are tried to be made: a minute. An outcome that is known must not wait for them for ever.
const CONCLUDE_TRIES = 30;

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
  const opened = await tried(() => openItem(parts, mine));
  if (!opened.ok) {
    // What cannot be read for five days is as good as damaged.
    if (now - mine.created >= EXPIRY) return poison(ways, mine, "cannot be read");
    await settle(parts, triedLater(parts, mine, now));
    return { gone: [] };
  }
  if (opened.value === undefined) {
    // A key that is gone was destroyed with the client or the day; a body that does not open is damaged.
    const why = keyring.openerOf(mine.day) === undefined ? "no key" : "does not open";
    const finished = await poison(ways, mine, why);
    if (dropping.size > 0) await endItem(parts, mine.name, now);
    return finished;
  }
  const { value: letter } = opened;
  step(parts, "opened");
  const carried = await tried(() => carryOut(parts, mine, letter, dropping));
  const outcome = carried.ok ? carried.value : troubleOf(mine);
  step(parts, "transmitted");
  pace.ended(job.domain, outcome.verdicts);
  const { settlement, fates } = await concludeAtLast(parts, mine, letter, outcome);
  step(parts, "concluded");
  const itemGone = await settle(parts, settlement);
  step(parts, "settled");
  if (itemGone) await dropBody(parts, item);
  step(parts, "body-removed");
  await tellFates(ways, fates);
  return { gone: settlement.finished };
}

type Tried<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false };

/** What is thrown before anything was sent is trouble of ours: logged, and no reason to give a letter up. */
async function tried<Value>(work: () => Promise<Value>): Promise<Tried<Value>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    logBroken("queue.attempt", error);
    return { ok: false };
  }
}

function troubleOf({ recipients }: Job): Transmitted {
  return { verdicts: recipients.map(() => unknown), uncertain: false };
}

/** All of a job's recipients again later, and nobody told: the letter could not be read. */
function triedLater({ ways }: Parts, job: Job, now: number): Settlement {
  const later = job.recipients.map((recipient) => ({
    recipient: recipient.id,
    due: retryAtOf(ways, job, recipient, now),
    delayTold: false,
    status: unknown.status,
    uncertain: false,
  }));
  const { client, item } = job.name;
  return { client, item, finished: [], later, reports: [], suppressed: [] };
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
 * Makes the reports, as often as a minute allows. Then what has left leaves without one, and who was refused is asked once more, so
 * that the report is made then: sent twice is worse than asked twice.
 */
async function concludeAtLast(
  parts: Parts,
  job: Job,
  opened: Opened,
  outcome: Transmitted,
): Promise<Settled> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await conclude(parts, job, opened, outcome);
    } catch (error) {
      logBroken("queue.conclude", error);
      if (tries >= CONCLUDE_TRIES || parts.isClosing()) break;
      await wait(SETTLE_AGAIN);
    }
  }
  const isSent = job.recipients.map((_, at) => outcome.verdicts[at]?.kind === "sent");
  const rest = { ...job, recipients: job.recipients.filter((_, at) => isSent[at] !== true) };
  const finished = job.recipients.filter((_, at) => isSent[at] === true).map(({ id }) => id);
  const again = triedLater(parts, rest, parts.ways.clock.now());
  return { settlement: { ...again, finished }, fates: [] };
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
  ways: Ways,
  job: Job,
  recipient: DueRecipient,
  given: Verdict | undefined,
  now: number,
): Outcome {
  const age = now - job.created;
  const verdict = age >= EXPIRY ? expired(given ?? unknown) : (given ?? unknown);
  if (verdict.kind === "sent") {
    const here = ways.options.isOurDomain(job.domain);
    const action = here ? "delivered" : verdict.reports ? undefined : "relayed";
    return { recipient, verdict, retryAt: undefined, action };
  }
  if (verdict.kind === "failed")
    return { recipient, verdict, retryAt: undefined, action: "failed" };
  const tell = age >= DELAY_NOTICE && !recipient.delayTold;
  const retryAt = retryAtOf(ways, job, recipient, now);
  return { recipient, verdict, retryAt, action: tell ? "delayed" : undefined };
}

/** The last attempt is made when the time is up, not after it. */
function retryAtOf({ options }: Ways, job: Job, { attempts }: DueRecipient, now: number): number {
  const wait = waitAfter(attempts + 1, Math.random(), options.retrySeconds);
  return Math.min(now + wait, Math.max(job.created + EXPIRY, now + MINUTE));
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
    // A list's copies are counted on nobody: who wrote to it did not choose its members.
    const refused = opened.envelope.submitted === true ? refusedBy(verdict) : undefined;
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
