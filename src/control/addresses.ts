// What the operator may ask about domains: clients' own, and the house's. States what it needs as a port; all of it is public data of
// the DNS but for whose a domain is.
import type { Answer, Operations, Plain } from "./socket.ts";

interface Record {
  readonly name: string;
  readonly type: string;
  /** As a zone file has it. */
  readonly value: string;
  readonly purpose: string;
  readonly needed: boolean;
  readonly state: string;
  readonly found: readonly string[];
}

interface Zone {
  readonly domain: string;
  readonly records: readonly Record[];
  /** The records as a zone file. */
  readonly zone: string;
}

export interface OperatedDomain extends Zone {
  readonly client: string;
  readonly account: string;
  readonly state: string;
  readonly since: number;
  readonly checked: number | undefined;
}

interface Owner {
  readonly client: string;
  readonly account: string;
}

export interface OperatedAddresses {
  resolve(address: string): Promise<Owner | undefined>;
  all(): Promise<readonly OperatedDomain[]>;
  claimsTo(domain: string): Promise<readonly OperatedDomain[]>;
  claim(
    owner: Owner,
    domain: string,
  ): Promise<
    { readonly ok: true; readonly value: string } | { readonly ok: false; readonly refusal: string }
  >;
  check(
    owner: Owner,
    domain: string,
  ): Promise<{ readonly proof: string; readonly domain: OperatedDomain } | undefined>;
  remove(owner: Owner, domain: string): Promise<boolean>;
  house(): Promise<Zone>;
}

export function addressOperations(rooms: OperatedAddresses): Operations {
  const one = async (
    args: { readonly [name: string]: Plain },
    act: (claim: OperatedDomain) => Promise<Answer>,
  ): Promise<Answer> => {
    const [domain, address] = [text(args["domain"]).toLowerCase(), text(args["address"])];
    const owner = address === "" ? undefined : await rooms.resolve(address);
    const claims = (await rooms.claimsTo(domain)).filter(
      ({ client, state }) =>
        state !== "ended" && (address === "" || (owner !== undefined && client === owner.client)),
    );
    const [claim, another] = claims;
    if (claim === undefined) return refused(`no client has claimed ${domain}`);
    if (another !== undefined)
      return refused(`several clients claim ${domain}; say whose: --client ADDRESS`);
    return act(claim);
  };
  return {
    "domain.list": async () => {
      const rows = await rooms.all();
      const lines = rows.map(
        ({ domain, state, client }) => `${domain}  ${state}  client ${client}`,
      );
      return said(
        lines.length === 0 ? "no client has a domain of their own" : lines.join("\n"),
        rows.map(plain),
      );
    },
    "domain.add": async (args) => {
      const owner = await rooms.resolve(text(args["address"]));
      if (owner === undefined) return refused(`no client has the address ${text(args["address"])}`);
      const claimed = await rooms.claim(owner, text(args["domain"]));
      if (!claimed.ok) return refused(claimWords[claimed.refusal] ?? claimed.refusal);
      const domain = claimed.value;
      const claim = (await rooms.claimsTo(domain)).find(({ client }) => client === owner.client);
      const proof = claim?.records.find(({ purpose }) => purpose === "proof");
      const record = proof === undefined ? "" : `${proof.name}. ${proof.type} ${proof.value}`;
      return said(
        `${domain} is claimed. This record proves it:\n  ${record}\nthen: bailee domain check ${domain}`,
        claim === undefined ? { domain } : plain(claim),
      );
    },
    "domain.check": (args) =>
      one(args, async (claim) => {
        const checked = await rooms.check(claim, claim.domain);
        if (checked === undefined) return refused(`no client has claimed ${claim.domain}`);
        const { proof, domain } = checked;
        const isRight = proof === "verified" && allNeededRight(domain.records);
        const head = `${domain.domain}: ${domain.state} (${proofWords[proof] ?? proof})`;
        return {
          ok: isRight,
          text: [head, ...lines(domain.records)].join("\n"),
          value: plain(domain),
        };
      }),
    "domain.zone": (args) => one(args, async (claim) => said(claim.zone.trimEnd(), plain(claim))),
    "domain.remove": (args) =>
      one(args, async (claim) => {
        const { domain } = claim;
        if (!(await rooms.remove(claim, domain))) return refused(`no client has claimed ${domain}`);
        return said(`${domain} is given up; its client's log says so`, { domain });
      }),
    dns: async (args) => {
      const { domain, records, zone } = await rooms.house();
      const value = { domain, records: records.map(plainRecord), zone };
      if (args["zone"] === true) return said(zone.trimEnd(), value);
      const ok = allNeededRight(records);
      return { ok, text: [domain, ...lines(records)].join("\n"), value };
    },
  };
}

const claimWords: { readonly [refusal: string]: string } = {
  "bad-domain": "this is no domain name",
  ours: "this domain is the house's own",
  there: "the client has claimed it already",
  "too-many": "the client's plan has room for no more domains",
  "not-now": "the client's standing lets nothing be added",
};

const proofWords: { readonly [proof: string]: string } = {
  verified: "the proof stands",
  "no-proof": "the proof is not there",
  held: "another client's proof stands there as well",
  waiting: "another client had it until now; a week goes by first",
  "no-answer": "the DNS did not answer",
};

function allNeededRight(records: readonly Record[]): boolean {
  return records.every(({ needed, state }) => !needed || state === "right");
}

function lines(records: readonly Record[]): readonly string[] {
  return records.flatMap(({ name, type, value, state, needed, found }) => [
    `  ${state.padEnd(7)} ${needed ? "needed" : "wanted"}  ${name}. ${type} ${value}`,
    ...(state === "other" ? found.map((text) => `          found   ${text}`) : []),
  ]);
}

function plainRecord(record: Record) {
  return { ...record, found: [...record.found] };
}

function plain(domain: OperatedDomain) {
  return { ...domain, records: domain.records.map(plainRecord) };
}

function said(words: string, value: Plain): Answer {
  return { ok: true, text: words, value };
}

function refused(why: string): Answer {
  return { ok: false, text: why, value: { refused: why } };
}

function text(value: Plain): string {
  return typeof value === "string" ? value : "";
}
