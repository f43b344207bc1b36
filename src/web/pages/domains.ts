// A client's own domains in the portal: claimed, proved, and their records held against the DNS. Pure.
import { html } from "hono/html";
import { never } from "#base/errors";
import { type Fields, type Mistakes, field, summary } from "../forms.ts";
import { type Html, moment } from "../layout.ts";
import type { ClaimRefusal, DomainLine, DomainRecord, ProofOutcome } from "../ports/addresses.ts";
import { table } from "../table.ts";

export function claimMistakes(refusal: ClaimRefusal): Mistakes {
  switch (refusal) {
    case "bad-domain":
      return { domain: "A name like example.org." };
    case "ours":
      return { domain: "This domain is ours." };
    case "there":
      return { domain: "You have added it already." };
    case "too-many":
      return { domain: "As many domains as your plan has room for." };
    case "not-now":
      return { "": "Your account takes no new domains just now." };
    default:
      return never(refusal);
  }
}

const stateWords: { readonly [state in DomainLine["state"]]: string } = {
  pending: "not yet proved",
  verified: "yours",
  broken: "the proof is gone",
  ended: "given up",
};

function stateTag({ state }: DomainLine): Html {
  const tone = { pending: "", verified: "good", broken: "bad", ended: "" }[state];
  return html`<span class="tag ${tone}">${stateWords[state]}</span>`;
}

export function domainsPage(
  domains: readonly DomainLine[],
  values: Fields,
  mistakes: Mistakes,
): Html {
  return html`<h1>Your domains</h1>
    <p class="lede">
      Mail to a domain of your own, in this mailbox. You prove that it is yours by a record in its
      DNS, and keep it for as long as that record stands.
    </p>
    ${domains.length === 0 ? html`<p>None.</p>` : domains.map(domainCard)}
    <h2>Add a domain</h2>
    ${summary(mistakes)}
    <form method="post" action="/portal/domains" class="prose">
      ${field({ name: "domain", label: "Domain", hint: "One that you can add DNS records to." }, values, mistakes)}
      <div class="actions"><button>Add it</button></div>
    </form>`;
}

function domainCard(line: DomainLine): Html {
  const { domain, state, until } = line;
  const wrong = line.records.filter(
    ({ needed, state: is }) => needed && (is === "missing" || is === "other"),
  );
  return html`<article class="card">
    <h3>
      ${state === "ended" ? domain : html`<a href="/portal/domains/${domain}">${domain}</a>`}
      ${stateTag(line)}
    </h3>
    ${until === undefined ? "" : html`<p>${untilWords[state]} ${moment(until)}.</p>`}
    ${
      state === "ended" || line.checked === undefined
        ? ""
        : html`<p class="quiet">
            ${wrong.length === 0 ? "Every record that mail needs is right." : `${wrong.length} of the records that mail needs are not right.`}
            Looked at ${moment(line.checked)}.
          </p>`
    }
  </article>`;
}

const untilWords: { readonly [state in DomainLine["state"]]: string } = {
  pending: "If it is not proved, it goes from this list on",
  verified: "",
  broken: "Its mail still comes. If the record is not back, it ends on",
  ended:
    "Its mail ended. Add it again and everything is as it was; your names there are kept from others until",
};

const proofWords: { readonly [proof in ProofOutcome]: string } = {
  verified: "Proved. The domain is yours here.",
  "no-proof": "The proving record is not there, or not yet: the DNS can take an hour.",
  held: "Another client's proving record stands there as well. It must go from the DNS before the domain can be yours.",
  waiting:
    "Another client had this domain until now. It becomes yours a week after their record went; we look daily.",
  "no-answer": "The DNS did not answer. Try again in a few minutes.",
};

const purposeWords: { readonly [purpose: string]: string } = {
  proof: "proves that the domain is yours",
  mx: "brings its mail here",
  spf: "says that we send its mail",
  dkim: "lets others check our signature",
  dmarc: "says what to do with forgeries",
  reports: "lets reports about other domains come here",
  "mta-sts": "asks other servers for TLS; works once our certificate covers mta-sts",
  "tls-rpt": "asks for reports about TLS",
  srv: "leads mail programs here",
  autoconfig: "leads mail programs here",
};

export function domainPage(line: DomainLine, proof: ProofOutcome | undefined): Html {
  const { domain, state, until } = line;
  const needed = line.records.filter((record) => record.needed);
  const others = line.records.filter((record) => !record.needed);
  return html`<p><a href="/portal/domains">All domains</a></p>
    <h1>${domain}</h1>
    <p>${stateTag(line)} since ${moment(line.since)}</p>
    ${proof === undefined ? "" : html`<p class="note" role="status"><strong>${proofWords[proof]}</strong></p>`}
    ${until === undefined ? "" : html`<p>${untilWords[state]} ${moment(until)}.</p>`}
    ${state === "pending" ? html`<p class="prose">Begin with the first record, which proves the domain. Do not lead its mail here (MX) before that: we would not take it yet.</p>` : ""}
    <form method="post" action="/portal/domains/${domain}/check" class="actions">
      <button>Look at the DNS now</button>
      <a href="/portal/domains/${domain}/zone.txt">All records as a zone file</a>
    </form>
    <p class="quiet">
      ${line.checked === undefined ? "Not looked at yet." : html`Looked at ${moment(line.checked)}; we look daily and write to you when something breaks.`}
    </p>
    <h2>What mail needs</h2>
    ${recordTable("What mail needs", needed)}
    <h2>What makes it better</h2>
    ${recordTable("What makes it better", others)}
    <h2>Give it up</h2>
    <p class="prose">
      Its mail stops at once, and nothing that came is lost. For a month nobody else gets your names
      there, and you can come back to all of it.
    </p>
    <form method="post" action="/portal/domains/${domain}/remove">
      <button class="plain">Give up ${domain}</button>
    </form>`;
}

const tags: { readonly [state in DomainRecord["state"]]: Html } = {
  right: html`<span class="tag good">right</span>`,
  other: html`<span class="tag bad">differs</span>`,
  missing: html`<span class="tag bad">missing</span>`,
  unknown: html`<span class="tag">not known</span>`,
};

function recordTable(label: string, records: readonly DomainRecord[]): Html {
  return table(
    label,
    ["Record", "Should be", "In the DNS"],
    records.map(({ name, type, value, purpose, state, found }) => [
      html`<div>
        <strong>${type}</strong> <code class="record">${name}</code><br /><span class="quiet"
          >${purposeWords[purpose] ?? ""}</span
        >
      </div>`,
      html`<code class="record">${value}</code>`,
      html`<div>
        ${tags[state]}
        ${state === "other" ? found.map((text) => html`<br /><code class="record">${text}</code>`) : ""}
      </div>`,
    ]),
  );
}
