// What a start can tell of itself, for the words that are printed.
import { join, relative } from "node:path";
import type { Certificate } from "#certificates";
import type { Config } from "#config";
import { exampleKeys, type Keeper } from "#keeper";
import type { Release } from "./release.ts";

export interface Facts {
  readonly version: string;
  readonly commit: string | undefined;
  readonly url: string;
  readonly ports: {
    readonly web: number;
    readonly smtp: number;
    readonly submission: number;
    readonly submissions: number;
    readonly lmtp: number;
    readonly imap: number;
    readonly imaps: number;
    readonly pop3s: number;
  };
  readonly certificate: string;
  readonly verifierKey: string;
  readonly deskPasswordFile: string;
  /** Default ports that were not to be had. */
  readonly taken: readonly string[];
  readonly notProtected: readonly string[];
  /** What, and where or how. */
  readonly tryNext: readonly (readonly [what: string, how: string])[];
}

export async function factsOf(parts: {
  readonly config: Config;
  readonly release: Release;
  readonly keeper: Keeper;
  readonly certificate: Certificate;
  readonly deskPasswordFile: string;
  readonly taken: readonly string[];
  readonly example: boolean;
  readonly secureWeb: boolean;
  readonly ports: Facts["ports"];
}): Promise<Facts> {
  const {
    config,
    release,
    keeper,
    certificate,
    deskPasswordFile,
    taken,
    example,
    secureWeb,
    ports,
  } = parts;
  // The name, not the address: a browser trusts "localhost" with secure cookies and passkeys.
  const host = config.bind === "127.0.0.1" || config.bind === "::1" ? "localhost" : config.domain;
  const url = `${secureWeb ? "https" : "http"}://${host}:${ports.web}`;
  const keys = exampleKeys(fromHere(join(config.data, "example-keys")));
  return {
    version: release.version,
    commit: release.commit,
    url,
    ports,
    certificate: certificate.fingerprint,
    verifierKey: (await keeper.hello()).logVerifierKey,
    deskPasswordFile,
    taken,
    notProtected: [
      ...(example
        ? [
            `The example's keys (${keys.operator} and its neighbours) lie together: keys on one machine are no separation.`,
          ]
        : []),
      `Node ${process.versions.node} comes from the npm registry, which can be a security release behind: serve the public with an upstream Node.`,
      "Outgoing mail uses TLS where the other side offers it, without checking its name.",
    ],
    tryNext: [
      ["Sign up", `${url}/sign-up  a name and a password are enough`],
      [
        "Send a letter",
        `swaks --server ${config.bind}:${ports.smtp} --from friend@example.org --to you@${config.domain}`,
      ],
      ["Read it", `mutt -f imap://you%40${config.domain}@${config.bind}:${ports.imap}/INBOX`],
      ["Play the insider", `look for the letter in ${config.data}, and at ${url}/desk`],
      ...(example
        ? [["Look with a ground", "step 5 of README.md, from draft to package"] as const]
        : []),
      ["Check the ledger", `./bailee verify ${url}/ledger`],
      ["See your own visit", `${url}/traffic`],
    ],
  };
}

/** As it is shortest to type from here. */
function fromHere(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith("..") ? path : near || ".";
}
