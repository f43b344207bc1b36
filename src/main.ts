// The composition root: opens the rooms, fits them to each other's ports, and closes them in reverse. Siblings meet only here.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Abuse } from "#abuse";
import { type Clock, systemClock } from "#base/time";
import { type Billing, billingRoom } from "#billing";
import { openCertificate } from "#certificates";
import { clientsRoom, type Clients, openClients, openThrottle, openTurnstile } from "#clients";
import { type Config, isTryingOut } from "#config";
import { openControl, type Operations, operationsOver } from "#control";
import { type Desk, deskRoom, openDesk } from "#desk";
import { type Lists, listsRoom } from "#lists";
import { type Support, supportRoom } from "#support";
import { type Disclosure, disclosureRoom } from "#disclosure";
import { type Engine, openEngine } from "#engine";
import {
  eraseBytes,
  exampleGenesis,
  exampleKeys,
  ownRequestBytes,
  type Keeper,
  type KeeperPlace,
  superviseKeeper,
  verifyCertificate,
} from "#keeper";
import { type Deliver, makeDeliver } from "#mail/delivery";
import { openQueue, queueRoom } from "#mail/queue";
import { openStore, type Store, storeRoom } from "#store";
import { openVisitors, visitorsRoom } from "#visitors";
import { countedPages, openWebServer } from "#web";
import { fitBilling, operationsOfBilling } from "./main/billing.ts";
import {
  disclosureActs,
  fitDisclosure,
  operationsOfCases,
  workOnCases,
} from "./main/disclosure.ts";
import { abuseActs, abuseMail, abuseRoom, fitAbuse } from "./main/abuse.ts";
import { deliverByDoors, type FindDoor, firstDoor, providerDoors } from "./main/doors.ts";
import { openDataFolder } from "./main/folder.ts";
import {
  type Interceptor,
  openInterceptor,
  operationsOfInterception,
} from "./main/interception.ts";
import { fitMail, logFate, openMailServers } from "./main/mail.ts";
import { fitOperations } from "./main/operations.ts";
import { giveWay } from "./main/ports.ts";
import { fitRecords } from "./main/records.ts";
import { readRelease } from "./main/release.ts";
import { reverseName } from "./main/resolver.ts";
import { openRules, type Rules } from "./main/rules.ts";
import { type SiteAddress, siteAddress } from "./main/site.ts";
import {
  fitLists,
  fitSupport,
  listDoors,
  openOutbox,
  type Outbox,
  ticketMail,
} from "./main/support.ts";
import { operationsOfSupport } from "./main/supportwork.ts";
import { jobsOf } from "./main/jobs.ts";
import { openSchedule, type Schedule } from "./main/schedule.ts";
import { operationsOfClients } from "./main/account.ts";
import { type Facts, factsOf } from "./main/facts.ts";
import { fitWeb } from "./main/web.ts";

export type { Facts } from "./main/facts.ts";

/** What a test may put in the place of the real one: time itself, and with it a keeper that tells the same time. */
export interface Given {
  readonly clock?: Clock;
  readonly openKeeper?: (place: KeeperPlace) => Promise<Keeper>;
}

/** The rooms that an operation of the command line needs, whether or not anything listens. */
export interface House extends AsyncDisposable {
  readonly engine: Engine;
  readonly keeper: Keeper;
  readonly store: Store;
  readonly clients: Clients;
  readonly desk: Desk;
  readonly billing: Billing;
  readonly disclosure: Disclosure;
  readonly interceptor: Interceptor;
  /** To any address of ours: into a mailbox, or through the door that the address is. */
  readonly deliver: Deliver;
  /** Addresses that are no mailbox: the provider's own, and mailing lists. */
  readonly findDoor: FindDoor;
  readonly rules: Rules;
  readonly support: Support;
  readonly lists: Lists;
  readonly abuse: Abuse;
  readonly outbox: Outbox;
  readonly site: SiteAddress;
  readonly operations: Operations;
}

export interface Served extends AsyncDisposable {
  readonly facts: Facts;
  readonly house: House;
  readonly schedule: Schedule;
}

