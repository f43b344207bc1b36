// `bailee domain …`: domains of clients; and `bailee dns`, the records of the house's own.
import { ask, type Call, type CliCommand, report } from "./command.ts";

const whose = { client: { type: "string" } } as const;

export const domainList: CliCommand = {
  summary: "list domains of clients",
  help: `
bailee domain list [--json]

Lists every domain that a client has claimed: pending, verified, broken or ended, and whose it is.
`,
  options: {},
  positionals: [0, 0],
  run: async (call) => report(call, await ask(call, "domain.list", {})),
};

export const domainAdd: CliCommand = {
  summary: "claim a domain for a client",
  help: `
bailee domain add ADDRESS DOMAIN [--json]

Claims DOMAIN for the client who has ADDRESS, and prints the DNS record that proves it. Until that record is found no mail for the
domain is taken.
`,
  options: {},
  positionals: [2, 2],
  async run(call) {
    const [address = "", domain = ""] = call.positionals;
    return report(call, await ask(call, "domain.add", { address, domain }));
  },
};

export const domainCheck: CliCommand = {
  summary: "hold a domain's records against the DNS",
  help: `
bailee domain check DOMAIN [--client ADDRESS] [--json]

Asks the DNS now for each record that the domain wants, and says what was found. Exit code 1 when it is not proved, or a record that
mail needs is not right. --client says whose claim, where several clients claim one domain.
`,
  options: whose,
  positionals: [1, 1],
  run: (call) => one(call, "domain.check"),
};

export const domainZone: CliCommand = {
  summary: "print a domain's records as a zone file",
  help: `
bailee domain zone DOMAIN [--client ADDRESS] [--json]

Prints all records that the domain wants, ready for a zone file.
`,
  options: whose,
  positionals: [1, 1],
  run: (call) => one(call, "domain.zone"),
};

export const domainRemove: CliCommand = {
  summary: "give up a client's domain",
  help: `
bailee domain remove DOMAIN [--client ADDRESS] [--json]

Its mail stops at once. What came stays with the client; their names on it are kept from others for a month.
`,
  options: whose,
  positionals: [1, 1],
  run: (call) => one(call, "domain.remove"),
};

export const dns: CliCommand = {
  summary: "the DNS records of this house",
  help: `
bailee dns [--zone] [--json]

Holds the records that this house's own domain wants against the DNS and says what was found; exit code 1 when one that mail needs is
not right. --zone prints them as a zone file. The machine's addresses (A, AAAA) and their reverse names are not among them.
`,
  options: { zone: { type: "boolean" } },
  positionals: [0, 0],
  run: async (call) => report(call, await ask(call, "dns", { zone: call.flag("zone") })),
};

async function one(call: Call, operation: string): Promise<number> {
  const [domain = ""] = call.positionals;
  return report(call, await ask(call, operation, { domain, address: call.option("client") ?? "" }));
}
