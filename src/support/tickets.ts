// Writing into tickets: a client in the portal, the desk, and letters that arrive. Each message is sealed before it is written, to
// the desk and, where it is the client's or for them, to the client. Keeps nothing in clear but numbers, times and states.
import { randomInt } from "node:crypto";
import { type Engine, type Invocation, invoke } from "#engine";
import { no, yes } from "#base/errors";
import { newId } from "#base/ids";
import { type Clock, DAY } from "#base/time";
import { readLetter } from "#mail/message";
import { appendMessage, moveTicket, openTicket } from "./commands.ts";
import type { Support, TakeLetter, TicketRow, WriteRefusal } from "./contract.ts";
import { newReplyAddress, providerLetter, tokenHashOf } from "./mail.ts";
import type { Arrived, DeskReader, KnownClient, Owner, SupportPorts } from "./ports.ts";
import type { Author, Tables, TicketState } from "./tables.ts";
import type { Threads } from "./thread.ts";
import { decodeWords, encodeWords, type Words } from "./words.ts";

// Ten pages of plain text.
const MAX_TEXT = 20_000;
const MAX_SUBJECT = 200;
// A letter to the desk may have a screenshot or two; what is larger belongs to a letter between clients.
const MAX_LETTER = 2 * 1024 * 1024;
// More than this in a day is no conversation with people.
const CLIENT_MESSAGES_A_DAY = 50;
// All strangers together: postmaster@ must be open to everybody (RFC 5321 §4.5.1), and people must still be able to read it.
const STRANGER_MESSAGES_A_DAY = 500;
// RFC 5322 has no limit; the newest few are what mail programs thread by.
const MAX_REFERENCES = 10;
// Ninety million numbers: one that is taken is drawn again.
const MAX_DRAWS = 20;

const nobody: Owner = { client: "", account: "" };

export interface TicketParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly ports: SupportPorts;
  readonly threads: Threads;
}

type Tickets = Pick<Support, "open" | "write" | "answer" | "close" | "take">;

export function openTickets(parts: TicketParts): Tickets {
  const { engine, clock, ports, threads } = parts;
  return {
    async open(client, subject, text) {
      const words = { subject: subject.trim(), text: text.trim(), ...unsent };
      const refusal = await refusalFor(parts, client, words);
      if (refusal !== undefined) return no(refusal);
      return yes(await begin(parts, client, "client", words, undefined, "portal"));
    },

    async write(client, ticket, text) {
      const row = await threads.row(ticket);
      if (row === undefined || row.client !== client.client) return no("no-such-ticket");
      const words = { subject: "", text: text.trim(), ...unsent };
      const refusal = await refusalFor(parts, client, { ...words, subject: "-" });
      if (refusal !== undefined) return no(refusal);
      await append(parts, row, "client", words, undefined, "portal");
      return yes(true);
    },

    answer: (reader, ticket, text) => answer(parts, reader, ticket, text),

    async close(ticket) {
      const row = await threads.row(ticket);
      if (row === undefined) return no("no-such-ticket");
      if (row.state === "closed") return no("closed-already");
      const at = clock.now();
      const lines = await changeLines(ports, row, at, "ticket closed", { by: "support" });
      const move = invoke(moveTicket, { ticket, state: "closed", at });
      await engine.writeTogether([move, ...lines]);
      return yes(true);
    },

    take: (envelope, raw) => take(parts, envelope, raw),
  };
}

const unsent = { from: "", messageId: "", isPart: false } as const;

async function refusalFor(
  { clock, threads }: TicketParts,
  client: Owner,
  { subject, text }: Words,
): Promise<WriteRefusal | undefined> {
  if (subject === "" || text === "") return "empty";
  if (subject.length > MAX_SUBJECT || text.length > MAX_TEXT) return "too-long";
  const today = await threads.countSince("client", clock.now() - DAY, client.client);
  return today >= CLIENT_MESSAGES_A_DAY ? "too-many" : undefined;
}

