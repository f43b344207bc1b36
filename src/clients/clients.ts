// Who our clients are: sign-up, sign-in, status, addresses, credentials, logs. Holds no secret of a client longer than a session.
import { type Engine, type Room } from "#engine";
import { Broken } from "#base/errors";
import type { Clock } from "#base/time";
import type { PasswordCost } from "#vault";
import { openAccounts } from "./accounts.ts";
import { openAppPasswords } from "./apppasswords.ts";
import { asciiDomain } from "./address.ts";
import { openAddresses } from "./addresses/addresses.ts";
import { openDomains } from "./addresses/domains.ts";
import { openOurDomains } from "./addresses/ourdomains.ts";
import { openCertificates } from "./certificates.ts";
import { openClosing } from "./closing.ts";
import { addDomain } from "./commands.ts";
import { decodeContact, openContactChange } from "./contactcard.ts";
import { contactContext } from "./contexts.ts";
import type { Clients } from "./contract.ts";
import { eraseDue } from "./erasing.ts";
import { openHolding } from "./holding.ts";
import { openKeyCache } from "./keycache.ts";
import { openClientLog } from "./log.ts";
import { openOwn } from "./own.ts";
import { openPasswordProof } from "./password.ts";
import { changePassword } from "./passwordchange.ts";
import { changePlan, readLimits } from "./planchange.ts";
import type {
  EraseOrderBytes,
  KeeperPort,
  OwnRequestBytes,
  StorePort,
  VerifyAddress,
  VerifyCertificate,
} from "./ports.ts";
import { openQuarantine } from "./quarantine.ts";
import { openRecovery } from "./recovery.ts";
import { proveOwn, signIn } from "./signin.ts";
import { signUp } from "./signup.ts";
import { openStandings } from "./standing.ts";
import { migrations, type Tables } from "./tables.ts";
import { openThrottle } from "./throttle.ts";
import { openTurnstile, type Turnstile } from "./turnstile.ts";
import { openWebSessions } from "./websessions.ts";

export type {
  AddRefusal,
  Addresses,
  AddressKind,
  CheckedRecord,
  ClaimRefusal,
  ClaimState,
  DomainPorts,
  Domains,
  LookUp,
  OwnAddress,
  OwnDomain,
  ProofOutcome,
  SigningRecord,
  ZoneRecord,
} from "./addresses/contract.ts";
export { stsPolicy, zoneFile, zoneValue } from "./addresses/zone.ts";
export type {
  Because,
  ClientRow,
  Clients,
  ClientStatus,
  Contact,
  ErasureReport,
  Hold,
  HoldKind,
  Level,
  LogEvent,
  LogExpiry,
  LogPage,
  LogPart,
  Mover,
  NewClient,
  Protocol,
  ReceiptView,
  Recipient,
  SealedObject,
  Serving,
  Session,
  SignInAttempt,
  SignInRefusal,
  SignInResult,
  SignUpRefusal,
  SignUpResult,
  Standing,
  WebSession,
} from "./contract.ts";
export { lookEvent } from "./events.ts";
export { type AddressLimits, CURRENCY, findPlan, type Plan, plansOffered } from "./plans.ts";
export { openThrottle } from "./throttle.ts";
export { openTurnstile } from "./turnstile.ts";
export type {
  EraseOrderBytes,
  ErasingParts,
  Forgetter,
  KeeperPort,
  OwnRequestBytes,
  StorePort,
  VerifyAddress,
  VerifyCertificate,
} from "./ports.ts";

export const clientsRoom: Room = {
  name: "clients",
  migrations,
  commands: new URL("commands.ts", import.meta.url).href,
};

export interface ClientsOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  /** Where new addresses are made; those of domains that we had before stay ours. */
  readonly domain: string;
  readonly keeper: KeeperPort;
  readonly verifyCertificate: VerifyCertificate;
  readonly verifyAddress: VerifyAddress;
  readonly ownRequestBytes: OwnRequestBytes;
  readonly eraseOrderBytes: EraseOrderBytes;
  readonly store: StorePort;
  /** Shared with whoever else hashes passwords; one of its own when absent. */
  readonly turnstile?: Turnstile;
  /** Less than a password's hash costs everywhere else: for tests of anything but that. */
  readonly passwordCost?: PasswordCost;
}

// A network may be a school of hundreds: it gets four times what one login gets before it waits.
const FREE_FAILURES_OF_A_NETWORK = 20;
// A class of thirty signs up in an hour; who wants more from one network waits longer each time, or asks the operator.
const FREE_SIGN_UPS_OF_A_NETWORK = 30;

