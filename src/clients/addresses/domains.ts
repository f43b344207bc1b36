// Domains of clients: claimed, proved by a record in the DNS, looked after daily, given up or lost. A domain is one client's at a time,
// and what one had there never falls to the next: docs/decisions/0018-domains-of-clients.md says why each step is as it is.
import { type Engine, type Invocation, invoke } from "#engine";
import { no, yes } from "#base/errors";
import { newId } from "#base/ids";
import { log as operatorLog, logBroken } from "#base/log";
import { type Clock, DAY, HOUR } from "#base/time";
import { asciiDomain } from "../address.ts";
import type { Certificates } from "../certificates.ts";
import type { ClientLog } from "../log.ts";
import type { Standings } from "../standing.ts";
import type { Tables } from "../tables.ts";
import { claimDomain, forgetClaim, keepFindings, moveClaim, proveClaim } from "./commands.ts";
import type {
  Addresses,
  CheckedRecord,
  ClaimState,
  DomainPorts,
  DomainReport,
  Domains,
  OwnDomain,
  ProofOutcome,
  ZoneRecord,
} from "./contract.ts";
import { heldStates } from "./resolution.ts";
import { clientZone, houseZone, proofValue } from "./zone.ts";
import { checkZone } from "./zonecheck.ts";

// Time to find out who in the house has the password of the DNS.
const PENDING_FOR = 14 * DAY;
// A proof that went by mistake is noticed by then: the client is told on the first day.
const BROKEN_FOR = 14 * DAY;
// Where somebody else proves the domain meanwhile, it has most likely been sold: half of that.
const CONTESTED_FOR = 7 * DAY;
/** Longer than any queue tries (five days), and as long as deleted mail can be had back. */
export const NAMES_KEPT = 30 * DAY;
// A little less than a day, so that the hourly job keeps to the same hour.
const CHECK_EVERY = 23 * HOUR;
// A run's share: each asks the DNS for some twenty records.
const AT_ONCE = 100;

type Row = Tables["client_domain"];

export interface DomainParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Pick<ClientLog, "logged">;
  readonly standings: Pick<Standings, "serving">;
  readonly limits: Addresses["limits"];
  readonly certificates: Pick<Certificates, "certifyAddress">;
  /** The house's own name. */
  readonly domain: string;
  readonly isOfHouse: (domain: string) => boolean;
  /** Whose mail we take has changed. */
  readonly changed: () => Promise<void>;
}

interface Work extends DomainParts {
  readonly ports: DomainPorts;
}

export function openDomains(parts: DomainParts, ports: DomainPorts): Domains {
  const work: Work = { ...parts, ports };
  const reader = parts.engine.reader<Tables>();
  const read = (domain: string, client: string): Promise<Row | undefined> =>
    reader
      .selectFrom("client_domain")
      .selectAll()
      .where("domain", "=", asciiDomain(domain.trim()))
      .where("client_id", "=", client)
      .executeTakeFirst();
  const shown = (rows: readonly Row[]) => Promise.all(rows.map((row) => ownDomain(work, row)));
  return {
    async list({ client, account }) {
      const rows = await reader
        .selectFrom("client_domain")
        .selectAll()
        .where("client_id", "=", client)
        .where("account_id", "=", account)
        .orderBy("created")
        .execute();
      return shown(rows);
    },
    all: async () =>
      shown(await reader.selectFrom("client_domain").selectAll().orderBy("domain").execute()),
    claim: (owner, domain) => claim(work, owner, asciiDomain(domain.trim())),
    async check({ client }, domain) {
      const row = await read(domain, client);
      if (row === undefined || row.state === "ended") return no("no-such-domain");
      const proof = await look(work, row);
      const now = await read(domain, client);
      if (now === undefined) return no("no-such-domain");
      return yes({ proof, domain: await ownDomain(work, now) });
    },
    async remove({ client }, domain) {
      const row = await read(domain, client);
      if (row === undefined || row.state === "ended") return no("no-such-domain");
      await end(work, row, "domain given up");
      return yes(true);
    },
    house: async () => checkZone(ports.lookUp, await houseRecords(work)),
    checkDue: () => checkDue(work),
  };
}

