// A client's further addresses: names on our domain, masks, names and the catch-all of their own domains. Every change is a line of
// their log; what they note about an address is sealed to their own key, and opens in their session only.
import { randomInt } from "node:crypto";
import { type Engine, type Invocation, invoke } from "#engine";
import { fromUtf8, toUtf8 } from "#base/bytes";
import { no, type Result, yes } from "#base/errors";
import type { Clock } from "#base/time";
import { type Context, openOpener } from "#vault";
import { asciiDomain, isNewLocalPart, joinAddress, reservedBecause } from "../address.ts";
import type { Certificates } from "../certificates.ts";
import type { Session } from "../contract.ts";
import type { ClientLog } from "../log.ts";
import { type AddressLimits, findPlan } from "../plans.ts";
import { FOR_GOOD, QUARANTINE, type Quarantine } from "../quarantine.ts";
import type { Standings } from "../standing.ts";
import type { Tables } from "../tables.ts";
import { addAddress, changeAddress, removeAddress } from "./commands.ts";
import type { AddRefusal, Addresses, AddressKind, OwnAddress } from "./contract.ts";
import { ofHeldDomain } from "./held.ts";
import { catchAllOf, heldStates } from "./resolution.ts";

// A reminder of whom it was made for, and when it may go.
const MAX_NOTE = 200;
// Twelve of 32 characters are 60 bits: nobody comes upon a mask by trying names.
const MASK_LENGTH = 12;
const MASK_LETTERS = "abcdefghijklmnopqrstuvwxyz234567";
// Each name that is given up stays nobody's for long, and each mask for ever: making and giving up in turn must have an end.
const TIMES_A_YEAR = 2;
// Names on one's own domain are given back to nobody but oneself; a hundred renamed desks a day are a program's mistake.
const TIMES_A_YEAR_OWN = 100;

export interface AddressParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Pick<ClientLog, "logged">;
  readonly standings: Pick<Standings, "serving">;
  readonly quarantine: Quarantine;
  readonly certificates: Pick<Certificates, "certifyAddress">;
  /** Where new addresses of ours are made. */
  readonly domain: string;
}

type Kind = Exclude<AddressKind, "main" | "duty">;

interface New {
  readonly address: string;
  readonly kind: Kind;
  /** The client's own; null for ours. */
  readonly domain: string | null;
}

export function openAddresses(parts: AddressParts): Addresses {
  const { engine } = parts;
  const reader = engine.reader<Tables>();
  const find = ({ client, account }: Session, address: string) =>
    reader
      .selectFrom("address")
      .select(["address", "kind", "enabled", "domain"])
      .where("address", "=", address)
      .where("client_id", "=", client)
      .where("account_id", "=", account)
      // What they had on a domain that they lost is not theirs to give up: it is kept from others.
      .where(ofHeldDomain(client))
      .executeTakeFirst();
  const change = async (session: Session, write: Invocation, fields: Fields): Promise<void> => {
    await engine.writeTogether([write, await line(parts, session, fields)]);
  };
  const one = ({ client, account }: Session, address: string) => ({
    client_id: client,
    account_id: account,
    address,
  });
  return {
    async list(session) {
      const rows = await reader
        .selectFrom("address")
        .selectAll()
        .where("client_id", "=", session.client)
        .where("account_id", "=", session.account)
        .where(ofHeldDomain(session.client))
        .orderBy("created")
        .orderBy("address")
        .execute();
      const own = rows.map((row) => ownAddress(session, row));
      return [...own.filter(isMain), ...own.filter((each) => !isMain(each))];
    },
    limits: (client) => limitsOf(parts, client),
    async add(session, local, domain, note = "") {
      const asked = await named(parts, session, local.trim().toLowerCase(), asciiDomain(domain));
      return "refusal" in asked ? no(asked.refusal) : make(parts, session, asked, note);
    },
    mask(session, note) {
      const local = Array.from({ length: MASK_LENGTH }, () => MASK_LETTERS[randomInt(32)]).join("");
      const address = joinAddress({ local, domain: parts.domain });
      return make(parts, session, { address, kind: "mask", domain: null }, note);
    },
    async note(session, address, note) {
      const found = await find(session, address);
      if (found === undefined) return no("no-such-address");
      const sealed = sealNote(session, address, note);
      if (sealed === "long-note") return no(sealed);
      const write = invoke(changeAddress, { ...one(session, address), set: { note: sealed } });
      await change(session, write, { what: "note of an address changed", address });
      return yes(true);
    },
    async switch(session, address, on) {
      const found = await find(session, address);
      if (found === undefined) return no("no-such-address");
      if (!isOwn(found.kind)) return no("not-this-kind");
      const set = { enabled: on ? 1 : 0 };
      const write = invoke(changeAddress, { ...one(session, address), set });
      const what = `address switched ${on ? "on" : "off"}`;
      await change(session, write, { what, address, kind: found.kind });
      return yes(true);
    },
    async remove(session, address) {
      const found = await find(session, address);
      if (found === undefined) return no("no-such-address");
      if (!isOwn(found.kind)) return no("not-this-kind");
      const until = found.kind === "mask" ? FOR_GOOD : parts.clock.now() + QUARANTINE;
      // Of their own domain it can be nobody else's for as long as the domain is theirs.
      const kept =
        found.domain === null ? { hash: parts.quarantine.nameOf(address), until } : undefined;
      const write = invoke(removeAddress, { ...one(session, address), quarantine: kept });
      await change(session, write, { what: "address given up", address, kind: found.kind });
      return yes(true);
    },
  };
}

