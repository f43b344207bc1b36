// Who our clients are: sign-up, sign-in, status, addresses, credentials, logs. Holds no secret of a client longer than a session.
import { type Engine, invoke, type Room } from "#engine";
import { Broken, no, yes } from "#base/errors";
import type { Clock } from "#base/time";
import { openAccounts } from "./accounts.ts";
import { openCertificates } from "./certificates.ts";
import { addDomain, moveStatus } from "./commands.ts";
import { contactContext } from "./contexts.ts";
import type { Clients } from "./contract.ts";
import { openKeyCache } from "./keycache.ts";
import { openClientLog } from "./log.ts";
import { openOwn } from "./own.ts";
import { openPasswordProof } from "./password.ts";
import { changePassword } from "./passwordchange.ts";
import type { KeeperPort, OwnRequestBytes, StorePort, VerifyCertificate } from "./ports.ts";
import { signIn } from "./signin.ts";
import { decodeContact, signUp } from "./signup.ts";
import { mayMove } from "./status.ts";
import { migrations, type Tables } from "./tables.ts";
import { openThrottle } from "./throttle.ts";
import { openTurnstile, type Turnstile } from "./turnstile.ts";
import { openWebSessions } from "./websessions.ts";

export type {
  ClientRow,
  Clients,
  ClientStatus,
  Contact,
  LogEvent,
  LogExpiry,
  LogPage,
  NewClient,
  Protocol,
  Recipient,
  SealedObject,
  Session,
  SignInAttempt,
  SignInRefusal,
  SignInResult,
  SignUpRefusal,
  SignUpResult,
  WebSession,
} from "./contract.ts";
export { type Plan, plans } from "./plans.ts";
export { openThrottle } from "./throttle.ts";
export { openTurnstile } from "./turnstile.ts";
export type { KeeperPort, OwnRequestBytes, StorePort, VerifyCertificate } from "./ports.ts";

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
  readonly ownRequestBytes: OwnRequestBytes;
  readonly store: StorePort;
  /** Shared with whoever else hashes passwords; one of its own when absent. */
  readonly turnstile?: Turnstile;
}

// A network may be a school of hundreds: it gets four times what one login gets before it waits.
const FREE_FAILURES_OF_A_NETWORK = 20;
// A class of thirty signs up in an hour; who wants more from one network waits longer each time, or asks the operator.
const FREE_SIGN_UPS_OF_A_NETWORK = 30;

/** The engine must have run this room's migrations. */
export async function openClients(options: ClientsOptions): Promise<Clients> {
  const { engine, clock, domain, keeper, store, verifyCertificate, ownRequestBytes } = options;
  const reader = engine.reader<Tables>();
  await engine.write(addDomain, { domain, created: clock.now() });
  const rows = await reader.selectFrom("domain").select("domain").execute();
  const domains = new Set(rows.map((row) => row.domain));

  const accounts = openAccounts(engine);
  const certificates = openCertificates({ engine, clock, keeper, verifyCertificate });
  const askOwn = openOwn(keeper, ownRequestBytes, clock);
  const log = openClientLog({ engine, clock, keeper, certificates, askOwn });
  const turnstile = options.turnstile ?? openTurnstile();
  const prove = openPasswordProof();
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
  };

  return {
    signUp: (request) => signUp(parts, request),
    async resolve(address) {
      const found = await accounts.resolve(address);
      if (found === undefined) return undefined;
      const { client, account, address: kept, status } = found;
      return { client, account, address: kept, status };
    },
    isOurDomain: (name) => domains.has(name.toLowerCase()),
    addressesOf: (client, account) => accounts.addressesOf(client, account),
    signIn: (attempt) => signIn(parts, attempt),
    sealerFor: (client, account) => certificates.sealer(client, account, "content"),
    openWebSession: (session, remember) => sessions.open(session, remember),
    resumeWebSession: (token) => sessions.resume(token),
    endWebSession: (token) => sessions.end(token),
    changePassword: (session, old, fresh) => changePassword(parts, session, old, fresh),
    logged: (client, account, event) => log.logged(client, account, event),
    async log(client, account, event) {
      await engine.writeTogether([await log.logged(client, account, event)]);
    },
    readLog: async (session, limit) => (await log.readPage(session, limit)).events,
    readLogPage: (session, limit) => log.readPage(session, limit),
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
    sealedOf: (dataClass, client, ids) => accounts.sealedOf(dataClass, client, ids),
    list: () => accounts.list(),
    async moveStatus(client, to) {
      const row = await reader
        .selectFrom("client")
        .innerJoin("client_account", "client_account.client_id", "client.client_id")
        .select(["client.status", "client_account.account_id"])
        .where("client.client_id", "=", client)
        .executeTakeFirst();
      if (row === undefined) return no("unknown");
      if (!mayMove(row.status, to)) return no("not-allowed");
      const event = await log.logged(client, row.account_id, {
        kind: "change",
        at: clock.now(),
        fields: { what: "status", from: row.status, to },
      });
      await engine.writeTogether([invoke(moveStatus, { client_id: client, to }), event]);
      return yes(true);
    },
    expireLogs: (keys) => log.expire(keys),
  };
}
