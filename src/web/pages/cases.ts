// The disclosure desk: requests with their clocks and the one next step, and what clients were asked to approve. Pure.
import { html } from "hono/html";
import {
  type ApprovalFacts,
  type Because,
  becauses,
  type Case,
  type CaseFacts,
  type CaseKind,
  emergencyAnswer,
  kinds,
  outcomes,
  type RequestMistakes,
  requesterKinds,
  type SignedApproval,
  type Stage,
  verdicts,
} from "#disclosure";
import { type Fields, type Mistakes, field, summary, choice } from "../forms.ts";
import { type Html, counted, moment, octets } from "../layout.ts";
import type { ClientFacts, MessageFacts } from "../ports.ts";
import type { Told } from "../ports/cases.ts";
import { table } from "../table.ts";
import { capital } from "./entrance.ts";

export function casesPage(
  cases: readonly CaseFacts[],
  approvals: readonly ApprovalFacts[],
  clients: readonly ClientFacts[],
  now: number,
): Html {
  const open = cases.filter(({ stage }) => stage !== "closed");
  const closed = cases.filter(({ stage }) => stage === "closed");
  const addresses = new Map(clients.map(({ account, address }) => [account, address]));
  return html`<h1>Requests for data</h1>
    <p class="lede">
      Each request is sealed to this desk as it comes in, and goes one way: received, called back,
      determined by another person, cut down, approved, released, delivered, told, closed.
    </p>
    <p><a href="/desk/cases/new">Take a request in</a></p>
    <h2>Open</h2>
    ${open.length === 0 ? html`<p>None.</p>` : caseTable("Open requests", open, now)}
    <h2>What clients were asked</h2>
    ${
      approvals.length === 0
        ? html`<p>
            Nothing. To look at a message for a client, choose ground E1 at the client’s
            <a href="/desk">draft</a>.
          </p>`
        : table(
            "What clients were asked",
            ["Asked", "Client", "Messages", "State", "Good until"],
            approvals.map((each) => [
              html`<a href="/desk/cases/approval/${each.id}">${moment(each.asked)}</a>`,
              addresses.get(each.account) ?? "no longer a client",
              each.items,
              approvalTag(each.state),
              each.until === undefined ? "" : moment(each.until),
            ]),
          )
    }
    ${
      closed.length === 0
        ? ""
        : html`<h2>Closed</h2>
            ${caseTable("Closed requests", closed, now)}`
    }`;
}

function caseTable(label: string, cases: readonly CaseFacts[], now: number): Html {
  return table(
    label,
    ["Received", "What", "Stage", "Answer by", "Next"],
    cases.map((each) => [
      html`<a href="/desk/cases/case/${each.id}">${moment(each.received)}</a>`,
      capital(kinds[each.kind].words),
      stageTag(each),
      each.stage === "closed" ? "" : dueBy(each, now),
      each.next.words,
    ]),
  );
}

/** Late is what nobody has answered yet. */
function dueBy({ answerBy, stage }: CaseFacts, now: number): Html {
  const isAnswered = ["delivered", "noticed", "closed"].includes(stage);
  return answerBy < now && !isAnswered
    ? html`${moment(answerBy)} <span class="tag bad">late</span>`
    : moment(answerBy);
}

function stageTag({ stage, outcome, verdict }: CaseFacts): Html {
  if (stage === "closed")
    return html`<span class="tag ${outcome === "rejected" ? "" : "good"}">${outcome}</span>`;
  const said = stage === "determined" ? `${stage}: ${verdict}` : stage;
  return html`<span class="tag">${said}</span>`;
}

const approvalWords: { readonly [state in ApprovalFacts["state"]]: string } = {
  asked: "waits for the client",
  approved: "approved by the client",
  declined: "the client said no",
  withdrawn: "taken back by the client",
  used: "used",
};

function approvalTag(state: ApprovalFacts["state"]): Html {
  return html`<span class="tag ${state === "approved" ? "good" : ""}"
    >${approvalWords[state]}</span
  >`;
}

export function newCasePage(values: Fields, mistakes: RequestMistakes): Html {
  const wrong = mistakes as Mistakes;
  return html`<p><a href="/desk/cases">Back to the requests</a></p>
    <h1>Take a request in</h1>
    ${summary(wrong)}
    <form method="post" action="/desk/cases/new" class="prose">
      ${choice("kind", "What it is", Object.keys(kinds) as CaseKind[], values, (kind) => kinds[kind].words)}
      ${field({ name: "requesterName", label: "Who asks", hint: "Office, court or person, as the request names them." }, values, wrong)}
      ${choice("requesterKind", "What they are", requesterKinds, values, (kind) => kind)}
      ${field({ name: "cameBy", label: "How it came", hint: "And the way back that it names: that is not the way to call back.", lines: 2 }, values, wrong)}
      ${field({ name: "about", label: "Address of ours that it is about" }, values, wrong)}
      ${field({ name: "asked", label: "What is asked for", hint: "All of it, in their own words, even where less will be granted.", lines: 4 }, values, wrong)}
      ${field({ name: "instrument", label: "Instrument", hint: "Kind, issuer, reference, date. Without one it is no legal process.", optional: true }, values, wrong)}
      ${field({ name: "prohibition", label: "Document that forbids telling the client", optional: true }, values, wrong)}
      <div class="actions"><button>Seal it and keep it</button></div>
    </form>`;
}

