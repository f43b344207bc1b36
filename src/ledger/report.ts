// The public report: a pure function of the public parts that were opened and the number of leaves, so that everybody computes the
// same bytes. Counts only. Adding in any order gives the same report, since entries under a prohibition are opened late.
import { type Canonical, canonicalText, parseCanonical } from "#base/canonical";
import { fromUtf8 } from "#base/bytes";
import { MAX_PART, type Opening } from "./entry.ts";

export type Counts = { readonly [name: string]: number };

/** A type and no interface, so that it is a canonical value as it stands. */
export type Report = {
  readonly version: 1;
  /** Leaves: entries + covers + closed. */
  readonly size: number;
  readonly entries: number;
  readonly covers: number;
  readonly closed: number;
  /** Entries by type. */
  readonly types: Counts;
  readonly requests: {
    /** By what they ask for, and by who asks. */
    readonly received: Counts;
    readonly requesters: Counts;
    readonly determined: Counts;
    /** By outcome and, within it, by reason. */
    readonly closed: { readonly [outcome: string]: Counts };
  };
  /** By ground and class: how often, how many things were opened, how often it failed. */
  readonly releases: {
    readonly [ground: string]: {
      readonly [dataClass: string]: {
        readonly count: number;
        readonly items: number;
        readonly failed: number;
      };
    };
  };
  readonly interceptions: {
    readonly begun: number;
    readonly ended: number;
    /** Ended without the server's word for how many messages there were. */
    readonly unreported: number;
    readonly items: number;
  };
  /** Distinct pseudonyms among releases that did not fail, and interceptions. */
  readonly accountsAffected: number;
  /** Releases and interceptions that a prohibition kept closed until its day. */
  readonly delayedNotices: number;
  /** Releases on ground A. */
  readonly reviews: number;
  /** Grants that the rules refused, by ground. */
  readonly refusedGrants: Counts;
  /** By measure and basis; `unlisted` are those that name no clause of the terms. */
  readonly decisions: { readonly [measure: string]: Counts };
  readonly unlisted: number;
  readonly appeals: Counts;
  readonly reportMatches: {
    readonly count: number;
    readonly tried: number;
    readonly matched: number;
  };
  /** Enrolments without erasures. */
  readonly mailboxes: number;
  /** Releases of content that did not fail. */
  readonly contentOpenings: number;
  /** For a thousand mailboxes, rounded down. */
  readonly contentOpeningsPerThousand: number;
  readonly mostContentOpeningsForOneClient: number;
  /** What was opened for standing purposes, by purpose, and how often the share of an hour was used up. */
  readonly standing: Counts;
  readonly standingStops: Counts;
};

/** Takes public parts in, one by one and each once, and gives the report over them. Total: what is odd counts as an entry. */
export interface ReportCounter {
  add(part: Canonical): void;
  /** `size`: the leaves of the tree whose openings these are. */
  report(size: number): Report;
}

export function openReportCounter(): ReportCounter {
  const tally = newTally();
  const { add, number } = tally;
  const affected = new Set<string>();
  const contentOf = new Map<string, number>();

  const addRelease = (part: Part, ground: string): void => {
    const dataClass = textOf(part, "class");
    if (part["failed"] === true) return add(["releases", ground, dataClass, "failed"]);
    add(["releases", ground, dataClass, "count"]);
    add(["releases", ground, dataClass, "items"], countOf(part, "items"));
    const pseudonym = textOf(part, "pseudonym");
    affected.add(pseudonym);
    if (part["silentUntil"] !== undefined) add(["delayed"]);
    if (dataClass !== "content") return;
    add(["content"]);
    contentOf.set(pseudonym, (contentOf.get(pseudonym) ?? 0) + 1);
  };
  const kinds: { readonly [type: string]: (part: Part) => void } = {
    enrol: () => add(["enrolled"]),
    erasure: () => add(["erased"]),
    "request-received": (part) => {
      add(["received", textOf(part, "asks")]);
      add(["requesters", textOf(part, "requester")]);
    },
    "request-determined": (part) => add(["determined", textOf(part, "verdict")]),
    "request-closed": (part) => add(["closed", textOf(part, "outcome"), textOf(part, "because")]),
    "release-outcome": (part) => addRelease(part, textOf(part, "ground")),
    "interception-intent": (part) => {
      add(["interceptions", "begun"]);
      affected.add(textOf(part, "pseudonym"));
      if (part["silentUntil"] !== undefined) add(["delayed"]);
    },
    "interception-outcome": (part) => {
      add(["interceptions", "ended"]);
      add(["interceptions", "items"], countOf(part, "items"));
      if (part["reported"] !== true) add(["interceptions", "unreported"]);
    },
    "grant-refused": (part) => add(["refused", textOf(part, "ground")]),
    decision: (part) => {
      add(["decisions", textOf(part, "measure"), textOf(part, "basis")]);
      if (part["clause"] === "unlisted") add(["unlisted"]);
    },
    "appeal-decided": (part) => add(["appeals", textOf(part, "result")]),
    "report-matched": (part) => {
      add(["matches", "count"]);
      add(["matches", "tried"], countOf(part, "tried"));
      add(["matches", "matched"], countOf(part, "matched"));
    },
    "standing-summary": (part) =>
      add(["standing", textOf(part, "purpose")], countOf(part, "total")),
    "standing-stopped": (part) => add(["stops", textOf(part, "purpose")]),
  };

  return {
    add(value) {
      if (isCover(value)) return add(["covers"]);
      const part = fieldsOf(value);
      const type = textOf(part, "type");
      add(["entries"]);
      add(["types", type]);
      if (Object.hasOwn(kinds, type)) kinds[type]?.(part);
    },
    report(size) {
      const mailboxes = Math.max(0, number("enrolled") - number("erased"));
      const content = number("content");
      const perThousand =
        mailboxes === 0 ? 0 : Number((BigInt(content) * 1000n) / BigInt(mailboxes));
      const [entries, covers] = [number("entries"), number("covers")];
      const releases = releasesOf(tally);
      const reviews = Object.values(releases["A"] ?? {});
      return {
        version: 1,
        size,
        entries,
        covers,
        closed: size - entries - covers,
        types: countsIn(tally.under("types")),
        requests: {
          received: countsIn(tally.under("received")),
          requesters: countsIn(tally.under("requesters")),
          determined: countsIn(tally.under("determined")),
          closed: tablesIn(tally.under("closed")),
        },
        releases,
        interceptions: {
          begun: number("interceptions", "begun"),
          ended: number("interceptions", "ended"),
          unreported: number("interceptions", "unreported"),
          items: number("interceptions", "items"),
        },
        accountsAffected: affected.size,
        delayedNotices: number("delayed"),
        reviews: reviews.reduce((sum, { count }) => sum + count, 0),
        refusedGrants: countsIn(tally.under("refused")),
        decisions: tablesIn(tally.under("decisions")),
        unlisted: number("unlisted"),
        appeals: countsIn(tally.under("appeals")),
        reportMatches: {
          count: number("matches", "count"),
          tried: number("matches", "tried"),
          matched: number("matches", "matched"),
        },
        mailboxes,
        contentOpenings: content,
        contentOpeningsPerThousand: perThousand,
        mostContentOpeningsForOneClient: [...contentOf.values()].reduce(
          (a, b) => Math.max(a, b),
          0,
        ),
        standing: countsIn(tally.under("standing")),
        standingStops: countsIn(tally.under("stops")),
      };
    },
  };
}

