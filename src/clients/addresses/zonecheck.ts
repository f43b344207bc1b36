// Holds the records that a domain wants against what the DNS has, and says of each what was found. Asks through a port, writes nothing.
import type { CheckedRecord, LookUp, RecordState, ZoneRecord } from "./contract.ts";

/** Every record with what stands there now. Never rejects for what the DNS says. */
export async function checkZone(
  lookUp: LookUp,
  records: readonly ZoneRecord[],
): Promise<readonly CheckedRecord[]> {
  // Several records may share a name; each is asked for once.
  const asked = new Map<string, ReturnType<LookUp>>();
  const once: LookUp = (name, type) => {
    const key = `${type} ${name}`;
    const known = asked.get(key) ?? lookUp(name, type);
    asked.set(key, known);
    return known;
  };
  return Promise.all(records.map((record) => checkRecord(once, record)));
}

async function checkRecord(lookUp: LookUp, record: ZoneRecord): Promise<CheckedRecord> {
  // What a wildcard gives is found under any name below it.
  const name = record.name.replace(/^\*\./, "bailee-check.");
  const answer = await lookUp(name, record.type);
  if (answer === "trouble") return { ...record, state: "unknown", found: [] };
  const stands = answer === "none" ? [] : answer;
  const found = relevant(record, stands);
  if (fits(record, found)) return { ...record, state: "right", found };
  if (record.type === "CNAME" && stands.length === 0) return checkSameHost(lookUp, record);
  return { ...record, state: found.length === 0 ? "missing" : "other", found };
}

/** Of the texts under a name only those that are about the same thing: SPF shares its name with everything. */
function relevant({ type, value }: ZoneRecord, stands: readonly string[]): readonly string[] {
  const start =
    type === "TXT" ? /^(?:v=\w+|bailee-domain=)/i.exec(value)?.[0].toLowerCase() : undefined;
  if (start === undefined) return stands;
  return stands.filter((text) => text.trim().toLowerCase().startsWith(start));
}

function fits({ purpose, type, value }: ZoneRecord, found: readonly string[]): boolean {
  switch (purpose) {
    case "proof":
      return found.some((text) => text.trim() === value);
    case "mx":
      return isFirst(value, found);
    case "spf":
      // More than one is an error to every receiver (RFC 7208 §4.5).
      return found.length === 1 && coversSpf(value, found[0] ?? "");
    case "dkim":
      return type === "CNAME"
        ? found.includes(value)
        : found.some((text) => keyOf(text) === keyOf(value));
    case "dmarc":
      // Their own choice of a stricter policy is as good; none at all lets anybody write in their name.
      return found.length === 1 && /;\s*p\s*=\s*(?:quarantine|reject)\b/i.test(found[0] ?? "");
    case "srv": {
      const [, , port, target] = value.split(" ");
      return found.some((text) => text.split(" ").slice(2).join(" ") === `${port} ${target}`);
    }
    case "mta-sts":
      return type === "CNAME" ? found.includes(value) : found.length === 1;
    case "tls-rpt":
    case "reports":
      return found.length === 1;
    case "autoconfig":
      return found.includes(value);
    default:
      return purpose satisfies never;
  }
}

/** Ours is what senders try first; others behind it are backups. */
function isFirst(value: string, found: readonly string[]): boolean {
  const read = found.map((text) => text.split(" "));
  const lowest = Math.min(...read.map(([preference]) => Number(preference)));
  const host = value.split(" ")[1];
  return read.some(([preference, exchange]) => Number(preference) === lowest && exchange === host);
}

function coversSpf(value: string, found: string): boolean {
  const terms = new Set(found.toLowerCase().trim().split(/\s+/));
  const wanted = value.split(" ").slice(1, -1);
  return wanted.every((term) => terms.has(term)) && (terms.has("-all") || terms.has("~all"));
}

/** The key of a DKIM record; providers of DNS change the blanks around it. */
function keyOf(text: string): string {
  return /(?:^|;)\s*p\s*=([^;]*)/i.exec(text)?.[1]?.replaceAll(/\s/g, "") ?? "";
}

/** Some hosters of DNS write the addresses in the alias's place. */
async function checkSameHost(lookUp: LookUp, record: ZoneRecord): Promise<CheckedRecord> {
  const addresses = async (name: string): Promise<readonly string[] | "trouble"> => {
    const answers = await Promise.all([lookUp(name, "A"), lookUp(name, "AAAA")]);
    if (answers.includes("trouble")) return "trouble";
    return answers.flatMap((answer) => (typeof answer === "string" ? [] : answer));
  };
  const [theirs, ours] = await Promise.all([addresses(record.name), addresses(record.value)]);
  if (theirs === "trouble" || ours === "trouble") return { ...record, state: "unknown", found: [] };
  const state: RecordState =
    theirs.length === 0
      ? "missing"
      : theirs.every((address) => ours.includes(address))
        ? "right"
        : "other";
  return { ...record, state, found: theirs };
}