export function casePage(found: Case, told: Told | undefined, now: number): Html {
  const { id, request, stage, next, notes } = found;
  return html`<p><a href="/desk/cases">Back to the requests</a></p>
    <h1>${capital(kinds[found.kind].words)} ${stageTag(found)}</h1>
    ${toldNote(told)} ${found.kind === "emergency" && stage !== "closed" ? emergencyNote() : ""}
    <div class="note">
      <h2 class="h3">Next</h2>
      <p>${next.words}</p>
      ${next.command === undefined ? "" : html`<pre tabindex="0"><code>${next.command}</code></pre>`}
      ${nextForm(found)}
    </div>
    <h2>Clocks</h2>
    <dl class="facts">
      <div>
        <dt>Received</dt>
        <dd>${moment(found.received)}</dd>
      </div>
      <div>
        <dt>Answer by</dt>
        <dd>${dueBy(found, now)}</dd>
      </div>
      <div>
        <dt>Kept until</dt>
        <dd>${found.holdUntil === undefined ? "no hold is set" : moment(found.holdUntil)}</dd>
      </div>
    </dl>
    <h2>The request</h2>
    <dl class="facts">
      ${fact("Who asks", `${request.requesterName} (${request.requesterKind})`)}
      ${fact("How it came", request.cameBy)} ${fact("About", request.about)}
      ${fact("Asked", request.asked)} ${fact("Instrument", request.instrument || "none")}
      ${fact("Prohibition", request.prohibition || "none: the client is told at once")}
      ${found.grant === "" ? "" : fact("Grant", found.grant)}
    </dl>
    ${found.holdUntil === undefined && stage !== "closed" ? preserveForm(found) : ""}
    <h2>What was done</h2>
    ${
      notes.length === 0
        ? html`<p>Nothing yet.</p>`
        : table(
            "What was done",
            ["When", "Step", "In words", "Ledger"],
            notes.map((note) => [
              moment(note.at),
              note.step,
              html`<bdi class="lines">${note.words}</bdi>`,
              note.entry < 0 ? "" : `entry ${note.entry}`,
            ]),
          )
    }
    <p class="quiet">Case <code>${id}</code></p>`;
}

function toldNote(told: Told | undefined): Html | "" {
  if (told === undefined) return "";
  return told.ok
    ? html`<p class="note" role="status">${told.words}</p>`
    : html`<p class="alert" role="alert">${told.words}</p>`;
}

function fact(label: string, value: string): Html {
  return html`<div>
    <dt>${label}</dt>
    <dd><bdi class="lines">${value}</bdi></dd>
  </div>`;
}

/** What the requester is to be answered, ready to be read out. */
function emergencyNote(): Html {
  return html`<div class="alert">
    <h2>Refused: no legal process</h2>
    <p>
      ${emergencyAnswer.refused}
      <a href="/policy#${emergencyAnswer.clause}">The clause</a>
    </p>
    <p>These ways are open. Tell them now:</p>
    <ul>
      ${emergencyAnswer.ways.map((way) => html`<li>${way}</li>`)}
    </ul>
  </div>`;
}

function preserveForm({ id }: Case): Html {
  return html`<form method="post" action="/desk/cases/case/${id}/preserve" class="prose">
    ${field({ name: "words", label: "Keep what there is from being destroyed", hint: "Why, for the case. The client reads nothing of the hold before it is over, and then only from when to when it was there." }, {}, {})}
    <div class="actions"><button>Set the hold</button></div>
  </form>`;
}

function nextForm(found: Case): Html | "" {
  const { id, stage } = found;
  if (found.kind === "emergency" && stage === "received") return rejection(id);
  return stageForms[stage]?.(found) ?? "";
}

function rejection(id: string): Html {
  return recordForm(id, "closed", closing("rejected"));
}

const closeForm = ({ id }: Case): Html => recordForm(id, "closed", closing("fulfilled"));

/** What is done at the desk next; where there is no form, it is done by command. */
const stageForms: { readonly [stage in Stage]?: (found: Case) => Html } = {
  new: ({ id }) => recordForm(id, "received", ""),
  received: ({ id }) =>
    html`${stepForm(id, "authenticated", "It is genuine: which number was called, where it was found, who answered")}
    ${stepForm(id, "unverified", "Nobody could say so: what was tried")}`,
  unverified: ({ id }) =>
    html`${stepForm(id, "authenticated", "It is genuine after all: how that was found out")}
    ${rejection(id)}`,
  authenticated: ({ id }) => recordForm(id, "determined", select("verdict", "Verdict", verdicts)),
  determined: ({ id, verdict }) =>
    verdict === "valid"
      ? stepForm(id, "narrowed", "What is granted of what was asked, and what is not", true)
      : rejection(id),
  produced: ({ id }) => stepForm(id, "delivered", "How it was handed over, and to whom"),
  delivered: closeForm,
  noticed: closeForm,
};

