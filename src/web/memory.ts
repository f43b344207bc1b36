// The pages' ports kept in memory, for tests of the pages alone. Does what the ports say with plain maps; hashes nothing,
// stores nothing, and is never part of the program.
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { no, yes } from "#base/errors";
import { canonicalBytes } from "#base/canonical";
import { newId } from "#base/ids";
import { HOUR, systemClock } from "#base/time";
import { openCookies } from "#visitors";
import type { ClientFacts, ContactData, Entrance, LogLine, Look, SignedIn } from "./ports.ts";
import { memoryAccount } from "./memory-account.ts";
import { memoryAbuse } from "./memory-abuse.ts";
import { memoryAddresses } from "./memory-addresses.ts";
import { memoryApps } from "./memory-apps.ts";
import { memoryRecovery } from "./memory-recovery.ts";
import { memoryFilters } from "./memory-filters.ts";
import { memorySending } from "./memory-sending.ts";
import { memoryBilling } from "./memory-billing.ts";
import { memoryLists, memoryTickets } from "./memory-support.ts";
import { memoryCases } from "./memory-cases.ts";
import type { Site } from "./site.ts";

export interface MemorySite extends Site {
  /** What was counted, in order. */
  readonly counted: string[];
  readonly looksShown: Look[];
  /** While true every question to the keeper is rejected. */
  keeperAway: boolean;
}

const DESK_PASSWORD = "the desk in the corner";

export function memorySite(settings: Partial<Site> = {}): MemorySite {
  const counted: string[] = [];
  const looksShown: Look[] = [];
  const { entrance, log } = memoryEntrance();
  const site: MemorySite = {
    domain: "bailee.localhost",
    tryingOut: true,
    publishedLedgerFolder: samplePublication(),
    settingsForMailPrograms: [
      { use: "Reading", protocol: "IMAP", host: "127.0.0.1", port: 2993, security: "TLS" },
      { use: "Reading", protocol: "IMAP", host: "127.0.0.1", port: 2143, security: "STARTTLS" },
      { use: "Sending", protocol: "SMTP", host: "127.0.0.1", port: 2465, security: "TLS" },
      { use: "Sending", protocol: "SMTP", host: "127.0.0.1", port: 2587, security: "STARTTLS" },
    ],
    release: { version: "0.0.0", commit: undefined },
    clock: systemClock,
    counted,
    looksShown,
    keeperAway: false,
    plans: [
      {
        name: "personal",
        mode: "quorum",
        words:
          "Mail for one person. A lost password can be reset with proof of who you are, a day's wait and two approvals.",
      },
      {
        name: "sealed",
        mode: "client-only",
        words: "Mail for one person that only your password opens: nobody can reset it.",
      },
    ],
    jobs: { reports: () => [] },
    account: memoryAccount(async (session, limit) => {
      awake(site);
      return (log.get(session.account) ?? []).slice(-limit).reverse();
    }),
    abuse: memoryAbuse(),
    billing: memoryBilling(),
    tickets: memoryTickets(),
    lists: memoryLists(),
    ...memoryAddresses(),
    sending: memorySending(),
    filters: memoryFilters(),
    apps: memoryApps(),
    recovery: memoryRecovery(),
    ...memoryCases(),
    entrance: {
      ...entrance,
      readLog: async (session, limit) => {
        awake(site);
        return (log.get(session.account) ?? []).slice(-limit).reverse();
      },
    },
    own: {
      facts: async (session) =>
        (await entrance.list()).find((row) => row.account === session.account),
      looks: async () => {
        awake(site);
        return looksShown;
      },
      mail: async () => ({ messages: 12, octets: 348_211 }),
    },
    desk: {
      grants: async () => {
        awake(site);
        return [];
      },
      messages: async () => [
        { messageId: newId(), size: 2048, receivedAt: Date.UTC(2026, 10, 20, 9, 30) },
        { messageId: newId(), size: 90_210, receivedAt: Date.UTC(2026, 10, 22, 18, 5) },
      ],
    },
    cookies: openCookies("development"),
    visits: memoryVisits(counted),
    ...settings,
  };
  return site;
}

function awake(site: MemorySite): void {
  if (site.keeperAway) throw new Error("the keeper is away");
}

