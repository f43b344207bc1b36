// Decisions from a signed record to their end: carried out, told, appealed, given back or ended by date. The entry in the ledger
// stands before anything here is called; every step bears being done again.
import type { Engine } from "#engine";
import { fromUtf8, toUtf8 } from "#base/bytes";
import { Broken, never, no, yes } from "#base/errors";
import { newId } from "#base/ids";
import { type Clock, DAY, HOUR, SECOND } from "#base/time";
import { termsClause } from "#policy";
import { printable } from "./arf.ts";
import type { Blocks } from "./blocks.ts";
import { senderName } from "./blocks.ts";
import {
  endByDate,
  endDecision,
  keepAnswer,
  keepAppeal,
  keepDecision,
  markCarried,
  prepareBlock,
} from "./commands.ts";
import type { Abuse, DecisionRecord, DecisionRow, OwnDecision } from "./contract.ts";
import type { AbusePorts, ClientReader } from "./ports.ts";
import { APPEAL_WINDOW, makeAppealAnswer, makeDecision, measureWords } from "./statement.ts";
import type { Tables } from "./tables.ts";

interface Parts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly ports: AbusePorts;
  readonly blocks: Blocks;
}

type Decision = Tables["abuse_decision"];

// A page or two, as for a report.
const MAX_APPEAL = 8000;
// Who drafts a block signs it within the days in which the keeper takes the record.
const DRAFTS_LIVE = 8 * DAY;
// A month later the same message is reported anew.
const MARKS_LIVE = 30 * DAY;
// Half a year: as long as somebody may ask what became of a report.
const REPORTS_LIVE = 180 * DAY;