/** The engine must have run this room's migrations. */
export async function openClients(options: ClientsOptions): Promise<Clients> {
  const { engine, clock, domain, keeper, store, ownRequestBytes } = options;
  const reader = engine.reader<Tables>();
  await engine.write(addDomain, { domain, created: clock.now() });
  const domains = await openOurDomains(engine);
  const quarantine = await openQuarantine(engine);
  const certificates = openCertificates(options);
  const accounts = openAccounts({ engine, clock, quarantine, certificates });
  const askOwn = openOwn(keeper, ownRequestBytes, clock);
  const log = openClientLog({ engine, clock, keeper, certificates, askOwn });
  const turnstile = options.turnstile ?? openTurnstile();
  const { passwordCost } = options;
  const prove = openPasswordProof(passwordCost);
  const cache = openKeyCache(clock);
  const throttle = openThrottle(clock);
  const networks = openThrottle(clock, FREE_FAILURES_OF_A_NETWORK);
  const signUps = openThrottle(clock, FREE_SIGN_UPS_OF_A_NETWORK);
  const sessions = openWebSessions({ engine, clock, accounts, certificates });
  const parts = {
    engine,
    clock,
    keeper,
    store,
    domain,
    accounts,
    certificates,
    log,
    turnstile,
    prove,
    cache,
    throttle,
    networks,
    signUps,
    quarantine,
    passwordCost,
  };
  const appPasswords = openAppPasswords(parts);
  const recovery = openRecovery(parts);
  const standings = openStandings(parts);
  const { isOfHouse, holdsDomain } = domains;
  const holding = openHolding({ ...parts, isOfHouse, holdsDomain });
  const addresses = openAddresses({ ...parts, standings });
  const closing = openClosing({
    ...parts,
    standings,
    eraseOrderBytes: options.eraseOrderBytes,
    proveOwn: (session, password) => proveOwn(parts, session, password),
  });

  return {
    signUp: (request) => signUp(parts, request),
    async resolve(address) {
      const found = await accounts.resolve(address);
      if (found === undefined) return undefined;
      const { client, account, address: kept, status, level, inbound } = found;
      return { client, account, address: kept, status, level, inbound };
    },
    isOurDomain: (name) => domains.isOurs(asciiDomain(name)),
    isHouseDomain: (name) => isOfHouse(asciiDomain(name)),
    holdsDomain: (client, name) => holdsDomain(client, asciiDomain(name)),
    addresses,
    openDomains: (ports) =>
      openDomains(
        {
          ...parts,
          standings,
          isOfHouse,
          limits: (client) => addresses.limits(client),
          changed: () => domains.refresh(),
        },
        ports,
      ),
    addressesOf: (client, account) => accounts.addressesOf(client, account),
    signIn: (attempt) => signIn(parts, attempt),
    sealerFor: (client, account) => certificates.sealer(client, account, "content"),
    openWebSession: (session, remember) => sessions.open(session, remember),
    resumeWebSession: (token) => sessions.resume(token),
    endWebSession: (token) => sessions.end(token),
    appPasswords,
    recovery,
    changePassword: (session, old, fresh) => changePassword(parts, session, old, fresh),
    logged: (client, account, event) => log.logged(client, account, event),
    async log(client, account, event) {
      await engine.writeTogether([await log.logged(client, account, event)]);
    },
    readLog: async (session, limit) => (await log.readPage(session, limit)).events,
    readLogPage: (session, limit, part) => log.readPage(session, limit, part),
    async readContact(session) {
      const row = await reader
        .selectFrom("contact")
        .select("sealed")
        .where("client_id", "=", session.client)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      const answer = await askOwn(session, [
        { context: contactContext(session.client), sealed: row.sealed },
      ]);
      if (!answer.ok) throw new Broken(`the keeper refused: ${answer.refusal}`);
      const [card] = answer.value;
      return card && decodeContact(card);
    },
    unsignedAddresses: () => accounts.unsigned(),
    sealedOf: (dataClass, client, ids) => accounts.sealedOf(dataClass, client, ids),
    list: () => accounts.list(),
    holdAddresses: (names, holder, client) => holding.hold(names, holder, client),
    freeAddresses: (names, holder) => holding.free(names, holder),
    paymentSealer: (client) => certificates.sealer(client, "", "payment"),
    standingSealer: (client) => certificates.sealer(client, "", "standing"),
    listLog: (client) => accounts.listLog(client),
    async openOwn(session, objects) {
      const answer = await askOwn(session, objects);
      if (!answer.ok) throw new Broken(`the keeper refused: ${answer.refusal}`);
      return answer.value;
    },
    changePlan: (client, plan) => changePlan({ engine, clock, log }, client, plan),
    limits: (client) => readLimits(engine, client),
    moveStatus: (client, to, because) => standings.moveStatus(client, to, because),
    standing: (client) => standings.standing(client),
    serving: (client) => standings.serving(client),
    wholeStanding: (client) => standings.wholeStanding(client),
    setHold: (client, kind, until, because, options) =>
      standings.setHold(client, kind, until, because, options),
    liftHold: (client, kind, because, options) =>
      standings.liftHold(client, kind, because, options),
    tellEndedHolds: () => standings.tellEndedHolds(),
    correctContact: openContactChange(parts),
    close: (session, password) => closing.close(session, password),
    reopen: (session) => closing.reopen(session),
    receipt: (token) => closing.receipt(token),
    eraseDue: (by) =>
      eraseDue(
        {
          ...parts,
          standings,
          forgetKeys: (client, account) => cache.forget(client, account),
        },
        by,
      ),
    expireLogs: (keys) => log.expire(keys),
  };
}