/** The report over these openings of a tree of so many leaves; only public parts count. */
export function reportOf(openings: readonly Opening[], size: number): Report {
  const counter = openReportCounter();
  for (const { part, bytes } of openings) {
    const value = part === "public" ? parseCanonical(bytes, MAX_PART) : undefined;
    if (value !== undefined) counter.add(value);
  }
  return counter.report(size);
}

/** The bytes of `report.json`: one spelling, so that an edit shows. */
export function formatReport(report: Report): Uint8Array {
  return fromUtf8(`${canonicalText(report)}\n`);
}

// A cover says nothing else (entry.ts): what says more is an entry, lest something hide among the covers.
function isCover(part: Canonical): boolean {
  const fields = fieldsOf(part);
  return textOf(fields, "type") === "cover" && Object.keys(fields).length === 1;
}

type Part = { readonly [name: string]: Canonical };
type Path = readonly string[];

interface Tally {
  readonly add: (path: Path, by?: number) => void;
  readonly number: (...path: Path) => number;
  /** What was added under a first name, by the rest of its path. */
  readonly under: (name: string) => readonly { readonly path: Path; readonly sum: number }[];
}

/** Sums by path. They stop at the largest integer that JSON keeps, so that no log makes its verifier fail. */
function newTally(): Tally {
  const sums = new Map<string, { readonly path: Path; sum: number }>();
  return {
    add(path, by = 1) {
      const held = sums.get(JSON.stringify(path)) ?? { path, sum: 0 };
      held.sum = Math.min(Number.MAX_SAFE_INTEGER, held.sum + by);
      sums.set(JSON.stringify(path), held);
    },
    number: (...path) => sums.get(JSON.stringify(path))?.sum ?? 0,
    under: (name) =>
      [...sums.values()]
        .filter(({ path }) => path[0] === name)
        .map(({ path, sum }) => ({ path: path.slice(1), sum })),
  };
}

type Sums = ReturnType<Tally["under"]>;

function countsIn(sums: Sums): Counts {
  return Object.fromEntries(sums.map(({ path, sum }) => [path[0] ?? "", sum]));
}

function tablesIn(sums: Sums): { readonly [name: string]: Counts } {
  const rows = Map.groupBy(sums, ({ path }) => path[0] ?? "");
  return Object.fromEntries(
    [...rows].map(([name, row]) => [
      name,
      countsIn(row.map(({ path, sum }) => ({ path: path.slice(1), sum }))),
    ]),
  );
}

function releasesOf(tally: Tally): Report["releases"] {
  const grounds = Map.groupBy(tally.under("releases"), ({ path }) => path[0] ?? "");
  return Object.fromEntries(
    [...grounds].map(([ground, sums]) => {
      const names = new Set(sums.map(({ path }) => path[1] ?? ""));
      const of = (name: string, field: string) => tally.number("releases", ground, name, field);
      const rows = [...names].map((name) => [
        name,
        { count: of(name, "count"), items: of(name, "items"), failed: of(name, "failed") },
      ]);
      return [ground, Object.fromEntries(rows)];
    }),
  );
}

function fieldsOf(part: Canonical): Part {
  return typeof part !== "object" || Array.isArray(part) ? {} : (part as Part);
}

function textOf(part: Part, name: string): string {
  const value = Object.hasOwn(part, name) ? part[name] : undefined;
  return typeof value === "string" ? value : "";
}

function countOf(part: Part, name: string): number {
  const value = part[name];
  return typeof value === "number" && value > 0 ? value : 0;
}
