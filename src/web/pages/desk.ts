// The staff desk: facts about clients, filed grants, and drafts of new ones. There is nothing here that reads mail or becomes
// a client, and the page says so. Pure.
import { html } from "hono/html";
import { type DraftMistakes, classesOf, requesterKinds } from "#disclosure";
import { type Canonical, parseCanonical } from "#base/canonical";
import { type Demand, type Ground, demands, groundRow, grounds, isGround } from "#policy";
import { type Fields, type Mistakes, field, summary, choice } from "../forms.ts";
import { type Html, counted, moment, octets } from "../layout.ts";
import { table } from "../table.ts";
import type { ClientFacts, FiledGrant, MessageFacts } from "../ports.ts";
import { approvers, className, duration } from "./policy.ts";

export function deskSignInPage(mistakes: Mistakes): Html {
  return html`<div class="narrow">
    <h1>Staff desk</h1>
    <p class="lede">
      For the people who work here. It shows facts about accounts, never what is in them.
    </p>
    ${summary(mistakes)}
    <form method="post" action="/desk/sign-in">
      ${field({ name: "password", label: "Desk password", type: "password", autocomplete: "current-password" }, {}, mistakes)}
      <div class="actions"><button>Open the desk</button></div>
    </form>
  </div>`;
}

export function deskPage(
  clients: readonly ClientFacts[],
  grants: readonly FiledGrant[] | undefined,
): Html {
  return html`<h1>Staff desk</h1>
    <p class="note">
      You cannot read mail from here, and you cannot sign in as a client: there is no such function,
      and no key to do it with. To have something opened, draft a grant; it needs its ground, its
      approvals and an entry in the ledger.
    </p>
    <h2>Grants</h2>
    ${grantList(grants)}
    <h2>Clients</h2>
    ${clientTable(clients)}
    <form method="post" action="/desk/sign-out">
      <button class="plain">Close the desk</button>
    </form>`;
}

function clientTable(clients: readonly ClientFacts[]): Html {
  if (clients.length === 0) return html`<p>No clients yet.</p>`;
  return table(
    "Clients",
    ["Address", "Client", "Status", "Plan", "Lost password", "Since", "Grant"],
    clients.map((row) => [
      row.address,
      html`<code>${row.client.slice(0, 8)}…</code>`,
      html`<span class="tag">${row.status}</span>`,
      row.plan,
      row.mode,
      moment(row.since),
      html`<a href="/desk/draft/${row.account}" aria-label="Draft a grant about ${row.address}"
          >Draft</a
        >
        <a href="/desk/contact/${row.account}" aria-label="Contact data of ${row.address}"
          >Contact</a
        >`,
    ]),
  );
}

function grantList(grants: readonly FiledGrant[] | undefined): Html {
  if (grants === undefined)
    return html`<p class="alert">The keeper does not answer, so the grants cannot be listed.</p>`;
  if (grants.length === 0)
    return html`<p>
      None has been filed. A draft becomes one when its actor signs it:
      <code>bailee grant file DRAFT --key KEY</code>
    </p>`;
  return html`${grants.map(grantCard)}`;
}

const stateTags: { readonly [State in FiledGrant["state"]]: Html } = {
  waiting: html`<span class="tag">waiting for approvals</span>`,
  approved: html`<span class="tag good">approved, not used</span>`,
  released: html`<span class="tag bad">opened</span>`,
  expired: html`<span class="tag">expired</span>`,
};

function grantCard(filed: FiledGrant): Html {
  const grant = (parseCanonical(filed.grant) ?? {}) as { readonly [name: string]: Canonical };
  const missing = Math.max(0, filed.approvalsNeeded - filed.approvals.length);
  const text = (name: string): string => (typeof grant[name] === "string" ? grant[name] : "");
  return html`<article class="card">
    <h3>${text("ground")}: ${text("purpose")} ${stateTags[filed.state]}</h3>
    <dl class="facts">
      <div>
        <dt>Client</dt>
        <dd><code>${text("client")}</code></dd>
      </div>
      <div>
        <dt>Class</dt>
        <dd>${text("class")}</dd>
      </div>
      <div>
        <dt>Reason</dt>
        <dd><bdi>${text("reason")}</bdi></dd>
      </div>
      <div>
        <dt>Approvals</dt>
        <dd>
          ${filed.approvals.length} of
          ${filed.approvalsNeeded}${
            missing > 0 && filed.state === "waiting"
              ? html`; ${counted(missing, "approval")} still missing, by people other than the
                  actor, with <code>bailee approve sign</code> and the hash below`
              : ""
          }
          ${filed.approvals.map(({ approver, at }) => html`<br /><code>${approver}</code>, ${moment(at * 1000)}`)}
        </dd>
      </div>
      <div>
        <dt>Used</dt>
        <dd>${filed.uses} of ${filed.usesAllowed}</dd>
      </div>
      <div>
        <dt>Hash</dt>
        <dd><code>${filed.hash}</code></dd>
      </div>
    </dl>
  </article>`;
}

export interface DraftView {
  readonly client: ClientFacts;
  readonly messages: readonly MessageFacts[];
  /** Undefined until a ground is chosen. */
  readonly ground: Ground | undefined;
  readonly values: Fields;
  readonly chosen: ReadonlySet<string>;
  readonly mistakes: DraftMistakes;
}

