// Sign-in with a password: one Argon2id for known and unknown alike, a wait that grows with wrong guesses, an event in the
// client's log. Nobody is let in whose key is not the one that the keeper certified.
import { type Engine } from "#engine";
import { equalBytes } from "#base/bytes";
import { never, no, type Result, yes } from "#base/errors";
import { log as operatorLog, logBroken } from "#base/log";
import { networkPrefix } from "#base/network";
import type { Clock } from "#base/time";
import type { AccountKeys, PasswordCost } from "#vault";
import type { Accounts, Resolved } from "./accounts.ts";
import type { Certificates } from "./certificates.ts";
import type {
  PasswordSession,
  Protocol,
  Recipient,
  Serving,
  Session,
  SignInAttempt,
  SignInRefusal,
  SignInResult,
} from "./contract.ts";
import type { KeyCache } from "./keycache.ts";
import type { ClientLog } from "./log.ts";
import { openWithApp, parseAppPassword, usedApp } from "./apppasswords.ts";
import { type CredentialRow, MAIN_PASSWORD, type ProvePassword } from "./password.ts";
import { findPlan } from "./plans.ts";
import type { Throttle } from "./throttle.ts";
import type { Turnstile } from "./turnstile.ts";

export interface SignInParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly accounts: Accounts;
  readonly certificates: Certificates;
  readonly log: ClientLog;
  readonly prove: ProvePassword;
  readonly turnstile: Turnstile;
  readonly cache: KeyCache;
  readonly throttle: Throttle;
  /** Counts the peers' networks: offices and schools sit behind one, so it forgives more. */
  readonly networks: Throttle;
  readonly passwordCost: PasswordCost | undefined;
}

/** See `Clients.signIn`. */
export async function signIn(parts: SignInParts, attempt: SignInAttempt): Promise<SignInResult> {
  const { accounts, cache, networks, prove, throttle, turnstile } = parts;
  const login = attempt.login.trim().toLowerCase();
  const network = networkPrefix(attempt.peer);
  const recipient = await accounts.resolve(login);
  // A login is the account's main address as it is kept. One with a tag is nobody's; an alias or a mask is known to strangers and
  // to address lists, and is no half of a sign-in.
  const isLogin = recipient?.kind === "main" && recipient.address === login;
  const known = isLogin ? recipient : undefined;

  const name = cache.name(login, attempt.password, attempt.protocol, network);
  const isCacheable = attempt.protocol !== "web";
  if (isCacheable && known !== undefined) {
    const session = await fromCache(parts, known, name, attempt.protocol);
    if (session !== undefined) return session;
  }

  const app = isCacheable ? parseAppPassword(attempt.password) : undefined;
  const appRow = app && known && (await accounts.credential(known.client, known.account, app.id));
  if (app !== undefined && known !== undefined && appRow !== undefined)
    return signInByApp(parts, {
      known,
      attempt,
      login,
      network,
      name,
      row: appRow,
      secret: app.secret,
    });
  const row = known && (await accounts.credential(known.client, known.account, MAIN_PASSWORD));
  // The wait is asked about and counted inside the turn, so that guesses made at once do not slip in together.
  const keys = await turnstile.pass(login, async () => {
    if (throttle.mustWait(login) || networks.mustWait(network)) return undefined;
    const proved = (await prove(attempt.password, row)) ?? "wrong";
    if (proved === "wrong") {
      throttle.failed(login);
      networks.failed(network);
    } else throttle.succeeded(login);
    return proved;
  });
  if (keys === undefined) return no("too-many");
  if (keys === "wrong" || known === undefined || row === undefined) {
    // Not waited for: the answer must not take longer for an address that exists.
    if (known !== undefined)
      logAttempt(parts, known, attempt, network, "wrong password").catch((error: unknown) =>
        logBroken("clients.sign-in-log", error),
      );
    return no("wrong");
  }

  return letIn(parts, { known, attempt, network, name, row, keys });
}

interface Proved {
  readonly known: Resolved;
  readonly attempt: SignInAttempt;
  readonly network: string;
  /** Of the cache. */
  readonly name: string;
  readonly row: CredentialRow;
  readonly keys: AccountKeys;
}

/** After the secret was right: the account's standing, its certificate, the line in the log, the cache. */
async function letIn(
  parts: SignInParts,
  { known, attempt, network, name, row, keys }: Proved,
): Promise<SignInResult> {
  const refusal = refusalFor(known, attempt.protocol);
  if (refusal !== undefined) return no(refusal);
  const session = await certifiedSession(parts, known, keys);
  if (session === undefined) {
    operatorLog("clients.key-differs", { client: known.client, account: known.account });
    await logAttempt(parts, known, attempt, network, "stopped: the key is not the certified one");
    return { ok: false, refusal: "suspended", why: "key-differs" };
  }
  const app = row.kind === "app" ? { app: await usedApp(parts, session, row) } : {};
  await logAttempt(parts, known, attempt, network, "signed in", app);
  const { client, account } = known;
  const { credential_id: credential, version } = row;
  if (attempt.protocol !== "web")
    parts.cache.put(name, { client, account, credential, version, keys });
  return yes(withPassword(parts.accounts, session, credential, version));
}

