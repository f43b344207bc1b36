// The operator's hand: `bailee COMMAND …`. Each command is loaded when it is called, so that a start pays for no other.
import { logBroken } from "#base/log";
import { type CliCommand, exits, runCommand, usage } from "./command.ts";

const commands: {
  readonly [name: string]: { readonly summary: string; readonly load: () => Promise<CliCommand> };
} = {
  start: {
    summary: "start the server and its keeper",
    load: async () => (await import("./start.ts")).start,
  },
  "client add": {
    summary: "make a client with one account and one address",
    load: async () => (await import("./client.ts")).clientAdd,
  },
  "client list": {
    summary: "list clients: ids, addresses, status, plan",
    load: async () => (await import("./client.ts")).clientList,
  },
  "client show": {
    summary: "show a client's standing: status, level, holds",
    load: async () => (await import("./client-standing.ts")).clientShow,
  },
  "client status": {
    summary: "move a client's status, with a reason that the client reads",
    load: async () => (await import("./client-standing.ts")).clientStatus,
  },
  "client hold": {
    summary: "set or lift a hold on a client",
    load: async () => (await import("./client-standing.ts")).clientHold,
  },
  "domain list": {
    summary: "list domains of clients",
    load: async () => (await import("./domain.ts")).domainList,
  },
  "domain add": {
    summary: "claim a domain for a client",
    load: async () => (await import("./domain.ts")).domainAdd,
  },
  "domain check": {
    summary: "hold a domain's records against the DNS",
    load: async () => (await import("./domain.ts")).domainCheck,
  },
  "domain zone": {
    summary: "print a domain's records as a zone file",
    load: async () => (await import("./domain.ts")).domainZone,
  },
  "domain remove": {
    summary: "give up a client's domain",
    load: async () => (await import("./domain.ts")).domainRemove,
  },
  dns: {
    summary: "the DNS records of this house",
    load: async () => (await import("./domain.ts")).dns,
  },
  import: {
    summary: "bring an mbox into a client's inbox",
    load: async () => (await import("./import.ts")).importMbox,
  },
  "grant messages": {
    summary: "list an account's messages by id, size and date",
    load: async () => (await import("./grant.ts")).grantMessages,
  },
  "grant draft": {
    summary: "write a grant, to be filed",
    load: async () => (await import("./grant.ts")).grantDraft,
  },
  "grant file": {
    summary: "sign a grant as its actor and hand it to the keeper",
    load: async () => (await import("./grant.ts")).grantFile,
  },
  "grant list": {
    summary: "list the grants that the keeper holds",
    load: async () => (await import("./grant.ts")).grantList,
  },
  "grant show": {
    summary: "show one grant and what it still lacks",
    load: async () => (await import("./grant.ts")).grantShow,
  },
  "grant release": {
    summary: "have the keeper open exactly a grant's scope into a sealed package",
    load: async () => (await import("./grant.ts")).grantRelease,
  },
  "grant open": {
    summary: "open a package with the key it was sealed to",
    load: async () => (await import("./grant.ts")).grantOpen,
  },
  "grant intercept": {
    summary: "begin an approved order on mail that is to come",
    load: async () => (await import("./intercept.ts")).grantIntercept,
  },
  "grant intercepted": {
    summary: "hand out the copies of an order, sealed to its recipient",
    load: async () => (await import("./intercept.ts")).grantIntercepted,
  },
  "case new": {
    summary: "take in a request for data",
    load: async () => (await import("./case.ts")).caseNew,
  },
  "case list": {
    summary: "list requests for data: id, kind, stage, dates",
    load: async () => (await import("./case.ts")).caseList,
  },
  "case show": {
    summary: "show where a request is, and the one next command",
    load: async () => (await import("./case.ts")).caseShow,
  },
  "case step": {
    summary: "note a step of a request",
    load: async () => (await import("./case.ts")).caseStep,
  },
  "case preserve": {
    summary: "keep what a request is about from destruction",
    load: async () => (await import("./case.ts")).casePreserve,
  },
  "case determine": {
    summary: "record whether a request is valid, as another person",
    load: async () => (await import("./case.ts")).caseDetermine,
  },
  "case close": {
    summary: "record how a request ended",
    load: async () => (await import("./case.ts")).caseClose,
  },
  "case record": {
    summary: "sign a record of a desk and hand it in",
    load: async () => (await import("./case.ts")).caseRecord,
  },
  "keeper rotate": {
    summary: "make the root key anew while the server runs",
    load: async () => (await import("./keeper.ts")).keeperRotate,
  },
  "keeper shares": {
    summary: "write the root key as shares, some of which give it back",
    load: async () => (await import("./keeper.ts")).keeperShares,
  },
  "keeper recover": {
    summary: "put the root key together from shares, under a new passphrase",
    load: async () => (await import("./keeper.ts")).keeperRecover,
  },
  "keeper passphrase": {
    summary: "put the root key under a new passphrase",
    load: async () => (await import("./keeper.ts")).keeperPassphrase,
  },
  "keeper token": {
    summary: "put the root key under a key pair in a PKCS #11 token",
    load: async () => (await import("./keeper.ts")).keeperToken,
  },
  "keeper witnesses": {
    summary: "name the witnesses of this ledger: FILE or none",
    load: async () => (await import("./keeper.ts")).keeperWitnesses,
  },
  "approve init": {
    summary: "make a key for a person who acts or approves",
    load: async () => (await import("./approve.ts")).approveInit,
  },
  "approve determine": {
    summary: "sign that an instrument is valid and enforceable",
    load: async () => (await import("./determine.ts")).approveDetermine,
  },
  "approve show": {
    summary: "show a grant as the keeper holds it",
    load: async () => (await import("./approve.ts")).approveShow,
  },
  "approve sign": {
    summary: "approve a grant with your key",
    load: async () => (await import("./approve.ts")).approveSign,
  },
  "approve person": {
    summary: "write a request to enrol a person's key",
    load: async () => (await import("./request.ts")).approvePerson,
  },
  "approve policy": {
    summary: "write a request to announce an amended policy",
    load: async () => (await import("./request.ts")).approvePolicy,
  },
  "approve request": {
    summary: "show such a request and sign it",
    load: async () => (await import("./request.ts")).approveRequest,
  },
  "approve hand-in": {
    summary: "hand a signed request to the keeper",
    load: async () => (await import("./request.ts")).approveHandIn,
  },
  "billing run": {
    summary: "write the invoices that are due",
    load: async () => (await import("./billing.ts")).billingRun,
  },
  "billing import": {
    summary: "credit the payments of a bank statement (camt.053)",
    load: async () => (await import("./billing.ts")).billingImport,
  },
  "billing waiting": {
    summary: "list payments that matched no invoice",
    load: async () => (await import("./billing.ts")).billingWaiting,
  },
  "billing codes": {
    summary: "make prepaid codes, printed once",
    load: async () => (await import("./billing.ts")).billingCodes,
  },
  "billing invoices": {
    summary: "list invoices: number, client, amount, state",
    load: async () => (await import("./billing.ts")).billingInvoices,
  },
  "billing credit-note": {
    summary: "give an invoice back",
    load: async () => (await import("./billing.ts")).billingCreditNote,
  },
  "reveal contact": {
    summary: "show a client's contact data for a ticket of theirs",
    load: async () => (await import("./reveal.ts")).revealContact,
  },
  "notice send": {
    summary: "send a service notice to every client",
    load: async () => (await import("./notice.ts")).noticeSend,
  },
  "notice list": {
    summary: "list service notices and how many clients have them",
    load: async () => (await import("./notice.ts")).noticeList,
  },
  "ticket list": {
    summary: "list tickets: number, state, whose, times",
    load: async () => (await import("./notice.ts")).ticketList,
  },
  "dkim show": {
    summary: "show the keys that letters are signed with, and their DNS records",
    load: async () => (await import("./dkim.ts")).dkimShow,
  },
  "dkim rotate": {
    summary: "begin to change the signing keys now",
    load: async () => (await import("./dkim.ts")).dkimRotate,
  },
  "queue list": {
    summary: "list what waits to leave: ids, ages, states, verdicts",
    load: async () => (await import("./queue.ts")).queueList,
  },
  "queue show": {
    summary: "show a waiting letter's attempts",
    load: async () => (await import("./queue.ts")).queueShow,
  },
  "queue retry": {
    summary: "try a waiting letter now",
    load: async () => (await import("./queue.ts")).queueRetry,
  },
  "queue hold": {
    summary: "keep a letter from being tried",
    load: async () => (await import("./queue.ts")).queueHold,
  },
  "queue drop": {
    summary: "take a letter out; its sender gets a report",
    load: async () => (await import("./queue.ts")).queueDrop,
  },
  "reports dmarc": {
    summary: "what others report about letters in our name",
    load: async () => (await import("./reports.ts")).reportsDmarc,
  },
  "reports tls": {
    summary: "what others report about TLS on the way to us",
    load: async () => (await import("./reports.ts")).reportsTls,
  },
  "suppression list": {
    summary: "count the addresses that a client's letters no longer go to",
    load: async () => (await import("./queue.ts")).suppressionList,
  },
  "suppression lift": {
    summary: "let a client's letters go to an address again",
    load: async () => (await import("./queue.ts")).suppressionLift,
  },
  "sending list": {
    summary: "list accounts whose sending is held",
    load: async () => (await import("./sending.ts")).sendingList,
  },
  "sending release": {
    summary: "let a held account send again",
    load: async () => (await import("./sending.ts")).sendingRelease,
  },
  verify: {
    summary: "check a ledger: URL or folder",
    load: async () => (await import("./verify.ts")).verify,
  },
  witness: {
    summary: "stand witness to other ledgers",
    load: async () => (await import("./witness.ts")).witness,
  },
  receipt: {
    summary: "check the receipt of an erasure against a ledger",
    load: async () => (await import("./receipt.ts")).receipt,
  },
  check: {
    summary: "check what this data folder holds",
    load: async () => (await import("./check.ts")).check,
  },
  doctor: {
    summary: "say what this machine and these settings come to",
    load: async () => (await import("./doctor.ts")).doctor,
  },
};

