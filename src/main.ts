// The composition root: opens the rooms, fits them to each other's ports, and closes them in reverse. Siblings meet only here.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "#base/time";
import { openCertificate } from "#certificates";
import { clientsRoom, type Clients, openClients } from "#clients";
import { type Config, isTryingOut } from "#config";
import { openControl, type Operations, operationsOver } from "#control";
import { type Engine, openEngine } from "#engine";
import {
  exampleGenesis,
  exampleKeys,
  ownRequestBytes,
  type Keeper,
  superviseKeeper,
  verifyCertificate,
} from "#keeper";
import { type Deliver, makeDeliver } from "#mail/delivery";
import { openQueue, queueRoom } from "#mail/queue";
import { openStore, type Store, storeRoom } from "#store";
import { openVisitors, visitorsRoom } from "#visitors";
import { countedPages, openWebServer } from "#web";
import { openDataFolder } from "./main/folder.ts";
import { fitMail, logFate, openMailServers } from "./main/mail.ts";
import { fitOperations } from "./main/operations.ts";
import { giveWay } from "./main/ports.ts";
import { readRelease } from "./main/release.ts";
import { reverseName } from "./main/resolver.ts";
import { runSchedule } from "./main/schedule.ts";
import { type Facts, factsOf } from "./main/facts.ts";
import { fitWeb } from "./main/web.ts";

export type { Facts } from "./main/facts.ts";

/** The rooms that an operation of the command line needs, whether or not anything listens. */
export interface House extends AsyncDisposable {
  readonly engine: Engine;
  readonly keeper: Keeper;
  readonly store: Store;
  readonly clients: Clients;
  readonly deliver: Deliver;
  readonly operations: Operations;
}

export interface Served extends AsyncDisposable {
  readonly facts: Facts;
}

/** Opens the data folder: keeper, engine, store, clients. Throws Broken when one of them cannot be had. */
export async function openHouse(config: Config): Promise<House> {
  const clock = systemClock;
  await openDataFolder(config.data);
  const keeperFolder = join(config.data, "keeper");
  const origin = `${config.domain}/ledger`;
  if (isTryingOut(config)) {
    await exampleGenesis({ keysFolder: join(config.data, "example-keys"), keeperFolder, origin });
  }
  await using opening = new AsyncDisposableStack();
  const [keeper, engine] = await Promise.all([
    superviseKeeper({
      folder: keeperFolder,
      publishedFolder: join(config.data, "ledger"),
      origin,
      publishSeconds: config.publishSeconds,
    }).then((opened) => opening.use(opened)),
    openEngine({
      folder: join(config.data, "server"),
      databaseUrl: config.databaseUrl,
      blobsFolder: config.blobs,
      rooms: [storeRoom, clientsRoom, queueRoom, visitorsRoom],
    }).then((opened) => opening.use(opened)),
  ]);
  const store = openStore({ engine, clock });
  const { domain } = config;
  const clients = await openClients({
    engine,
    clock,
    domain,
    keeper,
    verifyCertificate,
    ownRequestBytes,
    store,
  });
  const deliver = makeDeliver({ ...clients, store, clock });
  const rooms = { config, clock, engine, keeper, store, clients, deliver };
  const operations = operationsOver(fitOperations(rooms));
  const stack = opening.move();
  return { ...rooms, operations, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Opens the house and every listener. */
export async function serve(asked: Config): Promise<Served> {
  const clock = systemClock;
  const { config, taken } = await giveWay(asked);
  await using opening = new AsyncDisposableStack();
  await openDataFolder(config.data);
  const certificate = await openCertificate(
    join(config.data, "server", "tls"),
    config.domain,
    clock.now(),
  );
  const house = opening.use(await openHouse(config));
  opening.use(await openControl(join(config.data, "control.sock"), house.operations));
  const { engine, keeper, clients, deliver } = house;
  const deskPasswordFile = join(config.data, "desk-password");
  await clients.ensureDeskPassword(deskPasswordFile);
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
  const visitors = opening.use(
    openVisitors({ engine, clock, reverse: reverseName(config.dns), pages: countedPages }),
  );
  const mail = opening.use(
    await openMailServers({ config, clock, tls, tryingOut, ...fitMail({ ...house, queue }) }),
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
      ...fitWeb({ ...house, config, clock, visitors, ports: mail.ports }),
    }),
  );
  opening.use(runSchedule({ clock, keeper, clients, store: house.store, visitors }));
  const facts = await factsOf({
    config,
    release,
    keeper,
    certificate,
    deskPasswordFile,
    taken,
    example: existsSync(exampleKeys(join(config.data, "example-keys")).operator),
    secureWeb: !tryingOut,
    ports: { ...mail.ports, web: web.port },
  });
  const stack = opening.move();
  return { facts, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
