// What happens to a message that was read to its end, before the peer hears a word: delivered here, queued, or refused.
//
// LMTP answers each recipient apart. SMTP has one answer for all, so: recipients elsewhere are queued first, all or none;
// then ours are delivered. If nothing was stored or queued, the answer is the refusal (451 where any recipient may yet
// succeed). If something was, the answer must be 250, or a peer that tries again would double it: who could not be
// delivered to goes to the queue, which tries again or reports to the sender. Never lost; and double only if the queue
// fails right after a delivery succeeded, when 451 is the lesser harm.
import { concatBytes, fromUtf8 } from "#base/bytes";
import { newId } from "#base/ids";
import { never } from "#base/errors";
import { logBroken } from "#base/log";
import type { Clock } from "#base/time";
import type { DeliveryRefusal } from "#mail/delivery";
import type { Examined, Mailbox, Outgoing, Peer, SmtpPorts } from "./ports.ts";
import {
  acceptedReply,
  brokenReply,
  deliveryReplies,
  laterReply,
  refusedReply,
} from "./replies.ts";
import type { Ask, Recipient, Rules } from "./state.ts";
import { prepareSubmission } from "./submission.ts";
import { type Arrival, receivedField, returnPath, spokenDomain } from "./trace.ts";

type Accept = Extract<Ask, { kind: "accept" }>;

type Outcome =
  | { readonly kind: "stored" }
  | { readonly kind: "refused"; readonly refusal: DeliveryRefusal }
  | { readonly kind: "broken"; readonly id: string };

interface Work {
  readonly rules: Rules;
  readonly ports: SmtpPorts;
  readonly ask: Accept;
  readonly arrival: Arrival;
  readonly raw: Uint8Array;
  /** What goes below our Received: results of the examination, or the Date and Message-ID that the client left out. */
  readonly added: string;
  /** Keys of the recipients whose copy is junk. */
  readonly junk: ReadonlySet<string>;
}

type Local = Recipient & { readonly mailbox: Mailbox };

// Copies of one message being sealed at the same time: enough to share an fsync, at most 64 MiB of memory.
const COPIES_AT_ONCE = 16;
const BYTES_AT_ONCE = 64 * 1024 * 1024;

/** The replies to the end of a message: one, or with LMTP one per recipient. Everything they claim is durable. */
export async function acceptMessage(
  rules: Rules,
  ports: SmtpPorts,
  clock: Clock,
  ask: Accept,
  raw: Uint8Array,
  peer: Peer,
): Promise<readonly string[]> {
  const { helo, extended, secure, submitter, transaction } = ask;
  const at = clock.now();
  const signedIn = submitter !== undefined;
  const utf8 = transaction.parameters.utf8;
  const arrival = { id: newId().slice(0, 16), at, helo, peer, extended, secure, signedIn, utf8 };
  const prepared =
    submitter === undefined
      ? { raw, added: "" }
      : await prepareSubmission(rules, ports, submitter, utf8, raw, at);
  if (typeof prepared === "string") return [prepared];
  const local = transaction.recipients.filter(isLocal);
  const verdict = await judge(rules, ports, ask, raw, peer, local);
  if (typeof verdict === "string") return [verdict];
  const { fields, place, giveBack } = verdict;
  const junk = new Set(local.filter((_, at) => place[at] === "junk").map(key));
  const kept = verdict.raw ?? prepared.raw;
  const added = fields + prepared.added;
  const work: Work = { rules, ports, ask, arrival, raw: kept, added, junk };
  if (rules.role === "lmtp") {
    const outcomes = await deliverAll(work, local);
    await reportSuccess(work, local, outcomes);
    return outcomes.map((outcome) => reply(outcome, arrival.id));
  }
  const remote = transaction.recipients.filter((recipient) => recipient.mailbox === undefined);
  if (remote.length > 0 && submitter !== undefined)
    await ports.enqueue(outgoing(work, submitter, remote));
  const outcomes = await deliverAll(work, local);
  // What threw may have been kept all the same: that stays counted.
  const isRefused = remote.length === 0 && outcomes.every(({ kind }) => kind === "refused");
  if (isRefused && giveBack !== undefined) await returned(giveBack);
  return [await settle(work, local, outcomes, remote.length > 0)];
}

/** The answer does not wait on a count that cannot be corrected just now. */
async function returned(giveBack: () => Promise<void>): Promise<void> {
  try {
    await giveBack();
  } catch (error) {
    logBroken("smtp.count", error);
  }
}

type Judged = Extract<Examined, { fields: string }> & { readonly giveBack?: () => Promise<void> };

/** What a sibling thinks of the whole letter: what to write on it and where it goes, or the reply that it is not taken with. */
async function judge(
  { role }: Rules,
  ports: SmtpPorts,
  { submitter, transaction: { sender, recipients }, helo, secure }: Accept,
  raw: Uint8Array,
  peer: Peer,
  local: readonly Local[],
): Promise<Judged | string> {
  const asItIs = { fields: "", place: [] };
  if (submitter !== undefined && ports.mayTake !== undefined) {
    const all = recipients.map(({ address }) => address);
    const letter = { sender, recipients: all, size: raw.byteLength };
    const may = await ports.mayTake(submitter, letter);
    if (may === "take") return asItIs;
    if ("giveBack" in may) return { ...asItIs, giveBack: may.giveBack };
    return "later" in may ? laterReply(may.later) : refusedReply(may.refuse);
  }
  if (role !== "mx" || ports.examine === undefined) return asItIs;
  const ours = local.map(({ address, mailbox }) => ({ address, mailbox }));
  const found = await ports.examine({ peer, helo, sender, recipients: ours, secure, raw });
  if ("fields" in found) return found;
  return "later" in found ? laterReply(found.later) : refusedReply(found.refuse);
}