export function openDecisions(
  parts: Parts,
): Omit<Abuse, "report" | "letter" | "list" | "read" | "match" | "isBlocked" | "forget"> {
  const { engine, clock, ports, blocks } = parts;
  const db = engine.reader<Tables>();
  const decisionOf = (id: string) =>
    db.selectFrom("abuse_decision").selectAll().where("decision_id", "=", id).executeTakeFirst();
  const byEntry = (entry: number) =>
    db.selectFrom("abuse_decision").selectAll().where("entry", "=", entry).executeTakeFirst();
  const reportOf = (id: string) =>
    db
      .selectFrom("abuse_report")
      .select(["report_id", "client_id"])
      .where("report_id", "=", id)
      .executeTakeFirst();

  return {
    async draftDecision(report, form) {
      const row = await reportOf(report);
      if (row === undefined) return { ok: false, mistakes: { "": "There is no such report." } };
      const nonce = newId();
      const now = clock.now();
      const about = { case: report, nonce, now, client: row.client_id };
      const made = makeDecision(form, about);
      if (!made.ok) return made;
      if (made.record.measure === "block") {
        const name = fromUtf8(senderName(form.sender) ?? "");
        await engine.write(prepareBlock, {
          decision_id: nonce,
          report_id: report,
          entry: null,
          active: 0,
          until: made.record.until * SECOND,
          created: now,
          sealed: await ports.rules.seal(nonce, name),
        });
      }
      return { ok: true, value: made.value, name: `decision-${report.slice(0, 8)}.json` };
    },

    async draftAppeal(report, id, form) {
      const row = await decisionOf(id);
      if (row === undefined || row.report_id !== report || row.entry === null)
        return {
          ok: false,
          mistakes: { "": "There is no such decision, or its entry is not known." },
        };
      const about = { case: report, nonce: newId(), now: clock.now(), client: row.client_id };
      const made = makeAppealAnswer(about, row.entry, form);
      return made.ok ? { ...made, name: `appeal-${report.slice(0, 8)}.json` } : made;
    },

    async checkDecision(record) {
      const before = await decisionOf(record.nonce);
      if (before?.state === "reversed")
        return "another person reversed this decision, so it is not carried out again";
      if (before !== undefined) return undefined; // decided before: only what is missing is done
      const report = await reportOf(record.case);
      if (report === undefined)
        return "a decision belongs to a report, and there is none of that number";
      if (report.client_id !== record.client)
        return "the report is about another client, or about none";
      if (record.clause !== "" && record.clause !== "unlisted" && !termsClause(record.clause))
        return `the terms of use have no clause ${record.clause}`;
      if (record.measure === "block") return checkBlock(parts, record);
      if (record.measure !== "delete") return undefined;
      const known = await ports.client(record.client);
      const held = known && (await ports.held(known, record.ids));
      return held?.length === record.ids.length
        ? undefined
        : "not every one of these is a message that is held of this client";
    },

    async wasDecided(record) {
      const row = await decisionOf(record.nonce);
      return row === undefined || row.carried === 0
        ? undefined
        : "it was carried out before; nothing is done again";
    },

    async decide(record, entry) {
      const known = record.client === "" ? undefined : await ports.client(record.client);
      const { nonce: id } = record;
      const statement = fromUtf8(record.statement);
      await engine.write(keepDecision, {
        decision_id: id,
        entry: entry ?? null,
        report_id: record.case,
        client_id: record.client,
        account_id: known?.account ?? "",
        measure: record.measure,
        clause: record.clause,
        at: clock.now(),
        until: record.until * SECOND,
        state: "stands",
        ended: 0,
        statement: known
          ? ((await ports.sealForClient(known, id, "statement", statement)) ?? null)
          : null,
        desk_statement: await ports.sealForDesk(id, "statement", statement),
        appeal_at: null,
        appeal: null,
        answer: null,
        carried: 0,
      });
      const did = await carryOut(parts, record);
      if (known === undefined) {
        await engine.write(markCarried, { decision: id });
        return did;
      }
      const fields = {
        case: record.case,
        measure: measureWords[record.measure],
        clause: record.clause === "" ? "none" : record.clause,
        until: record.until === 0 ? "no set end" : day(record.until * SECOND),
        statement: record.statement,
      };
      await ports.tell(known.client, { kind: "statement-of-reasons", fields }, id);
      await engine.write(markCarried, { decision: id });
      return `${did}; the client has the statement of reasons`;
    },

    async checkAppeal(record) {
      const row = await byEntry(record.of);
      if (row === undefined || row.report_id !== record.case)
        return "the entry of that index is no decision in this case";
      return row.state === "appealed" || row.state === record.result
        ? undefined
        : "nobody has appealed, or the appeal is decided";
    },

    async decideAppeal(record) {
      const row = await byEntry(record.of);
      if (row === undefined) throw new Broken("an appeal without its decision");
      // Undone once: an account that was suspended anew since is not opened by the same record handed in again.
      const wasUndone = row.state === "reversed";
      const did =
        record.result === "reversed"
          ? wasUndone
            ? "it was undone before"
            : await undo(parts, row)
          : "the decision stands";
      const known = await ports.client(row.client_id);
      const words = fromUtf8(record.statement);
      const answer = known && (await ports.sealForClient(known, row.decision_id, "answer", words));
      await engine.write(keepAnswer, {
        decision: row.decision_id,
        state: record.result,
        answer: answer ?? null,
      });
      if (row.measure === "block") await blocks.changed();
      if (known === undefined) return did;
      const fields = { case: record.case, result: record.result, statement: record.statement };
      await ports.tell(
        known.client,
        { kind: "appeal-decided", fields },
        `${row.decision_id}-appeal`,
      );
      return `${did}; the client was told`;
    },

    async decisionsOf(reader) {
      const rows = await db
        .selectFrom("abuse_decision")
        .selectAll()
        .where("client_id", "=", reader.client)
        .orderBy("at", "desc")
        .execute();
      return rows.map((row) => ownDecision(reader, row, clock.now()));
    },

    async appeal(reader, id, text) {
      const words = printable(text).trim();
      if (words === "") return no("empty");
      if (words.length > MAX_APPEAL) return no("too-long");
      const row = await decisionOf(id);
      if (row === undefined || row.client_id !== reader.client) return no("no-such-decision");
      if (appealBefore(row, clock.now()) === undefined) return no("too-late");
      const appeal = await ports.sealForDesk(id, "appeal", fromUtf8(words));
      const now = clock.now();
      const { client } = reader;
      const kept = await engine.write(keepAppeal, { decision: id, client, appeal, now });
      return kept ? yes(true) : no("too-late");
    },

    async endByDate() {
      const now = clock.now();
      const over = await db
        .selectFrom("abuse_decision")
        .selectAll()
        .where("measure", "=", "delete")
        .where("ended", "=", 0)
        .where("state", "!=", "appealed")
        .where("at", "<=", now - APPEAL_WINDOW)
        .execute();
      let deletions = 0;
      for (const row of over) {
        const owner = { client: row.client_id, account: row.account_id };
        deletions += await ports.withholding.end(owner, row.decision_id);
        await engine.write(endDecision, { decision: row.decision_id });
      }
      const ended = await engine.write(endByDate, {
        now,
        draftsBefore: now - DRAFTS_LIVE,
        marksBefore: now - MARKS_LIVE,
        reportsBefore: now - REPORTS_LIVE,
      });
      if (ended.blocks > 0) await blocks.changed();
      return { deletions, ...ended };
    },
  };
}

