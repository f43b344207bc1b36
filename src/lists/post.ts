// A letter to a list becomes one sealed copy for each member. Its ok means that every member's copy is durable: in their mailbox, or,
// where that could not take it now, in the queue, whose reports go to the list's owner.
import type { Engine } from "#engine";
import { asBuffer, concatBytes } from "#base/bytes";
import { no } from "#base/errors";
import { logBroken } from "#base/log";
import type { Clock } from "#base/time";
import { headerFields, parseAddresses } from "#mail/message";
import type { Member } from "./contract.ts";
import { listPrefix, loops, ownerAddress, withoutListFields } from "./header.ts";
import type { ListsPorts, Outcome, Posted } from "./ports.ts";
import type { KeptList, Rows } from "./rows.ts";

// One letter becomes fifty: five megabytes are a quarter of a gigabyte then, some seconds of this machine.
const MAX_POST = 5 * 1024 * 1024;
// Copies being sealed at once: enough to share an fsync, at most 64 MiB of memory.
const COPIES_AT_ONCE = 12;

export interface PostParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly ports: ListsPorts;
  readonly rows: Rows;
  /** The token that proves a member's link. */
  readonly tokenOf: (list: string, member: string) => Promise<string>;
}

/** Throws when neither mailbox nor queue took a copy: the peer hears 451, and tries again. */
export async function post(
  parts: PostParts,
  list: KeptList,
  envelope: Posted,
  raw: Uint8Array,
): Promise<Outcome> {
  const { submitter } = envelope;
  if (raw.byteLength > MAX_POST) return no("too-large");
  const loop = loops(list, envelope.sender, raw);
  // To a group come reports and orders too, as to any address; what it sends on has its mark, and is known again.
  if (loop === "came from here" || (loop === "automatic" && list.posting === "members"))
    return no("refused-for-good");
  const joined = (await parts.rows.members(list.id)).filter(({ state }) => state === "member");
  // What looks like junk, or says without a sign-in that one of ours wrote it, is our members' to judge: sent on it would have our
  // signature (DKIM), and so be a proof of what nobody proved.
  const staysHere =
    envelope.place === "junk" || (submitter === undefined && saysItIsOurs(parts.ports, raw));
  const members = staysHere ? joined.filter(({ client }) => client !== "") : joined;
  // Nothing that can be written into a letter proves who wrote it; a sign-in does, and every member has one here.
  const author = members.find(
    ({ client, account }) => client === submitter?.client && account === submitter.account,
  );
  if (author === undefined && list.posting === "members") return no("refused-for-good");
  const plain = withoutListFields(raw);
  let last = "";
  for (let at = 0; at < members.length; at += COPIES_AT_ONCE) {
    const batch = members.slice(at, at + COPIES_AT_ONCE);
    const ids = await Promise.all(
      batch.map((member) => copyFor(parts, list, member, envelope, plain)),
    );
    last = ids.at(-1) ?? last;
  }
  if (author !== undefined) await told(parts, author, plain.byteLength, members.length);
  return { ok: true, messageId: last, uid: 0 };
}

/** Whether an author named in the letter has an address of ours; so many From fields that nobody reads them say so too. */
function saysItIsOurs({ isOurDomain }: ListsPorts, raw: Uint8Array): boolean {
  const header = [...headerFields(raw, 0, raw.byteLength)];
  const fields = header.filter(({ name }) => name === "from");
  if (fields.length !== 1) return true;
  return fields.some(({ valueStart, end }) =>
    parseAddresses(asBuffer(raw).toString("latin1", valueStart, end)).some(
      ({ host }) => host !== null && isOurDomain(Buffer.from(host, "latin1").toString()),
    ),
  );
}

/** Resolves once this member's copy is durable somewhere. */
async function copyFor(
  { ports, tokenOf }: PostParts,
  list: KeptList,
  member: Member,
  envelope: Posted,
  plain: Uint8Array,
): Promise<string> {
  const token = await tokenOf(list.id, member.id);
  const fields = {
    ...list,
    leaveLink: `${ports.site()}/list/${member.id}/${token}`,
    leaveAddress: `${list.name}-leave+${token}@${list.domain}`,
  };
  const sender = ownerAddress(list);
  const { receivedAt, peerDomain, place = "inbox" } = envelope;
  const prefix = listPrefix(fields, envelope.prefix);
  if (member.client !== "") {
    const copy = { sender, recipient: member.address, receivedAt, prefix, peerDomain, place };
    const outcome = await ports.deliver(copy, plain).catch((error: unknown) => {
      logBroken("lists.deliver", error);
      return no("suspended-for-now");
    });
    if (outcome.ok) return outcome.messageId;
  }
  const withoutPath = prefix.subarray(prefix.indexOf(10) + 1);
  await ports.enqueue(list, sender, member.address, concatBytes(withoutPath, plain), envelope);
  return "";
}

/** The author's own log. The letter is with its readers whether or not this works, and must not be posted again for it. */
async function told(
  { engine, clock, ports }: PostParts,
  author: Member,
  size: number,
  members: number,
): Promise<void> {
  const fields = { direction: "out", size, fate: "sent to a list", peer: ports.domain, members };
  try {
    const line = await ports.logged(author, { kind: "traffic", at: clock.now(), fields });
    await engine.writeTogether([line]);
  } catch (error) {
    logBroken("lists.log", error);
  }
}
