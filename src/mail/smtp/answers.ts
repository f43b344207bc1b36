// What a session asks of the ports, asked. Whatever a port throws becomes an id for the peer and a line for the operator.
import { never } from "#base/errors";
import { logBroken } from "#base/log";
import type { Clock } from "#base/time";
import { acceptMessage } from "./acceptance.ts";
import { domainOf } from "./address.ts";
import type { Peer, Screened, SmtpPorts } from "./ports.ts";
import { deliveryReplies, laterReply, refusedReply, replies } from "./replies.ts";
import type { Answer, Ask, Place, Rules } from "./state.ts";

export async function answer(
  rules: Rules,
  ports: SmtpPorts,
  clock: Clock,
  ask: Ask,
  whoIs: () => Promise<Peer>,
  peer: string,
  takeMessage: () => Uint8Array,
): Promise<Answer> {
  try {
    switch (ask.kind) {
      case "sign-in": {
        const { login, password } = ask;
        const attempt = { login, password, protocol: "submission", peer } as const;
        return { kind: "sign-in", result: await ports.signIn(attempt) };
      }
      case "sender":
        return { kind: "sender", refusal: await senderRefusal(ports, ask) };
      case "recipient":
        return { kind: "recipient", place: await place(rules, ports, ask, whoIs) };
      case "accept": {
        const replies = await acceptMessage(rules, ports, clock, ask, takeMessage(), await whoIs());
        return { kind: "accepted", replies };
      }
      default:
        return never(ask);
    }
  } catch (error) {
    // One edge for all four, so that nothing thrown ever reaches the peer.
    return { kind: "broken", id: logBroken(`smtp.${ask.kind}`, error) };
  }
}

/** A client may send while they are served, as themself only; nobody as whom a decision keeps out. */
async function senderRefusal(
  ports: SmtpPorts,
  { submitter, sender }: Extract<Ask, { kind: "sender" }>,
): Promise<"not-yours" | "suspended" | "blocked" | undefined> {
  if (submitter !== undefined && !(await ports.maySend(submitter))) return "suspended";
  if (submitter !== undefined && !(await ports.mayUse(submitter, sender))) return "not-yours";
  return ports.isBlocked?.(sender) === true ? "blocked" : undefined;
}

async function place(
  { role }: Rules,
  ports: SmtpPorts,
  { address, size, sender, helo, secure }: Extract<Ask, { kind: "recipient" }>,
  whoIs: () => Promise<Peer>,
): Promise<Place> {
  if (!ports.isOurDomain(domainOf(address))) return { kind: "elsewhere" };
  const mailbox = await ports.resolve(address);
  if (mailbox === undefined || mailbox.inbound === "unknown") return { kind: "unknown" };
  if (mailbox.inbound === "deferred") return { kind: "shut", until: "later" };
  if (mailbox.inbound === "refused") return { kind: "shut", until: "never" };
  // Before the octets travel; a client's own letter to a full mailbox waits in the queue like any other.
  if (role !== "submission" && (await ports.hasRoom?.(mailbox, size ?? 1)) === false)
    return { kind: "screened", reply: deliveryReplies["over-quota"] };
  if (role !== "mx" || ports.screen === undefined) return { kind: "ours", mailbox };
  const peer = await whoIs();
  const screened = await ports.screen({ peer, helo, sender, recipient: address, mailbox, secure });
  if (screened === "take") return { kind: "ours", mailbox };
  return { kind: "screened", reply: screenedReply(screened) };
}

function screenedReply(screened: Exclude<Screened, "take">): string {
  if (screened === "later") return replies.notYet;
  return "later" in screened ? laterReply(screened.later) : refusedReply(screened.refuse);
}