async function settle(
  work: Work,
  local: readonly Local[],
  outcomes: readonly Outcome[],
  queued: boolean,
): Promise<string> {
  const failed = outcomes.filter(({ kind }) => kind !== "stored");
  const first = failed.find(isTemporary) ?? failed[0];
  if (!queued && failed.length === outcomes.length && first !== undefined)
    return reply(first, work.arrival.id);
  for (const [at, recipient] of local.entries()) {
    if (outcomes[at]?.kind === "stored") continue;
    const owner = work.ask.submitter ?? recipient.mailbox;
    await work.ports.enqueue(outgoing(work, owner, [recipient]));
  }
  await reportSuccess(work, local, outcomes);
  return acceptedReply(work.arrival.id);
}

/** Delivers to each address once, however often it was named; outcomes in the order of the recipients. */
async function deliverAll(work: Work, recipients: readonly Local[]): Promise<readonly Outcome[]> {
  const byAddress = new Map<string, Outcome>();
  const once = [...new Map(recipients.map((recipient) => [key(recipient), recipient])).values()];
  const memory = Math.floor(BYTES_AT_ONCE / Math.max(1, work.raw.byteLength));
  const atOnce = Math.max(1, Math.min(COPIES_AT_ONCE, memory));
  for (let at = 0; at < once.length; at += atOnce) {
    const batch = once.slice(at, at + atOnce);
    const outcomes = await Promise.all(batch.map((recipient) => deliverTo(work, recipient)));
    for (const [index, recipient] of batch.entries()) {
      const outcome = outcomes[index];
      if (outcome !== undefined) byAddress.set(key(recipient), outcome);
    }
  }
  return recipients.map(
    (recipient) => byAddress.get(key(recipient)) ?? { kind: "refused", refusal: "cannot-seal" },
  );
}

async function deliverTo(work: Work, recipient: Local): Promise<Outcome> {
  const { address } = recipient;
  const { rules, ports, ask, arrival, raw, added } = work;
  const { sender } = ask.transaction;
  const prefix = fromUtf8(returnPath(sender) + receivedField(rules, arrival, address) + added);
  const peerDomain =
    rules.role === "submission" ? rules.domain : (spokenDomain(arrival.helo) ?? "unknown");
  const envelope = {
    sender,
    recipient: address,
    receivedAt: arrival.at,
    prefix,
    peerDomain,
    submitter: ask.submitter,
    ...(work.junk.has(key(recipient)) ? { place: "junk" as const } : {}),
  };
  try {
    const outcome = await ports.deliver(envelope, raw);
    return outcome.ok ? { kind: "stored" } : { kind: "refused", refusal: outcome.refusal };
  } catch (error) {
    return { kind: "broken", id: logBroken("smtp.deliver", error) };
  }
}

/** RFC 3461 §4.1: whoever asked hears of success; the message is safe whether or not this works. */
async function reportSuccess(
  work: Work,
  recipients: readonly Local[],
  outcomes: readonly Outcome[],
): Promise<void> {
  if (work.ask.transaction.sender === "") return;
  for (const [at, recipient] of recipients.entries()) {
    if (outcomes[at]?.kind !== "stored") continue;
    if (!(recipient.parameters.notify?.includes("success") ?? false)) continue;
    const owner = work.ask.submitter ?? recipient.mailbox;
    try {
      await work.ports.reportDelivered(outgoing(work, owner, [recipient]));
    } catch (error) {
      logBroken("smtp.report", error);
    }
  }
}

function outgoing(work: Work, owner: Mailbox, recipients: readonly Recipient[]): Outgoing {
  const { rules, ask, arrival, raw, added } = work;
  const { sender, parameters } = ask.transaction;
  return {
    client: owner.client,
    account: owner.account,
    sender,
    recipients: recipients.map(({ address, parameters: { notify, orcpt } }) => ({
      address,
      notify,
      orcpt,
    })),
    raw: concatBytes(fromUtf8(receivedField(rules, arrival) + added), raw),
    // RFC 8689 §5: a report travels by a way of its own, and takes no body along.
    ret: parameters.requireTls ? "headers" : parameters.ret,
    envid: parameters.envid,
    ...(parameters.requireTls ? { requireTls: true } : {}),
    ...(ask.submitter === undefined ? {} : { submitted: true }),
    ...(recipients.some((recipient) => work.junk.has(key(recipient))) ? { place: "junk" } : {}),
  };
}

function reply(outcome: Outcome, id: string): string {
  switch (outcome.kind) {
    case "refused":
      return deliveryReplies[outcome.refusal];
    case "broken":
      return brokenReply(outcome.id);
    case "stored":
      return acceptedReply(id);
    default:
      return never(outcome);
  }
}

function isTemporary(outcome: Outcome): boolean {
  return outcome.kind === "broken" || reply(outcome, "").startsWith("4");
}

function isLocal(recipient: Recipient): recipient is Local {
  return recipient.mailbox !== undefined;
}

function key(recipient: Recipient): string {
  return recipient.address.toLowerCase();
}
