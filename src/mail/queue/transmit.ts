// One job carried out: into a mailbox of ours, to the smarthost, or to the domain's mail exchangers one after the other.
// Gives a verdict per recipient and changes nothing on disk.
import { fromUtf8 } from "#base/bytes";
import { logBroken } from "#base/log";
import type { Clock } from "#base/time";
import type { QueueOptions, Smarthost } from "./contract.ts";
import type { Job } from "./due.ts";
import type { Demand, Outbound, Sent, Transmission } from "./outbound.ts";
import type { PolicyOf } from "./policies.ts";
import { type Protection, protectionOf, saysTlsOptional, type TlsFailure } from "./protection.ts";
import { fromXtext } from "./report.ts";
import { type Host, type Resolve, unvouched } from "./route.ts";
import type { Envelope } from "./sealed.ts";
import { failed, later, unreachable, type Verdict, verdictOfLocal } from "./verdict.ts";

export interface Ways {
  readonly clock: Clock;
  readonly options: QueueOptions;
  readonly routeTo: Resolve;
  readonly policyOf: PolicyOf;
  readonly outbound: Outbound;
}

export interface Transmitted {
  /** One per recipient, in order. */
  readonly verdicts: readonly Verdict[];
  /** The whole letter was handed over and no answer came: trying again may double it, not trying may lose it. */
  readonly uncertain: boolean;
}

/** Never rejects for what the other side does; rejects when a port of ours is broken in a way that it threw. */
export async function transmit(
  ways: Ways,
  job: Job,
  envelope: Envelope,
  body: Uint8Array,
): Promise<Transmitted> {
  if (ways.options.isOurDomain(job.domain))
    return { verdicts: await deliverHere(ways, job, envelope, body), uncertain: false };
  const { smarthost } = ways.options;
  const what = transmissionOf(job, envelope, body);
  const requireTls = envelope.requireTls === true;
  if (smarthost !== undefined) return toSmarthost(ways, smarthost, what, requireTls);
  return alongRoute(ways, job, what, requireTls);
}

function toSmarthost(
  ways: Ways,
  { host, port, login }: Smarthost,
  what: Transmission,
  requireTls: boolean,
): Promise<Transmitted> {
  const isHere = /^(?:localhost|127\.[0-9.]+|::1)$/.test(host);
  // A password goes to nobody but the smarthost itself; without one, TLS as it comes.
  const strict = requireTls || (login !== undefined && !isHere);
  const demand: Demand = {
    tls: port === 465 ? "implicit" : strict ? "required" : "offered",
    judge: ({ wrong }) => (strict ? wrong : undefined),
    enforced: strict,
    requireTls,
    login,
  };
  return ways.outbound.send(unvouched(host, host), port, what, demand);
}

async function alongRoute(
  ways: Ways,
  job: Job,
  what: Transmission,
  requireTls: boolean,
): Promise<Transmitted> {
  const route = await ways.routeTo(job.domain);
  const all = (verdict: Verdict): Transmitted => ({
    verdicts: job.recipients.map(() => verdict),
    uncertain: false,
  });
  if (route.kind === "none") return all(route.verdict);
  const { mxPort = 25, dns } = ways.options;
  const optional = !requireTls && saysTlsOptional(what.message);
  const parts = { dns, policyOf: ways.policyOf, now: () => ways.clock.now() };
  let last = all(unreachable("no mail server answers"));
  let mayComeRight: Transmitted | undefined;
  for (const host of route.hosts) {
    const protection = await protectionOf(parts, job.domain, host, mxPort, optional);
    const barred = barredBy(protection, requireTls);
    if (barred !== undefined) last = all(barred);
    else {
      const sent = await ways.outbound.send(host, mxPort, what, demandOf(protection, requireTls));
      if (!optional) await record(ways, job, host, protection, sent);
      if (sent.connected) return sent;
      last = sent;
    }
    if (protection.refused !== undefined)
      await record(ways, job, host, protection, { tls: protection.refused });
    if (last.verdicts.every(({ kind }) => kind === "later")) mayComeRight = last;
  }
  // One exchanger that is down may be the one that would have taken it.
  return mayComeRight ?? last;
}

/** Why a host is not even tried. */
function barredBy({ refused, nameVouched }: Protection, requireTls: boolean): Verdict | undefined {
  if (refused === "dnssec-invalid")
    return later("4.7.5", "the DNS does not say by which certificate to know the mail server");
  if (refused !== undefined) return later("4.7.5", "the mail server is not in the domain's policy");
  // RFC 8689 §4.2.1: who names the server must itself be believed.
  if (requireTls && !nameVouched)
    return failed("5.7.10", "nothing vouches for the name of the domain's mail server");
  return undefined;
}

function demandOf(protection: Protection, requireTls: boolean): Demand {
  const { encrypted, judge, enforced, identifies } = protection;
  if (!requireTls)
    return { tls: encrypted ? "required" : "offered", judge, enforced, requireTls: false };
  return {
    tls: "required",
    judge: (shown) => judge(shown) ?? (identifies ? undefined : shown.wrong),
    enforced: true,
    requireTls: true,
  };
}

async function record(
  { clock, options }: Ways,
  job: Job,
  { name, address }: Host,
  { policy }: Protection,
  { tls }: { readonly tls: Sent["tls"] | TlsFailure },
): Promise<void> {
  if (tls === undefined) return;
  try {
    const at = clock.now();
    await options.recordTls?.({ at, domain: job.domain, policy, mx: name, address, result: tls });
  } catch (error) {
    logBroken("queue.tls", error);
  }
}

async function deliverHere(
  { clock, options }: Ways,
  job: Job,
  { sender, submitted, place }: Envelope,
  body: Uint8Array,
): Promise<readonly Verdict[]> {
  const { client, account } = job.name;
  const verdicts: Verdict[] = [];
  for (const { to } of job.recipients) {
    const about = {
      sender,
      recipient: to.address,
      receivedAt: clock.now(),
      prefix: fromUtf8(`Return-Path: <${sender}>\r\n`),
      peerDomain: options.hostname,
      // What was decided when it came holds for each attempt: whose it is, and whether it is junk.
      ...(submitted === true ? { submitter: { client, account } } : {}),
      ...(place === undefined ? {} : { place }),
    };
    try {
      const outcome = await options.deliverLocal(about, body);
      if (outcome.ok) verdicts.push({ kind: "sent", host: options.hostname, reports: false });
      else verdicts.push(verdictOfLocal(outcome.refusal));
    } catch {
      // The delivery logged what is broken; the next attempt may find it mended.
      verdicts.push(later("4.3.0", "the mailbox cannot be written now"));
    }
  }
  return verdicts;
}

function transmissionOf(job: Job, envelope: Envelope, body: Uint8Array): Transmission {
  const first = job.recipients[0]?.to;
  const { sender, ret, envid } = envelope;
  return {
    sender,
    recipients: job.recipients.map(({ to }) => to.address),
    message: body,
    ret,
    envid: envid === undefined ? undefined : fromXtext(envid),
    notify: first?.notify,
    orcpt: first?.orcpt === undefined ? undefined : fromXtext(first.orcpt),
  };
}

/** The verdict once the queue has kept a message for as long as it keeps any. */
export function expired(verdict: Verdict): Verdict {
  if (verdict.kind !== "later") return verdict;
  const text = `not delivered in five days; at last: ${verdict.text}`;
  return { ...verdict, kind: "failed", status: "4.4.7", text, fromPeer: false };
}