/** Two labels at least, of letters, digits and inner hyphens (RFC 1123 §2.1), A-labels included; no address and no name of ours. */
function isDomain(domain: string): boolean {
  const label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
  const form = new RegExp(String.raw`^(?=.{4,253}$)(?:${label}\.)+(?!\d+$)${label}$`);
  return form.test(domain);
}

async function claim(
  { engine, clock, log, standings, limits, isOfHouse, domain: house }: Work,
  { client, account }: Parameters<Domains["claim"]>[0],
  domain: string,
): ReturnType<Domains["claim"]> {
  if (!isDomain(domain)) return no("bad-domain");
  if (isOfHouse(domain) || domain.endsWith(`.${house}`)) return no("ours");
  if ((await standings.serving(client)).web !== "open") return no("not-now");
  const rows = await engine
    .reader<Tables>()
    .selectFrom("client_domain")
    .selectAll()
    .where("client_id", "=", client)
    .execute();
  const before = rows.find((row) => row.domain === domain);
  if (before !== undefined && before.state !== "ended") return no("there");
  const most = (await limits(client)).domains;
  if (rows.filter(({ state }) => state !== "ended").length >= most) return no("too-many");
  const now = clock.now();
  const row = {
    domain,
    client_id: client,
    account_id: account,
    token: newId(),
    state: "pending",
    since: now,
    created: now,
    ended: before?.ended ?? null,
    checked: null,
    found: null,
  } as const;
  const fields = { what: "domain claimed", domain };
  const event = await log.logged(client, account, { kind: "change", at: now, fields });
  await engine.writeTogether([invoke(claimDomain, { row, most }), event]);
  return yes(domain);
}

/** Asks the DNS for all of a claim's records, and moves the claim as the proof says. */
async function look(work: Work, row: Row): Promise<ProofOutcome> {
  const { engine, clock, ports } = work;
  const records = await checkZone(ports.lookUp, await recordsOf(work, row));
  const proof = records.find(({ purpose }) => purpose === "proof");
  const proofs = proof?.state === "unknown" ? undefined : (proof?.found ?? []);
  const outcome = await judge(work, row, proofs);
  await tellWhatBroke(work, row, records);
  await engine.write(keepFindings, {
    domain: row.domain,
    client_id: row.client_id,
    at: clock.now(),
    found: JSON.stringify(
      records.map(({ state, found, name, type }) => [type, name, state, found]),
    ),
  });
  return outcome;
}

/** `proofs`: what stands under the proving name; undefined when the DNS did not answer, which is held against nobody. */
async function judge(
  work: Work,
  row: Row,
  proofs: readonly string[] | undefined,
): Promise<ProofOutcome> {
  if (proofs === undefined) return "no-answer";
  const isProved = proofs.includes(proofValue(row.token));
  switch (row.state) {
    case "pending":
      return isProved ? prove(work, row, proofs) : "no-proof";
    case "verified":
      if (isProved) return "verified";
      await breakClaim(work, row);
      return "no-proof";
    case "broken":
      if (!isProved) return "no-proof";
      await moved(work, row, "verified", "domain proved again");
      return "verified";
    case "ended":
      return "no-proof";
    default:
      return row.state satisfies never;
  }
}

