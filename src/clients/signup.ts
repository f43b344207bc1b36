// Sign-up: everything of a new client in one transaction, after the keeper has enrolled it. Nothing is ever half-made.
import { type Engine, invoke } from "#engine";
import { Broken, no, yes } from "#base/errors";
import { newId } from "#base/ids";
import { logBroken } from "#base/log";
import { networkPrefix } from "#base/network";
import { type Clock, MINUTE } from "#base/time";
import {
  type AccountKeys,
  type Context,
  encodeAccountKeys,
  newAccountKeys,
  openSealer,
  type PasswordCost,
  type Sealer,
} from "#vault";
import { isNewLocalPart, joinAddress, reservedBecause, splitAddress } from "./address.ts";
import type { Certificates } from "./certificates.ts";
import { createClient, releaseAddress, reserveAddress } from "./commands.ts";
import { encodeContact, isComplete, tidyContact } from "./contactcard.ts";
import { contactContext } from "./contexts.ts";
import type { Contact, NewClient, Recipient, SignUpRefusal, SignUpResult } from "./contract.ts";
import type { ClientLog } from "./log.ts";
import { type Owner, passwordRefusal, passwordRow } from "./password.ts";
import { DEFAULT_PLAN, findPlan, type Plan } from "./plans.ts";
import type { CertifiedKey, KeeperPort, StorePort } from "./ports.ts";
import type { Quarantine } from "./quarantine.ts";
import type { Tables } from "./tables.ts";
import type { Throttle } from "./throttle.ts";
import type { Turnstile } from "./turnstile.ts";

// The keeper and one Argon2id take a second at worst; a crash in between frees the name after this.
const RESERVED_FOR = 10 * MINUTE;

export interface SignUpParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly keeper: KeeperPort;
  readonly store: StorePort;
  readonly certificates: Certificates;
  readonly log: ClientLog;
  readonly turnstile: Turnstile;
  /** Counts sign-ups by network: each costs an Argon2id, a file of the keeper's and a ledger entry. */
  readonly signUps: Throttle;
  readonly quarantine: Quarantine;
  readonly domain: string;
  readonly passwordCost: PasswordCost | undefined;
}

interface Asked {
  readonly address: string;
  readonly password: string;
  readonly plan: Plan;
  readonly contact: Contact | undefined;
}

/** See `Clients.signUp`. */
export async function signUp(parts: SignUpParts, request: NewClient): Promise<SignUpResult> {
  const asked = checkRequest(request, parts.domain);
  if ("refusal" in asked) return { ok: false, ...asked };
  const { engine, clock, signUps } = parts;
  if (request.peer !== undefined) {
    const network = networkPrefix(request.peer);
    if (signUps.mustWait(network)) return no("too-many");
    signUps.failed(network);
  }
  const { address } = asked;
  const owner = { client: newId(), account: newId() };
  const now = clock.now();
  const reserved = await engine.write(reserveAddress, {
    address,
    client_id: owner.client,
    until: now + RESERVED_FOR,
    now,
    quarantine: parts.quarantine.nameOf(address),
  });
  if (reserved === "taken") return no("address-taken");
  try {
    const refusal = await makeClient(parts, owner, asked);
    if (refusal === undefined) return yes(made(owner, address));
    await engine.write(releaseAddress, { address, client_id: owner.client });
    return no(refusal);
  } catch (error) {
    return settle(engine, owner, address, error);
  }
}

function made(owner: Owner, address: string): Recipient {
  return { ...owner, address, status: "active", level: "open", inbound: "taken" };
}

async function makeClient(
  parts: SignUpParts,
  owner: Owner,
  asked: Asked,
): Promise<SignUpRefusal | undefined> {
  const { engine, clock, log, store, turnstile } = parts;
  const keys = newAccountKeys();
  const now = clock.now();
  const credential = await turnstile.pass(asked.address, () =>
    passwordRow(owner, asked.password, keys, 1, now, parts.passwordCost),
  );
  if (credential === undefined) return "keeper-away"; // as busy as away: "try again later"
  const certified = await enrol(parts, owner, keys, asked).catch((error: unknown) => {
    logBroken("clients.enrol", error);
    return undefined;
  });
  if (certified === undefined) return "keeper-away";
  const { content, contact, certificates, signature } = certified;
  const event = {
    kind: "change",
    at: now,
    fields: { what: "signed up", plan: asked.plan.name, mode: asked.plan.mode },
  } as const;
  const rows = {
    client: {
      client_id: owner.client,
      status: "active",
      plan: asked.plan.name,
      plan_version: asked.plan.version,
      mode: asked.plan.mode,
      created: now,
      status_since: now,
    },
    account: { client_id: owner.client, account_id: owner.account, created: now },
    address: {
      address: asked.address,
      client_id: owner.client,
      account_id: owner.account,
      created: now,
      signature,
    },
    credential,
    certificates: certificates.map(certificateRow),
    contact:
      asked.contact === undefined
        ? undefined
        : {
            client_id: owner.client,
            sealed: contact.seal(contactContext(owner.client), encodeContact(asked.contact)),
          },
  } as const;
  await engine.writeTogether([
    invoke(createClient, rows),
    ...store.newAccount(owner, content, keys.nameKey),
    await log.logged(owner.client, owner.account, event),
  ]);
  return undefined;
}