async function checkBlock(
  { engine, clock }: Parts,
  record: DecisionRecord,
): Promise<string | undefined> {
  const draft = await engine
    .reader<Tables>()
    .selectFrom("abuse_block")
    .select("until")
    .where("decision_id", "=", record.nonce)
    .where("report_id", "=", record.case)
    .executeTakeFirst();
  if (draft === undefined)
    return "the desk holds no address for this decision; make the record on its page anew";
  if (draft.until !== record.until * SECOND) return "the end is not the one that was drafted";
  return record.until * SECOND > clock.now() + HOUR
    ? undefined
    : "its end is over already, or near";
}

async function carryOut({ ports, blocks }: Parts, record: DecisionRecord): Promise<string> {
  const known = record.client === "" ? undefined : await ports.client(record.client);
  switch (record.measure) {
    case "delete": {
      if (known === undefined) throw new Broken("a deletion without its client");
      const count = await ports.withholding.withhold(known, record.ids, record.nonce);
      return `${count === 1 ? "1 message is" : `${count} messages are`} taken away, and kept sealed for 30 days`;
    }
    case "block":
      await blocks.changed();
      return `the sender is kept out until ${day(record.until * SECOND)}`;
    case "suspend":
      return (await ports.setSuspended(record.client, true))
        ? "the account is suspended"
        : "the account could not be suspended as it stands";
    case "none":
      return "nothing more is to be done";
    default:
      return never(record.measure);
  }
}

async function undo({ ports }: Parts, row: Decision): Promise<string> {
  const owner = { client: row.client_id, account: row.account_id };
  switch (row.measure) {
    case "delete": {
      const count = await ports.withholding.giveBack(owner, row.decision_id);
      return `${count === 1 ? "1 message is" : `${count} messages are`} back in place`;
    }
    case "block":
      return "the sender is no longer kept out";
    case "suspend":
      return (await ports.setSuspended(row.client_id, false))
        ? "the account is no longer suspended"
        : "the account could not be opened as it stands";
    case "none":
      return "nothing was done, and nothing is to be undone";
    default:
      return never(row.measure);
  }
}

/** Until when a decision can be appealed: a month, or as long as it lasts; undefined when it no longer can. */
function appealBefore(row: Decision, now: number): number | undefined {
  if (row.state !== "stands") return undefined;
  const end = Math.max(row.at + APPEAL_WINDOW, row.until);
  return now < end ? end : undefined;
}

export function decisionRow(row: Decision): DecisionRow {
  return {
    id: row.decision_id,
    entry: row.entry ?? undefined,
    report: row.report_id,
    client: row.client_id,
    measure: row.measure,
    clause: row.clause,
    at: row.at,
    until: row.until === 0 ? undefined : row.until,
    state: row.state,
    appealAt: row.appeal_at ?? undefined,
  };
}

function ownDecision(reader: ClientReader, row: Decision, now: number): OwnDecision {
  const read = (part: "statement" | "answer"): string => {
    const sealed = row[part];
    const opened = sealed === null ? undefined : reader.open(row.decision_id, part, sealed);
    return (opened && toUtf8(opened)) ?? "";
  };
  return {
    ...decisionRow(row),
    statement: read("statement"),
    answer: read("answer"),
    appealBefore: appealBefore(row, now),
  };
}

function day(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