function memoryEntrance(): { entrance: Entrance; log: Map<string, LogLine[]> } {
  const rows = new Map<string, ClientFacts & { password: string; contact?: ContactData }>();
  const sessions = new Map<string, SignedIn>();
  const desks = new Set<string>();
  const log = new Map<string, LogLine[]>();
  const entrance: Entrance = {
    signUp: async ({ address, password, plan = "personal", contact }) => {
      if (rows.has(address)) return no("address-taken");
      if (password.length < 12) return no("password-too-short");
      rows.set(address, {
        client: newId(),
        account: newId(),
        address,
        status: "active",
        plan,
        mode: plan === "sealed" ? "client-only" : "quorum",
        since: Date.now(),
        password,
        ...(contact === undefined ? {} : { contact }),
      });
      return yes(true);
    },
    signIn: async ({ login, password }) => {
      const row = rows.get(login.toLowerCase());
      if (row === undefined || row.password !== password) return no("wrong");
      const { client, account, address } = row;
      const line = {
        kind: "sign-in",
        at: Date.now(),
        fields: { protocol: "web", from: "127.0.0.0/24" },
      };
      log.set(account, [...(log.get(account) ?? []), line]);
      return yes({ client, account, address });
    },
    openWebSession: async (session, remember) => {
      const token = randomBytes(32).toString("base64url");
      sessions.set(token, session);
      return { token, expires: Date.now() + (remember ? 30 * 24 : 12) * HOUR };
    },
    resumeWebSession: async (token) => sessions.get(token),
    endWebSession: async (token) => void sessions.delete(token),
    changePassword: async (session, old, fresh) => {
      const row = rows.get(session.address);
      if (row?.password !== old) return no("wrong");
      if (fresh.length < 12) return no("password-too-short");
      rows.set(session.address, { ...row, password: fresh });
      return yes(true);
    },
    readLog: async () => [],
    readContact: async (session) => rows.get(session.address)?.contact,
    list: async () => [...rows.values()],
    deskSignIn: async (password) => {
      if (password !== DESK_PASSWORD) return no("wrong");
      const token = randomBytes(32).toString("base64url");
      desks.add(token);
      return yes({ token, expires: Date.now() + HOUR });
    },
    resumeDeskSession: async (token) => (desks.has(token) ? { name: "desk" } : undefined),
    endDeskSession: async (token) => void desks.delete(token),
  };
  return { entrance, log };
}

function memoryVisits(counted: string[]): Site["visits"] {
  return {
    count: ({ page }) => {
      counted.push(page);
      return { page, day: "2026-11-23", hour: 14, automated: false, isp: undefined };
    },
    whatYouLeft: async (raised) => ({
      ...raised,
      pageCount: counted.filter((seen) => seen === raised.page).length,
      ispCount: undefined,
    }),
    report: async ({ days }) => ({
      days,
      from: "2026-11-17",
      to: "2026-11-23",
      total: 237,
      automated: 31,
      pages: [
        { name: "/", count: 210 },
        { name: "/portal/looks", count: 27 },
      ],
      byDay: [37, 74, 20, 58, 5, 0, 43].map((count, day) => ({
        name: `2026-11-${17 + day}`,
        count,
      })),
      byHour: Array.from({ length: 24 }, (_, hour) => (hour * hour) % 23),
      hoursOfWeek: Array.from({ length: 7 }, (_, day) =>
        Array.from({ length: 24 }, (_, hour) => (day * hour) % 23),
      ),
      isps: [
        { name: "example.net", count: 228 },
        { name: "other", count: 9 },
      ],
    }),
  };
}

/** A published folder with a checkpoint of 16 leaves, a tile and one opening, in the layout of C2SP tlog-tiles. */
function samplePublication(): string {
  const folder = mkdtempSync(join(tmpdir(), "bailee-web-"));
  mkdirSync(join(folder, "tile/0/000.p"), { recursive: true });
  mkdirSync(join(folder, "openings"), { recursive: true });
  const hash = randomBytes(32).toString("base64");
  writeFileSync(
    join(folder, "checkpoint"),
    `bailee.localhost/ledger\n16\n${hash}\n\n— bailee.localhost/ledger ${randomBytes(68).toString("base64")}\n`,
  );
  writeFileSync(join(folder, "vkey"), `bailee.localhost/ledger+1a2b3c4d+${hash}\n`);
  writeFileSync(join(folder, "tile/0/000.p/16"), randomBytes(16 * 32));
  const opening = { index: 0, part: "public", entry: { type: "genesis", quorum: 2, at: 1 } };
  const cover = { index: 1, part: "public", entry: { type: "cover" } };
  writeFileSync(
    join(folder, "openings/000.jsonl"),
    Buffer.concat([canonicalBytes(opening), Buffer.from("\n"), canonicalBytes(cover)]),
  );
  writeFileSync(join(folder, "secret"), "never served");
  return folder;
}