type Fields = { readonly what: string; readonly [name: string]: string };

function line({ clock, log }: AddressParts, { client, account }: Session, fields: Fields) {
  return log.logged(client, account, { kind: "change", at: clock.now(), fields });
}

function isMain({ kind }: OwnAddress): boolean {
  return kind === "main";
}

function isOwn(kind: AddressKind): kind is Kind {
  return kind !== "main" && kind !== "duty";
}

async function limitsOf({ engine }: AddressParts, client: string): Promise<AddressLimits> {
  const row = await engine
    .reader<Tables>()
    .selectFrom("client")
    .select(["plan", "plan_version"])
    .where("client_id", "=", client)
    .executeTakeFirst();
  const plan = row && findPlan(row.plan, row.plan_version);
  return plan?.limits.addresses ?? { aliases: 0, masks: 0, domains: 0, ownAddresses: 0 };
}

/** What kind of address this would be, whether or not it is to be had. */
async function named(
  { engine, domain: ours }: AddressParts,
  { client, account }: Session,
  local: string,
  domain: string,
): Promise<New | { readonly refusal: AddRefusal }> {
  if (domain === ours) {
    if (!isNewLocalPart(local)) return { refusal: "bad-name" };
    if (reservedBecause(local) !== undefined) return { refusal: "reserved" };
    return { address: joinAddress({ local, domain }), kind: "alias", domain: null };
  }
  const held = await engine
    .reader<Tables>()
    .selectFrom("client_domain")
    .select("domain")
    .where("domain", "=", domain)
    .where("client_id", "=", client)
    .where("account_id", "=", account)
    .where("state", "in", [...heldStates])
    .executeTakeFirst();
  if (held === undefined) return { refusal: "not-your-domain" };
  if (local === "*") return { address: catchAllOf(domain), kind: "catch-all", domain };
  // On their own domain they are the provider: no name is reserved.
  if (!isNewLocalPart(local)) return { refusal: "bad-name" };
  return { address: joinAddress({ local, domain }), kind: "own", domain };
}

async function make(
  parts: AddressParts,
  session: Session,
  asked: New,
  note: string,
): Promise<Result<string, AddRefusal>> {
  const { engine, clock, standings } = parts;
  const { address, kind, domain } = asked;
  const { client, account } = session;
  const serving = await standings.serving(client);
  if (serving.web !== "open" || !serving.submission) return no("not-now");
  const sealed = sealNote(session, address, note);
  if (sealed === "long-note") return no(sealed);
  const created = clock.now();
  const most = mostOf(await limitsOf(parts, client), kind, created);
  const refusal = (await counted(parts, client, kind, most)) ?? (await taken(parts, asked, client));
  if (refusal !== undefined) return no(refusal);
  const owner = { client_id: client, account_id: account };
  const signature = await parts.certificates.certifyAddress({ address, client, account });
  const row = { ...owner, address, created, kind, enabled: 1, domain, note: sealed, signature };
  const event = await line(parts, session, { what: "address added", address, kind });
  try {
    await engine.writeTogether([invoke(addAddress, { row, most }), event]);
  } catch (error) {
    // Somebody was faster, or the same client was, from another window.
    const since = (await counted(parts, client, kind, most)) ?? (await taken(parts, asked, client));
    if (since === undefined) throw error;
    return no(since);
  }
  return yes(address);
}

