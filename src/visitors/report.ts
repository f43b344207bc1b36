// Reads the counters into what a person looks at. Folds small domains, so that a report never points at one household.
import type { Kysely } from "kysely";
import { DAY, dayOf } from "#base/time";
import type { Counted, Report, ReportDays, RoutePattern } from "./contract.ts";
import { LOCAL, UNKNOWN } from "./isp.ts";
import type { Tables } from "./tables.ts";

// Below ten views a day, a small company's domain may stand for one person.
const SMALLEST_SHOWN = 10;
const OTHER = "other";

export async function readReport(
  reader: Kysely<Tables>,
  days: ReportDays,
  now: number,
): Promise<Report> {
  const from = dayOf(now - (days - 1) * DAY);
  const to = dayOf(now);
  const rows = await reader
    .selectFrom("visit_page")
    .select(["day", "hour", "automated"])
    .select((row) => row.fn.sum<number | string>("count").as("count"))
    .where("day", ">=", from)
    .groupBy(["day", "hour", "automated"])
    .execute();
  const byHour = Array.from({ length: 24 }, () => 0);
  const hoursOfWeek = Array.from({ length: 7 }, () => Array.from({ length: 24 }, () => 0));
  const byDay = new Map(
    Array.from({ length: days }, (_, index) => [dayOf(now - (days - 1 - index) * DAY), 0]),
  );
  let total = 0;
  let automated = 0;
  for (const row of rows) {
    const count = Number(row.count);
    if (row.automated === 1) {
      automated += count;
      continue;
    }
    total += count;
    byDay.set(row.day, (byDay.get(row.day) ?? 0) + count);
    byHour[row.hour] = (byHour[row.hour] ?? 0) + count;
    const week = hoursOfWeek[mondayFirst(row.day)];
    if (week !== undefined) week[row.hour] = (week[row.hour] ?? 0) + count;
  }
  return {
    days,
    from,
    to,
    total,
    automated,
    pages: await readPages(reader, from),
    byDay: [...byDay].map(([name, count]) => ({ name, count })),
    byHour,
    hoursOfWeek,
    isps: await readIsps(reader, from),
  };
}

async function readPages(
  reader: Kysely<Tables>,
  from: string,
): Promise<readonly Counted<RoutePattern>[]> {
  const rows = await reader
    .selectFrom("visit_page")
    .select("page")
    .select((row) => row.fn.sum<number | string>("count").as("count"))
    .where("day", ">=", from)
    .where("automated", "=", 0)
    .groupBy("page")
    .execute();
  return mostFirst(rows.map(({ page, count }) => [page as RoutePattern, Number(count)]));
}

/** Each day's small domains are folded on their own: ten days of one view are no domain of ten. */
async function readIsps(reader: Kysely<Tables>, from: string): Promise<readonly Counted<string>[]> {
  const sums = reader
    .selectFrom("visit_isp")
    .select((row) => row.fn.sum<number | string>("count").as("count"))
    .where("day", ">=", from)
    .where("automated", "=", 0);
  const whole = [LOCAL, UNKNOWN, OTHER];
  const shown = await sums
    .select("isp")
    .where((is) => is.or([is("count", ">=", SMALLEST_SHOWN), is("isp", "in", whole)]))
    .groupBy("isp")
    .execute();
  const folded = await sums
    .where("count", "<", SMALLEST_SHOWN)
    .where("isp", "not in", whole)
    .executeTakeFirst();
  const counts = new Map(shown.map(({ isp, count }) => [isp, Number(count)]));
  const small = Number(folded?.count ?? 0);
  if (small > 0) counts.set(OTHER, (counts.get(OTHER) ?? 0) + small);
  return mostFirst([...counts]);
}

function mostFirst<Name extends string>(
  counts: readonly (readonly [Name, number])[],
): readonly Counted<Name>[] {
  return counts
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}

function mondayFirst(day: string): number {
  return (new Date(day).getUTCDay() + 6) % 7;
}
