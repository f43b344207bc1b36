// An SMTP TLS report as JSON (RFC 8460 §4.4), written and read. Pure; reading is total and bounded.
import { toUtf8 } from "#base/bytes";
import { SECOND } from "#base/time";
import type { Received, TlsFact, TlsFigure } from "./contract.ts";

export interface TlsReport {
  readonly organisation: string;
  readonly contact: string;
  readonly id: string;
  readonly domain: string;
  /** Milliseconds since 1970; the end is not in it. */
  readonly begin: number;
  readonly end: number;
  readonly rows: readonly { readonly fact: Omit<TlsFact, "at">; readonly count: number }[];
}

export function tlsJson(report: TlsReport): string {
  const byPolicy = Map.groupBy(report.rows, ({ fact }) => JSON.stringify(fact.policy));
  const policies = [...byPolicy.values()].map((rows) => {
    const [first] = rows;
    const failures = rows.filter(({ fact }) => fact.result !== "success");
    const sum = (some: typeof rows): number => some.reduce((total, { count }) => total + count, 0);
    const { type, strings, mxHosts } = first?.fact.policy ?? noPolicy;
    return {
      policy: {
        "policy-type": type,
        ...(strings.length > 0 && { "policy-string": strings }),
        "policy-domain": report.domain,
        ...(mxHosts.length > 0 && { "mx-host": mxHosts }),
      },
      summary: {
        "total-successful-session-count": sum(rows) - sum(failures),
        "total-failure-session-count": sum(failures),
      },
      ...(failures.length > 0 && {
        "failure-details": failures.map(({ fact, count }) => ({
          "result-type": fact.result,
          "receiving-mx-hostname": fact.mx,
          "receiving-ip": fact.address,
          "failed-session-count": count,
        })),
      }),
    };
  });
  return JSON.stringify({
    "organization-name": report.organisation,
    "date-range": {
      "start-datetime": instant(report.begin),
      "end-datetime": instant(report.end - SECOND),
    },
    "contact-info": report.contact,
    "report-id": report.id,
    policies,
  });
}

const noPolicy = { type: "no-policy-found", strings: [], mxHosts: [] } as const;

function instant(at: number): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, "Z");
}

// A domain has a few exchangers and policies; what has more is no report about one.
const MAX_POLICIES = 100;
const MAX_FAILURES = 10_000;

/** Undefined for what is no such report, or tells of several domains. */
export function readTls(bytes: Uint8Array): Extract<Received, { kind: "tls" }> | undefined {
  const report = parseJson(bytes);
  const range = field(report, "date-range");
  const organisation = word(report, "organization-name");
  const id = word(report, "report-id");
  const [begin, end] = [time(range, "start-datetime"), time(range, "end-datetime")];
  const policies = list(report, "policies");
  if (organisation === undefined || id === undefined) return undefined;
  if (begin === undefined || end === undefined || end < begin) return undefined;
  if (policies.length === 0 || policies.length > MAX_POLICIES) return undefined;
  const domains = new Set(
    policies.map((each) => word(field(each, "policy"), "policy-domain")?.toLowerCase()),
  );
  const [domain] = domains;
  if (domains.size !== 1 || domain === undefined || !/^[a-z0-9._-]{1,253}$/.test(domain))
    return undefined;
  const figures = policies.map(figureOf);
  if (!figures.every((each) => each !== undefined)) return undefined;
  return { kind: "tls", organisation, id, domain, begin, end, figures };
}

function figureOf(policy: unknown): TlsFigure | undefined {
  const summary = field(policy, "summary");
  const type = word(field(policy, "policy"), "policy-type");
  const succeeded = whole(summary, "total-successful-session-count");
  const failed = whole(summary, "total-failure-session-count");
  const details = list(policy, "failure-details");
  if (type === undefined || succeeded === undefined || failed === undefined) return undefined;
  if (details.length > MAX_FAILURES) return undefined;
  const failures = details.map((each) => ({
    type: word(each, "result-type") ?? "unknown",
    mx: word(each, "receiving-mx-hostname") ?? "",
    count: whole(each, "failed-session-count") ?? 0,
  }));
  return { policy: type, succeeded, failed, failures };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(toUtf8(bytes) ?? "") as unknown;
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as { readonly [field: string]: unknown })[name]
    : undefined;
}

function list(value: unknown, name: string): readonly unknown[] {
  const found = field(value, name);
  return Array.isArray(found) ? found : [];
}

function word(value: unknown, name: string): string | undefined {
  const found = field(value, name);
  if (typeof found !== "string") return undefined;
  const text = found.replaceAll(/\p{C}/gu, "").trim();
  return text !== "" && text.length <= 255 ? text : undefined;
}

function whole(value: unknown, name: string): number | undefined {
  const found = field(value, name);
  return Number.isSafeInteger(found) && Number(found) >= 0 && Number(found) < 1e12
    ? Number(found)
    : undefined;
}

/** Seconds since 1970. */
function time(value: unknown, name: string): number | undefined {
  const text = word(value, name);
  const at = text === undefined ? NaN : Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.floor(at / SECOND);
}
