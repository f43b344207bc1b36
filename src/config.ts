// Every setting, once: name, meaning, default, check. The one place that reads process.env.
import { existsSync, readFileSync } from "node:fs";
import { isIP } from "node:net";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { isLocalNetwork } from "#base/network";

export interface Config {
  readonly data: string;
  readonly domain: string;
  readonly bind: string;
  readonly webPort: number;
  readonly smtpPort: number;
  readonly submissionPort: number;
  readonly submissionsPort: number;
  readonly lmtpPort: number;
  readonly imapPort: number;
  readonly imapsPort: number;
  readonly pop3sPort: number;
  readonly reports: "on" | "off";
  /** Zones of DNS lists. */
  readonly dnsbl: readonly string[];
  /** Base address. */
  readonly rspamd: string | undefined;
  readonly databaseUrl: string | undefined;
  readonly blobs: string | undefined;
  readonly smarthost: { readonly host: string; readonly port: number } | undefined;
  readonly smarthostLoginFile: string | undefined;
  readonly dns: string | undefined;
  readonly trustedSealers: readonly string[];
  readonly dmarc: "enforce" | "junk";
  readonly dnsTrouble: "take" | "later";
  readonly dkimDays: number;
  readonly undeleteDays: number;
  readonly publishSeconds: number;
  readonly retrySeconds: number | undefined;
  /** Names that were given a value but have no effect in this version. */
  readonly withoutEffect: readonly string[];
  /** Names that were set by file or environment, not by their default. */
  readonly set: ReadonlySet<SettingName>;
}

export const DEFAULT_DOMAIN = "bailee.localhost";

interface Setting {
  readonly meaning: string;
  readonly fallback: string;
  /** What is wrong with a value, or undefined. */
  readonly check: (value: string) => string | undefined;
}

const port = (fallback: number, meaning: string): Setting => ({
  meaning,
  fallback: String(fallback),
  check: (value) =>
    /^\d{1,5}$/.test(value) && Number(value) <= 65_535 ? undefined : "is no port (0 to 65535)",
});

const any = (): undefined => undefined;

