// MTA-STS (RFC 8461): a domain's record and policy read, and names matched against it. Pure and total: both come from anybody.

type StsMode = "enforce" | "testing" | "none";

export interface StsPolicy {
  readonly mode: StsMode;
  /** Lower case; "*." stands for exactly one label. */
  readonly mx: readonly string[];
  /** Seconds. */
  readonly maxAge: number;
  /** The lines as they were, for reports (RFC 8460 §4.4). */
  readonly lines: readonly string[];
}

// RFC 8461 §3.2: at most about a year.
const MAX_AGE = 31_557_600;
// RFC 8461 §3.3 has 64 kilobytes suggested as the bound.
export const MAX_POLICY = 65_536;
// A policy of a host per line; nobody has this many exchangers.
const MAX_LINES = 500;

/** The id of an `_mta-sts` record (§3.1); undefined when there is none, or more than one, which counts as none. */
export function stsId(records: readonly string[]): string | undefined {
  const versioned = records.filter((text) => /^v=STSv1\s*;/.test(text));
  if (versioned.length !== 1) return undefined;
  const fields = (versioned[0] ?? "").split(";").map((field) => field.trim());
  const ids = fields.flatMap((field) => /^id\s*=\s*([A-Za-z0-9]{1,32})$/.exec(field)?.[1] ?? []);
  return ids[0];
}

/** Undefined for what is no policy. Unknown fields are passed over, of repeated ones the first counts, mx lines add up (§3.2). */
export function parseStsPolicy(text: string): StsPolicy | undefined {
  const lines = text
    .slice(0, MAX_POLICY)
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .slice(0, MAX_LINES);
  const first = new Map<string, string>();
  const mx: string[] = [];
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon < 1) return undefined;
    const name = line.slice(0, colon).trim();
    const value = line.slice(colon + 1).trim();
    if (name === "mx") mx.push(value.toLowerCase().replace(/\.$/, ""));
    else if (!first.has(name)) first.set(name, value);
  }
  const mode = first.get("mode");
  const age = first.get("max_age") ?? "";
  if (first.get("version") !== "STSv1" || !/^\d{1,10}$/.test(age)) return undefined;
  if (mode !== "enforce" && mode !== "testing" && mode !== "none") return undefined;
  if (mode !== "none" && mx.length === 0) return undefined;
  if (!mx.every((pattern) => /^(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(pattern)))
    return undefined;
  return { mode, mx, maxAge: Math.min(Number(age), MAX_AGE), lines };
}

/** §4.1: whether a mail exchanger is one of the policy's. */
export function isStsHost(policy: StsPolicy, host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, "");
  return policy.mx.some((pattern) =>
    pattern.startsWith("*.")
      ? name.slice(name.indexOf(".") + 1) === pattern.slice(2) && name.includes(".")
      : name === pattern,
  );
}
