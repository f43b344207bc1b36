// The public page of plans: what each gives, within which limits, and what it costs. Pure.
import { html } from "hono/html";
import type { Html } from "../layout.ts";
import type { PlanOffer } from "../ports/billing.ts";
import { capital, recoveryWords } from "./entrance.ts";

export function plansPage(
  offers: readonly PlanOffer[],
  money: (cents: number) => string,
  signedIn: boolean,
): Html {
  return html`<h1>Plans</h1>
    <p class="lede">
      The first month is free, and needs no payment data. Prices are for a month, tax included.
      There is no contract beyond the month that runs.
    </p>
    <div class="cards">
      ${offers.map(
        (plan) =>
          html`<section class="card" aria-labelledby="plan-${plan.name}">
            <h2 class="h3" id="plan-${plan.name}">${capital(plan.name)}</h2>
            <span class="figure">${priceWords(plan, money)}</span>
            <p>${plan.words}</p>
            ${planFacts(plan)}
          </section>`,
      )}
    </div>
    <p class="quiet">
      The services are held to, and so is the room for mail: when it is full, mail programs are
      told, and letters are sent back to wait at their senders until there is room. Deleted mail
      takes none. So are the recipients: half of a day’s within one hour, and in seven days three
      days’ worth of different addresses elsewhere; beyond that a mail program is told from when on
      it goes on.
    </p>
    <p>
      Paid by bank transfer with a reference, or by a prepaid code that is bought elsewhere and says
      nothing about you. We never take a card number.
    </p>
    <p class="actions">
      ${
        signedIn
          ? html`<a class="button" href="/portal/billing">Choose a plan</a>`
          : html`<a class="button" href="/sign-up">Sign up</a>`
      }
    </p>`;
}

export function priceWords(plan: PlanOffer, money: (cents: number) => string): string {
  return plan.cents === 0 ? "Free" : `${money(plan.cents)} a month`;
}

const serviceWords: { readonly [service: string]: string } = {
  imap: "reading by IMAP",
  submission: "sending",
  web: "your account’s pages",
};

/** What a plan's services are, in words; one that cannot be had yet is not promised. */
export function servicesInWords(services: readonly string[]): string {
  return services.flatMap((service) => serviceWords[service] ?? []).join(", ");
}

/** Without recovery where every plan beside it has the same. */
export function planFacts(plan: PlanOffer, withRecovery = true): Html {
  const facts: readonly (readonly [string, string])[] = [
    ["Services", servicesInWords(plan.services)],
    ["Room for mail", `${Math.round(plan.limits.storage / 1024 ** 3)} GiB`],
    [
      "Recipients a day",
      plan.limits.recipientsPerDay === 0 ? "none" : String(plan.limits.recipientsPerDay),
    ],
    ...(withRecovery ? [["A lost password", recoveryWords[plan.mode]] as const] : []),
  ];
  return html`<dl class="facts">
    ${facts.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}
