// What is held of a client, by class, and their log word for word, with what retention has taken. Pure.
import { html } from "hono/html";
import { type DataClass, classes, dataClasses, logKinds } from "#policy";
import { type Html, counted, moment, octets } from "../layout.ts";
import type { ContactData, LogLine } from "../ports.ts";
import type { LogPage, OwnStanding } from "../ports/account.ts";
import type { JobReport } from "../ports/jobs.ts";
import { table } from "../table.ts";
import { awayNote } from "./errors.ts";
import { className, purposeWords } from "./policy.ts";
import type { Opened } from "./portal.ts";

export interface Held {
  readonly contact: Opened<ContactData | undefined>;
  readonly standing: OwnStanding | undefined;
  readonly address: string;
  /** `more` when there are older ones that were not counted. */
  readonly logLines: { readonly value: number; readonly more: boolean } | undefined;
  readonly mail: { readonly messages: number; readonly octets: number };
  /** What of payment is there, in words; undefined where it cannot be asked just now. */
  readonly payment: Html | string;
  readonly policy: string;
}

export function heldPage(held: Held): Html {
  const { standing } = held;
  const now: { readonly [Class in DataClass]?: Html | string } = {
    contact: contactNow(held.contact),
    payment: held.payment,
    standing: standing === undefined ? "cannot be read just now" : standingNow(standing),
    clientlog:
      held.logLines === undefined
        ? "the key holder does not answer"
        : html`${held.logLines.more ? "at least " : ""}${counted(held.logLines.value, "line")},
            <a href="/portal/log">word for word here</a>`,
    content: `${counted(held.mail.messages, "message")}, ${octets(held.mail.octets)}, readable with your password`,
    rule: "blocks and lists that you have set, if any; sealed to a key that the server may use on the way of a letter",
    credential: "a verifier of your password and your wrapped keys; neither is the password",
    visit: "counters only, with no row that is yours",
    cookie: html`what your browser shows for this site; <a href="/cookies">the register</a>`,
  };
  const rows = dataClasses.filter((name) => now[name] !== undefined);
  return html`<h1>What we hold about you</h1>
    <p class="lede">
      By class, with what it may be opened for and how long it stays. Your contact data was opened
      just now by the keeper, for you.
    </p>
    ${table(
      "What we hold about you",
      ["Class", "What is there now", "May be opened for", "Kept"],
      rows.map((name) => [
        className(name),
        now[name] ?? "",
        purposeWords(name),
        classes[name].kept.rule,
      ]),
    )}
    <p>
      Your address ${held.address} stands in clear, since mail must find it.
      <a href="/portal/account/contact">Correct your contact data</a> or
      <a href="/portal/export.zip">take everything along</a>.
    </p>
    <p class="quiet">
      What is collected now comes under <a href="/policy">the policy</a> with the digest
      <code>${held.policy.slice(0, 16)}…</code>; each sealed object names the one that it came
      under.
    </p>`;
}

function standingNow({ status, level, plan, planVersion, mode, holds }: OwnStanding): string {
  const held = holds.filter((hold) => hold.inForce).map((hold) => hold.kind);
  return [
    `${status} (${level})`,
    `plan ${plan}, version ${planVersion}`,
    `lost password: ${mode}`,
    ...(held.length === 0 ? [] : [`holds: ${held.join(", ")}`]),
  ].join("; ");
}

function contactNow(contact: Opened<ContactData | undefined>): Html | string {
  if (contact === undefined) return "sealed; the key holder does not answer";
  if (contact.value === undefined) return "nothing: you signed up without a name";
  const { name, postal, phone, email } = contact.value;
  return html`<bdi>${name}</bdi><br /><bdi class="lines">${postal}</bdi
    ><br />${phone}<br />${email}`;
}

export interface LogView {
  readonly page: Opened<LogPage>;
  readonly kind: string | undefined;
  readonly isFirst: boolean;
  /** How the retention's last run went. */
  readonly retention: JobReport | undefined;
}

export function logPage({ page, kind, isFirst, retention }: LogView): Html {
  const intro = html`<h1>Your log</h1>
    <p class="lede">
      Word for word what we keep about the use of your account. Sign-ins go after
      ${logKinds["sign-in"].days} days and traffic after ${logKinds.traffic.days}, by destroying
      their keys. Changes and looks stay while you are a client.
    </p>
    ${filter(kind)} `;
  if (page === undefined) return html`${intro} ${awayNote()}`;
  const { events, destroyed, older } = page.value;
  return html`${intro} ${taken(retention, destroyed)}
    ${
      events.length === 0
        ? html`<p class="note">
            ${isFirst ? "Nothing here. Sign-ins, deliveries, changes and looks stand in your log while their time lasts." : "Nothing older."}
          </p>`
        : table(
            "Your log",
            ["When", "What", "Recorded"],
            events.map((line) => [
              moment(line.at),
              html`<span class="tag">${line.kind}</span>`,
              recorded(line.fields),
            ]),
          )
    }
    <p>
      ${isFirst ? "" : html`<a href="/portal/log${kind === undefined ? "" : `?kind=${kind}`}">Newest</a>`}
      ${
        older === undefined
          ? ""
          : html`<a
              rel="next"
              href="/portal/log?before=${older}${kind === undefined ? "" : `&kind=${kind}`}"
              >Older</a
            >`
      }
    </p>`;
}

function filter(kind: string | undefined): Html {
  const link = (href: string, words: string, here: boolean): Html =>
    html`<a href="${href}" ${here ? html`aria-current="true"` : ""}>${words}</a>`;
  return html`<nav class="tabs" aria-label="Kind">
    ${link("/portal/log", "All", kind === undefined)}
    ${Object.keys(logKinds).map((name) => link(`/portal/log?kind=${name}`, name, name === kind))}
  </nav>`;
}

/** What retention did, and that it ran: a promise that nobody keeps is none. */
function taken(retention: JobReport | undefined, destroyed: number): Html {
  if (retention?.at === undefined)
    return html`<p class="quiet">
      Retention has not run since the server started; it runs every hour.
    </p>`;
  const { keys = 0, events = 0 } = retention.did;
  return html`<p class="quiet">
    Retention last ran ${moment(retention.at)}: it destroyed ${counted(keys, "key")} of days that
    were over, and deleted ${counted(events, "line")} of all clients.
    ${destroyed > 0 ? html`${counted(destroyed, "line")} of yours cannot be opened by anybody any more.` : ""}
    The keys’ names are in <a href="/ledger">the ledger</a>.
  </p>`;
}

/** Every field by its name, and first, where there is one, what happened. */
function recorded(fields: LogLine["fields"]): Html {
  const { what, ...rest } = fields;
  return html`${what === undefined ? "" : html`<bdi class="pair">${what}</bdi> `}
  ${Object.entries(rest).map(([name, value]) => html`<span class="pair"><span class="quiet">${name}</span> <bdi>${value}</bdi></span> `)}`;
}
