// Fits clients, store, delivery and queue to the ports of the mail protocols, and opens their listeners.
import type { Abuse } from "#abuse";
import type { Clock } from "#base/time";
import { no, yes } from "#base/errors";
import type { Clients } from "#clients";
import type { Config } from "#config";
import type { Dns } from "#dns";
import type { Engine } from "#engine";
import type { Signer } from "#mail/authentication";
import type { Deliver } from "#mail/delivery";
import { openImapServer, openRecents, type SignIn } from "#mail/imap";
import { openPop3Server } from "#mail/pop3";
import { type Fate, openQueueBrake, type Queue } from "#mail/queue";
import type { Sending } from "#mail/sending";
import type { Reports } from "#mail/reports";
import type { Transit } from "#mail/transit";
import { openSmtpServer, type SmtpPorts } from "#mail/smtp";
import type { Store } from "#store";
import { fitExaminer, signingDeliver, signingEnqueue } from "./authentication.ts";
import type { FindDoor } from "./doors.ts";
import type { Interceptor } from "./interception.ts";
import { fitMayTake, holdLate } from "./sending.ts";
import { noteSeen } from "./reports.ts";
import { filtering, fitScreen } from "./transit.ts";
import { roomIn } from "./quota.ts";
import { confirmedName } from "./resolver.ts";
import { openOpener } from "#vault";

export interface MailPorts {
  readonly smtp: SmtpPorts;
  readonly imapSignIn: SignIn;
  readonly pop3SignIn: SignIn;
}

export interface MailServers extends AsyncDisposable {
  readonly ports: {
    readonly smtp: number;
    readonly submission: number;
    readonly submissions: number;
    readonly lmtp: number;
    readonly imap: number;
    readonly imaps: number;
    readonly pop3s: number;
  };
}

export function fitMail(rooms: {
  readonly engine: Engine;
  readonly clients: Clients;
  readonly sending: Sending;
  readonly transit: Transit;
  readonly reports: Reports;
  readonly store: Store;
  readonly deliver: Deliver;
  readonly findDoor: FindDoor;
  readonly abuse: Pick<Abuse, "isBlocked">;
  readonly interceptor: Pick<Interceptor, "isAbout" | "submitted">;
  readonly queue: Queue;
  readonly config: Config;
  readonly clock: Clock;
  readonly dns: Dns;
  readonly signer: Signer;
}): MailPorts {
  const { clients, store, deliver, findDoor, abuse, interceptor, queue, signer, sending } = rooms;
  const isOurs = (address: string): boolean =>
    clients.isOurDomain(address.slice(address.lastIndexOf("@") + 1).toLowerCase());
  const enqueueSigned = signingEnqueue(signer, queue);
  const brake = openQueueBrake(rooms.engine, rooms.clock);
  const reader =
    (protocol: "imap" | "pop3"): SignIn =>
    async (login, password, peer) => {
      const signedIn = await clients.signIn({ login, password, protocol, peer });
      if (!signedIn.ok) return no(signedIn.why ?? signedIn.refusal);
      const { client, account, address, keys, sealer, passwordStands } = signedIn.value;
      const opener = openOpener(keys.boxSecret);
      const mailbox = store.openMailbox(
        { client, account },
        { opener, sealer, nameKey: keys.nameKey },
      );
      const access = async () =>
        (await passwordStands()) ? (await clients.serving(client)).imap : "off";
      return yes({ mailbox, address, access });
    };
  return {
    smtp: {
      resolve: async (address) =>
        (await clients.resolve(address)) ?? (await findDoor(address))?.owner,
      isOurDomain: (domain) => clients.isOurDomain(domain),
      async signIn(attempt) {
        const signedIn = await clients.signIn(attempt);
        if (!signedIn.ok) return signedIn;
        const { client, account, address } = signedIn.value;
        return yes({ client, account, address, peer: attempt.peer });
      },
      // Asked for each letter: a connection that was open before a suspension or a block sends no more.
      maySend: async ({ client }) => (await clients.serving(client)).submission,
      async mayUse(submitter, sender) {
        // Every address that leads to the account is its own, whatever kind it is; a group's is its owner's.
        const owner = (await clients.resolve(sender)) ?? (await findDoor(sender))?.owner;
        return owner?.client === submitter.client && owner.account === submitter.account;
      },
      isBlocked: (sender) => abuse.isBlocked(sender),
      reverseName: confirmedName(rooms.dns, rooms.config.dns !== undefined),
      screen: fitScreen(rooms.transit),
      examine: filtering(rooms.transit, fitExaminer({ ...rooms, seen: noteSeen(rooms.reports) })),
      mayTake: fitMayTake({ sending, findDoor, isOurs }),
      deliver: signingDeliver(signer, deliver),
      hasRoom: roomIn(store),
      async enqueue(outgoing) {
        const { client, account, raw, recipients } = outgoing;
        // What only waits for a mailbox of ours may be a stranger's letter, for which nobody here can vouch.
        const leaves = recipients.some(({ address }) => !isOurs(address));
        const enqueue: typeof queue.enqueue = async (...given) => {
          await (leaves ? enqueueSigned(...given) : queue.enqueue(...given));
          if (outgoing.submitted === true) await holdLate(sending, brake, { client, account });
        };
        if (!interceptor.isAbout(account)) return enqueue(outgoing);
        // What only waits for a mailbox of ours is copied when it comes there.
        const copies = leaves ? interceptor.submitted(outgoing, raw) : undefined;
        return enqueue(outgoing, copies && (await copies));
      },
      reportDelivered: (outgoing) => queue.reportDelivered(outgoing),
    },
    imapSignIn: reader("imap"),
    pop3SignIn: reader("pop3"),
  };
}

