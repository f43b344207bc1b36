// Fits clients' addresses, their domains and their deleted mail: to the DNS, to the pages, to the operator's commands, and to the jobs.
import type { Clients, DomainPorts, Domains, OwnDomain, Session } from "#clients";
import { stsPolicy, zoneFile, zoneValue } from "#clients";
import type { Config } from "#config";
import { addressOperations, type OperatedDomain, type Operations } from "#control";
import { type Dns, openDns } from "#dns";
import type { Lists } from "#lists";
import type { Signer } from "#mail/authentication";
import { decodeStructure, decodeWords } from "#mail/message";
import type { Expunged, Mailbox, Store } from "#store";
import type { Support } from "#support";
import { openOpener } from "#vault";
import type { WebPorts } from "#web";
import type { Job } from "./schedule.ts";

/** Which services are on which port, by the names of their SRV records (RFC 6186 §3, RFC 8314 §5.1). */
function servicesOf(config: Config): DomainPorts["services"] {
  return [
    { service: "imaps", port: config.imapsPort },
    { service: "imap", port: config.imapPort },
    { service: "pop3s", port: config.pop3sPort },
    { service: "submissions", port: config.submissionsPort },
    { service: "submission", port: config.submissionPort },
  ];
}

export function fitDomains(rooms: {
  readonly config: Config;
  readonly clients: Clients;
  readonly lists: Pick<Lists, "endAt">;
  readonly support: Pick<Support, "notify">;
  readonly signer: Pick<Signer, "records">;
  /** Where reports about our own mail go; absent where nobody reads them. */
  readonly reports?: DomainPorts["reports"];
}): Domains {
  const { config, clients, lists, support, signer, reports = {} } = rooms;
  return clients.openDomains({
    // A look remembers nothing: who has just changed a record wants to see it.
    lookUp: (name, type) => lookUp(openDns(config.dns), name, type),
    signingRecords: async (domain) =>
      (await signer.records(domain)).map(({ name, type, value }) => ({ name, type, value })),
    services: servicesOf(config),
    reports,
    smarthost: config.smarthost?.host,
    async tell(client, fields, key) {
      await support.notify(client, "domain", fields, key);
    },
    forget: (client, domain) => lists.endAt(client, domain),
  });
}

/** Records as a zone file has them. */
async function lookUp(
  dns: Dns,
  name: string,
  type: "TXT" | "MX" | "CNAME" | "SRV" | "A" | "AAAA",
): Promise<readonly string[] | "none" | "trouble"> {
  const answer = await dns.lookup(name, type);
  if (!answer.ok) return answer.why === "trouble" ? "trouble" : "none";
  return answer.records.map((record) => {
    if (typeof record === "string") return record;
    if ("exchange" in record) return `${record.preference} ${record.exchange}`;
    return `${record.priority} ${record.weight} ${record.port} ${record.target}`;
  });
}

// As many as a page shows, and one more to know that there are more.
const MOST_DELETED = 201;