export function draftPage(view: DraftView): Html {
  return html`<p><a href="/desk">Back to the desk</a></p>
    <h1>Draft a grant</h1>
    <p class="lede">About ${view.client.address}</p>
    ${view.ground === undefined ? groundChoice(view.client.account) : draftForm(view, view.ground)}`;
}

function groundChoice(account: string): Html {
  return html`<p>On which ground? These are all there are.</p>
    <ul class="three">
      ${(Object.keys(grounds) as Ground[]).map(
        (ground) =>
          html`<li>
            <h2 class="h3"><a href="/desk/draft/${account}?ground=${ground}">${ground}</a></h2>
            <p>
              ${groundRow(ground).words}. Reaches
              ${classesOf(ground)
                .map((name) => className(name).toLowerCase())
                .join(", ")}.
              Approved by
              ${approvers(ground) === "you, the client" ? "the client" : approvers(ground)}.
            </p>
          </li>`,
      )}
    </ul>`;
}

function draftForm(view: DraftView, ground: Ground): Html {
  const { values, mistakes } = view;
  const row = groundRow(ground);
  return html`${summary(mistakes)}
    ${ground === "E1" ? html`<p class="note"><a href="/desk/cases/ask/${view.client.account}">Ask the client first</a>: they read it on their own page and sign there, and the grant is made of their signature.</p>` : ""}
    <p class="note">
      Ground ${ground}: ${row.words}. What comes out is a file to be signed with your own key on
      your own machine; keys never touch this server.
    </p>
    <form method="post" action="/desk/draft/${view.client.account}" class="prose">
      <input type="hidden" name="ground" value="${ground}" />
      ${choice("class", "Class of data", classesOf(ground), values, className)} ${scopeFields(view)}
      ${field({ name: "asked", label: "What was asked for", hint: "In the requester’s words, even where you grant less.", lines: 2 }, values, mistakes)}
      ${field({ name: "reason", label: "Reason", hint: "The client reads this.", lines: 3 }, values, mistakes)}
      <fieldset>
        <legend class="big">What ${ground} must prove</legend>
        ${row.demands.map((demand) => demandField(demand, values, mistakes))}
      </fieldset>
      <fieldset>
        <legend class="big">Who asks, and who receives</legend>
        ${field({ name: "requesterName", label: "Requester" }, values, mistakes)}
        ${choice("requesterKind", "Who that is", requesterKinds, values, (kind) => kind)}
        ${field({ name: "recipient", label: "Recipient’s key", hint: "X25519, 64 hexadecimal digits. What is opened is sealed to it." }, values, mistakes)}
        ${field({ name: "actor", label: "Your key’s id", hint: "16 hexadecimal digits, from when you were enrolled." }, values, mistakes)}
      </fieldset>
      <fieldset>
        <legend class="big">Time</legend>
        ${field({ name: "hours", label: "Expires after hours", type: "number", hint: `At most ${duration(row.lifeMs)} on this ground.` }, { hours: String(row.lifeMs / 3_600_000), ...values }, mistakes)}
        ${field({ name: "noticeUntil", label: "Tell the client only from", type: "date", optional: true, hint: "Empty: at once. A later day needs an authority’s document." }, values, mistakes)}
        ${field({ name: "noticeDocument", label: "The document that forbids telling", optional: true }, values, mistakes)}
      </fieldset>
      <div class="actions"><button>Make the draft</button></div>
    </form>
    <h2>Then</h2>
    <pre tabindex="0"><code>bailee grant file DRAFT.json --key YOUR-KEY</code></pre>`;
}

/** Demands that another person's signature fulfils, and the form in which the keeper reads it. */
const signedDemands: { readonly [name in Demand]?: string } = {
  determination:
    "As “KEY-ID SIGNATURE words”: signed by the person who determined it, who is not you.",
  clientSignature: "As “UNTIL SIGNATURE”: made by the client over exactly these ids.",
};

function demandField(demand: Demand, values: Fields, mistakes: DraftMistakes): Html {
  const words = demands[demand];
  const label = `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
  const hint = signedDemands[demand];
  const name = `demands.${demand}`;
  return field(
    { name, label, lines: 2, ...(hint === undefined ? {} : { hint }) },
    values,
    mistakes,
  );
}

function scopeFields({ messages, chosen, values, mistakes, ground }: DraftView): Html {
  const ofContent =
    ground !== undefined && isGround(ground) && classesOf(ground).includes("content");
  if (!ofContent)
    return field(
      {
        name: "ids",
        label: "Ids of what is to be opened",
        hint: "One in each line. A client’s contact data is the object “contact”.",
        lines: 3,
      },
      values,
      mistakes,
    );
  const wrong = mistakes["ids"];
  return html`<fieldset id="ids">
    <legend class="big">Messages</legend>
    <p class="hint">
      Id, size and date are all that is known here. Choose each one that is to be opened.
    </p>
    ${wrong === undefined ? "" : html`<p class="wrong">${wrong}</p>`}
    ${messages.length === 0 ? html`<p>There are none.</p>` : ""}
    ${messages.map(
      (message) =>
        html`<label class="choice"
          ><input
            type="checkbox"
            name="ids"
            value="${message.messageId}"
            ${chosen.has(message.messageId) ? "checked" : ""}
          /><span
            ><code>${message.messageId}</code><br /><small
              >${octets(message.size)}, ${moment(message.receivedAt)}</small
            ></span
          ></label
        >`,
    )}
  </fieldset>`;
}
