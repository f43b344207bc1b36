// How many came by, never who: three facts, counted in the request, kept as counters. And the cookie register.
import type { Engine, Room } from "#engine";
import { logBroken } from "#base/log";
import { type Clock, DAY, dayOf, SECOND } from "#base/time";
import { classes } from "#policy";
import { ELSEWHERE, isRoutePattern, openIsAutomated } from "./automated.ts";
import { addCounts, expireCounts } from "./commands.ts";
import type { Left, RoutePattern, Visitors } from "./contract.ts";
import { openCounters } from "./counters.ts";
import { openIspDomains, type ReverseLookup } from "./isp.ts";
import { readReport } from "./report.ts";
import { migrations, type Tables } from "./tables.ts";

export type {
  Counted,
  Left,
  Report,
  ReportDays,
  RoutePattern,
  Seen,
  Visit,
  Visitors,
} from "./contract.ts";
export {
  type CookieEntry,
  type CookieName,
  cookieRegister,
  type Cookies,
  openCookies,
  parseCookies,
} from "./cookies.ts";

export const visitorsRoom: Room = {
  name: "visitors",
  migrations,
  commands: new URL("commands.ts", import.meta.url).href,
};

export interface VisitorsOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly reverse: ReverseLookup;
  /** Every route that counts, when known; a view of any other is counted under one name for all. */
  readonly pages?: readonly RoutePattern[];
}

const FLUSH_EVERY = SECOND;

/** The engine must have run this room's migrations. Dispose of it before the engine. */
export function openVisitors({ engine, clock, reverse, pages }: VisitorsOptions): Visitors {
  const reader = engine.reader<Tables>();
  const counters = openCounters();
  const isps = openIspDomains(reverse, clock);
  const isAutomated = openIsAutomated(clock);
  const known = pages === undefined ? undefined : new Set<string>(pages);
  const named = (page: RoutePattern): RoutePattern =>
    isRoutePattern(page) && known?.has(page) !== false ? page : ELSEWHERE;

  let flushing: Promise<void> = Promise.resolve();
  const writeOut = async (): Promise<void> => {
    const increments = counters.take();
    if (increments === undefined) return;
    try {
      await engine.write(addCounts, increments);
    } catch (error) {
      counters.putBack(increments);
      throw error;
    }
  };
  // One after the other, so that what a reader waits for is written when the wait ends.
  const flush = (): Promise<void> => {
    flushing = flushing.then(writeOut, writeOut);
    return flushing;
  };
  const timer = setInterval(() => {
    flush().catch((error: unknown) => logBroken("visitors.flush", error));
  }, FLUSH_EVERY);
  timer.unref();

  const time = dayAndHour(clock);

  return {
    count(seen) {
      const page = named(seen.page);
      const { day, hour } = time();
      const automated = isAutomated({ ...seen, page });
      counters.addPage(day, hour, page, automated);
      isps.tell(seen.address, (isp) => counters.addIsp(day, isp, automated));
    },
    async report({ days }) {
      await flush();
      return readReport(reader, days, clock.now());
    },
    async whatYouLeft(page, address): Promise<Left> {
      await flush();
      const { day, hour } = time();
      const isp = isps.known(address);
      const pageRow = await reader
        .selectFrom("visit_page")
        .select((row) => row.fn.sum<number | string>("count").as("count"))
        .where("day", "=", day)
        .where("hour", "=", hour)
        .where("page", "=", named(page))
        .executeTakeFirst();
      const ispRow =
        isp === undefined
          ? undefined
          : await reader
              .selectFrom("visit_isp")
              .select((row) => row.fn.sum<number | string>("count").as("count"))
              .where("day", "=", day)
              .where("isp", "=", isp)
              .executeTakeFirst();
      return {
        page: named(page),
        hour: `${day}T${String(hour).padStart(2, "0")}`,
        pageCount: Number(pageRow?.count ?? 0),
        isp,
        ispCount: ispRow && Number(ispRow.count),
      };
    },
    expire() {
      const { days } = classes.visit.kept;
      return engine.write(expireCounts, { before: dayOf(clock.now() - days * DAY) });
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      isps.close();
      await flush();
    },
  };
}

/** The UTC day and hour, worked out once a second at most. */
function dayAndHour(clock: Clock): () => { readonly day: string; readonly hour: number } {
  let second = -1;
  let held = { day: "", hour: 0 };
  return () => {
    const now = clock.now();
    const current = Math.floor(now / SECOND);
    if (current !== second) {
      second = current;
      held = { day: dayOf(now), hour: new Date(now).getUTCHours() };
    }
    return held;
  };
}
