// Reports about days that are over, to whoever asked for them in the DNS. Best effort (RFC 9990 §3.5): what cannot be sent now is dropped, since
// the next day has its own report.
import { gzipSync } from "node:zlib";
import { fromUtf8 } from "#base/bytes";
import { newId } from "#base/ids";
import { log, logBroken } from "#base/log";
import { DAY, SECOND } from "#base/time";
import type { DmarcFact, ReportPorts, TlsFact } from "./contract.ts";
import type { DayOf } from "./counts.ts";
import { dmarcXml } from "./dmarc-write.ts";
import { letterWith } from "./letter.ts";
import { tlsJson } from "./tls.ts";
import { type Destination, destinationsOf, domainIn, tlsRua } from "./uris.ts";

/** How many letters and posts went out about the day. */
export async function sendDmarc(
  ports: ReportPorts,
  from: string,
  day: DayOf<DmarcFact>,
): Promise<number> {
  const { published } = day.latest;
  const { begin, id, name } = nameOf(ports, day);
  const xml = dmarcXml({
    organisation: ports.domain,
    email: from,
    id,
    begin,
    end: begin + DAY / SECOND,
    published,
    rows: day.rows.map(({ fact: { at: _at, published: _published, ...fact }, count }) => ({
      fact,
      count,
    })),
  });
  const content = gzipSync(xml);
  let sent = 0;
  for (const to of destinationsOf(published.rua ?? "")) {
    if (to.kind !== "mailto" || !(await mayHave(ports, published, to))) continue;
    if (content.byteLength > to.most) {
      log("reports.too-large", { octets: content.byteLength });
      continue;
    }
    const letter = letterWith({
      from,
      to: to.address,
      subject: `Report Domain: ${day.domain} Submitter: ${ports.domain} Report-ID: <${id}>`,
      at: ports.clock.now(),
      messageId: `${newId()}@${ports.domain}`,
      text: `This is an aggregate report (RFC 9990) by ${ports.domain}\nabout letters that name ${day.domain} as their author's domain.\n`,
      fields: [],
      multipart: "mixed",
      type: "application/gzip",
      filename: `${name}.xml.gz`,
      content,
    });
    sent += await attempt(() => ports.send(from, to.address, letter));
  }
  return sent;
}

/** The same for TLS sessions with a domain's exchangers. */
export async function sendTls(
  ports: ReportPorts,
  from: string,
  day: DayOf<TlsFact>,
): Promise<number> {
  const { domain } = day;
  const records = await ports.texts(`_smtp._tls.${domain}`);
  const rua = records === "trouble" ? undefined : tlsRua(records);
  if (rua === undefined) return 0;
  const { id, name } = nameOf(ports, day);
  const json = tlsJson({
    organisation: ports.domain,
    contact: from,
    id,
    domain,
    begin: day.begin,
    end: day.begin + DAY,
    rows: day.rows.map(({ fact: { at: _at, ...fact }, count }) => ({ fact, count })),
  });
  const content = gzipSync(fromUtf8(json));
  let sent = 0;
  for (const to of destinationsOf(rua)) {
    if (to.kind === "https") {
      sent += await attempt(async () => {
        if (!(await ports.post(to.url, content))) throw new Error("the report was not taken");
      });
      continue;
    }
    const letter = letterWith({
      from,
      to: to.address,
      subject: `Report Domain: ${domain} Submitter: ${ports.domain} Report-ID: <${id}>`,
      at: ports.clock.now(),
      messageId: `${newId()}@${ports.domain}`,
      text: `This is a report about TLS (RFC 8460) by ${ports.domain}\nabout its sessions with the mail servers of ${domain}.\n`,
      // RFC 8460 §5.3; a report that cannot be encrypted is worth more than none (§3).
      fields: [
        ["TLS-Report-Domain", domain],
        ["TLS-Report-Submitter", ports.domain],
        ["TLS-Required", "No"],
      ],
      multipart: "report; report-type=tlsrpt",
      type: "application/tlsrpt+gzip",
      filename: `${name}.json.gz`,
      content,
    });
    sent += await attempt(() => ports.send(from, to.address, letter));
  }
  return sent;
}

/** RFC 9990 §3.5.1 and RFC 8460 §5.1: receiver ! domain ! begin ! end ! id. */
function nameOf(ports: ReportPorts, { domain, begin: at }: { domain: string; begin: number }) {
  const begin = at / SECOND;
  const unique = newId();
  const id = `${begin}.${unique}@${ports.domain}`;
  const name = `${ports.domain}!${domain}!${begin}!${begin + DAY / SECOND - 1}!${unique}`;
  return { begin, id, name };
}

/** A destination elsewhere must say that it wants reports about this domain (RFC 9990 §4), or anybody could have them sent to anybody. */
async function mayHave(
  { texts }: ReportPorts,
  { domain, organisation }: DmarcFact["published"],
  to: Extract<Destination, { kind: "mailto" }>,
): Promise<boolean> {
  const theirs = domainIn(to.address);
  if (theirs === organisation || theirs.endsWith(`.${organisation}`)) return true;
  const records = await texts(`${domain}._report._dmarc.${theirs}`);
  return records !== "trouble" && records.some((record) => /^v=DMARC1\s*(?:;|$)/.test(record));
}

async function attempt(work: () => Promise<void>): Promise<number> {
  try {
    await work();
    return 1;
  } catch (error) {
    logBroken("reports.send", error);
    return 0;
  }
}
