// What the operator may ask of others' reports about our mail: sums by domain. They name servers, never people.
import type { Answer, Operations } from "./socket.ts";

interface Summary {
  readonly domain: string;
  readonly reports: number;
  readonly organisations: readonly string[];
  readonly passed: number;
  readonly failed: number;
  readonly failures: readonly { readonly what: string; readonly count: number }[];
}

export interface OperatedReports {
  summary(kind: "dmarc" | "tls", days: number, domain?: string): Promise<readonly Summary[]>;
}

export function reportOperations(reports: OperatedReports): Operations {
  return {
    "reports.summary": async ({ kind, days, domain }) => {
      if (kind !== "dmarc" && kind !== "tls") return refused("a kind of report is missing");
      if (typeof days !== "number" || !Number.isInteger(days) || days < 1 || days > 90)
        return refused("days go from 1 to 90");
      const only = typeof domain === "string" ? domain.toLowerCase() : undefined;
      const found = await reports.summary(kind, days, only);
      const text = found.map((each) => lines(kind, each)).join("\n");
      const value = JSON.parse(JSON.stringify(found)) as object[];
      return { ok: true, text: text || `no ${kind} report came in ${days} days`, value } as Answer;
    },
  };
}

function lines(kind: "dmarc" | "tls", summary: Summary): string {
  const { domain, reports, organisations, passed, failed, failures } = summary;
  const counted = kind === "dmarc" ? "letters" : "sessions";
  return [
    `${domain}  ${passed} ${counted} passed, ${failed} failed; ${reports} reports by ${organisations.join(", ")}`,
    ...failures.map(({ what, count }) => `  ${String(count).padStart(8)}  ${what}`),
  ].join("\n");
}

function refused(why: string): Answer {
  return { ok: false, text: why, value: { refused: why } };
}