/** The first proof of a claim. Whoever held the domain keeps it while their own proof stands, and for a week after it went. */
async function prove(work: Work, row: Row, proofs: readonly string[]): Promise<ProofOutcome> {
  const { engine, clock } = work;
  const { domain, client_id, account_id } = row;
  const holder = await engine
    .reader<Tables>()
    .selectFrom("client_domain")
    .selectAll()
    .where("domain", "=", domain)
    .where("client_id", "!=", client_id)
    .where("state", "in", [...heldStates])
    .executeTakeFirst();
  const at = clock.now();
  if (holder !== undefined) {
    if (proofs.includes(proofValue(holder.token))) return "held";
    if (holder.state === "verified") await breakClaim(work, holder);
    if (holder.state === "verified" || holder.since > at - CONTESTED_FOR) return "waiting";
  }
  const duty = async (local: string) => {
    const address = `${local}@${domain}`;
    const owner = { client: client_id, account: account_id };
    const signature = await work.certificates.certifyAddress({ address, ...owner });
    const kind = "duty" as const;
    return { address, client_id, account_id, created: at, kind, domain, signature };
  };
  const duties = [await duty("postmaster"), await duty("abuse")];
  const before = holder && { client_id: holder.client_id, state: holder.state };
  await engine.writeTogether([
    invoke(proveClaim, { domain, client_id, account_id, at, duties, before }),
    await line(work, row, "domain proved"),
    ...(holder === undefined ? [] : [await line(work, holder, "domain lost to another proof")]),
  ]);
  await work.changed();
  if (holder !== undefined)
    await tell(work, holder, "end", "is no longer yours here: its DNS proves another client", at);
  return "verified";
}

async function breakClaim(work: Work, row: Row): Promise<void> {
  await moved(work, row, "broken", "proof of a domain is gone");
  const days = BROKEN_FOR / DAY;
  const what = `has lost the record that proves it yours. Its mail still comes; if the record is not back within ${days} days, its mail ends here`;
  await tell(work, row, "proof", what, work.clock.now());
}

async function end(work: Work, row: Row, what: string): Promise<void> {
  if (row.state === "pending" && row.ended === null) {
    const forgotten = invoke(forgetClaim, { domain: row.domain, client_id: row.client_id });
    await work.engine.writeTogether([forgotten, await line(work, row, what)]);
    return;
  }
  // A pending one that was theirs before goes back to where it was, its time not begun anew.
  await moved(work, row, "ended", what, row.state === "pending" ? row.ended : null);
  await work.changed();
}

async function moved(
  work: Work,
  row: Row,
  to: ClaimState,
  what: string,
  endedAt: number | null = null,
): Promise<void> {
  const { domain, client_id, state: from } = row;
  const at = endedAt ?? work.clock.now();
  await work.engine.writeTogether([
    invoke(moveClaim, { domain, client_id, from, to, at }),
    await line(work, row, what),
  ]);
}

function line({ log, clock }: Work, row: Row, what: string): Promise<Invocation> {
  const event = { kind: "change", at: clock.now(), fields: { what, domain: row.domain } } as const;
  return log.logged(row.client_id, row.account_id, event);
}

/** A letter. What it tells of holds whether or not the letter can be given. */
async function tell(
  { ports }: Work,
  { domain, client_id: client }: Row,
  about: "proof" | "records" | "end",
  what: string,
  at: number,
): Promise<void> {
  try {
    await ports.tell(client, { domain, what }, `domain/${domain}/${about}/${at}`);
  } catch (error) {
    logBroken("clients.domain-notice", error);
  }
}

/** One letter for all that mail needs and that was right at the last look and is not now. The proof has a letter of its own. */
async function tellWhatBroke(
  work: Work,
  row: Row,
  records: readonly CheckedRecord[],
): Promise<void> {
  if (!heldStates.includes(row.state)) return;
  const before = findingsOf(row);
  const broke = records.filter(
    (record) =>
      record.needed &&
      record.purpose !== "proof" &&
      (record.state === "missing" || record.state === "other") &&
      before.get(keyOf(record))?.state === "right",
  );
  if (broke.length === 0) return;
  const names = broke.map(({ type, name }) => `${type} ${name}`).join(", ");
  const what = `has records in the DNS that are no longer as mail needs them: ${names}`;
  await tell(work, row, "records", what, work.clock.now());
}

