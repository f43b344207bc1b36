// The public report in words, as `bailee verify` prints it: each number that it holds, zeros included.
import type { Counts, Report } from "#ledger";
import { groundRow, isGround } from "#policy";

export function reportWords(report: Report): readonly string[] {
  const { requests, interceptions, reportMatches } = report;
  const { received, requesters, determined, closed } = requests;
  return [
    "  The report, recomputed:",
    ...rows([
      ["requests received", counts(received)],
      ["  from", counts(requesters)],
      ["  determined", counts(determined)],
      ...tables("  closed", closed),
      ...releases(report),
      [
        "interceptions",
        `${interceptions.begun} begun, ${interceptions.ended} ended, ${interceptions.items} messages; ${interceptions.unreported} without a count`,
      ],
      ["accounts affected", String(report.accountsAffected)],
      ["delayed notices", String(report.delayedNotices)],
      ["reviews", String(report.reviews)],
      ["refused grants", counts(report.refusedGrants)],
      ...tables("decisions", report.decisions),
      ["  without a clause", String(report.unlisted)],
      ["appeals", counts(report.appeals)],
      [
        "reports matched",
        `${reportMatches.count} against ${reportMatches.tried} messages, ${reportMatches.matched} equal`,
      ],
      ["mailboxes", String(report.mailboxes)],
      [
        "content opened",
        `${report.contentOpenings} times, ${report.contentOpeningsPerThousand} per thousand mailboxes; of one client at most ${report.mostContentOpeningsForOneClient}`,
      ],
      ["standing purposes", counts(report.standing)],
      ["  over the share", counts(report.standingStops)],
    ]),
  ];
}

type Row = readonly [label: string, value: string];

function rows(all: readonly Row[]): readonly string[] {
  return all.map(([label, value]) => `    ${label.padEnd(20)}${value}`);
}

function counts(of: Counts): string {
  const named = sorted(of).map(([name, count]) => `${count} ${shown(name)}`);
  return named.length === 0 ? "none" : named.join(", ");
}

function tables(label: string, of: { readonly [name: string]: Counts }): readonly Row[] {
  const all = sorted(of).map(([name, row]): Row => [`${label}: ${shown(name)}`, counts(row)]);
  return all.length === 0 ? [[label, "none"]] : all;
}

function releases({ releases }: Report): readonly Row[] {
  const all = sorted(releases).flatMap(([ground, classes]) =>
    sorted(classes).map(([name, { count, items, failed }]): Row => {
      const why = isGround(ground) ? ` (${groundRow(ground).words})` : "";
      return [`ground ${ground}`, `${count} of ${name}, ${items} items, ${failed} failed${why}`];
    }),
  );
  return all.length === 0 ? [["releases", "none"]] : all;
}

function shown(name: string): string {
  return name === "" ? "unnamed" : name;
}

function sorted<Value>(of: { readonly [name: string]: Value }): readonly [string, Value][] {
  return Object.entries(of).sort(([a], [b]) => (a < b ? -1 : 1));
}
