// Every job of the house, in the order in which they run. A room's own jobs are made beside its fitting in this folder.
import type { Abuse } from "#abuse";
import type { Billing } from "#billing";
import { type Clock, DAY } from "#base/time";
import type { Clients, Domains } from "#clients";
import type { Config } from "#config";
import type { Desk } from "#desk";
import type { Disclosure } from "#disclosure";
import type { Engine } from "#engine";
import type { Keeper } from "#keeper";
import type { Lists } from "#lists";
import type { Signer } from "#mail/authentication";
import type { Deliver } from "#mail/delivery";
import type { Queue } from "#mail/queue";
import type { Sending } from "#mail/sending";
import type { Reports } from "#mail/reports";
import type { Transit } from "#mail/transit";
import type { Store } from "#store";
import type { Support } from "#support";
import type { Visitors } from "#visitors";
import { abuseForgetters, abuseJobs } from "./abuse.ts";
import { accountJobs, forgettersOf } from "./account.ts";
import { addressJobs } from "./addresses.ts";
import { authenticationJobs } from "./authentication.ts";
import { billingJobs } from "./billing.ts";
import { disclosureJobs } from "./disclosure.ts";
import { type Interceptor, interceptionJobs } from "./interception.ts";
import { supportForgetters, supportJobs } from "./support.ts";
import { sendingForgetters, sendingJobs } from "./sending.ts";
import { reportJobs } from "./reports.ts";
import { transitForgetters, transitJobs } from "./transit.ts";
import { lookJob } from "./looks.ts";
import type { Job } from "./schedule.ts";

export function jobsOf(rooms: {
  readonly config: Config;
  readonly engine: Engine;
  readonly desk: Desk;
  readonly disclosure: Disclosure;
  readonly interceptor: Interceptor;
  readonly deliver: Deliver;
  readonly clock: Clock;
  readonly keeper: Keeper;
  readonly clients: Clients;
  readonly store: Store;
  readonly visitors: Visitors;
  readonly queue: Queue;
  readonly billing: Billing;
  readonly abuse: Abuse;
  readonly support: Support;
  readonly lists: Lists;
  readonly sending: Sending;
  readonly transit: Transit;
  readonly reports: Reports;
  readonly domains: Domains;
  readonly signer: Signer;
}): readonly Job[] {
  const { clock, keeper, clients, store, visitors, queue, billing } = rooms;
  return [
    {
      name: "log-retention",
      words: "destroys the keys of client log days whose time is over, and what they sealed",
      run: async () => ({ ...(await clients.expireLogs(keeper)) }),
    },
    {
      name: "visit-retention",
      words: "deletes days of visit counters after 400 days",
      run: async () => ({ days: await visitors.expire() }),
    },
    ...abuseJobs(rooms.abuse),
    {
      name: "deleted-mail",
      words: "ends deleted mail that nobody brought back in time",
      async run() {
        const before = clock.now() - rooms.config.undeleteDays * DAY;
        return { messages: await store.purgeUnplaced(before) };
      },
    },
    {
      name: "queue",
      words: "looks for outgoing mail that is due",
      async run() {
        queue.wake();
        return { waiting: (await queue.counts()).waiting, slowed: queue.slowed() };
      },
    },
    ...sendingJobs(rooms.sending),
    ...transitJobs(rooms.transit),
    ...reportJobs(rooms.reports),
    ...authenticationJobs(rooms.signer),
    ...interceptionJobs(rooms),
    lookJob(rooms),
    ...billingJobs(billing),
    ...supportJobs(rooms.support),
    ...accountJobs({
      clients,
      keeper,
      forgetters: forgettersOf({
        store,
        queue,
        billing,
        more: [
          ...sendingForgetters(rooms.sending),
          ...transitForgetters(rooms.transit),
          ...supportForgetters(rooms.support, rooms.lists),
          ...abuseForgetters(rooms.abuse),
        ],
      }),
    }),
    // Behind the erasures, whose domains are nobody's from then on.
    ...addressJobs(rooms.domains),
    ...disclosureJobs(rooms),
  ];
}
