// How much a client has sent, of how much there is, and what to do when sending is held. Counts only. Pure.
import { html } from "hono/html";
import { counted, type Html, moment } from "../layout.ts";
import type { LiftRefusal, SendingView } from "../ports/sending.ts";

export interface SendingPage {
  readonly view: SendingView | undefined;
  readonly done: boolean;
  readonly refusal: LiftRefusal | "choose" | undefined;
}

const refusals: { readonly [refusal in LiftRefusal | "choose"]: string } = {
  "not-held": "Sending is not held: nothing was done.",
  "no-new-password": "Your password is still the one from before. Choose a new one first.",
  "confirmed-lately":
    "You said that it was you within the last seven days. This time choose a new password first, or write to us.",
  choose: "Say what becomes of the letters that wait.",
};

export function sendingPage({ view, done, refusal }: SendingPage): Html {
  return html`<h1>Sending</h1>
    <p class="lede">How much you have sent, of how much your plan gives.</p>
    ${done ? html`<p class="note" role="status"><strong>Done.</strong> Your account sends again.</p>` : ""}
    ${refusal === undefined ? "" : html`<p class="note" role="alert">${refusals[refusal]}</p>`}
    ${view?.held === undefined ? "" : heldPart(view.held)}
    ${view === undefined ? html`<p>Your plan cannot be read just now.</p>` : limitsPart(view)}`;
}

function heldPart({
  since,
  seen,
  waiting,
  hasNewPassword,
  mayConfirm,
}: NonNullable<SendingView["held"]>): Html {
  return html`<section class="card" aria-labelledby="held">
    <h2 id="held">Sending is held <span class="tag bad">since ${moment(since)}</span></h2>
    <p class="prose">
      Your account suddenly sent unlike itself, as it does when somebody else has its password.
      Receiving and reading go on, and nothing is lost.
    </p>
    <dl class="facts">
      <div>
        <dt>What was counted</dt>
        <dd>${seen}</dd>
      </div>
      <div>
        <dt>Waiting</dt>
        <dd>${counted(waiting, "letter")}</dd>
      </div>
    </dl>
    <h3>It was not you, or you are not sure</h3>
    ${
      hasNewPassword
        ? html`<p>You have chosen a new password since. Whoever had the old one is out.</p>
            ${liftForm("new-password", "destroy", "Send again, and destroy what waits")}
            ${liftForm("new-password", "send", "Send again, and let what waits go: it is mine")}`
        : html`<p class="actions">
              <a class="button" href="/portal/password">Choose a new password</a>
            </p>
            <p class="quiet">
              Then come back here, and say what becomes of the letters that wait.
            </p>`
    }
    ${
      hasNewPassword
        ? ""
        : html`<h3>It was you</h3>
            ${
              mayConfirm
                ? html`<p>
                      Your word is enough, once in seven days. For a day number and networks then
                      hold nothing; refusals still do.
                    </p>
                    ${liftForm("confirmed", "send", "It was me: send again, and let what waits go")}`
                : html`<p>${refusals["confirmed-lately"]}</p>`
            }`
    }
  </section>`;
}

function liftForm(by: string, letters: string, words: string): Html {
  return html`<form method="post" action="/portal/sending" class="actions">
    <input type="hidden" name="by" value="${by}" />
    <button name="letters" value="${letters}" class="${letters === "destroy" ? "" : "plain"}">
      ${words}
    </button>
  </form>`;
}

function limitsPart({ limits, ...used }: SendingView): Html {
  const rows = [
    ["Recipients of this account, this hour", used.accountHour, limits.accountHour],
    ["Recipients of all your accounts, this hour", used.clientHour, limits.clientHour],
    ["Recipients of all your accounts, this day", used.clientDay, limits.clientDay],
    ["Different addresses elsewhere, seven days", used.distinctWeek, limits.distinctWeek],
  ] as const;
  return html`<h2>What your plan sends</h2>
    <p class="prose">
      An hour, a day and seven days are always those that end now. A letter beyond is not taken, and
      your mail program says from when on it will be. A letter to a mailing list counts as its
      members.
    </p>
    <dl class="facts">
      ${rows.map(
        ([name, count, most]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${count} of ${most}</dd>
          </div>`,
      )}
    </dl>
    <p class="quiet prose">
      These are counts. To whom you wrote is kept as marks from which no address can be read, for
      seven days; your letters are not looked at.
    </p>`;
}
