// What support asks the client to approve: which of their messages, why, and what a yes means. The subjects were opened in the
// client's own session. Pure.
import { html } from "hono/html";
import { type Html, counted, moment } from "../layout.ts";
import type { OwnApproval, OwnMessage, Told } from "../ports/cases.ts";
import { table } from "../table.ts";

export function approvalsPage(
  approvals: readonly OwnApproval[],
  told: Told | undefined,
  now: number,
): Html {
  const waiting = approvals.filter(({ state }) => state === "asked");
  const others = approvals.filter(({ state }) => state !== "asked");
  return html`<h1>What we ask of you</h1>
    <p class="lede">
      When support needs to see a message of yours to help you, you decide. Without your signature
      it stays shut.
    </p>
    ${
      told === undefined
        ? ""
        : html`<p class="${told.ok ? "note" : "alert"}" role="${told.ok ? "status" : "alert"}">
            ${told.words}
          </p>`
    }
    ${
      approvals.length === 0
        ? html`<p class="note"><strong>Nothing.</strong> Nobody asks to see anything of yours.</p>`
        : ""
    }
    ${waiting.map((each) => asked(each))} ${others.map((each) => answered(each, now))}`;
}

function asked(approval: OwnApproval): Html {
  const { id, messages, reason, ticket, asked: at } = approval;
  return html`<article class="card">
    <h2 class="h3">May support look at ${counted(messages.length, "message")}?</h2>
    <dl class="facts">
      <div>
        <dt>Why</dt>
        <dd><bdi class="lines">${reason}</bdi></dd>
      </div>
      <div>
        <dt>Your request</dt>
        <dd><bdi>${ticket}</bdi></dd>
      </div>
      <div>
        <dt>Asked</dt>
        <dd>${moment(at)}</dd>
      </div>
    </dl>
    ${messageTable(messages)}
    <p>
      A yes is signed with your own key, for these messages only. It is good for twelve hours. You
      can take it back until it is used; each look stands under “Who looked”.
    </p>
    <div class="actions">
      <form method="post" action="/portal/approvals/${id}">
        <button name="answer" value="approve">Yes, sign it</button>
      </form>
      <form method="post" action="/portal/approvals/${id}">
        <button class="plain" name="answer" value="refuse">No</button>
      </form>
    </div>
  </article>`;
}

const stateWords: { readonly [state in OwnApproval["state"]]: string } = {
  asked: "not answered",
  approved: "you said yes",
  declined: "you said no",
  withdrawn: "you took it back",
  used: "used: see who looked",
};

function answered({ id, state, messages, reason, until }: OwnApproval, now: number): Html {
  const isGood = state === "approved" && until !== undefined && until > now;
  return html`<article class="card">
    <h2 class="h3">
      ${counted(messages.length, "message")}
      <span class="tag"
        >${state === "approved" && !isGood ? "run out, not used" : stateWords[state]}</span
      >
    </h2>
    <p><bdi class="lines">${reason}</bdi></p>
    ${messageTable(messages)}
    ${
      isGood
        ? html`<p>
              Good until ${moment(until)}. When you take it back, this server hands nothing out on
              it; the signature itself, where the desk has it already, runs out then.
            </p>
            <form method="post" action="/portal/approvals/${id}">
              <button class="plain" name="answer" value="refuse">Take it back</button>
            </form>`
        : ""
    }
  </article>`;
}

function messageTable(messages: readonly OwnMessage[]): Html {
  return table(
    "Messages",
    ["Subject", "From", "Received"],
    messages.map(({ subject, from, receivedAt }) => [
      html`<bdi>${subject}</bdi>`,
      html`<bdi>${from}</bdi>`,
      receivedAt === undefined ? "no longer there" : moment(receivedAt),
    ]),
  );
}
