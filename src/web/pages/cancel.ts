// Cancelling a contract, or withdrawing from one, without signing in: the law wants it, and who has lost the password needs it. Pure.
import { html } from "hono/html";
import * as v from "valibot";
import { type Fields, type Mistakes, field, summary } from "../forms.ts";
import { type Html, moment } from "../layout.ts";

// A reason of a few paragraphs; more is a letter.
const MOST_WORDS = 4000;

const addressForm = v.pipe(
  v.optional(v.string(), ""),
  v.trim(),
  v.maxLength(254, "Too long."),
  v.regex(/^[\p{L}\p{N}._+-]+@[\p{L}\p{N}.-]+$/u, "An e-mail address, please."),
);

export const cancelFields = v.object({
  kind: v.picklist(["cancel", "withdraw"], "Choose one."),
  address: addressForm,
  reply: addressForm,
  words: v.pipe(v.optional(v.string(), ""), v.maxLength(MOST_WORDS, "Too long.")),
});

export function cancelPage(values: Fields, mistakes: Mistakes): Html {
  const choice = (value: string, name: string, words: string): Html =>
    html`<label class="choice"
      ><input
        type="radio"
        name="kind"
        value="${value}"
        ${(values["kind"] ?? "cancel") === value ? "checked" : ""}
      /><span><strong>${name}</strong><small>${words}</small></span></label
    >`;
  return html`<h1>Cancel a contract here</h1>
    <p class="lede">Without signing in. Who can sign in closes the account there, at once.</p>
    <div class="narrow">
      ${summary(mistakes)}
      <form method="post" action="/cancel">
        <fieldset id="kind">
          <legend>What you want</legend>
          ${choice("cancel", "Cancel", "The contract ends with the period that is paid for.")}
          ${choice("withdraw", "Withdraw", "Within 14 days of signing up, without a reason.")}
        </fieldset>
        ${field({ name: "address", label: "The address that you have with us" }, values, mistakes)}
        ${field(
          {
            name: "reply",
            label: "Where we answer you",
            type: "email",
            hint: "We ask there for what shows that the account is yours, and close nothing before.",
            autocomplete: "email",
          },
          values,
          mistakes,
        )}
        ${field({ name: "words", label: "Anything else", lines: 4, optional: true }, values, mistakes)}
        <div class="actions"><button>Send it now</button></div>
      </form>
      <p class="quiet">
        It goes to the support desk as a letter does, sealed; nothing of it stands in clear.
      </p>
    </div>`;
}

export function cancelledPage(at: number, said: Fields): Html {
  return html`<h1>Received</h1>
    <p>
      On ${moment(at)} we received your wish to
      ${said["kind"] === "withdraw" ? "withdraw from" : "cancel"} the contract for
      <bdi>${said["address"]}</bdi>. A person answers at <bdi>${said["reply"]}</bdi>.
    </p>
    <p>Keep this page: it names the moment at which your word reached us.</p>`;
}
