// What a start prints: every address and port, what is protected and what is not, and what to try. Only words.
import type { Config } from "#config";
import type { Facts } from "#main";
import { isTryingOut } from "#config";

export function welcome(config: Config, facts: Facts, seconds: number): string {
  const signIn = isTryingOut(config)
    ? "allowed without TLS here: loopback only, trial domain, no proxy in between"
    : "refused without TLS";
  return [
    "",
    `Bailee ${facts.version}${facts.commit === undefined ? "" : ` (${facts.commit.slice(0, 10)})`} serves ${config.domain}`,
    "",
    ...rows([
      ["Web site", facts.url],
      ["Mail from other servers", `${at(config, facts.ports.smtp)}  SMTP, STARTTLS`],
      ["Mail from clients", `${at(config, facts.ports.submission)}  submission, STARTTLS`],
      ["", `${at(config, facts.ports.submissions)}  submission, TLS`],
      ["Mail from a local server", `${at(config, facts.ports.lmtp)}  LMTP`],
      ["Reading mail", `${at(config, facts.ports.imap)}  IMAP, STARTTLS`],
      ["", `${at(config, facts.ports.imaps)}  IMAP, TLS`],
      ["Fetch mail", `${at(config, facts.ports.pop3s)}  POP3, TLS`],
      ["Signing in", signIn],
      ["Data", `${config.data}  (${config.databaseUrl === undefined ? "SQLite" : "PostgreSQL"})`],
      ["Certificate", shortened(facts.certificate)],
      ["Ledger", `${facts.url}/ledger  published every ${config.publishSeconds} s`],
      ["Ledger's key", facts.verifierKey],
      ["Staff desk", `${facts.url}/desk  password in ${facts.deskPasswordFile}`],
    ]),
    "",
    ...notes(config, facts),
    "Protected by default",
    "  Mail, folder names, contact data and logs are sealed before they reach the disk; no key that opens them lies with them.",
    "  Nobody but the client opens them without a grant: a ground, approvals, and a ledger entry before the key turns.",
    "  Visits are counters: no address, no browser name, no row for a person. No page loads anything from elsewhere.",
    ...(isLoopback(config)
      ? [`  Every listener is bound to ${config.bind}: only this machine can connect.`]
      : []),
    "",
    "Not protected by default",
    "  The keeper runs on this machine and as this user, its passphrase beside it: whoever is root here can take its keys.",
    ...(isLoopback(config)
      ? []
      : [`  Every listener is bound to ${config.bind}: whoever reaches that address can connect.`]),
    ...facts.notProtected.map((line) => `  ${line}`),
    "",
    "Try next",
    ...rows(facts.tryNext),
    "",
    `Ready. Started in ${seconds.toFixed(1)} s; ctrl-C stops the server and the keeper.`,
    "",
  ].join("\n");
}

function notes(config: Config, facts: Facts): string[] {
  const lines = [
    ...facts.taken,
    ...config.withoutEffect.map((name) => `${name} has no effect in this version.`),
  ];
  return lines.length === 0 ? [] : [...lines.map((line) => `  ${line}`), ""];
}

function rows(lines: readonly (readonly [label: string, value: string])[]): string[] {
  return lines.map(([label, value]) => `  ${label.padEnd(26)}${value}`);
}

function isLoopback({ bind }: Config): boolean {
  return bind === "::1" || bind.startsWith("127.");
}

function at(config: Config, port: number): string {
  return `${config.bind}:${port}`;
}

/** A fingerprint is 95 characters; people compare the first and last. */
function shortened(fingerprint: string): string {
  return `SHA-256 ${fingerprint.slice(0, 23)}…${fingerprint.slice(-11)}`;
}