/** What became of a letter that left: a line of the client's own log, and a count where it was refused. */
export async function noteFate(
  clients: Clients,
  sending: Sending,
  { client, account, at, fate, peer, size, refused }: Fate,
): Promise<void> {
  // A letter of the provider's own to somebody elsewhere is in nobody's log.
  if (client === "") return;
  if (refused !== undefined) await sending.refused({ client, account }, refused === "suppressed");
  await clients.log(client, account, {
    kind: "traffic",
    at,
    fields: { direction: "out", size, fate, peer },
  });
}

export async function openMailServers(
  options: MailPorts & {
    readonly config: Config;
    readonly clock: Clock;
    readonly tls: { readonly key: string; readonly cert: string };
    readonly tryingOut: boolean;
  },
): Promise<MailServers> {
  const { config, clock, tls, tryingOut, smtp: ports, imapSignIn: signIn } = options;
  const { bind, domain } = config;
  await using opening = new AsyncDisposableStack();
  const smtp = async (
    role: "mx" | "submission" | "lmtp",
    port: number,
    implicitTls = false,
  ): Promise<number> =>
    opening.use(
      await openSmtpServer({
        role,
        bind,
        port,
        hostname: domain,
        domain,
        tls,
        implicitTls,
        allowPlaintextAuth: tryingOut,
        clock,
        ports,
      }),
    ).port;
  const recents = openRecents(clock.now());
  const imap = async (port: number, implicitTls: boolean): Promise<number> =>
    opening.use(
      await openImapServer({
        bind,
        port,
        hostname: domain,
        tls,
        implicitTls,
        allowPlaintext: tryingOut,
        clock,
        signIn,
        recents,
      }),
    ).port;
  const bound = {
    smtp: await smtp("mx", config.smtpPort),
    submission: await smtp("submission", config.submissionPort),
    submissions: await smtp("submission", config.submissionsPort, true),
    lmtp: await smtp("lmtp", config.lmtpPort),
    imap: await imap(config.imapPort, false),
    imaps: await imap(config.imapsPort, true),
    pop3s: opening.use(
      await openPop3Server({
        bind,
        port: config.pop3sPort,
        tls,
        clock,
        signIn: options.pop3SignIn,
      }),
    ).port,
  };
  const stack = opening.move();
  return { ports: bound, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