function stepForm(id: string, step: string, label: string, withGrant = false): Html {
  return html`<form method="post" action="/desk/cases/case/${id}/step">
    <input type="hidden" name="step" value="${step}" />
    ${withGrant ? field({ name: "grant", label: "Hash of the grant", hint: "As the draft’s command printed it." }, {}, {}) : ""}
    ${field({ name: `words-${step}`, label, lines: 2 }, {}, {})}
    <div class="actions"><button>Note: ${step}</button></div>
  </form>`;
}

function recordForm(id: string, what: string, inside: Html | ""): Html {
  return html`<form method="post" action="/desk/cases/case/${id}/record">
    <input type="hidden" name="what" value="${what}" />
    ${inside}
    <div class="actions"><button>Download the record to sign</button></div>
    <p class="hint">
      Then, on the signer’s own machine:
      <code>bailee case record FILE --key KEY${what === "determined" ? ' --note "…"' : ""}</code>
    </p>
  </form>`;
}

function closing(first: string): Html {
  return html`${select("outcome", "Outcome", outcomes, first)}
  ${choice("because", "Because", Object.keys(becauses) as Because[], {}, (word) => `${word}: ${becauses[word]}`)}`;
}

function select(name: string, label: string, options: readonly string[], chosen?: string): Html {
  return choice(
    name,
    label,
    options,
    chosen === undefined ? {} : { [name]: chosen },
    (word) => word,
  );
}

export function askPage(
  client: ClientFacts,
  messages: readonly MessageFacts[],
  values: Fields & { readonly chosen?: string },
  wrong: string | undefined,
): Html {
  return html`<p><a href="/desk/cases">Back to the requests</a></p>
    <h1>Ask the client</h1>
    <p class="lede">${client.address}</p>
    <p class="note">
      Ground E1: the client approves that named messages are looked at, by signing in their own
      page. Their signature is good for twelve hours and for these messages. Without it nothing
      opens.
    </p>
    ${wrong === undefined ? "" : html`<p class="alert" role="alert">${wrong}</p>`}
    <form method="post" action="/desk/cases/ask/${client.account}" class="prose">
      ${field({ name: "ticket", label: "Number of the client’s own request" }, values, {})}
      ${field({ name: "reason", label: "Why", hint: "The client reads this before they decide.", lines: 3 }, values, {})}
      <fieldset>
        <legend class="big">Which messages</legend>
        <p class="hint">Id, size and date are all that is known here.</p>
        ${messages.length === 0 ? html`<p>There are none.</p>` : ""}
        ${messages.map(
          (message) =>
            html`<label class="choice"
              ><input type="checkbox" name="ids" value="${message.messageId}" /><span
                ><code>${message.messageId}</code><br /><small
                  >${octets(message.size)}, ${moment(message.receivedAt)}</small
                ></span
              ></label
            >`,
        )}
      </fieldset>
      <div class="actions"><button>Ask the client</button></div>
    </form>`;
}

export function approvalPage(found: SignedApproval, address: string, mistakes: Mistakes): Html {
  const { id, state, ids, reason, ticket, until, clientSignature } = found;
  return html`<p><a href="/desk/cases">Back to the requests</a></p>
    <h1>${counted(ids.length, "message")} of ${address} ${approvalTag(state)}</h1>
    ${summary(mistakes)}
    <dl class="facts">
      ${fact("Request", ticket)} ${fact("Why", reason)}
      <div>
        <dt>Asked</dt>
        <dd>${moment(found.asked)}</dd>
      </div>
      ${
        until === undefined
          ? ""
          : html`<div>
              <dt>Signature good until</dt>
              <dd>${moment(until)}</dd>
            </div>`
      }
      <div>
        <dt>Which</dt>
        <dd>${ids.map((each) => html`<code>${each}</code> `)}</dd>
      </div>
    </dl>
    ${
      state === "approved" && clientSignature !== undefined
        ? html`<h2>Make the grant</h2>
            <form method="post" action="/desk/cases/approval/${id}" class="prose">
              ${field({ name: "actor", label: "Your key’s id", hint: "16 hexadecimal digits, from when you were enrolled." }, {}, mistakes)}
              ${field({ name: "recipient", label: "Key to which the package is sealed", hint: "X25519, 64 hexadecimal digits: your own." }, {}, mistakes)}
              <div class="actions"><button>Download the grant to sign</button></div>
            </form>
            <p>Then, on your own machine:</p>
            <pre tabindex="0"><code>bailee grant file FILE --key YOUR-KEY
bailee grant release HASH --out PACKAGE</code></pre>`
        : html`<p>
            ${state === "asked" ? "The client was told by letter and in their log; nothing opens before they sign." : "There is no signature to use."}
          </p>`
    }`;
}
