// `bailee reports dmarc|tls`: what other providers report about our mail, summed by domain.
import { ask, type CliCommand, report, UsageError } from "./command.ts";

function summary(kind: "dmarc" | "tls", what: string): CliCommand {
  return {
    summary: `what others report about ${what}`,
    help: `
bailee reports ${kind} [--domain DOMAIN] [--days N] [--json]

Sums the ${kind === "dmarc" ? "aggregate reports (DMARC, RFC 9990)" : "TLS reports (RFC 8460)"} that came in the last N days (30 unless told, 90 at most) for each domain of
ours: how many ${kind === "dmarc" ? "letters passed and failed, and from which servers the failed ones came" : "sessions had TLS as it should be, and how the others failed"}. Reports come to
${kind}-reports@ your domain; bailee dns prints the record that asks for them.
`,
    options: { domain: { type: "string" }, days: { type: "string" } },
    positionals: [0, 0],
    async run(call) {
      const days = Number(call.option("days") ?? "30");
      if (!Number.isInteger(days)) throw new UsageError("--days takes a number");
      const domain = call.option("domain");
      return report(
        call,
        await ask(call, "reports.summary", { kind, days, ...(domain !== undefined && { domain }) }),
      );
    },
  };
}

export const reportsDmarc = summary("dmarc", "letters in our name");

export const reportsTls = summary("tls", "TLS on the way to us");
