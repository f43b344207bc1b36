// Carries one message to one mailbox: who it is for, may they have it, parse, seal, store, log. Everything that can fail does so
// before the message counts as accepted. Holds no plaintext after it returns and logs none.
import type { Clock } from "#base/time";
import { Broken, never } from "#base/errors";
import type { Invocation } from "#engine";
import { encodeStructure, fingerprintOf, parseMessage } from "#mail/message";
import type { Sealer } from "#vault";
import type {
  Deliver,
  DeliveryEnvelope,
  DeliveryOutcome,
  DeliveryPorts,
  DeliveryRefusal,
  Mailbox,
} from "./contract.ts";

// A body is sealed in one piece, in memory. SMTP takes 25 MiB; no door of ours lets in more than four times that.
const MAX_MESSAGE = 100 * 1024 * 1024;

/**
 * The one way into a mailbox. Resolves with `ok` only after body, structure, index row and the traffic line of the client's log
 * are sealed, committed and on the disk together; the next IMAP command sees the message. A refusal changed nothing. Throws
 * Broken when a port failed (keeper away, disk): whether the message was kept is then known to nobody, and the peer hears 451.
 */
export function makeDeliver(ports: DeliveryPorts & { readonly clock: Clock }): Deliver {
  return async (envelope, raw, alongside = []) => {
    try {
      return await deliver(ports, envelope, raw, alongside);
    } catch (error) {
      throw new Broken("a message could not be delivered", error);
    }
  };
}

async function deliver(
  ports: DeliveryPorts & { readonly clock: Clock },
  envelope: DeliveryEnvelope,
  raw: Uint8Array,
  together: readonly Invocation[],
): Promise<DeliveryOutcome> {
  const { resolve, sealerFor, logged, store, clock } = ports;
  const { prefix, receivedAt, submitter } = envelope;
  const size = prefix.byteLength + raw.byteLength;
  if (size > MAX_MESSAGE) return refused("too-large");
  const mailbox = await resolve(envelope.recipient);
  const refusal = mailbox === undefined ? "no-such-user" : refusalFor(mailbox.inbound, envelope);
  if (mailbox === undefined || refusal !== undefined) return refused(refusal ?? "no-such-user");
  const { client, account } = mailbox;
  // Letters at the same moment do not see each other: together they may go over by what is under way, never by more.
  if (envelope.byProvider !== true && (await ports.hasRoom?.(mailbox, size)) === false)
    return refused("over-quota");
  const sealer: Sealer | undefined = await sealerFor(client, account);
  if (sealer === undefined) return refused("cannot-seal");
  const alongside = await logged(client, account, {
    kind: "traffic",
    at: clock.now(),
    fields: { direction: "in", size, fate: "delivered", peer: envelope.peerDomain },
  });
  const whole = prefix.byteLength === 0 ? raw : Buffer.concat([prefix, raw]);
  const structure = encodeStructure(parseMessage(whole));
  const fingerprint = fingerprintOf(whole);
  const message = { prefix, raw, structure, fingerprint, receivedAt };
  const owner = { client, account };
  const copies = ports.intercepted?.({ owner, submitter, whole, raw });
  const commands = [...together, ...(copies === undefined ? [] : await copies), alongside];
  const placed = await store.deliver(owner, sealer, message, commands, envelope.place);
  return { ok: true, messageId: placed.messageId, uid: placed.uid };
}

function refused(refusal: DeliveryRefusal): DeliveryOutcome {
  return { ok: false, refusal };
}

/** Undefined where mail is taken. */
function refusalFor(
  inbound: Mailbox["inbound"],
  { byProvider = false }: DeliveryEnvelope,
): DeliveryRefusal | undefined {
  // Whose mail waits or is turned away must all the same be told why.
  if (byProvider && inbound !== "unknown") return undefined;
  switch (inbound) {
    case "taken":
      return undefined;
    case "deferred":
      return "suspended-for-now";
    case "refused":
      return "refused-for-good";
    case "unknown":
      return "no-such-user";
    default:
      return never(inbound);
  }
}
