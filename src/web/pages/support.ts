// Tickets at the staff desk, and the way to a client's contact data: what it needs, and the one command. Nothing here opens contact
// data or signs for anybody. Pure.
import { html } from "hono/html";
import { groundRow } from "#policy";
import { type Fields, type Mistakes, field, summary } from "../forms.ts";
import { type Html, moment } from "../layout.ts";
import type { ClientFacts } from "../ports.ts";
import type { DeskTicketLine, Thread, ThreadMessage } from "../ports/support.ts";
import { table } from "../table.ts";
import { threadEntry, ticketStates, unreadableNote } from "./tickets.ts";

export function queuePage(lines: readonly DeskTicketLine[]): Html {
  const open = lines.filter(({ state }) => state === "open").length;
  return html`<h1>Tickets</h1>
    <p class="lede">
      ${open === 0 ? "Nobody waits for an answer." : html`${open} ${open === 1 ? "waits" : "wait"} for an answer, the longest first.`}
    </p>
    ${lines.length === 0 ? html`<p class="note">Letters to support@, info@ and postmaster@, and what clients write in their portal, stand here.</p>` : ticketTable(lines)}`;
}

function ticketTable(lines: readonly DeskTicketLine[]): Html {
  return table(
    "Tickets",
    ["Subject", "From", "State", "Messages", "Last"],
    lines.map((line) => [
      html`<a href="/desk/tickets/${line.ticket}"><bdi>${line.subject ?? "(does not open)"}</bdi></a
        ><br /><small class="quiet">ticket ${line.ticket}</small>`,
      line.address ?? html`<span class="tag bad">not a client</span>`,
      ticketStates[line.state],
      line.messages,
      moment(line.changed),
    ]),
  );
}

export function deskTicketPage(
  thread: Thread<DeskTicketLine>,
  values: Fields,
  mistakes: Mistakes,
): Html {
  const { line, messages, unreadable } = thread;
  const { ticket, address, account } = line;
  const names = {
    client: address ?? "The client",
    desk: "We",
    stranger: "Not proved to be the client",
  };
  return html`<p><a href="/desk/tickets">All tickets</a></p>
    <h1><bdi>${line.subject ?? "Ticket"}</bdi></h1>
    <p class="lede">
      Ticket ${ticket}, ${ticketStates[line.state]},
      ${address === undefined ? "from somebody who is not signed in as a client" : html`from <a href="/desk/contact/${account}">${address}</a>`}
    </p>
    ${messages.map((message) => threadEntry(message, names, origin(ticket, message)))}
    ${unreadableNote(unreadable)}
    <h2>Answer</h2>
    ${summary(mistakes)}
    <form method="post" action="/desk/tickets/${ticket}/answer" class="prose">
      ${field({ name: "text", label: "Your answer", lines: 8, hint: address === undefined ? "It goes out by mail to the address that the letter named." : "It lands in the client’s inbox, sealed, with a reply address that leads back here." }, values, mistakes)}
      <div class="actions"><button>Send the answer</button></div>
    </form>
    ${
      line.state === "closed"
        ? ""
        : html`<form method="post" action="/desk/tickets/${ticket}/close">
            <button class="plain">Close the ticket</button>
          </form>`
    }`;
}

function origin(ticket: string, message: ThreadMessage): Html | "" {
  if (message.from === "") return "";
  const said =
    message.author === "stranger"
      ? html`The letter says it is from <bdi>${message.from}</bdi>; nobody signed in to send it.`
      : "";
  return html`<p class="quiet">
    ${said} ${message.isPart ? "It has more than is shown." : ""}
    <a href="/desk/tickets/${ticket}/letter/${message.id}">Download the letter</a>
  </p>`;
}

export interface ContactView {
  readonly client: ClientFacts;
  readonly tickets: readonly DeskTicketLine[];
}

/** What stands between support and a client's contact data, with the command that goes that way. */
export function contactRevealPage({ client, tickets }: ContactView): Html {
  const { demands, words } = groundRow("support");
  return html`<p><a href="/desk">Back to the desk</a></p>
    <h1>Contact data</h1>
    <p class="lede">${client.address}</p>
    <dl class="facts">
      <div>
        <dt>Status</dt>
        <dd><span class="tag">${client.status}</span></dd>
      </div>
      <div>
        <dt>Plan</dt>
        <dd>${client.plan}</dd>
      </div>
      <div>
        <dt>Client since</dt>
        <dd>${moment(client.since)}</dd>
      </div>
      <div>
        <dt>Name, address, phone</dt>
        <dd>sealed; this page cannot open them</dd>
      </div>
    </dl>
    <h2>What it takes</h2>
    <p class="prose">
      One purpose: ${words}. It demands ${demands.length === 1 ? "one thing" : "these"}: the number
      of a ticket of this client, and the key of a person who was enrolled. An entry in the public
      log is written before anything opens, and the client reads who looked, when, and for which
      ticket. There is no purpose for advertising, so no command for it.
    </p>
    ${
      tickets.length === 0
        ? html`<p class="note">
            <strong>This client has no ticket.</strong> Without one, their contact data stays
            closed.
          </p>`
        : html`${ticketTable(tickets)}
            <h2>The command</h2>
            ${tickets.map(({ ticket }) => html`<pre tabindex="0"><code>bailee reveal contact ${client.address} --ticket ${ticket} --key YOUR-KEY</code></pre>`)}
            <p class="prose">
              Run it on your own machine: it makes the grant, signs it with your key, and shows the
              card to you alone.
            </p>
            <h2>Or as a file, step by step</h2>
            ${draftFile(client, tickets)}`
    }`;
}

/** The same grant as a draft to download, for who wants to read it before signing. */
function draftFile(client: ClientFacts, tickets: readonly DeskTicketLine[]): Html {
  return html`<form method="post" action="/desk/draft/${client.account}" class="prose">
    <input type="hidden" name="ground" value="support" />
    <input type="hidden" name="class" value="contact" />
    <input type="hidden" name="ids" value="contact" />
    <input type="hidden" name="asked" value="contact data, for a ticket" />
    <input type="hidden" name="requesterName" value="support" />
    <input type="hidden" name="requesterKind" value="staff" />
    <input type="hidden" name="hours" value="12" />
    <div class="field">
      <label for="ticket">Ticket</label>
      <select id="ticket" name="demands.ticket">
        ${tickets.map(({ ticket }) => html`<option value="${ticket}">${ticket}</option>`)}
      </select>
    </div>
    ${field({ name: "reason", label: "Reason", hint: "The client reads this." }, {}, {})}
    ${field({ name: "recipient", label: "Recipient’s key", hint: "X25519, 64 hexadecimal digits." }, {}, {})}
    ${field({ name: "actor", label: "Your key’s id", hint: "16 hexadecimal digits." }, {}, {})}
    <div class="actions"><button>Make the draft</button></div>
  </form>`;
}
