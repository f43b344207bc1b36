// Fits the support room and the mailing lists: sealing to desk and client, the way into inboxes and into the queue, and the sessions
// that open what was sealed. The queue comes later than the rooms, and is handed in when it is open.
import { Broken } from "#base/errors";
import { newId } from "#base/ids";
import type { Clock } from "#base/time";
import type { Clients, Forgetter, Session } from "#clients";
import type { Desk } from "#desk";
import type { Engine } from "#engine";
import type { Lists } from "#lists";
import { openLists } from "#lists";
import type { Deliver } from "#mail/delivery";
import { composeLetter } from "#mail/message";
import {
  type ClientReader,
  noticeWords,
  openSupport,
  type Support,
  type SupportPorts,
  ticketAddresses,
} from "#support";
import { type Context, openOpener } from "#vault";
import type { SigningEnqueue } from "./authentication.ts";
import type { FindDoor, ProviderMail } from "./doors.ts";
import type { Rules } from "./rules.ts";
import type { Job } from "./schedule.ts";

/** The queue as letters of the provider's and of lists use it, from the moment that it is open. */
export interface Outbox {
  opened(queue: { readonly enqueue: SigningEnqueue }): void;
  readonly enqueue: SigningEnqueue;
}

export function openOutbox(): Outbox {
  let queue: { readonly enqueue: SigningEnqueue } | undefined;
  return {
    opened: (given) => void (queue = given),
    enqueue(outgoing, alongside) {
      if (queue === undefined) throw new Broken("the server that sends mail is not running");
      return queue.enqueue(outgoing, alongside);
    },
  };
}

interface Rooms {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly domain: string;
  readonly clients: Clients;
  readonly desk: Pick<Desk, "seal">;
  /** Into mailboxes. */
  readonly deliver: Deliver;
  readonly outbox: Outbox;
  readonly rules: Rules;
  readonly site: () => string;
}

export function fitSupport(rooms: Rooms): Support {
  const { engine, clock, domain, clients, desk, deliver, outbox, site } = rooms;
  const ports: SupportPorts = {
    domain,
    sealForDesk: (ticket, part, bytes) => desk.seal(ticket, part, bytes),
    async sealForClient(owner, ticket, part, bytes) {
      const sealer = await clients.sealerFor(owner.client, owner.account);
      if (sealer === undefined) throw new Broken("the client's key is not the certified one");
      return sealer.seal(ticketContext(owner, ticket, part), bytes);
    },
    async putInInbox(address, letter, alongside) {
      const envelope = {
        sender: "",
        recipient: address,
        receivedAt: clock.now(),
        prefix: new Uint8Array(),
        peerDomain: domain,
        byProvider: true,
      };
      return deliver(envelope, letter, alongside);
    },
    sendOut: (sender, recipient, raw, alongside) =>
      outbox.enqueue(outgoing({ client: "", account: "" }, sender, recipient, raw), alongside),
    logged: ({ client, account }, line) => clients.logged(client, account, line),
    clients: () => clients.list(),
  };
  return openSupport({ engine, clock, ports, site });
}

export function fitLists(rooms: Rooms & { readonly support: Support }): Lists {
  const { engine, clock, domain, clients, deliver, outbox, rules, site, support } = rooms;
  return openLists({
    engine,
    clock,
    ports: {
      domain,
      sealRule: (name, bytes) => rules.seal(name, bytes),
      openRule: (name, sealed) => rules.open(name, sealed),
      mac: (text) => rules.mac(text),
      async resolve(address) {
        const found = await clients.resolve(address);
        return found && { client: found.client, account: found.account, address: found.address };
      },
      isOurDomain: (name) => clients.isOurDomain(name),
      holdsDomain: (client, name) => clients.holdsDomain(client, name),
      holdAddresses: (addresses, holder, client) =>
        clients.holdAddresses(addresses, holder, client),
      freeAddresses: (addresses, holder) => clients.freeAddresses(addresses, holder),
      deliver: (envelope, raw) => deliver(envelope, raw),
      async enqueue({ client, account }, sender, recipient, raw, { prefix: arrived, place }) {
        const waits = clients.isOurDomain(recipient.slice(recipient.lastIndexOf("@") + 1));
        const letter = outgoing({ client, account }, sender, recipient, raw);
        await outbox.enqueue({ ...letter, place, arrived, waits });
      },
      async invite(client, fields, key) {
        return (await support.notify(client, "list-invitation", fields, key)).ok;
      },
      async inviteStranger(owner, sender, to, fields) {
        const { subject, text } = noticeWords("list-invitation", fields, site());
        const raw = composeLetter({
          from: { name: fields.title, address: sender },
          to,
          subject,
          at: clock.now(),
          messageId: `${newId()}@${domain}`,
          text,
          // Nobody's absence note answers it (RFC 3834 §5).
          fields: [["Auto-Submitted", "auto-generated"]],
        });
        await outbox.enqueue(outgoing(owner, sender, to, raw));
      },
      site,
      logged: ({ client, account }, line) => clients.logged(client, account, line),
    },
  });
}

function outgoing(
  owner: { readonly client: string; readonly account: string },
  sender: string,
  recipient: string,
  raw: Uint8Array,
) {
  const recipients = [{ address: recipient, notify: undefined, orcpt: undefined }];
  const { client, account } = owner;
  return { client, account, sender, recipients, raw, ret: undefined, envid: undefined };
}

/** The addresses whose letters become tickets, as doors take them. */
export function ticketMail(support: Support): ProviderMail {
  return (local) =>
    (ticketAddresses as readonly string[]).includes(local)
      ? (envelope, raw) => support.take(envelope, raw)
      : undefined;
}

export function listDoors(lists: Lists): FindDoor {
  return (address) => lists.door(address);
}

function ticketContext(
  { client, account }: { readonly client: string; readonly account: string },
  ticket: string,
  part: string,
): Context<"content"> {
  return { class: "content", client, account, object: ticket, part: `ticket/${part}` };
}

/** What the client's own session opens of tickets. */
export function clientReader({ client, account, keys }: Session): ClientReader {
  const opener = openOpener(keys.boxSecret);
  return {
    client,
    account,
    open(ticket, part, sealed) {
      const context = ticketContext({ client, account }, ticket, part);
      const opened = opener.open(context, "own", sealed);
      return opened.ok ? opened.value : undefined;
    },
  };
}

export function supportJobs(support: Support): readonly Job[] {
  return [
    {
      name: "service-notices",
      words: "goes on with notices to all clients that a crash or a full mailbox left unfinished",
      run: async () => ({ ...(await support.resumeNotices()) }),
    },
  ];
}

/** What of a client these rooms destroy with their account. */
export function supportForgetters(support: Support, lists: Lists): readonly Forgetter[] {
  return [
    { what: "tickets", forget: async ({ client }) => void (await support.forget(client)) },
    { what: "mailing lists", forget: (owner) => lists.forget(owner) },
  ];
}
