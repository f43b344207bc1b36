// A DNS of some lines for tests: "name TYPE value"; a value TIMEOUT is trouble. Several lines of one name are several records.
import type { DnsAnswer, Lookup, RecordOf } from "../ports.ts";

export function tryZone(lines: readonly string[]): Lookup {
  const zone = new Map<string, string[]>();
  const names = new Set<string>();
  for (const line of lines) {
    const [name = "", type = "", ...rest] = line.split(" ");
    const key = `${name.toLowerCase()} ${type}`;
    names.add(name.toLowerCase());
    zone.set(key, [...(zone.get(key) ?? []), rest.join(" ")]);
  }
  return async <Type extends keyof RecordOf>(name: string, type: Type) => {
    const lower = name.toLowerCase();
    const values = zone.get(`${lower} ${type}`);
    if (values?.includes("TIMEOUT") === true) return { ok: false, why: "trouble" };
    if (values === undefined) return { ok: false, why: names.has(lower) ? "nodata" : "nxdomain" };
    const records = values.map((value) => {
      if (type !== "MX") return value;
      const [preference, exchange = ""] = value.split(" ");
      return { preference: Number(preference), exchange };
    });
    return { ok: true, records } as unknown as DnsAnswer<Type>;
  };
}
