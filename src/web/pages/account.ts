// The client's standing and what they can do about it: what it means just now, coming back, correcting, taking along, closing. Pure.
import { html } from "hono/html";
import { servicesInWords } from "./plans.ts";
import { type Fields, type Mistakes, field, summary } from "../forms.ts";
import { type Html, moment } from "../layout.ts";
import type { ContactData } from "../ports.ts";
import type { AccountPort, OwnStanding } from "../ports/account.ts";
import { table } from "../table.ts";
import { capital } from "./entrance.ts";

export interface AccountView {
  readonly standing: OwnStanding;
  readonly services: ReturnType<AccountPort["services"]>;
  readonly done: string | undefined;
}

const levelWords: { readonly [level: string]: string } = {
  open: "everything works",
  notice: "everything works; something is to be settled",
  waiting: "waits to be opened",
  "read-only": "mail can be read, not changed",
  "outbound-off": "reading only, sending off",
  "export-only": "mail programs off; these pages and the export stay",
  deferred: "incoming mail is told to come later",
  refused: "incoming mail is refused",
  deletion: "deletion is announced",
  closed: "no mail in or out; these pages and the export stay",
};

const holdWords: { readonly [kind: string]: string } = {
  "legal-hold": "Legal hold: nothing of yours is destroyed while it lasts",
  "abuse-block": "Sending is blocked",
  "do-not-suspend": "Our promise not to suspend you",
};

export function accountPage({ standing, services, done }: AccountView): Html {
  const { status, since, level, serving, next, holds } = standing;
  return html`<h1>Your account</h1>
    ${done === undefined ? "" : html`<p class="note" role="status"><strong>${done}</strong></p>`}
    ${standing.closing === undefined ? "" : closedNote(standing.closing)}
    <dl class="facts">
      ${fact("Status", html`<span class="tag ${good(status)}">${status}</span> since ${moment(since)}`)}
      ${fact("What that means", levelWords[level] ?? level)}
      ${
        next === undefined
          ? ""
          : fact(
              "What comes next",
              html`${levelWords[next.level] ?? next.level}, ${moment(next.at)}`,
            )
      }
      ${holds
        .filter((hold) => hold.inForce)
        .map((hold) =>
          fact(
            "Held",
            html`${holdWords[hold.kind] ?? hold.kind}, since ${moment(hold.since)}
            ${hold.until === undefined ? "" : html` until ${moment(hold.until)}`}`,
          ),
        )}
      ${fact("Plan", html`${capital(standing.plan)}. ${services?.words ?? ""}`)}
      ${
        services === undefined
          ? ""
          : fact(
              "It includes",
              `${servicesInWords(services.services)}; ${Math.round(services.limits.storage / 1024 ** 3)} GiB of mail; ${services.limits.recipientsPerDay} recipients a day`,
            )
      }
      ${fact("Client since", moment(standing.clientSince))}
    </dl>
    <h2>What works just now</h2>
    ${table(
      "What works just now",
      ["What", "How"],
      [
        ["Reading with a mail program", imapWords[serving.imap]],
        ["Sending", serving.submission ? "on" : "off"],
        ["Letters to you", inboundWords[serving.inbound]],
        ["These pages", "on"],
      ],
    )}
    <p class="quiet">
      Every move of your status is a line of <a href="/portal/log?kind=change">your log</a>, with
      who moved it and why.
    </p>
    <h2>Your rights</h2>
    <ul>
      <li><a href="/portal/held">See what we hold</a></li>
      <li><a href="/portal/account/contact">Correct your contact data</a></li>
      <li>
        <a href="/portal/export.zip">Take everything along</a>, as a ZIP: what we hold, your log,
        your mail, the proofs
      </li>
      ${standing.closing === undefined ? html`<li><a href="/portal/account/close">Close the account</a>, and have everything destroyed</li>` : ""}
    </ul>`;
}

const imapWords = {
  whole: "on",
  "read-only": "reading only; flags and folders stay as they are",
  off: "off",
} as const;

