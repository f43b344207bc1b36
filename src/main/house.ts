// The rooms of the house, opened and fitted to each other's ports, with nobody listening yet: what the command line works on, and
// what the listeners are put in front of.
import { join } from "node:path";
import type { Abuse } from "#abuse";
import { type Clock, systemClock } from "#base/time";
import { type Billing, billingRoom } from "#billing";
import {
  clientsRoom,
  type Clients,
  type Domains,
  openClients,
  openThrottle,
  openTurnstile,
} from "#clients";
import { type Config, isTryingOut } from "#config";
import { type Operations, operationsOver } from "#control";
import { type Desk, deskRoom, openDesk } from "#desk";
import { type Lists, listsRoom } from "#lists";
import { type Support, supportRoom } from "#support";
import { type Disclosure, disclosureRoom } from "#disclosure";
import { type Engine, openEngine } from "#engine";
import {
  eraseBytes,
  exampleGenesis,
  ownRequestBytes,
  type Keeper,
  type KeeperPlace,
  superviseKeeper,
  verifyAddress,
  verifyCertificate,
} from "#keeper";
import { type Dns, openDns } from "#dns";
import type { Signer } from "#mail/authentication";
import { type Deliver, makeDeliver } from "#mail/delivery";
import { queueRoom } from "#mail/queue";
import { type Sending, sendingRoom } from "#mail/sending";
import { type Reports, reportsRoom } from "#mail/reports";
import { type Transit, transitRoom } from "#mail/transit";
import { openStore, type Store, storeRoom } from "#store";
import { visitorsRoom } from "#visitors";
import { fitBilling, operationsOfBilling } from "./billing.ts";
import { disclosureActs, fitDisclosure, operationsOfCases, workOnCases } from "./disclosure.ts";
import { fitSigner, operationsOfSigner } from "./authentication.ts";
import { fitDomains, operationsOfAddresses } from "./addresses.ts";
import { abuseActs, abuseMail, abuseRoom, fitAbuse } from "./abuse.ts";
import { deliverByDoors, type FindDoor, firstDoor, providerDoors } from "./doors.ts";
import { openDataFolder } from "./folder.ts";
import { type Interceptor, openInterceptor, operationsOfInterception } from "./interception.ts";
import { fitOperations } from "./operations.ts";
import { fitRecords } from "./records.ts";
import { openRules, type Rules } from "./rules.ts";
import { type SiteAddress, siteAddress } from "./site.ts";
import { fitLists, fitSupport, listDoors, openOutbox, type Outbox, ticketMail } from "./support.ts";
import { operationsOfQueue } from "./outgoing.ts";
import { fitSending, operationsOfSending } from "./sending.ts";
import { fitReports, operationsOfReports, reportMail } from "./reports.ts";
import { fitTransit } from "./transit.ts";
import { operationsOfSupport } from "./supportwork.ts";
import { operationsOfClients } from "./account.ts";
import { allowanceOf, roomIn } from "./quota.ts";
import { gatherSeen } from "./witnessing.ts";

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
  readonly sending: Sending;
  readonly transit: Transit;
  readonly reports: Reports;
  readonly domains: Domains;
  readonly abuse: Abuse;
  readonly outbox: Outbox;
  readonly dns: Dns;
  readonly signer: Signer;
  readonly site: SiteAddress;
  readonly operations: Operations;
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
  const publishedFolder = join(config.data, "ledger");
  const seenFolder = join(config.data, "seen");
  await gatherSeen(publishedFolder, seenFolder);
  await using opening = new AsyncDisposableStack();
  const [keeper, engine] = await Promise.all([
    openKeeper({
      folder: keeperFolder,
      publishedFolder,
      origin,
      publishSeconds: config.publishSeconds,
      seenFolder,
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
        sendingRoom,
        transitRoom,
        reportsRoom,
        visitorsRoom,
        billingRoom,
        disclosureRoom,
        supportRoom,
        listsRoom,
        abuseRoom,
      ],
    }).then((opened) => opening.use(opened)),
  ]);
  const store = openStore({
    engine,
    clock,
    allowance: async ({ client }) => allowanceOf(await clients.limits(client)),
  });
  const { domain } = config;
  const turnstile = openTurnstile();
  const clients = await openClients({
    engine,
    clock,
    domain,
    keeper,
    verifyAddress,
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
  const dns = openDns(config.dns);
  // A client's own domain vouches for its letters once its records are there.
  const signingDomain = (name: string): string | undefined =>
    clients.isOurDomain(name) ? name : undefined;
  const signer = fitSigner({ config, clock, dns, signingDomain });
  const interceptor = await openInterceptor({ keeper, store, clock });
  await interceptor.refresh();
  const intoMailbox = makeDeliver({
    ...clients,
    store,
    clock,
    hasRoom: roomIn(store),
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
  const sending = fitSending({ ...letters, support });
  const transit = fitTransit({ ...letters, config, dns });
  const reports = fitReports({ ...letters, config, dns });
  const domains = fitDomains({
    config,
    clients,
    lists,
    support,
    signer,
    reports: reports.addresses,
  });
  const abuse = opening.use(await fitAbuse({ ...letters, keeper, store, support }));
  const findDoor = firstDoor([
    // On a domain of their own a client is the provider: postmaster@ there is theirs.
    providerDoors(
      (name) => clients.isHouseDomain(name),
      [ticketMail(support), abuseMail(abuse), reportMail(reports)],
    ),
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
    sending,
    transit,
    reports,
    domains,
    abuse,
    outbox,
    site,
    dns,
    signer,
  };
  // A record of a desk is carried out by the desk that knows its type.
  const record = fitRecords(keeper, { ...disclosureActs(disclosure), ...abuseActs(abuse) });
  const operations = {
    ...operationsOver(fitOperations(rooms)),
    ...operationsOfBilling(billing),
    ...operationsOfClients(clients),
    ...operationsOfAddresses(rooms),
    ...operationsOfCases(workOnCases(rooms), record),
    ...operationsOfInterception(rooms),
    ...operationsOfSupport(rooms),
    ...operationsOfSigner(signer),
    ...operationsOfQueue(rooms),
    ...operationsOfSending(rooms),
    ...operationsOfReports(rooms),
  };
  const stack = opening.move();
  return { ...rooms, operations, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Where the first start leaves the desk's password. */
export function deskPasswordFile(config: Config): string {
  return join(config.data, "desk-password");
}
