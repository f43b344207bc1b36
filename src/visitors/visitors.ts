// How many came by, never who: three facts, counted in the request, kept as counters. And the cookie register.
import type { Engine, Room } from "#engine";
import { logBroken } from "#base/log";
import { type Clock, DAY, dayOf, SECOND } from "#base/time";
import { classes } from "#policy";
import { ELSEWHERE, isRoutePattern, openIsAutomated } from "./automated.ts";
import { addCounts, expireCounts } from "./commands.ts";
import type { Left, Raised, RoutePattern, Visitors } from "./contract.ts";
import { openCounters } from "./counters.ts";
import { openIspDomains, type ReverseLookup } from "./isp.ts";
import { readReport } from "./report.ts";
import { migrations, type Tables } from "./tables.ts";

export type {
  Counted,
  Left,
  Raised,
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
  /** Whether that resolver may be asked for private addresses: one of the operator's own may, the world's must not. */
  readonly asksForLocal?: boolean;
  /** Every route that counts, when known; a view of any other is counted under one name for all. */
  readonly pages?: readonly RoutePattern[];
}

const FLUSH_EVERY = SECOND;

/** The engine must have run this room's migrations. Dispose of it before the engine. */
export function openVisitors(options: VisitorsOptions): Visitors {
  const { engine, clock, reverse, asksForLocal = false, pages } = options;
  const reader = engine.reader<Tables>();
  const counters = openCounters();
  const isps = openIspDomains(reverse, clock, asksForLocal);
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
    count(seen): Raised {
      const page = named(seen.page);
      const { day, hour } = time();
      const automated = isAutomated({ ...seen, page });
      counters.addPage(day, hour, page, automated);
      let isp: string | undefined;
      isps.tell(seen.address, (found) => {
        isp = counters.addIsp(day, found, automated);
      });
      return { page, day, hour, automated, isp };
    },
    async report({ days }) {
      await flush();
      return readReport(reader, days, clock.now());
    },
    async whatYouLeft(raised, address): Promise<Left> {
      // Asked before the counters are written: a name that is known by now has raised its counter already.
      const isp = raised.isp ?? isps.known(address);
      await flush();
      const { day, hour, page } = raised;
      const automated = raised.automated ? 1 : 0;
      const pageRow = await reader
        .selectFrom("visit_page")
        .select("count")
        .where((row) => row.and({ day, hour, page, automated }))
        .executeTakeFirst();
      const ispRow =
        isp === undefined
          ? undefined
          : await reader
              .selectFrom("visit_isp")
              .select("count")
              .where((row) => row.and({ day, isp, automated }))
              .executeTakeFirst();
      return {
        ...raised,
        pageCount: pageRow?.count ?? 0,
        isp,
        ispCount: isp === undefined ? undefined : (ispRow?.count ?? 0),
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
