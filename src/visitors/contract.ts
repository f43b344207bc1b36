// What this room counts and what it tells: types only. A visit is three facts, and the type has no room for a fourth.

/** A route as the program declares it, "/clients/:id": never a path as somebody asked for it. */
export type RoutePattern = `/${string}`;

/** All that is ever kept of a visit, each fact in a counter of its own. */
export interface Visit {
  /** The registrable domain of the visitor's internet provider, "local network", "unknown" or "other". */
  readonly isp: string;
  /** The UTC hour, "2026-11-23T14". */
  readonly hour: string;
  readonly page: RoutePattern;
}

/** What a request shows of itself while it lasts. Only the facts above outlive it. */
export interface Seen {
  readonly page: RoutePattern;
  /** The address of the connection's other end; never what a header claims. Stays in memory. */
  readonly address: string;
  /** True where the caller knows already, by what was asked for and how. */
  readonly automated?: boolean;
  /** "GET" when absent. Browsers ask for pages with GET and POST; anything else is a program. */
  readonly method?: string;
}

export interface Counted<Name extends string> {
  readonly name: Name;
  readonly count: number;
}

export type ReportDays = 1 | 7 | 30 | 365;

/** People's views, but for `automated`. Hours are UTC; the week begins on Monday. */
export interface Report {
  readonly days: ReportDays;
  /** First and last day, "2026-11-23". */
  readonly from: string;
  readonly to: string;
  readonly total: number;
  readonly automated: number;
  /** Most seen first. */
  readonly pages: readonly Counted<RoutePattern>[];
  /** One for each day of the report, oldest first. */
  readonly byDay: readonly Counted<string>[];
  /** 24 numbers. */
  readonly byHour: readonly number[];
  /** Seven days of 24 numbers. */
  readonly hoursOfWeek: readonly (readonly number[])[];
  /** Most seen first; domains with fewer than ten views in a day are in "other". */
  readonly isps: readonly Counted<string>[];
}

/** What one request raised: each by one, and nothing beside these two. */
export interface Raised {
  readonly page: RoutePattern;
  /** "2026-11-23". */
  readonly day: string;
  /** 0 to 23, UTC. */
  readonly hour: number;
  /** True where the request was taken for a program's, and so raised the counters that stand apart. */
  readonly automated: boolean;
  /** Undefined where the provider is still being looked up: its counter is raised when that ends. */
  readonly isp: string | undefined;
}

/** The counters that a request raised, as they stand now. */
export interface Left extends Raised {
  readonly pageCount: number;
  /** Undefined while `isp` is. */
  readonly ispCount: number | undefined;
}

export interface Visitors extends AsyncDisposable {
  /** Counts a view. Takes microseconds and never waits: the counters reach the disk within a second, or at close. */
  count(seen: Seen): Raised;
  /** Includes what was counted up to now. */
  report(options: { readonly days: ReportDays }): Promise<Report>;
  /** The counters that this very request raised; `address` is the one it was counted with. */
  whatYouLeft(raised: Raised, address: string): Promise<Left>;
  /** The retention job: returns how many counters of days over 400 days old went. */
  expire(): Promise<number>;
}
