// One attempt from beginning to end: recorded before it is made, made, and its outcome recorded with the reports it owes.
//
// A crash after the peer said 250 and before the outcome is on disk repeats the transmission: mail arrives at least once,
// never less. What cannot be opened, or breaks this code, is set aside and logged; the queue goes on.
import { newId } from "#base/ids";
import { log, logBroken } from "#base/log";
import { ATTEMPT_LOST, DELAY_NOTICE, EXPIRY, waitAfter } from "./backoff.ts";
import { beginAttempt, setAside, settleAttempt, type Settlement } from "./commands.ts";
import type { Fate } from "./contract.ts";
import type { DueRecipient, Job } from "./due.ts";
import type { Keyring } from "./keyring.ts";
import { type Action, type Reported, reportMessage, wantsReport } from "./report.ts";
import { type Envelope, openBody, openEnvelope, sealItem } from "./sealed.ts";
import type { Tables } from "./tables.ts";
import { expired, transmit, type Ways } from "./transmit.ts";
import type { Verdict } from "./verdict.ts";

export interface Finished {
  /** Recipients that left the queue. */
  readonly gone: readonly string[];
  /** The item left with its last recipient. */
  readonly itemGone: boolean;
}

interface Outcome {
  readonly recipient: DueRecipient;
  readonly verdict: Verdict;
  /** Undefined when the recipient leaves the queue. */
  readonly retryAt: number | undefined;
  readonly action: Action | undefined;
}

/** Rejects only when the engine cannot write: then nothing is known to have changed and the attempt counts as lost. */
export async function attempt(ways: Ways, keyring: Keyring, job: Job): Promise<Finished> {
  const { client, item } = job.name;
  const { engine } = ways.options;
  const now = ways.clock.now();
  const recipients = job.recipients.map(({ id }) => id);
  const claim = { client, item, recipients, now, lostAt: now + ATTEMPT_LOST };
  const ours = new Set(await engine.write(beginAttempt, claim));
  const mine: Job = { ...job, recipients: job.recipients.filter(({ id }) => ours.has(id)) };
  if (mine.recipients.length === 0) return { gone: [], itemGone: false };
  const row = await itemRow(ways, mine);
  let settlement: Settled | undefined;
  try {
    const opened = row === undefined ? undefined : openItem(keyring, mine, row);
    if (opened !== undefined) {
      const verdicts = await transmit(ways, mine, opened.envelope, opened.body);
      settlement = await conclude(ways, keyring, mine, opened, verdicts);
    }
  } catch (error) {
    return poison(ways, mine, logBroken("queue.attempt", error));
  }
  if (settlement === undefined) return poison(ways, mine, "does not open");
  const itemGone = await engine.write(settleAttempt, settlement.settlement);
  await tellFates(ways, settlement.fates);
  return { gone: settlement.settlement.finished, itemGone };
}

interface Settled {
  readonly settlement: Settlement;
  readonly fates: readonly Fate[];
}

interface Opened {
  readonly envelope: Envelope;
  readonly body: Uint8Array;
}

function itemRow(ways: Ways, job: Job) {
  return ways.options.engine
    .reader<Tables>()
    .selectFrom("queue_item")
    .select(["envelope", "body"])
    .where("client_id", "=", job.name.client)
    .where("item_id", "=", job.name.item)
    .executeTakeFirst();
}

function openItem(
  keyring: Keyring,
  job: Job,
  row: { readonly envelope: Uint8Array; readonly body: Uint8Array },
): Opened | undefined {
  const opener = keyring.openerOf(job.day);
  if (opener === undefined) return undefined;
  const envelope = openEnvelope(opener, job.name, row.envelope);
  const body = openBody(opener, job.name, row.body);
  return envelope === undefined || body === undefined ? undefined : { envelope, body };
}

async function poison(ways: Ways, job: Job, why: string): Promise<Finished> {
  const { client, item } = job.name;
  const recipients = job.recipients.map(({ id }) => id);
  await ways.options.engine.write(setAside, { client, item, recipients });
  log("queue.aside", { client, item, recipients: recipients.length, why });
  return { gone: recipients, itemGone: false };
}

async function conclude(
  ways: Ways,
  keyring: Keyring,
  job: Job,
  opened: Opened,
  verdicts: readonly Verdict[],
): Promise<Settled> {
  const now = ways.clock.now();
  const outcomes = job.recipients.map((recipient, at) =>
    outcomeOf(ways, job, recipient, verdicts[at], now),
  );
  const finished = outcomes
    .filter(({ retryAt }) => retryAt === undefined)
    .map(({ recipient }) => recipient.id);
  const later = outcomes.flatMap(({ recipient, retryAt, action }) =>
    retryAt === undefined
      ? []
      : [{ recipient: recipient.id, due: retryAt, delayTold: action === "delayed" }],
  );
  const { client, item } = job.name;
  const reports = await reportsFor(ways, keyring, job, opened, outcomes, now);
  const fates = opened.envelope.sender === "" ? [] : fatesOf(job, opened, outcomes, now);
  return { settlement: { client, item, finished, later, reports }, fates };
}

function outcomeOf(
  { options }: Ways,
  job: Job,
  recipient: DueRecipient,
  given: Verdict | undefined,
  now: number,
): Outcome {
  const age = now - job.created;
  const lost: Verdict = {
    kind: "later",
    status: "4.3.0",
    text: "unknown",
    host: undefined,
    fromPeer: false,
  };
  const verdict = age >= EXPIRY ? expired(given ?? lost) : (given ?? lost);
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
  ways: Ways,
  keyring: Keyring,
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
  return [...byAction.values()].map((reported) => {
    const facts = {
      id: newId(),
      hostname: ways.options.hostname,
      at: now,
      arrived: job.created,
      givesUp: job.created + EXPIRY,
      original: { ...job.name, ...envelope, raw: body },
      reported,
    };
    return sealItem(key, reportMessage(facts), now);
  });
}

function fatesOf(job: Job, opened: Opened, outcomes: readonly Outcome[], at: number): Fate[] {
  const { client, account } = job.name;
  const size = opened.body.byteLength;
  return outcomes.flatMap(({ verdict, action }): Fate[] => {
    if (verdict.kind === "later" && action !== "delayed") return [];
    const fate = verdict.kind === "later" ? "delayed" : verdict.kind;
    return [{ client, account, at, fate, peer: job.domain, size }];
  });
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
