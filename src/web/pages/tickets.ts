// Tickets as the client reads them in the portal: a list, a thread, a form. Pure.
import { html } from "hono/html";
import { never } from "#base/errors";
import { type Fields, type Mistakes, field, summary } from "../forms.ts";
import { type Html, counted, moment } from "../layout.ts";
import type { Thread, ThreadMessage, TicketLine, TicketRefusal } from "../ports/support.ts";
import { table } from "../table.ts";

export const ticketStates: { readonly [state in TicketLine["state"]]: Html } = {
  open: html`<span class="tag">waits for us</span>`,
  answered: html`<span class="tag good">answered</span>`,
  closed: html`<span class="tag">closed</span>`,
};

/** What a refusal means to who wrote, under the field where it belongs. */
export function ticketMistakes(refusal: TicketRefusal): Mistakes {
  switch (refusal) {
    case "empty":
      return { text: "There is nothing written here." };
    case "too-long":
      return { text: "Longer than we can take: at most 20,000 characters, a subject 200." };
    case "too-many":
      return { text: "That is more than people can answer in a day. Please go on tomorrow." };
    case "no-such-ticket":
      return { "": "There is no such ticket." };
    case "closed-account":
    case "no-such-user":
      return { "": "This account takes no letters any more." };
    case "too-large":
    case "over-quota":
    case "suspended-for-now":
    case "refused-for-good":
    case "cannot-seal":
      return { "": "It could not be kept just now. Nothing was sent; please try again." };
    default:
      return never(refusal);
  }
}

export function ticketsPage(
  domain: string,
  lines: readonly TicketLine[],
  values: Fields,
  mistakes: Mistakes,
): Html {
  return html`<h1>Write to us</h1>
    <p class="lede">
      What you write here is sealed to your key and to the support desk’s. Answers come into your
      inbox, and a reply by mail lands here.
    </p>
    ${
      lines.length === 0
        ? html`<p class="note">
            <strong>No tickets yet.</strong> Write one below, or send a letter to support@${domain}
            from your mail program.
          </p>`
        : table(
            "Your tickets",
            ["Subject", "State", "Messages", "Last"],
            lines.map((line) => [
              html`<a href="/portal/tickets/${line.ticket}"
                  ><bdi>${line.subject ?? "(does not open)"}</bdi></a
                ><br /><small class="quiet">ticket ${line.ticket}</small>`,
              ticketStates[line.state],
              line.messages,
              moment(line.changed),
            ]),
          )
    }
    <h2>A new ticket</h2>
    ${summary(mistakes)}
    <form method="post" action="/portal/tickets" class="prose">
      ${field({ name: "subject", label: "What is it about?" }, values, mistakes)}
      ${field({ name: "text", label: "Your message", lines: 8, hint: "The ticket’s number is what lets somebody here look up your contact data. You see it when they do." }, values, mistakes)}
      <div class="actions"><button>Send it</button></div>
    </form>`;
}

export function ticketPage(thread: Thread, values: Fields, mistakes: Mistakes): Html {
  const { line, messages, unreadable } = thread;
  return html`<p><a href="/portal/tickets">All tickets</a></p>
    <h1><bdi>${line.subject ?? "Ticket"}</bdi></h1>
    <p class="lede">Ticket ${line.ticket}, ${ticketStates[line.state]}</p>
    ${messages.map((message) => threadEntry(message, { client: "You", desk: "Support", stranger: "" }))}
    ${unreadableNote(unreadable)}
    <h2>${line.state === "closed" ? "Open it again" : "Write again"}</h2>
    ${summary(mistakes)}
    <form method="post" action="/portal/tickets/${line.ticket}" class="prose">
      ${field({ name: "text", label: "Your message", lines: 6 }, values, mistakes)}
      <div class="actions"><button>Send it</button></div>
    </form>`;
}

export function threadEntry(
  message: ThreadMessage,
  names: { readonly [author in ThreadMessage["author"]]: string },
  more: Html | "" = "",
): Html {
  const by = message.from === "" ? "" : html` <small class="quiet">by mail</small>`;
  return html`<article class="card">
    <h2 class="h3">${names[message.author]}, ${moment(message.at)}${by}</h2>
    ${paragraphs(message.text)} ${more}
  </article>`;
}

/** Blank lines part paragraphs; single line ends stay. */
function paragraphs(text: string): readonly Html[] {
  return text.split(/\n{2,}/).map((each) => html`<p class="lines"><bdi>${each}</bdi></p>`);
}

export function unreadableNote(count: number): Html | "" {
  if (count === 0) return "";
  return html`<p class="alert">${counted(count, "message")} of this ticket cannot be opened.</p>`;
}