/** A new ticket; gives its number once it is durable. */
async function begin(
  parts: TicketParts,
  owner: Owner,
  author: Author,
  words: Words,
  letter: Uint8Array | undefined,
  by: string,
): Promise<string> {
  const { engine, clock, ports } = parts;
  for (let draws = 0; draws < MAX_DRAWS; draws += 1) {
    // Drawn, so that a number tells neither how many tickets there are nor when.
    const ticket = String(randomInt(10_000_000, 100_000_000));
    const at = clock.now();
    const row = { ticket, state: "open", created: at, changed: at } as const;
    const message = await sealed(parts, { ...owner, ticket }, author, words, letter, at);
    const lines = await changeLines(ports, { ...owner, ticket }, at, "ticket opened", { by });
    const rows = { ...row, client_id: owner.client, account_id: owner.account };
    const opening = invoke(openTicket, { ticket: rows, message });
    const [opened] = await engine.writeTogether([opening, ...lines]);
    if (opened === "opened") return ticket;
  }
  throw new Error("no free number of a ticket was drawn");
}

async function append(
  parts: TicketParts,
  row: TicketRow,
  author: Author,
  words: Words,
  letter: Uint8Array | undefined,
  by: string,
): Promise<string> {
  const { engine, clock, ports } = parts;
  const at = clock.now();
  const message = await sealed(parts, row, author, words, letter, at);
  // What a stranger writes into a ticket is no act of the client's and stands in no log of theirs.
  const lines =
    author === "stranger" ? [] : await changeLines(ports, row, at, "ticket written", { by });
  await engine.writeTogether([invoke(appendMessage, { message, state: "open" }), ...lines]);
  return message.message_id;
}

type Place = Owner & { readonly ticket: string };

async function sealed(
  { ports }: TicketParts,
  place: Place,
  author: Author,
  words: Words,
  letter: Uint8Array | undefined,
  at: number,
  id: string = newId(),
): Promise<Tables["ticket_message"]> {
  const { ticket } = place;
  const bytes = encodeWords(words);
  const isTheirs = place.client !== "" && author !== "stranger";
  return {
    ticket,
    message_id: id,
    author,
    at,
    token_hash: null,
    for_desk: await ports.sealForDesk(ticket, id, bytes),
    for_client: isTheirs ? await ports.sealForClient(place, ticket, id, bytes) : null,
    letter: letter === undefined ? null : await ports.sealForDesk(ticket, letterPart(id), letter),
  };
}

export function letterPart(message: string): string {
  return `${message}/letter`;
}

async function changeLines(
  ports: SupportPorts,
  { client, account, ticket }: Place,
  at: number,
  what: string,
  more: { readonly [name: string]: string },
): Promise<readonly Invocation[]> {
  if (client === "") return [];
  const line = { kind: "change", at, fields: { what, ticket, ...more } } as const;
  return [await ports.logged({ client, account }, line)];
}

async function answer(
  parts: TicketParts,
  reader: DeskReader,
  ticket: string,
  typed: string,
): ReturnType<Support["answer"]> {
  const { clock, ports, threads } = parts;
  const text = typed.trim();
  if (text === "") return no("empty");
  if (text.length > MAX_TEXT) return no("too-long");
  const row = await threads.row(ticket);
  if (row === undefined) return no("no-such-ticket");
  const before = await earlier(parts, reader, ticket);
  const to = await addressOf(ports, row, before.from);
  if (to === undefined) return no("no-such-ticket");
  const at = clock.now();
  const id = newId();
  const { address: replyTo, tokenHash } = newReplyAddress(ports.domain);
  const subject = /^re:/i.test(before.subject) ? before.subject : `Re: ${before.subject}`;
  const letter = providerLetter({
    domain: ports.domain,
    to,
    subject: `${subject} [ticket ${ticket}]`,
    text,
    at,
    id,
    replyTo,
    references: before.references,
  });
  const words = {
    subject: "",
    text,
    from: "",
    messageId: `<${id}@${ports.domain}>`,
    isPart: false,
  };
  const message = await sealed(parts, row, "desk", words, undefined, at, id);
  const state: TicketState = "answered";
  const append = invoke(appendMessage, { message: { ...message, token_hash: tokenHash }, state });
  const lines = await changeLines(ports, row, at, "ticket answered", { by: "support" });
  const alongside = [append, ...lines];
  if (row.client !== "") {
    const put = await ports.putInInbox(to, letter, alongside);
    return put.ok ? yes(true) : no(put.refusal);
  }
  await ports.sendOut(replyTo, to, letter, alongside);
  return yes(true);
}

