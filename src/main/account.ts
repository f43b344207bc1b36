// Fits the life of an account: the pages on which a client sees and changes their standing, the operator's commands, and the job
// that carries out what closed clients ordered.
import type { Billing } from "#billing";
import { no, yes } from "#base/errors";
import { newId } from "#base/ids";
import { networkPrefix } from "#base/network";
import type { Clock } from "#base/time";
import {
  type Clients,
  type Domains,
  findPlan,
  type Forgetter,
  type HoldKind,
  openThrottle,
  type Session,
} from "#clients";
import { clientOperations, type OperatedStanding, type Operations } from "#control";
import type { Keeper, Look } from "#keeper";
import { composeLetter } from "#mail/message";
import type { Queue } from "#mail/queue";
import { policyDigest } from "#policy";
import type { Store } from "#store";
import type { Support } from "#support";
import { openOpener } from "#vault";
import type { AccountPort, WebPorts } from "#web";
import { type ExportFile, exportZip } from "./export.ts";
import type { Job } from "./schedule.ts";

/** What of a client's the siblings hold, in the order in which it is destroyed. A room that holds something has a line here. */
export function forgettersOf(rooms: {
  readonly store: Pick<Store, "forget">;
  readonly queue: Pick<Queue, "forget">;
  readonly billing: Pick<Billing, "forget">;
  readonly more?: readonly Forgetter[];
}): readonly Forgetter[] {
  const { store, queue, billing, more = [] } = rooms;
  return [
    { what: "mail", forget: (owner) => store.forget(owner) },
    { what: "outgoing mail", forget: ({ client }) => queue.forget(client) },
    ...more,
    // The law wants invoices kept. Their content is sealed to a key that the keeper has destroyed.
    {
      what: "billing information and invoices",
      stays:
        "numbers, amounts and days, as long as the law demands; what they said of you cannot be read by anybody any more",
      forget: ({ client }) => billing.forget(client),
    },
  ];
}

export function accountJobs(rooms: {
  readonly clients: Pick<Clients, "eraseDue" | "tellEndedHolds">;
  readonly keeper: Keeper;
  readonly forgetters: readonly Forgetter[];
}): readonly Job[] {
  const { clients, keeper, forgetters } = rooms;
  return [
    {
      name: "quiet-holds",
      words: "tells clients of legal holds that were kept from them and are over",
      run: async () => ({ told: await clients.tellEndedHolds() }),
    },
    {
      name: "erasures",
      words: "erases accounts whose owners closed them a month ago, and closes the long suspended",
      run: async () => ({ ...(await clients.eraseDue({ keeper, forgetters })) }),
    },
  ];
}

export function operationsOfClients(clients: Clients): Operations {
  return clientOperations({
    async standing(address): Promise<OperatedStanding | undefined> {
      const found = await clients.resolve(address);
      return found && clients.wholeStanding(found.client);
    },
    // The operations have checked the words; the machine checks the move.
    move: (client, to, reason, by) =>
      clients.moveStatus(client, to as "active", { reason, by: by as "operator" }),
    hold: (client, kind, until, reason) =>
      clients.setHold(client, kind as HoldKind, until, { reason, by: "operator" }),
    lift: (client, kind, reason) =>
      clients.liftHold(client, kind as HoldKind, { reason, by: "operator" }),
  });
}

// A family that moves away cancels four accounts in an evening.
const FREE_CANCELLATIONS_OF_A_NETWORK = 5;

/** Takes the wish as support takes a stranger's letter: sealed to the desk, proved by nothing. */
function openCancellation({
  clock,
  domain,
  support,
}: {
  readonly clock: Clock;
  readonly domain: string;
  readonly support: Pick<Support, "take">;
}): AccountPort["cancel"] {
  const networks = openThrottle(clock, FREE_CANCELLATIONS_OF_A_NETWORK);
  return async ({ kind, address, reply, words, peer }) => {
    const network = networkPrefix(peer);
    if (networks.mustWait(network)) return no("too-many");
    networks.failed(network);
    const at = clock.now();
    const recipient = `support@${domain}`;
    const raw = composeLetter({
      from: { name: reply, address: reply },
      to: recipient,
      subject: `${kind === "cancel" ? "Cancellation of" : "Withdrawal from"} ${address}`,
      at,
      messageId: `${newId()}@${domain}`,
      text: `By the form on the site, at ${new Date(at).toISOString()}.\n\n${words}\n`,
    });
    const envelope = { sender: reply, recipient, receivedAt: at, prefix: new Uint8Array() };
    const taken = await support.take(envelope, raw);
    return taken.ok ? yes(at) : no("not-now");
  };
}

/** The client's invoices as they can be downloaded one by one. */
export async function invoiceFiles(
  billing: Pick<WebPorts["billing"], "own" | "invoicePdf">,
  session: Session,
): Promise<readonly ExportFile[]> {
  const invoices = (await billing.own(session))?.invoices ?? [];
  return invoices.map(({ id, number }) => ({
    name: `invoices/${number.replaceAll(/[^\w-]/g, "_")}.pdf`,
    async *content() {
      const file = await billing.invoicePdf(session, id);
      if (file !== undefined) yield file.bytes;
    },
  }));
}

export function fitAccountPages(rooms: {
  readonly clock: Clock;
  readonly domain: string;
  readonly support: Pick<Support, "take">;
  readonly clients: Clients;
  readonly domains: Pick<Domains, "list">;
  readonly store: Store;
  readonly looks: (session: Session) => Promise<readonly Look[]>;
  /** Files that other rooms add to an export. */
  readonly more?: (session: Session) => Promise<readonly ExportFile[]>;
}): AccountPort {
  const { clock, clients, domains, store, looks, more } = rooms;
  // The pages hand back the session that they were given; nobody else makes one.
  const whole = (session: object): Session => session as Session;
  return {
    standing: ({ client }) => clients.standing(client),
    services(name, version) {
      const plan = findPlan(name, version);
      return plan && { words: plan.words, services: plan.services, limits: plan.limits };
    },
    log: (session, limit, part) => clients.readLogPage(whole(session), limit, part),
    correctContact: (session, contact) => clients.correctContact(whole(session), contact),
    close: (session, password) => clients.close(whole(session), password),
    reopen: (session) => clients.reopen(whole(session)),
    receipt: (token) => clients.receipt(token),
    cancel: openCancellation(rooms),
    policy: policyDigest,
    async export(given) {
      const session = whole(given);
      const { client, account, keys, sealer } = session;
      const event = { kind: "change", at: clock.now(), fields: { what: "export taken" } } as const;
      await clients.log(client, account, event);
      return exportZip({
        session,
        clients,
        domains: await domains.list(session),
        mailbox: store.openMailbox(
          { client, account },
          { opener: openOpener(keys.boxSecret), sealer, nameKey: keys.nameKey },
        ),
        looks: () => looks(session),
        now: clock.now(),
        more: (await more?.(session)) ?? [],
      });
    },
  };
}
