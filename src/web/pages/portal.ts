// The client's own pages: state of the account, who looked, what is held, the log word for word, the password. Pure.
import { html } from "hono/html";
import { groundRow } from "#policy";
import { type Fields, type Mistakes, field, summary } from "../forms.ts";
import { type Html, counted, moment, octets } from "../layout.ts";
import type { ClientFacts, Look, MailSetting, RecoveryMode } from "../ports.ts";
import { capital, mailSettings, recoveryWords } from "./entrance.ts";
import { awayNote } from "./errors.ts";
import { className } from "./policy.ts";

/** Undefined where the keeper did not answer. */
export type Opened<Value> = { readonly value: Value } | undefined;

const tabs: { readonly [path: string]: string } = {
  "/portal": "Overview",
  "/portal/looks": "Who looked",
  "/portal/approvals": "Asked of you",
  "/portal/decisions": "Decisions",
  "/portal/held": "What we hold",
  "/portal/account": "Account",
  "/portal/billing": "Plan and payment",
  "/portal/tickets": "Write to us",
  "/portal/addresses": "Addresses",
  "/portal/domains": "Domains",
  "/portal/lists": "Lists and groups",
  "/portal/sending": "Sending",
  "/portal/filters": "Filters",
  "/portal/deleted": "Deleted mail",
  "/portal/log": "Log",
  "/portal/password": "Password",
  "/portal/apps": "App passwords",
  "/portal/recovery": "Recovery code",
};

export function portalFrame(path: string, body: Html): Html {
  return html`<nav class="tabs" aria-label="Your account">
      ${Object.entries(tabs).map(
        ([href, words]) =>
          html`<a href="${href}" ${href === path ? html`aria-current="page"` : ""}>${words}</a>`,
      )}
    </nav>
    ${body}`;
}

export interface Overview {
  readonly address: string;
  readonly facts: ClientFacts | undefined;
  readonly looks: Opened<readonly Look[]>;
  readonly mail: { readonly messages: number; readonly octets: number };
  readonly settings: readonly MailSetting[];
}

export function overviewPage(view: Overview): Html {
  const { facts } = view;
  return html`<h1>Your mail</h1>
    <p class="lede mono">${view.address}</p>
    <div class="cards">
      ${lookCard(view.looks)}
      <div class="card">
        <h2 class="h3">Kept for you</h2>
        <span class="figure">${counted(view.mail.messages, "message")}</span>
        <p class="quiet">${octets(view.mail.octets)}, sealed to your key</p>
      </div>
    </div>
    <h2>Settings for your mail program</h2>
    ${mailSettings(view.address, view.settings)}
    <p>
      Thunderbird and Outlook find these by themselves once the domain's records stand.
      <a href="/portal/apple.mobileconfig">A profile for Apple's Mail</a> holds them and no
      password.
    </p>
    <h2>Your account</h2>
    ${
      facts === undefined
        ? html`<p class="quiet">Its state cannot be read just now.</p>`
        : html`<dl class="facts">
            <div>
              <dt>Status</dt>
              <dd>
                <span class="tag ${facts.status === "active" ? "good" : "bad"}"
                  >${facts.status}</span
                >
                <a href="/portal/account">What that means</a>
              </dd>
            </div>
            <div>
              <dt>Plan</dt>
              <dd>${capital(facts.plan)}</dd>
            </div>
            <div>
              <dt>Client since</dt>
              <dd>${moment(facts.since)}</dd>
            </div>
            <div>
              <dt>A lost password</dt>
              <dd>${isMode(facts.mode) ? recoveryWords[facts.mode] : facts.mode}</dd>
            </div>
          </dl>`
    }`;
}

function isMode(mode: string): mode is RecoveryMode {
  return Object.hasOwn(recoveryWords, mode);
}