async function main(argv: readonly string[]): Promise<number> {
  const [first = "--help", second] = argv;
  if (first === "--help" || first === "help" || first === "-h") {
    process.stdout.write(overview());
    return exits.ok;
  }
  const pair = second === undefined ? first : `${first} ${second}`;
  const name = Object.hasOwn(commands, pair) ? pair : first;
  const found = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (found === undefined) {
    const below = Object.keys(commands).filter((known) => known.startsWith(`${first} `));
    if (below.length === 0) return usage(`no command ${first}; see: bailee --help`);
    if (second !== "--help" && second !== "-h")
      return usage(`${first} is one of: ${below.join(", ")}`);
    process.stdout.write(`${list(below)}\n\nEach takes --help.\n`);
    return exits.ok;
  }
  return runCommand(name, await found.load(), argv.slice(name.split(" ").length));
}

function overview(): string {
  return [
    "bailee COMMAND [OPTIONS]",
    "",
    list(Object.keys(commands)),
    "",
    "Each takes --help. Settings are environment names BAILEE_*, or lines in the file that BAILEE_SETTINGS names;",
    "`bailee doctor` prints them all. Exit codes: 0 done, 1 refused or not right, 64 wrong words, 69 not there, 70 broken, 78 settings.",
    "",
  ].join("\n");
}

function list(names: readonly string[]): string {
  return names.map((name) => `  ${name.padEnd(17)} ${commands[name]?.summary ?? ""}`).join("\n");
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const id = logBroken("cli.broken", error);
  const why = error instanceof Error ? error.message : String(error);
  process.stderr.write(`bailee: ${why} (${id})\n`);
  process.exitCode = exits.broken;
}
