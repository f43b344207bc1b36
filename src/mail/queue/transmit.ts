// One job carried out: into a mailbox of ours, to the smarthost, or to the domain's mail exchangers one after the other.
// Gives a verdict per recipient and changes nothing on disk.
import { fromUtf8 } from "#base/bytes";
import type { Clock } from "#base/time";
import type { QueueOptions } from "./contract.ts";
import type { Job } from "./due.ts";
import type { Outbound, Transmission } from "./outbound.ts";
import { fromXtext } from "./report.ts";
import type { Resolve, Route } from "./route.ts";
import type { Envelope } from "./sealed.ts";
import { later, unreachable, type Verdict, verdictOfLocal } from "./verdict.ts";

export interface Ways {
  readonly clock: Clock;
  readonly options: QueueOptions;
  readonly routeTo: Resolve;
  readonly outbound: Outbound;
}

/** Never rejects for what the other side does; rejects when a port of ours is broken in a way that it threw. */
export async function transmit(
  ways: Ways,
  job: Job,
  envelope: Envelope,
  body: Uint8Array,
): Promise<readonly Verdict[]> {
  if (ways.options.isOurDomain(job.domain)) return deliverHere(ways, job, envelope, body);
  const { smarthost, mxPort = 25 } = ways.options;
  if (smarthost !== undefined) {
    const host = { name: smarthost.host, address: smarthost.host };
    const { verdicts } = await ways.outbound.send(
      host,
      smarthost.port,
      transmissionOf(job, envelope, body),
    );
    return verdicts;
  }
  const route = await ways.routeTo(job.domain);
  return alongRoute(ways, route, mxPort, job, transmissionOf(job, envelope, body));
}

async function alongRoute(
  ways: Ways,
  route: Route,
  port: number,
  job: Job,
  what: Transmission,
): Promise<readonly Verdict[]> {
  if (route.kind === "none") return job.recipients.map(() => route.verdict);
  let last: readonly Verdict[] = job.recipients.map(() => unreachable("no mail server answers"));
  for (const host of route.hosts) {
    const { connected, verdicts } = await ways.outbound.send(host, port, what);
    last = verdicts;
    if (connected) break;
  }
  return last;
}

async function deliverHere(
  { clock, options }: Ways,
  job: Job,
  { sender }: Envelope,
  body: Uint8Array,
): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const { to } of job.recipients) {
    const about = {
      sender,
      recipient: to.address,
      receivedAt: clock.now(),
      prefix: fromUtf8(`Return-Path: <${sender}>\r\n`),
      peerDomain: options.hostname,
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
    eightBit: body.some((octet) => octet > 127),
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