/** All settings by name, in the order in which they are printed. */
export const settings = {
  BAILEE_DATA: {
    meaning: "folder for everything the server and its keeper store",
    fallback: join(import.meta.dirname, "..", "data"),
    check: any,
  },
  BAILEE_DOMAIN: {
    meaning: "the domain of our addresses",
    fallback: DEFAULT_DOMAIN,
    check: (value) =>
      /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(value)
        ? undefined
        : "is no domain name in lower case",
  },
  BAILEE_BIND: {
    meaning: "address that every listener binds to",
    fallback: "127.0.0.1",
    check: (value) => (isIP(value) === 0 ? "is no IP address" : undefined),
  },
  BAILEE_WEB_PORT: port(8080, "web site"),
  BAILEE_SMTP_PORT: port(2525, "mail from other servers (SMTP, STARTTLS)"),
  BAILEE_SUBMISSION_PORT: port(2587, "mail from clients (submission, STARTTLS)"),
  BAILEE_SUBMISSIONS_PORT: port(2465, "mail from clients (submission, TLS)"),
  BAILEE_LMTP_PORT: port(2024, "mail from a local mail server (LMTP)"),
  BAILEE_IMAP_PORT: port(2143, "reading mail (IMAP, STARTTLS)"),
  BAILEE_IMAPS_PORT: port(2993, "reading mail (IMAP, TLS)"),
  BAILEE_POP3S_PORT: port(2995, "fetching mail (POP3, TLS)"),
  BAILEE_DATABASE_URL: {
    meaning: "postgres://… for PostgreSQL; SQLite in the data folder when empty",
    fallback: "",
    check: (value) =>
      value === "" || /^postgres(ql)?:\/\//.test(value) ? undefined : "is no postgres:// address",
  },
  BAILEE_BLOBS: {
    meaning: "folder for bodies too large for a row; in the data folder when empty",
    fallback: "",
    check: any,
  },
  BAILEE_SMARTHOST: {
    meaning: "host:port that takes all outgoing mail; MX delivery when empty",
    fallback: "",
    check: (value) =>
      value === "" || /^(\[[0-9a-f:]+\]|[^\s:]+):\d{1,5}$/i.test(value)
        ? undefined
        : "is no host:port",
  },
  BAILEE_SMARTHOST_LOGIN_FILE: {
    meaning:
      "file with the smarthost's user and password, a line each; given under verified TLS only (port 465: from the first byte)",
    fallback: "",
    check: any,
  },
  BAILEE_REPORTS: {
    meaning: "on or off: daily reports (DMARC, TLS) to domains that ask for them",
    fallback: "on",
    check: (value) => (value === "on" || value === "off" ? undefined : "is neither on nor off"),
  },
  BAILEE_DNSBL: {
    meaning:
      "DNS lists of bad addresses (zones, with commas) that clients may turn on; none when empty",
    fallback: "",
    check: (value) =>
      value === "" ||
      value.split(",").every((zone) => /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(zone))
        ? undefined
        : "is no list of domain names in lower case with commas between them",
  },
  BAILEE_RSPAMD: {
    meaning: "http://host:port of an rspamd that clients may turn on; none when empty",
    fallback: "",
    check: (value) =>
      value === "" || isOwnHttp(value)
        ? undefined
        : "is no http:// address on this machine or a private network: elsewhere it would be a processor, and the policy names none",
  },
  BAILEE_DNS: {
    meaning: "address:port of the resolver; the system's when empty",
    fallback: "",
    check: (value) =>
      value === "" || /^(\[[0-9a-f:]+\]|[0-9.]+)(:\d{1,5})?$/i.test(value)
        ? undefined
        : "is no address:port",
  },
  BAILEE_ARC_TRUSTED: {
    meaning:
      "domains, by commas, whose ARC seals can save a letter that fails DMARC; none when empty",
    fallback: "",
    check: (value) =>
      /^(?:[a-z0-9.-]+(?:,[a-z0-9.-]+)*)?$/.test(value) ? undefined : "is no list of domains",
  },
  BAILEE_DMARC: {
    meaning: "enforce: what a domain asks to reject is refused; junk: it goes to the junk folder",
    fallback: "enforce",
    check: (value) =>
      value === "enforce" || value === "junk" ? undefined : "is neither enforce nor junk",
  },
  BAILEE_DNS_TROUBLE: {
    meaning:
      "take or later: what happens to a letter while the DNS does not say what its author's domain asks for",
    fallback: "take",
    check: (value) =>
      value === "take" || value === "later" ? undefined : "is neither take nor later",
  },
  BAILEE_DKIM_DAYS: {
    meaning: "days after which letters are signed with new keys",
    fallback: "90",
    check: (value) =>
      /^\d{1,4}$/.test(value) && Number(value) >= 7 ? undefined : "is no number of days from 7",
  },
  BAILEE_UNDELETE_DAYS: {
    meaning: "days for which a client can have deleted mail back; then it is destroyed",
    fallback: "30",
    check: (value) =>
      /^\d{1,3}$/.test(value) && Number(value) >= 1 ? undefined : "is no number of days from 1",
  },
  BAILEE_PUBLISH_SECONDS: {
    meaning: "how often the ledger is published; the rhythm hides when an entry was made",
    fallback: "300",
    check: (value) =>
      /^\d{1,5}$/.test(value) && Number(value) >= 1 ? undefined : "is no number of seconds from 1",
  },
  BAILEE_RETRY_SECONDS: {
    meaning:
      "first wait before a failed delivery is tried again, for trying things out; the ordinary back-off when empty",
    fallback: "",
    check: (value) => (/^\d{0,5}$/.test(value) ? undefined : "is no number of seconds"),
  },
} as const satisfies { readonly [name: string]: Setting };

/** Names that are promised and mean nothing yet: taken, so that a settings file can have them, and said at the start. */
const comingSettings: ReadonlySet<string> = new Set(["BAILEE_ROLES"]);

export type SettingName = keyof typeof settings;

export type ConfigResult =
  | { readonly ok: true; readonly config: Config; readonly given: ReadonlyMap<SettingName, string> }
  | { readonly ok: false; readonly mistakes: readonly string[] };

