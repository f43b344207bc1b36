// The DNS records that a domain wants for its mail to come here, leave here and be found by mail programs; and how they are written in
// a zone file. Pure: values in, values out.
import { createHash } from "node:crypto";
import type { SigningRecord, ZoneRecord } from "./contract.ts";

export interface ZoneParts {
  readonly domain: string;
  /** Our own name: where mail is taken, sent from and read. */
  readonly house: string;
  readonly signing: readonly SigningRecord[];
  readonly services: readonly { readonly service: string; readonly port: number }[];
  readonly reports: { readonly dmarc?: string; readonly tls?: string };
}

/** What the proving record holds. */
export function proofValue(token: string): string {
  return `bailee-domain=${token}`;
}

/** The zone of a client's own domain. */
export function clientZone(parts: ZoneParts & { readonly token: string }): readonly ZoneRecord[] {
  const { domain, house, token } = parts;
  return [
    { ...needed("proof", `_bailee.${domain}`, "TXT", proofValue(token)) },
    needed("mx", domain, "MX", `10 ${house}`),
    // Whoever runs this house may move its sending elsewhere, and no client has to know.
    needed("spf", domain, "TXT", `v=spf1 include:${house} -all`),
    ...common(parts),
  ];
}

/** The zone of the house's own domain; addresses (A, AAAA) and the reverse name are the machine's, and not said here. */
export function houseZone(
  parts: ZoneParts & { readonly smarthost: string | undefined },
): readonly ZoneRecord[] {
  const { house, reports, smarthost } = parts;
  const away = smarthost === undefined ? "" : ` a:${smarthost}`;
  return [
    needed("mx", house, "MX", `10 ${house}`),
    needed("spf", house, "TXT", `v=spf1 mx${away} -all`),
    ...common(parts),
    // Reports about clients' domains come to an address of ours, which their senders ask whether we want (RFC 7489 §7.1).
    ...(reports.dmarc === undefined
      ? []
      : [wanted("reports", `*._report._dmarc.${house}`, "TXT", "v=DMARC1")]),
  ];
}

function common({ domain, house, signing, services, reports }: ZoneParts): readonly ZoneRecord[] {
  const dmarc = reports.dmarc === undefined ? "" : `; rua=mailto:${reports.dmarc}`;
  return [
    ...signing.map(({ name, type, value }) => needed("dkim", name, type, value)),
    needed("dmarc", `_dmarc.${domain}`, "TXT", `v=DMARC1; p=quarantine${dmarc}`),
    ...services.map(({ service, port }) =>
      // RFC 6186 §3, RFC 8314 §5.1.
      wanted("srv", `_${service}._tcp.${domain}`, "SRV", `0 1 ${port} ${house}`),
    ),
    ...["autoconfig", "autodiscover"].map((name) =>
      wanted("autoconfig", `${name}.${domain}`, "CNAME", house),
    ),
    wanted("mta-sts", `_mta-sts.${domain}`, "TXT", `v=STSv1; id=${stsId(house)}`),
    ...(domain === house ? [] : [wanted("mta-sts", `mta-sts.${domain}`, "CNAME", house)]),
    ...(reports.tls === undefined
      ? []
      : [
          wanted("tls-rpt", `_smtp._tls.${domain}`, "TXT", `v=TLSRPTv1; rua=mailto:${reports.tls}`),
        ]),
  ];
}

type Made = (
  purpose: ZoneRecord["purpose"],
  name: string,
  type: ZoneRecord["type"],
  value: string,
) => ZoneRecord;

const needed: Made = (purpose, name, type, value) => ({ purpose, name, type, value, needed: true });
const wanted: Made = (purpose, name, type, value) => ({
  purpose,
  name,
  type,
  value,
  needed: false,
});

// A week: long enough to cover a quiet correspondent's next letter, short enough to take back a mistake (RFC 8461 §10.2 on long ones).
const STS_MAX_AGE = 604_800;

/** What stands at https://mta-sts.DOMAIN/.well-known/mta-sts.txt (RFC 8461 §3.2). */
export function stsPolicy(house: string): string {
  const lines = ["version: STSv1", "mode: enforce", `mx: ${house}`, `max_age: ${STS_MAX_AGE}`];
  return lines.map((line) => `${line}\r\n`).join("");
}

/** Changes when the policy does (RFC 8461 §3.1: at most 32 letters and digits). */
function stsId(house: string): string {
  return createHash("sha256").update(stsPolicy(house)).digest("hex").slice(0, 16);
}

// An hour: what is corrected is seen the same day.
const TTL = 3600;
// A character-string has one octet for its length (RFC 1035 §3.3).
const MAX_STRING = 255;

/** The records as a zone file (RFC 1035 §5.1), every name absolute. */
export function zoneFile(domain: string, records: readonly ZoneRecord[]): string {
  const lines = records.map(
    (record) => `${record.name}. ${TTL} IN ${record.type} ${zoneValue(record)}`,
  );
  return [`; ${domain}: mail`, ...lines, ""].join("\n");
}

/** The value as a zone file has it: text in quotes and in pieces, names with their last dot. */
export function zoneValue({ type, value }: Pick<ZoneRecord, "type" | "value">): string {
  if (type !== "TXT") return `${value}.`;
  const pieces: string[] = [];
  for (let at = 0; at === 0 || at < value.length; at += MAX_STRING)
    pieces.push(value.slice(at, at + MAX_STRING));
  return pieces.map((piece) => `"${piece.replaceAll(/["\\]/g, String.raw`\$&`)}"`).join(" ");
}
