// Reports about the authentication of mail, both ways: what we saw of other domains' letters and servers goes to them once a day (DMARC, TLS);
// what they saw of ours is read, kept for ninety days and summed. Never about a person, and nothing of it is asked of a client's mail.
import { createHash } from "node:crypto";
import { lengthPrefixed, toHex } from "#base/bytes";
import { newId } from "#base/ids";
import { DAY } from "#base/time";
import type { Room } from "#engine";
import { keep, removeOld } from "./commands.ts";
import type {
  DomainSummary,
  Received,
  ReceivedHead,
  ReportKind,
  ReportPorts,
  Reports,
} from "./contract.ts";
import { openDmarcCounts, openTlsCounts } from "./counts.ts";
import { sendDmarc, sendTls } from "./send.ts";
import { migrations, type Tables } from "./tables.ts";
import { reportIn } from "./unpack.ts";

export type { DmarcFact, DomainSummary, ReportKind, Reports, TlsFact } from "./contract.ts";
export { postReport } from "./outbound.ts";

export const reportsRoom: Room = {
  name: "reports",
  migrations,
  commands: new URL("commands.ts", import.meta.url).href,
};

/** A quarter: long enough to see a month against the one before it. */
const KEPT_FOR = 90 * DAY;
// The local parts that zones name; a client may not have them (they begin with a word of the provider's own).
export const reportNames = { dmarc: "dmarc-reports", tls: "tls-reports" } as const;
// Every large receiver sends one a day for each domain; more is somebody who fills our disk.
const MOST_IN_A_DAY = 2000;

/** The engine must have run this room's migrations. */
export function openReports(ports: ReportPorts): Reports {
  const { engine, clock, domain, isOurs } = ports;
  const letters = openDmarcCounts();
  const sessions = openTlsCounts();
  const addresses = {
    dmarc: `${reportNames.dmarc}@${domain}`,
    tls: `${reportNames.tls}@${domain}`,
  };
  return {
    addresses,
    noteLetter(fact) {
      // Reports to ourselves are no news, and who asks for none gets none.
      if (!ports.sends || fact.published.rua === undefined || isOurs(fact.published.domain)) return;
      letters.note(fact);
    },
    noteSession(fact) {
      if (ports.sends && !isOurs(fact.domain)) sessions.note(fact);
    },
    async take(raw) {
      const report = await reportIn(raw);
      if (report === undefined || !isOurs(report.domain)) return "no-report";
      const { organisation, id, begin, end } = report;
      const said = lengthPrefixed([report.kind, organisation, id, report.domain]);
      const mark = toHex(createHash("sha256").update(said).digest());
      const report_id = newId();
      const now = clock.now();
      return engine.write(keep, {
        report: {
          report_id,
          kind: report.kind,
          mark,
          organisation,
          domain: report.domain,
          begins: begin,
          ends: end,
          received: now,
        },
        figures: figuresOf(report).map((figure, number) => ({ report_id, number, ...figure })),
        most: { reports: MOST_IN_A_DAY, since: now - DAY },
      });
    },
    summary: (kind, days, only) => summaryOf(ports, kind, days, only),
    async run() {
      const now = clock.now();
      let sent = 0;
      for (const day of letters.takeOver(now)) sent += await sendDmarc(ports, addresses.dmarc, day);
      for (const day of sessions.takeOver(now)) sent += await sendTls(ports, addresses.tls, day);
      const removed = await engine.write(removeOld, { before: now - KEPT_FOR });
      return { sent, removed };
    },
  };
}

type Figure = Pick<Tables["mail_report_figure"], "what" | "passed" | "failed">;

function figuresOf(report: Received & ReceivedHead): readonly Figure[] {
  if (report.kind === "dmarc")
    return report.figures.map(({ source, count, dkim, spf }) => {
      const isPass = dkim || spf;
      return { what: source, passed: isPass ? count : 0, failed: isPass ? 0 : count };
    });
  return report.figures.flatMap(({ succeeded, failures, failed }) => {
    const told = failures.reduce((sum, { count }) => sum + count, 0);
    return [
      { what: "", passed: succeeded, failed: Math.max(0, failed - told) },
      ...failures.map(({ type, mx, count }) => ({
        what: `${type} ${mx}`.trim(),
        passed: 0,
        failed: count,
      })),
    ];
  });
}

// What a person reads of one domain; the rest is in the sum.
const MOST_FAILURES = 50;

async function summaryOf(
  { engine, clock }: ReportPorts,
  kind: ReportKind,
  days: number,
  only: string | undefined,
): Promise<readonly DomainSummary[]> {
  const reader = engine.reader<Tables>();
  let wanted = reader
    .selectFrom("mail_report")
    .where("kind", "=", kind)
    .where("received", ">", clock.now() - days * DAY);
  if (only !== undefined) wanted = wanted.where("domain", "=", only);
  const reports = await wanted.select(["report_id", "domain", "organisation"]).execute();
  const figures = await wanted
    .innerJoin("mail_report_figure as figure", "figure.report_id", "mail_report.report_id")
    .select(["mail_report.domain", "figure.what"])
    // PostgreSQL gives sums of integers as text.
    .select((eb) => [
      eb.fn.sum<number | string>("passed").as("passed"),
      eb.fn.sum<number | string>("failed").as("failed"),
    ])
    .groupBy(["mail_report.domain", "figure.what"])
    .execute();
  const byDomain = Map.groupBy(reports, (row) => row.domain);
  return [...byDomain]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([domain, rows]) => {
      const own = figures.filter((row) => row.domain === domain);
      const failures = own
        .map(({ what, failed }) => ({
          what: what === "" ? "not said" : what,
          count: Number(failed),
        }))
        .filter(({ count }) => count > 0)
        .sort((a, b) => b.count - a.count)
        .slice(0, MOST_FAILURES);
      return {
        domain,
        kind,
        reports: rows.length,
        organisations: [...new Set(rows.map(({ organisation }) => organisation))].sort(),
        passed: own.reduce((sum, row) => sum + Number(row.passed), 0),
        failed: own.reduce((sum, row) => sum + Number(row.failed), 0),
        failures,
      };
    });
}