const inboundWords = {
  taken: "arrive",
  deferred: "are told to come back later (4xx), which servers do for some days",
  refused: "are sent back to who wrote them (5xx)",
  unknown: "are sent back to who wrote them (5xx)",
} as const;

function closedNote(closing: NonNullable<OwnStanding["closing"]>): Html {
  return html`<div class="note">
    <p>
      <strong>This account was closed on ${moment(closing.closedAt)}.</strong> Everything is
      destroyed after ${moment(closing.eraseAfter)}. Letters to you are sent back.
    </p>
    ${
      closing.mayComeBack
        ? html`<form method="post" action="/portal/account/reopen">
              <button>Come back</button>
            </form>
            <p class="quiet">Coming back puts all as it was, and tears up the order to erase.</p>`
        : html`<p>The window to come back is over.</p>`
    }
  </div>`;
}

function good(status: string): string {
  return status === "active" ? "good" : status === "past-due" ? "" : "bad";
}

function fact(name: string, value: Html | string): Html {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}

export function contactPage(values: Fields, mistakes: Mistakes, had: boolean): Html {
  return html`<h1>Contact data</h1>
    <div class="narrow">
      <p>
        ${had ? "As we hold it, opened just now by the keeper, for you." : "You signed up without a name. Give one only if you want a contract in it."}
        What you send is sealed before it is stored. Your log says that it was changed, and not to
        what.
      </p>
      ${summary(mistakes)}
      <form method="post" action="/portal/account/contact">
        ${field({ name: "fullName", label: "Name", autocomplete: "name" }, values, mistakes)}
        ${field({ name: "postal", label: "Postal address", lines: 3, autocomplete: "street-address" }, values, mistakes)}
        ${field({ name: "phone", label: "Phone", type: "tel", autocomplete: "tel" }, values, mistakes)}
        ${field({ name: "email", label: "E-mail elsewhere", type: "email", hint: "Where we reach you when this address does not work.", autocomplete: "email" }, values, mistakes)}
        <div class="actions"><button>Keep this</button></div>
      </form>
    </div>`;
}

export function contactValues(contact: ContactData | undefined): Fields {
  return contact === undefined
    ? {}
    : {
        fullName: contact.name,
        postal: contact.postal,
        phone: contact.phone,
        email: contact.email,
      };
}

export function closePage(mistakes: Mistakes): Html {
  return html`<h1>Close your account</h1>
    <div class="narrow">
      <p>What happens, in this order:</p>
      <ol>
        <li>
          At once, letters to you are sent back to who wrote them (5xx), and mail programs cannot
          sign in.
        </li>
        <li>
          For 30 days you can sign in here, take everything along, and come back. Nothing is lost
          until then.
        </li>
        <li>
          After that the key holder destroys your keys, with an entry in the public ledger, and
          every row and file of yours goes: mail, log, contact data, password. Nobody can undo it,
          and no order can open it.
        </li>
        <li>
          Your address is given to nobody else for a year and a month. Invoices stay as long as the
          law demands, without what they said of you: that is sealed to a key that is gone.
        </li>
      </ol>
      <p>
        You order this now, with your own key.
        <a href="/portal/export.zip">Take everything along</a> first, if you want it.
      </p>
      ${summary(mistakes)}
      <form method="post" action="/portal/account/close">
        ${field({ name: "password", label: "Your password, once more", type: "password", autocomplete: "current-password" }, {}, mistakes)}
        <div class="actions"><button>Close the account</button></div>
      </form>
    </div>`;
}

export function closedPage(link: string, eraseAfter: number): Html {
  return html`<h1>Your account is closed</h1>
    <p>
      Everything is destroyed after ${moment(eraseAfter)}. Until then you can
      <a href="/portal/account">come back</a>.
    </p>
    <div class="note">
      <p>
        <strong>Keep this link.</strong> Afterwards you cannot sign in, and only here you find the
        receipt that all is gone. It is shown this once; we keep only a hash of it.
      </p>
      <p><a class="mono" id="receipt" href="${link}">${link}</a></p>
    </div>`;
}