function lookCard(looks: Opened<readonly Look[]>): Html {
  if (looks === undefined)
    return html`<div class="card">
      <h2 class="h3">Who looked</h2>
      <p>The key holder does not answer just now. <a href="/portal/looks">Try again</a></p>
    </div>`;
  const latest = looks.value.reduce<Look | undefined>(
    (newest, look) => (newest === undefined || look.at > newest.at ? look : newest),
    undefined,
  );
  return html`<div class="card">
    <h2 class="h3">Who looked</h2>
    ${
      latest === undefined
        ? html`<span class="figure">Nobody has looked</span>
            <p class="quiet">No person has opened anything of yours.</p>`
        : html`<span class="figure">${counted(looks.value.length, "look")}</span>
            <p class="quiet">
              The latest: ${moment(latest.at * 1000)}, ground ${latest.ground}.
              <a href="/portal/looks">See who, when and why</a>
            </p>`
    }
  </div>`;
}

export function looksPage(looks: Opened<readonly Look[]>): Html {
  const intro = html`<h1>Who looked</h1>
    <p class="lede">
      Each time a person opened something of yours, or was allowed to try. No entry in the log, no
      key.
    </p>`;
  if (looks === undefined) return html`${intro} ${awayNote()}`;
  if (looks.value.length === 0)
    return html`${intro}
      <div class="note">
        <p>
          <strong>Nobody has looked.</strong> When somebody does, it stands here, and you can
          <a href="/ledger">check the log</a> that we did not leave it out.
        </p>
      </div>`;
  return html`${intro} ${[...looks.value].sort((a, b) => b.at - a.at).map(lookEntry)}`;
}

function lookEntry(look: Look): Html {
  const outcome = {
    released: html`<span class="tag bad">opened</span>`,
    failed: html`<span class="tag">tried, nothing was opened</span>`,
    intent: html`<span class="tag">announced, outcome not yet known</span>`,
  }[look.outcome];
  return html`<article class="card">
    <h2 class="h3">${moment(look.at * 1000)} ${outcome}</h2>
    <dl class="facts">
      <div>
        <dt>Who</dt>
        <dd>A person here, in the role “${look.role}”</dd>
      </div>
      <div>
        <dt>Ground</dt>
        <dd>
          <a href="/policy#ground-${look.ground}">${look.ground}</a>:
          ${groundRow(look.ground).words}
        </dd>
      </div>
      <div>
        <dt>Why</dt>
        <dd><bdi>${look.reason}</bdi></dd>
      </div>
      <div>
        <dt>How much</dt>
        <dd>${counted(look.items, "item")} of ${className(look.class).toLowerCase()}</dd>
      </div>
      ${
        look.ids.length === 0
          ? ""
          : html`<div>
              <dt>Which</dt>
              <dd>${look.ids.map((id) => html`<code>${id}</code> `)}</dd>
            </div>`
      }
      <div>
        <dt>Proof</dt>
        <dd>
          Entry ${look.index} of <a href="/ledger">the ledger</a>, made before anything was opened.
          ${
            look.proof === undefined
              ? "The proof is ready after the next publication, within minutes."
              : html`<br /><a href="/portal/looks/${look.index}/proof">Download the proof</a> that
                  it stands there`
          }
          ${
            look.openings === undefined
              ? ""
              : html`<br /><a href="/portal/looks/${look.index}/openings">Download what it says</a>,
                  to be checked against the proof`
          }
        </dd>
      </div>
    </dl>
  </article>`;
}

export function passwordPage(mistakes: Mistakes, changed: boolean): Html {
  const none: Fields = {};
  return html`<h1>Change your password</h1>
    <div class="narrow">
      ${changed ? html`<p class="note" role="status"><strong>Done.</strong> The new password opens your mail from now on.</p>` : ""}
      <p>
        Your mail stays as it is: one wrapped key is written anew. Your mail programs need the new
        password.
      </p>
      ${summary(mistakes)}
      <form method="post" action="/portal/password">
        ${field({ name: "old", label: "Password now", type: "password", autocomplete: "current-password" }, none, mistakes)}
        ${field({ name: "fresh", label: "New password", type: "password", autocomplete: "new-password" }, none, mistakes)}
        ${field({ name: "again", label: "New password again", type: "password", autocomplete: "new-password" }, none, mistakes)}
        <div class="actions"><button>Change it</button></div>
      </form>
    </div>`;
}
