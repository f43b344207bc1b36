// Fits clients, keeper, store and counters to the ports of the pages. Sessions pass through the pages as they came.
import { randomBytes } from "node:crypto";
import type { Abuse } from "#abuse";
import type { Billing } from "#billing";
import { toBase64Url } from "#base/bytes";
import { Broken, no } from "#base/errors";
import { type Clock, seconds } from "#base/time";
import { type Clients, type Domains, plansOffered, type Session } from "#clients";
import { type Config, isTryingOut } from "#config";
import type { Desk } from "#desk";
import type { Disclosure } from "#disclosure";
import type { Engine } from "#engine";
import { type Keeper, type Look, ownRequestBytes } from "#keeper";
import type { Deliver } from "#mail/delivery";
import type { Sending } from "#mail/sending";
import type { Transit } from "#mail/transit";
import type { Lists } from "#lists";
import type { Store } from "#store";
import type { Support } from "#support";
import { signBytes } from "#vault";
import { openCookies, type Visitors } from "#visitors";
import { fitAbusePages } from "./abuse.ts";
import { fitAccountPages, invoiceFiles } from "./account.ts";
import { fitAddressPages } from "./addresses.ts";
import { fitSendingPage } from "./sending.ts";
import { fitFiltersPage } from "./transit.ts";
import { fitBillingPages } from "./billingpages.ts";
import { fitListPages, fitTicketPages } from "./supportpages.ts";
import { fitCasePages } from "./casepages.ts";
import type { JobReport } from "./schedule.ts";
import type { MailSetting, WebServerOptions } from "#web";

interface Rooms {
  readonly config: Config;
  readonly clock: Clock;
  readonly clients: Clients;
  readonly desk: Desk;
  readonly billing: Billing;
  readonly abuse: Abuse;
  readonly support: Support;
  readonly lists: Lists;
  readonly sending: Sending;
  readonly transit: Transit;
  readonly domains: Domains;
  readonly disclosure: Disclosure;
  readonly engine: Engine;
  readonly deliver: Deliver;
  readonly keeper: Keeper;
  readonly store: Store;
  readonly visitors: Visitors;
  readonly schedule: { reports(): readonly JobReport[] };
  readonly ports: {
    readonly imap: number;
    readonly imaps: number;
    readonly pop3s: number;
    readonly submission: number;
    readonly submissions: number;
  };
}

export function fitWeb(rooms: Rooms): Pick<WebServerOptions, "ports" | "settingsForMailPrograms"> {
  const { config, clients, desk, keeper, store, visitors, sending } = rooms;
  // The pages hand back the session that they were given; nobody else makes one.
  const whole = (session: object): Session => session as Session;
  const billing = fitBillingPages({ ...rooms, data: config.data });
  return {
    settingsForMailPrograms: mailSettings(rooms),
    ports: {
      jobs: rooms.schedule,
      abuse: fitAbusePages(rooms.abuse),
      tickets: fitTicketPages(rooms),
      lists: fitListPages(rooms.lists),
      ...fitAddressPages(rooms),
      sending: fitSendingPage(rooms),
      filters: fitFiltersPage(rooms.transit),
      recovery: {
        made: (session) => clients.recovery.made(whole(session)),
        make: (session) => clients.recovery.make(whole(session)),
        async recover(asked) {
          const done = await clients.recovery.recover(asked);
          if (!done.ok) return done;
          const at = new Date(rooms.clock.now()).toISOString();
          const { client, account } = done.value;
          await rooms.support.notify(
            client,
            "account-recovered",
            { at },
            `recovered/${account}/${at}`,
          );
          await sending.newPassword(done.value);
          return done;
        },
      },
      apps: {
        list: (session) => clients.appPasswords.list(whole(session)),
        add: (session, name) => clients.appPasswords.add(whole(session), name),
        revoke: (session, id) => clients.appPasswords.revoke(whole(session), id),
      },
      account: fitAccountPages({
        ...rooms,
        domain: config.domain,
        domains: rooms.domains,
        looks: (session) => looksOf(rooms, session),
        more: (session) => invoiceFiles(billing, session),
      }),
      ...fitCasePages(rooms),
      billing,
      entrance: {
        ...clients,
        async signIn(attempt) {
          const signedIn = await clients.signIn(attempt);
          return signedIn.ok ? signedIn : no(signedIn.why ?? signedIn.refusal);
        },
        openWebSession: (session, remember) => clients.openWebSession(whole(session), remember),
        async changePassword(session, old, fresh) {
          const changed = await clients.changePassword(whole(session), old, fresh);
          if (changed.ok) await sending.newPassword(session);
          return changed;
        },
        readLog: (session, limit) => clients.readLog(whole(session), limit),
        readContact: (session) => clients.readContact(whole(session)),
        deskSignIn: (password, peer) => desk.signIn(password, peer),
        resumeDeskSession: (token) => desk.resume(token),
        endDeskSession: (token) => desk.end(token),
      },
      plans: plansOffered,
      own: {
        facts: async (session) =>
          (await clients.list()).find((row) => row.account === session.account),
        looks: (session) => looksOf(rooms, whole(session)),
        async mail(session) {
          const messages = await store.listMessages(session);
          return {
            messages: messages.length,
            octets: messages.reduce((sum, message) => sum + message.size, 0),
          };
        },
      },
      desk: {
        grants: () => keeper.listGrants(),
        messages: (client, account) => store.listMessages({ client, account }),
      },
      cookies: openCookies(isTryingOut(config) ? "development" : "production"),
      visits: visitors,
    },
  };
}

/** The client's own question to the keeper, signed with the account's key. */
async function looksOf({ keeper, clock }: Rooms, session: Session): Promise<readonly Look[]> {
  const { client, account } = session;
  const request = {
    client,
    account,
    at: seconds(clock.now()),
    nonce: toBase64Url(randomBytes(16)),
  };
  const signature = signBytes(session.keys.signingSecret, ownRequestBytes(request, []));
  const looks = await keeper.looks({ ...request, signature });
  if (!looks.ok) throw new Broken(`the keeper refuses to tell a client's looks: ${looks.refusal}`);
  return looks.value;
}

function mailSettings({ config, ports }: Rooms): readonly MailSetting[] {
  // A mail program on the same machine must be able to resolve the name; the trial domain resolves to loopback only in browsers.
  const host = config.bind === "127.0.0.1" ? "127.0.0.1" : config.domain;
  return [
    { use: "Reading", protocol: "IMAP", host, port: ports.imaps, security: "TLS" },
    { use: "Reading", protocol: "IMAP", host, port: ports.imap, security: "STARTTLS" },
    { use: "Reading", protocol: "POP3", host, port: ports.pop3s, security: "TLS" },
    { use: "Sending", protocol: "SMTP", host, port: ports.submissions, security: "TLS" },
    { use: "Sending", protocol: "SMTP", host, port: ports.submission, security: "STARTTLS" },
  ];
}
