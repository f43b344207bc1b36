// Fits the reports about the authentication of mail: to what the examiner and the queue saw, to the DNS and the outbox, to the addresses where
// others' reports come, and to the operator's command.
import type { Clock } from "#base/time";
import type { Clients } from "#clients";
import type { Config } from "#config";
import { type Operations, reportOperations } from "#control";
import type { Dns } from "#dns";
import type { Engine } from "#engine";
import type { SeenLetter } from "#mail/authentication";
import type { DeliveryOutcome } from "#mail/delivery";
import type { TlsOutcome } from "#mail/queue";
import { type DmarcFact, openReports, postReport, reportNames, type Reports } from "#mail/reports";
import type { ProviderMail } from "./doors.ts";
import type { Job } from "./schedule.ts";
import type { Outbox } from "./support.ts";

export function fitReports(rooms: {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly config: Config;
  readonly clients: Pick<Clients, "isOurDomain">;
  readonly dns: Dns;
  readonly outbox: Pick<Outbox, "enqueue">;
}): Reports {
  const { engine, clock, config, clients, dns, outbox } = rooms;
  return openReports({
    engine,
    clock,
    domain: config.domain,
    isOurs: (domain) => clients.isOurDomain(domain),
    async texts(name) {
      const answer = await dns.lookup(name, "TXT");
      if (answer.ok) return answer.records;
      return answer.why === "trouble" ? "trouble" : [];
    },
    send: (sender, recipient, raw) =>
      outbox.enqueue({
        client: "",
        account: "",
        sender,
        // A report that cannot be delivered is nobody's concern (RFC 9990 §3.5).
        recipients: [{ address: recipient, notify: ["never"], orcpt: undefined }],
        raw,
        ret: undefined,
        envid: undefined,
      }),
    post: (url, gzipped) => postReport(url, gzipped),
    sends: config.reports === "on",
  });
}

/** What the examiner saw, as a report may tell it. */
export function noteSeen(reports: Reports): (seen: SeenLetter) => void {
  return (seen) => {
    const fact = factOf(seen);
    if (fact !== undefined) reports.noteLetter(fact);
  };
}

function factOf({
  at,
  address,
  envelopeFrom,
  evidence,
  verdict,
}: SeenLetter): DmarcFact | undefined {
  const { dmarc, spf, dkim } = evidence;
  if (dmarc.published === undefined || dmarc.from === undefined) return undefined;
  const mailFrom = spf.find(({ identity }) => identity === "mailfrom");
  return {
    at,
    address,
    headerFrom: dmarc.from,
    envelopeFrom,
    disposition: dispositions[verdict.act],
    dkim: dmarc.aligned.dkim,
    spf: dmarc.aligned.spf,
    override: verdict.override,
    signatures: dkim.flatMap(({ domain, selector, result }) =>
      domain === undefined || selector === undefined ? [] : [{ domain, selector, result }],
    ),
    mailFrom: mailFrom && { domain: mailFrom.domain, result: mailFrom.result },
    published: dmarc.published,
  };
}

const dispositions = {
  inbox: "none",
  junk: "quarantine",
  refuse: "reject",
  later: "none",
} as const;

export function noteSession(reports: Reports): (outcome: TlsOutcome) => Promise<void> {
  return async (outcome) => reports.noteSession(outcome);
}

/** Where others' reports come: addresses that nobody reads and that answer nobody. */
export function reportMail(reports: Reports): ProviderMail {
  const names: readonly string[] = Object.values(reportNames);
  return (local) =>
    names.includes(local)
      ? async (_, raw): Promise<DeliveryOutcome> => {
          const taken = await reports.take(raw);
          return { ok: true, messageId: taken, uid: 0 };
        }
      : undefined;
}

export function reportJobs(reports: Reports): readonly Job[] {
  return [
    {
      name: "mail-reports",
      words:
        "sends reports about days that are over to domains that ask for them; ends old ones that came",
      run: async () => ({ ...(await reports.run()) }),
    },
  ];
}

export function operationsOfReports({ reports }: { readonly reports: Reports }): Operations {
  return reportOperations(reports);
}
