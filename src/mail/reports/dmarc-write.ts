// A DMARC aggregate report as XML (RFC 9990 §3.1.1 and appendix A). Pure. Rows that say the same are one row with a count.
import type { DmarcFact } from "./contract.ts";

export interface DmarcReport {
  readonly organisation: string;
  readonly email: string;
  readonly id: string;
  /** Seconds since 1970; the end is not in it. */
  readonly begin: number;
  readonly end: number;
  readonly published: DmarcFact["published"];
  readonly rows: readonly {
    readonly fact: Omit<DmarcFact, "at" | "published">;
    readonly count: number;
  }[];
}

export function dmarcXml(report: DmarcReport): string {
  const { organisation, email, id, begin, end, published, rows } = report;
  const lines = [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0">`,
    `<version>1.0</version>`,
    `<report_metadata>${of("org_name", organisation)}${of("email", email)}${of("report_id", id)}<date_range>${of("begin", begin)}${of("end", end - 1)}</date_range>${of("generator", "Bailee")}</report_metadata>`,
    `<policy_published>${of("domain", published.domain)}${of("discovery_method", "treewalk")}${of("p", published.p)}${of("sp", published.sp)}${of("np", published.np)}${of("fo", published.fo)}${of("adkim", published.adkim)}${of("aspf", published.aspf)}${of("testing", published.testing ? "y" : "n")}</policy_published>`,
    ...rows.map(({ fact, count }) => recordOf(fact, count)),
    `</feedback>`,
  ];
  return `${lines.join("\n")}\n`;
}

function recordOf(fact: Omit<DmarcFact, "at" | "published">, count: number): string {
  const { address, disposition, dkim, spf, override, signatures, mailFrom } = fact;
  const reason =
    override === undefined
      ? ""
      : `<reason>${of("type", override.type)}${of("comment", override.comment)}</reason>`;
  const evaluated = `<policy_evaluated>${of("disposition", disposition)}${of("dkim", dkim ? "pass" : "fail")}${of("spf", spf ? "pass" : "fail")}${reason}</policy_evaluated>`;
  const keys = signatures
    .map(
      (each) =>
        `<dkim>${of("domain", each.domain)}${of("selector", each.selector)}${of("result", each.result)}</dkim>`,
    )
    .join("");
  const path =
    mailFrom === undefined
      ? ""
      : `<spf>${of("domain", mailFrom.domain)}${of("scope", "mfrom")}${of("result", mailFrom.result)}</spf>`;
  return `<record><row>${of("source_ip", address)}${of("count", count)}${evaluated}</row><identifiers>${of("header_from", fact.headerFrom)}<envelope_from>${escaped(fact.envelopeFrom)}</envelope_from></identifiers><auth_results>${keys}${path}</auth_results></record>`;
}

/** An element; nothing for what is not there. */
function of(name: string, value: string | number | undefined): string {
  return value === undefined ? "" : `<${name}>${escaped(String(value))}</${name}>`;
}

/** What others wrote (selectors, domains) is text here, whatever it holds; characters that XML 1.0 has no place for are gone. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}