/** Opens the data folder: keeper, engine, store, clients. Throws Broken when one of them cannot be had. */
export async function openHouse(config: Config, given: Given = {}): Promise<House> {
  const { clock = systemClock, openKeeper = superviseKeeper } = given;
  await openDataFolder(config.data);
  const keeperFolder = join(config.data, "keeper");
  const origin = `${config.domain}/ledger`;
  if (isTryingOut(config)) {
    await exampleGenesis({ keysFolder: join(config.data, "example-keys"), keeperFolder, origin });
  }
  await using opening = new AsyncDisposableStack();
  const [keeper, engine] = await Promise.all([
    openKeeper({
      folder: keeperFolder,
      publishedFolder: join(config.data, "ledger"),
      origin,
      publishSeconds: config.publishSeconds,
    }).then((opened) => opening.use(opened)),
    openEngine({
      folder: join(config.data, "server"),
      databaseUrl: config.databaseUrl,
      blobsFolder: config.blobs,
      rooms: [
        storeRoom,
        clientsRoom,
        deskRoom,
        queueRoom,
        visitorsRoom,
        billingRoom,
        disclosureRoom,
        supportRoom,
        listsRoom,
        abuseRoom,
      ],
    }).then((opened) => opening.use(opened)),
  ]);
  const store = openStore({ engine, clock });
  const { domain } = config;
  const turnstile = openTurnstile();
  const clients = await openClients({
    engine,
    clock,
    domain,
    keeper,
    verifyCertificate,
    ownRequestBytes,
    eraseOrderBytes: eraseBytes,
    store,
    turnstile,
  });
  const throttle = openThrottle(clock);
  const desk = openDesk({ engine, clock, keeper, verifyCertificate, turnstile, throttle });
  await desk.ensure(deskPasswordFile(config));
  const rules = openRules({ keeper, clock });
  const outbox = openOutbox();
  const site = siteAddress(config);
  const interceptor = await openInterceptor({ keeper, store, clock });
  await interceptor.refresh();
  const intoMailbox = makeDeliver({
    ...clients,
    store,
    clock,
    intercepted: (letter) => interceptor.intercepted(letter),
  });
  const letters = {
    engine,
    clock,
    domain,
    clients,
    desk,
    outbox,
    rules,
    deliver: intoMailbox,
    site: () => site.url(),
  };
  const support = fitSupport(letters);
  const lists = fitLists({ ...letters, support });
  const abuse = opening.use(await fitAbuse({ ...letters, keeper, store, support }));
  const findDoor = firstDoor([
    providerDoors((name) => clients.isOurDomain(name), [ticketMail(support), abuseMail(abuse)]),
    listDoors(lists),
  ]);
  const deliver = deliverByDoors(findDoor, intoMailbox);
  const billing = await fitBilling({ ...letters, data: config.data, keeper, support });
  const disclosure = fitDisclosure({ engine, clock, clients, desk });
  const rooms = {
    config,
    clock,
    engine,
    keeper,
    store,
    clients,
    desk,
    billing,
    disclosure,
    interceptor,
    deliver,
    findDoor,
    rules,
    support,
    lists,
    abuse,
    outbox,
    site,
  };
  // A record of a desk is carried out by the desk that knows its type.
  const record = fitRecords(keeper, { ...disclosureActs(disclosure), ...abuseActs(abuse) });
  const operations = {
    ...operationsOver(fitOperations(rooms)),
    ...operationsOfBilling(billing),
    ...operationsOfClients(clients),
    ...operationsOfCases(workOnCases(rooms), record),
    ...operationsOfInterception(rooms),
    ...operationsOfSupport(rooms),
  };
  const stack = opening.move();
  return { ...rooms, operations, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Opens the house and every listener. */
export async function serve(asked: Config, given: Given = {}): Promise<Served> {
  const { clock = systemClock } = given;
  const { config, taken } = await giveWay(asked);
  await using opening = new AsyncDisposableStack();
  await openDataFolder(config.data);
  const certificate = await openCertificate(
    join(config.data, "server", "tls"),
    config.domain,
    clock.now(),
  );
  const house = opening.use(await openHouse(config, given));
  opening.use(await openControl(join(config.data, "control.sock"), house.operations));
  const { engine, keeper, clients, deliver } = house;
  const tryingOut = isTryingOut(config);
  const release = readRelease();
  const tls = { key: certificate.key, cert: certificate.cert };
  const queue = opening.use(
    await openQueue({
      engine,
      clock,
      keys: await keeper.queueKeys(),
      renewKeys: () => keeper.queueKeys(),
      hostname: config.domain,
      isOurDomain: (domain) => clients.isOurDomain(domain),
      dns: config.dns,
      smarthost: config.smarthost,
      retrySeconds: config.retrySeconds,
      deliverLocal: deliver,
      destroyKey: (day) => keeper.destroyQueueKey(day),
      onFate: (fate) => logFate(clients, fate),
    }),
  );
  house.outbox.opened(queue);
  const visitors = opening.use(
    openVisitors({
      engine,
      clock,
      reverse: reverseName(config.dns),
      asksForLocal: config.dns !== undefined,
      pages: countedPages,
    }),
  );
  const mail = opening.use(
    await openMailServers({ config, clock, tls, tryingOut, ...fitMail({ ...house, queue }) }),
  );
  const schedule = opening.use(
    openSchedule(clock, jobsOf({ ...house, config, clock, visitors, queue })),
  );
  const web = opening.use(
    await openWebServer({
      bind: config.bind,
      port: config.webPort,
      domain: config.domain,
      tryingOut,
      ...(tryingOut ? {} : { tls }),
      release,
      clock,
      publishedLedgerFolder: join(config.data, "ledger"),
      ...fitWeb({ ...house, config, clock, visitors, schedule, ports: mail.ports }),
    }),
  );
  house.site.listensOn(web.port);
  const facts = await factsOf({
    config,
    release,
    keeper,
    certificate,
    deskPasswordFile: deskPasswordFile(config),
    taken,
    example: existsSync(exampleKeys(join(config.data, "example-keys")).operator),
    secureWeb: !tryingOut,
    ports: { ...mail.ports, web: web.port },
  });
  const stack = opening.move();
  return { facts, house, schedule, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

function deskPasswordFile(config: Config): string {
  return join(config.data, "desk-password");
}