interface Certified {
  readonly content: Sealer;
  readonly contact: Sealer;
  readonly certificates: readonly CertifiedKey[];
  /** Over the address. */
  readonly signature: Uint8Array;
}

/** Has the keeper enrol the account, and believes only certificates that verify and are about the right keys. */
async function enrol(
  parts: SignUpParts,
  owner: Owner,
  keys: AccountKeys,
  { plan, address }: Asked,
): Promise<Certified> {
  const { keeper, clock } = parts;
  const { enrolKey } = await keeper.hello();
  // In client-only mode the keeper gets what makes the pseudonym in the public ledger, and nothing that opens mail.
  const bundle = plan.mode === "client-only" ? keys.pseudonymKey : encodeAccountKeys(keys);
  const context: Context = {
    class: "credential",
    ...owner,
    object: owner.account,
    part: "bundle",
  };
  const enrolled = await keeper.enrol({
    ...owner,
    mode: plan.mode,
    contentKey: keys.boxPublic,
    signingKey: keys.signingPublic,
    bundle: openSealer(enrolKey, clock).seal(context, bundle),
  });
  if (!enrolled.ok) throw new Broken(`the keeper does not enrol: ${enrolled.refusal}`);
  const { certificates } = enrolled.value;
  const sealers = new Map<string, Sealer>();
  for (const certificate of certificates) {
    const account = certificate.class === "content" ? owner.account : "";
    const isOurs = certificate.client === owner.client && certificate.account === account;
    const sealer = isOurs ? await parts.certificates.sealerTo(certificate) : undefined;
    if (sealer === undefined) throw new Broken("a certificate of the keeper does not verify");
    sealers.set(certificate.class, sealer);
  }
  const content = sealers.get("content");
  const contact = sealers.get("contact");
  if (content === undefined || contact === undefined)
    throw new Broken("the keeper certified too few keys");
  if (Buffer.compare(content.publicKey, keys.boxPublic) !== 0)
    throw new Broken("the keeper certified another key than ours");
  const signature = await parts.certificates.certifyAddress({ ...owner, address });
  return { content, contact, certificates, signature };
}

/** After an error nobody knows whether the commit happened: the address row says it. */
async function settle(
  engine: Engine,
  owner: Owner,
  address: string,
  error: unknown,
): Promise<SignUpResult> {
  const row = await engine
    .reader<Tables>()
    .selectFrom("address")
    .select("client_id")
    .where("address", "=", address)
    .executeTakeFirst();
  if (row?.client_id === owner.client) return yes(made(owner, address));
  await engine.write(releaseAddress, { address, client_id: owner.client });
  if (row !== undefined) return no("address-taken");
  throw new Broken("a sign-up failed", error);
}

function checkRequest(
  request: NewClient,
  domain: string,
): Asked | { readonly refusal: SignUpRefusal; readonly why?: string } {
  const split = splitAddress(request.address.trim());
  if (split === undefined) return { refusal: "bad-address" };
  if (split.domain !== domain) return { refusal: "not-our-domain" };
  if (!isNewLocalPart(split.local)) return { refusal: "bad-address" };
  const why = reservedBecause(split.local);
  if (why !== undefined) return { refusal: "address-taken", why };
  const badPassword = passwordRefusal(request.password);
  if (badPassword !== undefined) return { refusal: badPassword };
  const plan = findPlan(request.plan ?? DEFAULT_PLAN);
  if (plan === undefined) return { refusal: "unknown-plan" };
  const contact = request.contact === undefined ? undefined : tidyContact(request.contact);
  if (contact !== undefined && !isComplete(contact)) return { refusal: "contact-incomplete" };
  return { address: joinAddress(split), password: request.password, plan, contact };
}

function certificateRow(certificate: CertifiedKey): Tables["key_certificate"] {
  return {
    client_id: certificate.client,
    account_id: certificate.account,
    class: certificate.class,
    part: certificate.part,
    epoch: certificate.epoch,
    public_key: certificate.publicKey,
    signature: certificate.signature,
  };
}
