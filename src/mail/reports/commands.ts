// The writes of reports that came: named commands over plain rows, each one transaction that may be run again.
import { command } from "#engine";
import type { Tables } from "./tables.ts";

// Five columns each, well below the 32,766 variables that SQLite allows.
const ROWS_AT_ONCE = 1000;

/** Keeps a report with its figures; the same one again changes nothing. */
export const keep = command<
  Tables,
  {
    readonly report: Tables["mail_report"];
    readonly figures: readonly Tables["mail_report_figure"][];
    /** Reports that may come in a day, and since when that day counts. */
    readonly most: { readonly reports: number; readonly since: number };
  },
  "kept" | "known" | "enough"
>("reports.keep", async (tx, { report, figures, most }) => {
  const known = await tx
    .selectFrom("mail_report")
    .select("report_id")
    .where("mark", "=", report.mark)
    .executeTakeFirst();
  if (known !== undefined) return "known";
  const { count } = await tx
    .selectFrom("mail_report")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where("received", ">", most.since)
    .executeTakeFirstOrThrow();
  if (count >= most.reports) return "enough";
  await tx.insertInto("mail_report").values(report).execute();
  for (let at = 0; at < figures.length; at += ROWS_AT_ONCE)
    await tx
      .insertInto("mail_report_figure")
      .values(figures.slice(at, at + ROWS_AT_ONCE))
      .execute();
  return "kept";
});

export const removeOld = command<Tables, { readonly before: number }, number>(
  "reports.removeOld",
  async (tx, { before }) => {
    const old = tx.selectFrom("mail_report").select("report_id").where("received", "<", before);
    await tx.deleteFrom("mail_report_figure").where("report_id", "in", old).execute();
    const done = await tx
      .deleteFrom("mail_report")
      .where("received", "<", before)
      .executeTakeFirst();
    return Number(done.numDeletedRows);
  },
);
