// What may look at a client's mail on its way, and what each of them sees and keeps. All of it is off until the client says otherwise. Pure.
import { html } from "hono/html";
import type { Html } from "../layout.ts";
import type { FilterChoices, FiltersPort } from "../ports/filters.ts";

export interface FiltersPage {
  readonly offered: FiltersPort["offered"];
  readonly choices: FilterChoices;
  readonly done: boolean;
}

export function filtersPage({ offered, choices, done }: FiltersPage): Html {
  const lists = offered.lists.join(", ");
  return html`<h1>Filters</h1>
    ${done ? html`<p class="note" role="status"><strong>Done.</strong> It holds for the next letter.</p>` : ""}
    <p class="prose">
      Nothing here looks at your mail unless you turn it on. What you turn on works while a letter
      is on its way to you, before it is sealed; what you have already is never looked at.
    </p>
    <form method="post" action="/portal/filters">
      ${choice("greylisting", "Ask strangers to come again", choices.greylisting, [
        "A server that brings you the first letter from a sender is asked to come again in five minutes. Mail servers do; much of what sends junk does not. That letter comes late by so much, and sometimes by an hour; the next ones from there do not.",
        "It sees who writes to whom, and from where. It keeps marks of that which nobody can read: of a letter for a day, of a server for 36 days after its last one.",
      ])}
      ${
        offered.lists.length === 0
          ? ""
          : choice("lists", "Refuse servers on lists of bad addresses", choices.lists, [
              `Mail from a server that is on a public list (${lists}) is refused, and its sender is told.`,
              "The list is asked about the address of the server that brings the letter, and learns nothing about you or the letter. Nothing is kept.",
            ])
      }
      ${
        offered.content
          ? choice("content", "Have junk sorted out by what it says", choices.content, [
              "A program of ours, rspamd, reads each letter for you on its way and says whether it is junk. That goes to your folder Junk; what it is sure about is refused, and its sender is told.",
              "It sees the whole letter, in memory. It keeps nothing of it for us, and no person sees it. If it does not answer, the letter comes as it is.",
            ])
          : ""
      }
      <p class="actions"><button>Keep these choices</button></p>
    </form>`;
}

function choice(
  name: keyof FilterChoices,
  title: string,
  isOn: boolean,
  words: readonly [does: string, sees: string],
): Html {
  return html`<section class="card">
    <label class="check">
      <input type="checkbox" name="${name}" value="on" ${isOn ? "checked" : ""} />
      <strong>${title}</strong>
    </label>
    ${words.map((each) => html`<p class="prose">${each}</p>`)}
  </section>`;
}