async function checkDue(work: Work): Promise<DomainReport> {
  const { engine, clock } = work;
  const reader = engine.reader<Tables>();
  const did = { checked: 0, proved: 0, broke: 0, ended: 0, forgotten: 0 };
  const due = await reader
    .selectFrom("client_domain")
    .selectAll()
    .where("state", "!=", "ended")
    .where((eb) =>
      eb.or([eb("checked", "is", null), eb("checked", "<=", clock.now() - CHECK_EVERY)]),
    )
    .orderBy("checked")
    .limit(AT_ONCE)
    .execute();
  for (const row of due) {
    try {
      const outcome = await look(work, row);
      did.checked += 1;
      if (outcome === "verified" && row.state !== "verified") did.proved += 1;
      if (outcome === "no-proof" && row.state === "verified") did.broke += 1;
    } catch (error) {
      logBroken("clients.domain-check", error);
    }
  }
  const now = clock.now();
  const rows = await reader
    .selectFrom("client_domain")
    .selectAll()
    .where("state", "!=", "verified")
    .execute();
  for (const row of rows) {
    if ((untilOf(row) ?? now) > now) continue;
    try {
      did[await over(work, row)] += 1;
    } catch (error) {
      logBroken("clients.domain-end", error);
    }
  }
  // Another process may have moved a claim.
  await work.changed();
  return did;
}

/** A state whose time is over. */
async function over(work: Work, row: Row): Promise<"ended" | "forgotten"> {
  const { engine, ports } = work;
  const { domain, client_id: client } = row;
  if (row.state === "broken") {
    await end(work, row, "domain ended: its proof did not come back");
    const what = "is no longer yours here: its proof did not come back";
    await tell(work, row, "end", what, work.clock.now());
    return "ended";
  }
  await ports.forget(client, domain);
  await engine.write(forgetClaim, { domain, client_id: client });
  operatorLog("clients.domain-forgotten", { client });
  return "forgotten";
}

/** When a state is over by itself. */
function untilOf({ state, since, ended }: Row): number | undefined {
  switch (state) {
    case "verified":
      return undefined;
    case "broken":
      return since + BROKEN_FOR;
    case "ended":
      return (ended ?? since) + NAMES_KEPT;
    case "pending":
      // A new try must not cut short how long their old names are kept from others.
      return Math.max(since + PENDING_FOR, ended === null ? 0 : ended + NAMES_KEPT);
    default:
      return state satisfies never;
  }
}

async function recordsOf(work: Work, row: Row): Promise<readonly ZoneRecord[]> {
  const { domain: house, ports } = work;
  const { services, reports } = ports;
  const { domain, token } = row;
  const signing = await ports.signingRecords(domain);
  return clientZone({ domain, house, token, signing, services, reports });
}

async function houseRecords({ domain, ports }: Work): Promise<readonly ZoneRecord[]> {
  const { services, reports, smarthost } = ports;
  const signing = await ports.signingRecords(domain);
  return houseZone({ domain, house: domain, signing, services, reports, smarthost });
}

function keyOf({ type, name }: Pick<ZoneRecord, "type" | "name">): string {
  return `${type} ${name}`;
}

type Finding = Pick<CheckedRecord, "state" | "found">;

/** What the last check wrote; several texts may stand under one name, of which the last one's state counts. */
function findingsOf({ found }: Row): ReadonlyMap<string, Finding> {
  const kept = JSON.parse(found ?? "[]") as [string, string, Finding["state"], string[]][];
  return new Map(
    kept.map(([type, name, state, stands]) => [`${type} ${name}`, { state, found: stands }]),
  );
}

async function ownDomain(work: Work, row: Row): Promise<OwnDomain> {
  const { domain, client_id: client, account_id: account, state, since, created } = row;
  const findings = findingsOf(row);
  const records = (await recordsOf(work, row)).map((record) => ({
    ...record,
    ...(findings.get(keyOf(record)) ?? { state: "unknown" as const, found: [] }),
  }));
  const [checked, until] = [row.checked ?? undefined, untilOf(row)];
  return { domain, client, account, state, since, created, checked, records, until };
}