/** By an app password: no Argon2id, since nothing that is random needs slowing; wrong ones wait as wrong passwords do. */
async function signInByApp(
  parts: SignInParts,
  tried: Omit<Proved, "keys"> & { readonly login: string; readonly secret: Uint8Array },
): Promise<SignInResult> {
  const { networks, throttle } = parts;
  const { known, attempt, login, network, row, secret } = tried;
  if (throttle.mustWait(login) || networks.mustWait(network)) return no("too-many");
  const keys = openWithApp(row, secret);
  if (keys === undefined) {
    throttle.failed(login);
    networks.failed(network);
    await logAttempt(parts, known, attempt, network, "wrong app password");
    return no("wrong");
  }
  throttle.succeeded(login);
  return letIn(parts, { ...tried, keys });
}

/** A hit saves the Argon2id and a line in the log, never a check: version, status and certificate are read again. */
async function fromCache(
  parts: SignInParts,
  known: Resolved,
  name: string,
  protocol: Protocol,
): Promise<SignInResult | undefined> {
  const held = parts.cache.get(name);
  if (held?.client !== known.client || held.account !== known.account) return undefined;
  const row = await parts.accounts.credential(held.client, held.account, held.credential);
  if (row?.version !== held.version) return undefined;
  const refusal = refusalFor(known, protocol);
  if (refusal !== undefined) return no(refusal);
  const session = await certifiedSession(parts, known, held.keys);
  if (session === undefined) return undefined;
  return yes(withPassword(parts.accounts, session, held.credential, held.version));
}

function withPassword(
  accounts: Accounts,
  session: Session,
  credential: string,
  version: number,
): PasswordSession {
  const { client, account } = session;
  const passwordStands = async (): Promise<boolean> =>
    (await accounts.credential(client, account, credential))?.version === version;
  return { ...session, passwordStands };
}

function refusalFor(known: Resolved, protocol: Protocol): SignInRefusal | undefined {
  const refusal = refusalByServing(known.serving, protocol);
  if (refusal !== undefined) return refusal;
  const services = findPlan(known.plan, known.planVersion)?.services ?? [];
  return services.includes(protocol) ? undefined : "not-this-way";
}

/** What a client's standing means for who comes in this way; undefined where the way is open. */
export function refusalByServing(serving: Serving, protocol: Protocol): SignInRefusal | undefined {
  switch (protocol) {
    case "web":
      return serving.web === "shut" ? "wrong" : undefined;
    case "submission":
      return serving.submission ? undefined : "suspended";
    case "imap":
    case "pop3":
      return serving.imap === "off" ? "suspended" : undefined;
    default:
      return never(protocol);
  }
}

/** A session, when the account's own public half is the one that the keeper certified; undefined when they differ. */
export async function certifiedSession(
  parts: Pick<SignInParts, "certificates">,
  owner: Pick<Session, "client" | "account" | "address">,
  keys: AccountKeys,
): Promise<Session | undefined> {
  const { client, account, address } = owner;
  const sealer = await parts.certificates.sealer(client, account, "content");
  if (sealer === undefined || !equalBytes(sealer.publicKey, keys.boxPublic)) return undefined;
  return { client, account, address, keys, sealer };
}

async function logAttempt(
  parts: SignInParts,
  known: Recipient,
  attempt: SignInAttempt,
  network: string,
  what: string,
  more: { readonly [name: string]: string } = {},
): Promise<void> {
  const event = await parts.log.logged(known.client, known.account, {
    kind: "sign-in",
    at: parts.clock.now(),
    fields: { what, protocol: attempt.protocol, network, ...more },
  });
  await parts.engine.writeTogether([event]);
}

/** Whether who is signed in knows the password, for what is asked twice: costs as a sign-in does, and waits as one does. */
export async function proveOwn(
  parts: SignInParts,
  { client, account, address }: Session,
  password: string,
): Promise<Result<true, "wrong" | "too-many">> {
  const { accounts, prove, throttle, turnstile } = parts;
  const row = await accounts.credential(client, account, MAIN_PASSWORD);
  const proved = await turnstile.pass(address, async () => {
    if (throttle.mustWait(address)) return undefined;
    const isRight = (await prove(password, row)) !== undefined;
    if (isRight) throttle.succeeded(address);
    else throttle.failed(address);
    return isRight;
  });
  if (proved === undefined) return no("too-many");
  return proved ? yes(true) : no("wrong");
}