/** What the desk's session opens of the thread so far: its subject, who wrote last from outside, and the Message-IDs. */
async function earlier(
  { engine }: TicketParts,
  reader: DeskReader,
  ticket: string,
): Promise<{ readonly subject: string; readonly from: string; readonly references: string[] }> {
  const rows = await engine
    .reader<Tables>()
    .selectFrom("ticket_message")
    .select(["message_id", "author", "for_desk"])
    .where("ticket", "=", ticket)
    .orderBy("at")
    .orderBy("message_id")
    .execute();
  let subject = "";
  let from = "";
  const references: string[] = [];
  for (const { message_id, author, for_desk } of rows) {
    const words = decodeWords(reader.open(ticket, message_id, for_desk));
    if (words === undefined) continue;
    subject ||= words.subject;
    if (author === "stranger" && words.from !== "") from = words.from;
    if (words.messageId !== "") references.push(words.messageId);
  }
  return { subject: subject || "your letter", from, references: references.slice(-MAX_REFERENCES) };
}

/** A client is written to at their own address and nowhere else; a stranger where the letter said it was from. */
async function addressOf(
  ports: SupportPorts,
  { client, account }: Owner,
  from: string,
): Promise<string | undefined> {
  if (client === "") return from === "" ? undefined : from;
  const known = await knownClient(ports, { client, account });
  return known?.address;
}

async function knownClient(ports: SupportPorts, of: Owner): Promise<KnownClient | undefined> {
  return (await ports.clients()).find(
    ({ client, account }) => client === of.client && account === of.account,
  );
}

async function take(
  parts: TicketParts,
  envelope: Arrived,
  raw: Uint8Array,
): ReturnType<TakeLetter> {
  const { clock, threads } = parts;
  if (raw.byteLength > MAX_LETTER) return no("too-large");
  const { subject, text, from, messageId, isPart } = readLetter(raw, MAX_TEXT);
  const words: Words = {
    subject: subject || "(no subject)",
    text,
    // The envelope's sender is where an answer would go, had the letter no author.
    from: from || envelope.sender,
    messageId,
    isPart,
  };
  const hash = tokenHashOf(envelope.recipient);
  const row = hash === undefined ? undefined : await threads.byToken(hash);
  const owner = envelope.submitter;
  const since = clock.now() - DAY;
  const [limit, today] =
    owner === undefined
      ? [STRANGER_MESSAGES_A_DAY, await threads.countSince("stranger", since)]
      : [CLIENT_MESSAGES_A_DAY, await threads.countSince("client", since, owner.client)];
  if (today >= limit) return no("suspended-for-now");
  // Only who signed in to send it is the client; the token alone is no proof, since letters are passed on.
  const isTheirs = row !== undefined && owner !== undefined && row.client === owner.client;
  const messageOf = async (): Promise<string> => {
    if (row !== undefined)
      return append(parts, row, isTheirs ? "client" : "stranger", words, raw, "mail");
    const author = owner === undefined ? "stranger" : "client";
    return begin(parts, owner ?? nobody, author, words, raw, "mail");
  };
  return { ok: true, messageId: await messageOf(), uid: 0 };
}
