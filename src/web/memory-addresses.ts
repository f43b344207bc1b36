// The ports of addresses, domains and deleted mail kept in memory, for tests of the pages alone: one of each. Never part of the program.
import { no, yes } from "#base/errors";
import type { AddressesPort, DeletedPort, DomainsPort } from "./ports/addresses.ts";

export function memoryAddresses(): {
  readonly addresses: AddressesPort;
  readonly domains: DomainsPort;
  readonly deleted: DeletedPort;
} {
  const address = { enabled: true, created: 0, note: "" } as const;
  const main = { ...address, address: "anna@bailee.localhost", kind: "main" } as const;
  const mask = { ...address, address: "q7wz3k2mfa5x@bailee.localhost", kind: "mask" } as const;
  const record = {
    name: "_bailee.club.example",
    type: "TXT",
    value: "bailee-domain=abc",
    purpose: "proof",
    needed: true,
    state: "missing",
    found: [],
  } as const;
  const domain = {
    domain: "club.example",
    state: "pending",
    since: 0,
    checked: undefined,
    until: undefined,
    records: [record],
  } as const;
  const message = { id: "m", subject: "Gone", from: "bob@example.org", size: 1024, deleted: 0 };
  return {
    addresses: {
      list: async () => [main, mask],
      limits: async () => ({ aliases: 10, masks: 100, domains: 3, ownAddresses: 200 }),
      add: async (_, local) => (local === "taken" ? no("taken") : yes(`${local}@bailee.localhost`)),
      mask: async () => yes(mask.address),
      switch: async () => yes(true),
      remove: async () => yes(true),
    },
    domains: {
      stsPolicy: "version: STSv1\r\n",
      isOurs: (name) => name === "bailee.localhost" || name === domain.domain,
      list: async () => [domain],
      claim: async (_, name) => (name === domain.domain ? yes(name) : no("bad-domain")),
      check: async () => yes("no-proof"),
      remove: async () => yes(true),
      zoneFile: async () => "; a zone\n",
    },
    deleted: {
      days: 30,
      list: async () => [{ ...message, folder: "INBOX", folderIsThere: true }],
      restore: async (_, ids) => ids.length,
      erase: async (_, ids) => ids.length,
    },
  };
}
