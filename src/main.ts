// The composition root: opens the house, puts the listeners in front of it, starts the jobs, and closes all in reverse.
// Siblings meet only in this room.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "#base/time";
import { openCertificate } from "#certificates";
import { type Config, isTryingOut } from "#config";
import { openControl } from "#control";
import { exampleKeys } from "#keeper";
import { openQueue } from "#mail/queue";
import { openVisitors } from "#visitors";
import { countedPages, openWebServer } from "#web";
import { signedLetter, signingEnqueue } from "./main/authentication.ts";
import { openDataFolder } from "./main/folder.ts";
import { fitMail, noteFate, openMailServers } from "./main/mail.ts";
import { lastingOf, smarthostOf } from "./main/outgoing.ts";
import { giveWay } from "./main/ports.ts";
import { noteSession } from "./main/reports.ts";
import { readRelease } from "./main/release.ts";
import { reverseName } from "./main/resolver.ts";
import { jobsOf } from "./main/jobs.ts";
import { openSchedule, type Schedule } from "./main/schedule.ts";
import { openWitnessing } from "./main/witnessing.ts";
import { type Facts, factsOf } from "./main/facts.ts";
import { fitWeb } from "./main/web.ts";
import { deskPasswordFile, type Given, type House, openHouse } from "./main/house.ts";

export type { Facts } from "./main/facts.ts";
export { type Given, type House, openHouse } from "./main/house.ts";

export interface Served extends AsyncDisposable {
  readonly facts: Facts;
  readonly house: House;
  readonly schedule: Schedule;
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
  const { engine, keeper, clients, deliver, dns, signer, rules } = house;
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
      dns,
      smarthost: smarthostOf(config),
      lasting: lastingOf(rules),
      retrySeconds: config.retrySeconds,
      deliverLocal: deliver,
      destroyKey: (day) => keeper.destroyQueueKey(day),
      signReport: (raw) => signedLetter(signer, raw),
      recordTls: noteSession(house.reports),
      onFate: (fate) => noteFate(clients, house.sending, fate),
    }),
  );
  house.outbox.opened({ enqueue: signingEnqueue(signer, queue) });
  const visitors = opening.use(
    openVisitors({
      engine,
      clock,
      reverse: reverseName(dns),
      asksForLocal: config.dns !== undefined,
      pages: countedPages,
    }),
  );
  const mail = opening.use(
    await openMailServers({
      config,
      clock,
      tls,
      tryingOut,
      ...fitMail({ ...house, clock, config, queue }),
    }),
  );
  opening.use(openWitnessing(keeper, join(config.data, "ledger"), config.publishSeconds));
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