export function fitAddressPages(rooms: {
  readonly config: Pick<Config, "domain" | "undeleteDays">;
  readonly clients: Clients;
  readonly domains: Domains;
  readonly store: Store;
}): Pick<WebPorts, "addresses" | "domains" | "deleted"> {
  const { config, clients, domains, store } = rooms;
  const { addresses } = clients;
  // The pages hand back the session that they were given; nobody else makes one.
  const whole = (session: object): Session => session as Session;
  const mailboxOf = (session: object): Mailbox => {
    const { client, account, keys, sealer } = whole(session);
    const opener = openOpener(keys.boxSecret);
    return store.openMailbox({ client, account }, { opener, sealer, nameKey: keys.nameKey });
  };
  // Whose mail is shut may take it along, and not move it.
  const mayChange = async ({ client }: { readonly client: string }): Promise<boolean> =>
    (await clients.serving(client)).imap === "whole";
  return {
    addresses: {
      list: (session) => addresses.list(whole(session)),
      limits: ({ client }) => addresses.limits(client),
      add: (session, local, domain, note) => addresses.add(whole(session), local, domain, note),
      mask: (session, note) => addresses.mask(whole(session), note),
      switch: (session, address, on) => addresses.switch(whole(session), address, on),
      remove: (session, address) => addresses.remove(whole(session), address),
    },
    domains: {
      stsPolicy: stsPolicy(config.domain),
      isOurs: (domain) => clients.isOurDomain(domain),
      list: async (session) => (await domains.list(session)).map(asWritten),
      claim: (session, domain) => domains.claim(session, domain),
      async check(session, domain) {
        const checked = await domains.check(session, domain);
        return checked.ok ? { ok: true, value: checked.value.proof } : checked;
      },
      remove: (session, domain) => domains.remove(session, domain),
      async zoneFile(session, domain) {
        const found = (await domains.list(session)).find((each) => each.domain === domain);
        return found && zoneFile(domain, found.records);
      },
    },
    deleted: {
      days: config.undeleteDays,
      list: async (session) => (await mailboxOf(session).expunged(MOST_DELETED)).map(deletedLine),
      async restore(session, ids) {
        if (!(await mayChange(session))) return 0;
        const restored = await mailboxOf(session).restore(ids);
        return restored.ok ? restored.value.length : 0;
      },
      erase: async (session, ids) =>
        (await mayChange(session)) ? mailboxOf(session).erase(ids) : 0,
    },
  };
}

function asWritten(domain: OwnDomain) {
  const records = domain.records.map((record) => ({ ...record, value: zoneValue(record) }));
  return { ...domain, records };
}

function deletedLine({ messageId, structure, size, expungedAt, folder }: Expunged) {
  const envelope = structure && decodeStructure(structure)?.envelope;
  const author = envelope?.from?.find(({ mailbox, host }) => mailbox !== null && host !== null);
  return {
    id: messageId,
    subject: envelope && decodeWords(envelope.subject ?? ""),
    from: author && `${author.mailbox}@${author.host}`,
    size,
    deleted: expungedAt,
    folder: folder.name,
    folderIsThere: folder.isThere,
  };
}

export function operationsOfAddresses(rooms: {
  readonly config: Pick<Config, "domain" | "undeleteDays">;
  readonly clients: Pick<Clients, "resolve">;
  readonly domains: Domains;
}): Operations {
  const { clients, domains, config } = rooms;
  const operated = (domain: OwnDomain): OperatedDomain => ({
    ...domain,
    records: domain.records.map((record) => ({ ...record, value: zoneValue(record) })),
    zone: zoneFile(domain.domain, domain.records),
  });
  const find = async (name: string): Promise<readonly OwnDomain[]> =>
    (await domains.all()).filter(({ domain }) => domain === name);
  return addressOperations({
    resolve: (address) => clients.resolve(address),
    all: async () => (await domains.all()).map(operated),
    claim: (owner, domain) => domains.claim(owner, domain),
    async check(owner, domain) {
      const checked = await domains.check(owner, domain);
      if (!checked.ok) return undefined;
      return { proof: checked.value.proof, domain: operated(checked.value.domain) };
    },
    claimsTo: async (name) => (await find(name)).map(operated),
    remove: async (owner, domain) => (await domains.remove(owner, domain)).ok,
    async house() {
      const records = await domains.house();
      return {
        domain: config.domain,
        records: records.map((record) => ({ ...record, value: zoneValue(record) })),
        zone: zoneFile(config.domain, records),
      };
    },
  });
}

export function addressJobs(domains: Domains): readonly Job[] {
  return [
    {
      name: "domains",
      words: "looks daily whether clients' domains are still proved theirs, and ends what is not",
      run: async () => ({ ...(await domains.checkDue()) }),
    },
  ];
}
