// The abuse desk: reports in, decisions out. It opens nobody's mail and has no way to look for words in any: a report is matched by
// the keeper, which says ids; a review is a grant like every other; what is decided is on record before it is done.
import type { Engine, Room } from "#engine";
import { fromHex, toUtf8 } from "#base/bytes";
import { type Clock, DAY, dayOf } from "#base/time";
import { openBlocks } from "./blocks.ts";
import { forgetClient, keepMatch } from "./commands.ts";
import type { Abuse, DeskDecision, OpenedReport, ReportRow } from "./contract.ts";
import { decisionRow, openDecisions } from "./decisions.ts";
import { openIntake } from "./intake.ts";
import type { AbusePorts, DeskReader } from "./ports.ts";
import { copyText, decodeReport, type Report } from "./report.ts";
import { migrations, type Tables } from "./tables.ts";

export type {
  Abuse,
  AppealRecord,
  DecisionForm,
  DecisionRecord,
  DeskDecision,
  OpenedReport,
  OwnDecision,
  ReportRow,
  TakeRefusal,
} from "./contract.ts";
export type { AbusePorts, MatchOutcome } from "./ports.ts";
export { measureWords } from "./statement.ts";

export const abuseRoom: Room = {
  name: "abuse",
  migrations,
  commands: new URL("commands.ts", import.meta.url).href,
};

export interface AbuseOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly ports: AbusePorts;
}

// A letter arrives after its date, by days when a server was away; a copy in "sent" is as old as its letter. Clocks are wrong by a day.
const BEFORE = 2 * DAY;
const AFTER = 14 * DAY;
// For a copy without a date: what is reported is seldom older.
const LATELY = 30 * DAY;

/** The engine must have run this room's migrations. */
export async function openAbuse(options: AbuseOptions): Promise<Abuse & Disposable> {
  const { engine, clock, ports } = options;
  const db = engine.reader<Tables>();
  const blocks = await openBlocks(options);
  const rowOf = (id: string) =>
    db.selectFrom("abuse_report").selectAll().where("report_id", "=", id).executeTakeFirst();
  return {
    ...openIntake(options),
    ...openDecisions({ ...options, blocks }),
    async list(limit) {
      const rows = await db
        .selectFrom("abuse_report")
        .selectAll()
        .orderBy("state", "desc")
        .orderBy("at", "desc")
        .limit(limit)
        .execute();
      return rows.map(reportRow);
    },
    async read(desk, id) {
      const row = await rowOf(id);
      const report = row && openReport(desk, row);
      if (row === undefined || report === undefined) return undefined;
      const beyond = await db
        .selectFrom("abuse_beyond")
        .select("times")
        .where("client_id", "=", row.client_id)
        .where("day", "=", dayOf(clock.now()))
        .executeTakeFirst();
      return {
        ...reportRow(row),
        known: row.client_id === "" ? undefined : await ports.client(row.client_id),
        what: report.what,
        contact: report.contact,
        about: report.about,
        feedback: report.feedback,
        copy: copyText(report),
        canMatch: report.fingerprint !== "" && row.client_id !== "",
        decisions: await deskDecisions(id, desk),
        beyond: beyond?.times ?? 0,
      } satisfies OpenedReport;
    },
    async match(desk, id) {
      const row = await rowOf(id);
      const report = row && openReport(desk, row);
      const fingerprint = report && fromHex(report.fingerprint);
      if (row === undefined || row.client_id === "" || fingerprint?.byteLength !== 32)
        return {
          ok: false,
          refusal: "no-copy",
          why: "the report has no whole copy, or names no client of ours",
        };
      const owner = { client: row.client_id, account: row.account_id };
      const matched = await ports.match(owner, fingerprint, windowOf(report, row.at));
      if (matched.ok)
        await engine.write(keepMatch, {
          report: id,
          matched: JSON.stringify(matched.ids),
          now: clock.now(),
        });
      return matched;
    },
    isBlocked: (sender) => blocks.isBlocked(sender),
    forget: (client) => engine.write(forgetClient, { client }),
    [Symbol.dispose]: () => blocks[Symbol.dispose](),
  };

  async function deskDecisions(report: string, desk: DeskReader): Promise<DeskDecision[]> {
    const rows = await db
      .selectFrom("abuse_decision")
      .selectAll()
      .where("report_id", "=", report)
      .orderBy("at")
      .execute();
    return rows.map((row) => {
      const read = (part: string, sealed: Uint8Array | null): string => {
        const opened = sealed === null ? undefined : desk.open(row.decision_id, part, sealed);
        return (opened && toUtf8(opened)) ?? "";
      };
      return {
        ...decisionRow(row),
        statement: read("statement", row.desk_statement),
        appeal: read("appeal", row.appeal),
      };
    });
  }
}

function windowOf(
  report: Report | undefined,
  at: number,
): { readonly from: number; readonly to: number } {
  const date = report?.date ?? 0;
  // A date of the future was never that of a message that is here.
  return date === 0 || date > at + DAY
    ? { from: at - LATELY, to: at }
    : { from: date - BEFORE, to: date + AFTER };
}

function openReport(desk: DeskReader, row: Tables["abuse_report"]): Report | undefined {
  const opened = desk.open(row.report_id, "report", row.sealed);
  return opened && decodeReport(opened);
}

function reportRow(row: Tables["abuse_report"]): ReportRow {
  return {
    id: row.report_id,
    client: row.client_id,
    state: row.state,
    kind: row.kind,
    at: row.at,
    times: row.times,
    matched: row.matched === null ? undefined : (JSON.parse(row.matched) as readonly string[]),
  };
}