function mostOf(limits: AddressLimits, kind: Kind, now: number) {
  const atOnce = {
    alias: limits.aliases,
    mask: limits.masks,
    own: limits.ownAddresses,
    "catch-all": limits.domains,
  }[kind];
  const times = kind === "alias" || kind === "mask" ? TIMES_A_YEAR : TIMES_A_YEAR_OWN;
  return { atOnce, year: new Date(now).getUTCFullYear(), inYear: times * atOnce };
}

async function counted(
  { engine }: AddressParts,
  client: string,
  kind: Kind,
  most: ReturnType<typeof mostOf>,
): Promise<"too-many" | "spent" | undefined> {
  const reader = engine.reader<Tables>();
  const there = await reader
    .selectFrom("address")
    .select("address")
    .where("client_id", "=", client)
    .where("kind", "=", kind)
    .execute();
  if (there.length >= most.atOnce) return "too-many";
  const made = await reader
    .selectFrom("address_made")
    .select("made")
    .where("client_id", "=", client)
    .where("kind", "=", kind)
    .where("year", "=", most.year)
    .executeTakeFirst();
  return (made?.made ?? 0) >= most.inYear ? "spent" : undefined;
}

async function taken(
  { engine, clock, quarantine }: AddressParts,
  { address, domain }: New,
  client: string,
): Promise<"taken" | "kept-back" | undefined> {
  const reader = engine.reader<Tables>();
  const now = clock.now();
  const row = await reader
    .selectFrom("address")
    .select("client_id")
    .where("address", "=", address)
    .executeTakeFirst();
  // On a domain that is theirs by now, whoever else has it there had it before.
  if (row !== undefined) return domain === null || row.client_id === client ? "taken" : "kept-back";
  const reserved = await reader
    .selectFrom("address_reservation")
    .select("until")
    .where("address", "=", address)
    .where("until", ">", now)
    .executeTakeFirst();
  if (reserved !== undefined) return "taken";
  const kept = await reader
    .selectFrom("address_quarantine")
    .select("until")
    .where("hash", "=", quarantine.nameOf(address))
    .where("until", ">", now)
    .executeTakeFirst();
  if (kept === undefined) return undefined;
  return domain === null ? "taken" : "kept-back";
}

/** Class content: nobody but the client opens it, the running server as little as a thief of its disk. */
function noteContext({ client, account }: Session, address: string): Context<"content"> {
  return { class: "content", client, account, object: address, part: "address-note" };
}

function sealNote(
  session: Session,
  address: string,
  note: string,
): Uint8Array | null | "long-note" {
  const text = note.trim().toWellFormed().normalize("NFC");
  if (text.length > MAX_NOTE) return "long-note";
  return text === "" ? null : session.sealer.seal(noteContext(session, address), fromUtf8(text));
}

function ownAddress(
  session: Session,
  row: {
    readonly address: string;
    readonly kind: AddressKind;
    readonly enabled: number;
    readonly domain: string | null;
    readonly created: number;
    readonly note: Uint8Array | null;
  },
): OwnAddress {
  const { address, kind, created } = row;
  return {
    address,
    kind,
    enabled: row.enabled === 1,
    domain: row.domain ?? undefined,
    created,
    note: row.note === null ? "" : openNote(session, address, row.note),
  };
}

function openNote(session: Session, address: string, sealed: Uint8Array): string | undefined {
  const opener = openOpener(session.keys.boxSecret);
  const opened = opener.open(noteContext(session, address), "own", sealed);
  return opened.ok ? toUtf8(opened.value) : undefined;
}