/** Reads the settings file (`BAILEE_SETTINGS`, lines NAME=value) and the environment over it; reports all mistakes at once. */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): ConfigResult {
  const mistakes: string[] = [];
  const file = environment["BAILEE_SETTINGS"];
  const fromFile = file === undefined ? {} : readSettingsFile(file, mistakes);
  const given = new Map<SettingName, string>();
  const set = new Set<SettingName>();
  for (const name of Object.keys(environment)) {
    const known =
      Object.hasOwn(settings, name) ||
      /^BAILEE_(TEST_|SETTINGS$)/.test(name) ||
      comingSettings.has(name);
    if (name.startsWith("BAILEE_") && !known) mistakes.push(`${name} is no setting of Bailee`);
  }
  for (const [name, setting] of Object.entries(settings) as [SettingName, Setting][]) {
    const said = environment[name] ?? fromFile[name];
    if (said !== undefined) set.add(name);
    const value = said ?? setting.fallback;
    const mistake = setting.check(value);
    if (mistake === undefined) given.set(name, value);
    else mistakes.push(`${name} ${mistake}: ${JSON.stringify(value)}`);
  }
  if (mistakes.length > 0) return { ok: false, mistakes };
  const text = (name: SettingName): string => given.get(name) ?? "";
  const number = (name: SettingName): number => Number(text(name));
  const optional = (name: SettingName): string | undefined =>
    text(name) === "" ? undefined : text(name);
  return {
    ok: true,
    given,
    config: {
      set,
      withoutEffect: [...comingSettings].filter((name) => environment[name] !== undefined),
      data: resolve(text("BAILEE_DATA")),
      domain: text("BAILEE_DOMAIN"),
      bind: text("BAILEE_BIND"),
      webPort: number("BAILEE_WEB_PORT"),
      smtpPort: number("BAILEE_SMTP_PORT"),
      submissionPort: number("BAILEE_SUBMISSION_PORT"),
      submissionsPort: number("BAILEE_SUBMISSIONS_PORT"),
      lmtpPort: number("BAILEE_LMTP_PORT"),
      imapPort: number("BAILEE_IMAP_PORT"),
      imapsPort: number("BAILEE_IMAPS_PORT"),
      pop3sPort: number("BAILEE_POP3S_PORT"),
      reports: text("BAILEE_REPORTS") === "off" ? "off" : "on",
      dnsbl: text("BAILEE_DNSBL")
        .split(",")
        .filter((zone) => zone !== ""),
      rspamd: optional("BAILEE_RSPAMD"),
      databaseUrl: optional("BAILEE_DATABASE_URL"),
      blobs: optional("BAILEE_BLOBS"),
      smarthost: hostAndPort(optional("BAILEE_SMARTHOST")),
      smarthostLoginFile: optional("BAILEE_SMARTHOST_LOGIN_FILE"),
      dns: optional("BAILEE_DNS"),
      trustedSealers: text("BAILEE_ARC_TRUSTED").split(",").filter(Boolean),
      dmarc: text("BAILEE_DMARC") === "junk" ? "junk" : "enforce",
      dnsTrouble: text("BAILEE_DNS_TROUBLE") === "later" ? "later" : "take",
      dkimDays: number("BAILEE_DKIM_DAYS"),
      undeleteDays: number("BAILEE_UNDELETE_DAYS"),
      publishSeconds: number("BAILEE_PUBLISH_SECONDS"),
      retrySeconds:
        text("BAILEE_RETRY_SECONDS") === "" ? undefined : number("BAILEE_RETRY_SECONDS"),
    },
  };
}

/** Where the command line keeps what it remembers between calls (XDG base directories). */
export function stateFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return join(environment["XDG_STATE_HOME"] ?? join(homedir(), ".local", "state"), "bailee");
}

/** True while a newcomer may sign in without TLS: loopback only, and the domain is the one that means "trying it out". */
export function isTryingOut(config: Config): boolean {
  return (
    config.domain === DEFAULT_DOMAIN && (config.bind === "::1" || config.bind.startsWith("127."))
  );
}

function readSettingsFile(path: string, mistakes: string[]): Partial<Record<string, string>> {
  if (!existsSync(path)) {
    mistakes.push(`BAILEE_SETTINGS names a file that is not there: ${path}`);
    return {};
  }
  const values: Record<string, string> = {};
  for (const [index, line] of readFileSync(path, "utf8").split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const match = /^([A-Z0-9_]+)=(.*)$/.exec(line);
    const name = match?.[1];
    if (name !== undefined && comingSettings.has(name)) continue;
    if (name === undefined || !Object.hasOwn(settings, name))
      mistakes.push(`${path} line ${index + 1} is no setting: ${line}`);
    else values[name] = match?.[2] ?? "";
  }
  return values;
}

function hostAndPort(value: string | undefined): { host: string; port: number } | undefined {
  if (value === undefined) return undefined;
  const colon = value.lastIndexOf(":");
  return {
    host: value.slice(0, colon).replaceAll(/[[\]]/g, ""),
    port: Number(value.slice(colon + 1)),
  };
}

/** An http(s) address whose host is this machine or on a network of one's own. */
function isOwnHttp(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname } = new URL(value);
  const host = hostname.replace(/^\[|\]$/g, "");
  return /^https?:$/.test(protocol) && (host === "localhost" || isLocalNetwork(host));
}
