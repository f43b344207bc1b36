// The tickets' and lists' ports kept in memory, for tests of the pages alone: one ticket, one list. Never part of the program.
import { no, yes } from "#base/errors";
import type { ListsPort, TicketsPort } from "./ports/support.ts";

export function memoryTickets(): TicketsPort {
  const line = {
    ticket: "12345678",
    state: "open",
    created: 0,
    changed: 0,
    messages: 1,
    subject: "A question",
  } as const;
  const message = {
    id: "m",
    author: "client",
    at: 0,
    text: "How does this work?",
    from: "",
    isPart: false,
  } as const;
  const atDesk = { ...line, address: "anna@bailee.localhost", account: "a" };
  const thread = { messages: [message], unreadable: 0 };
  return {
    mine: async () => [line],
    read: async (_, ticket) => (ticket === line.ticket ? { line, ...thread } : undefined),
    open: async (_, subject) => (subject === "" ? no("empty") : yes(line.ticket)),
    write: async (_, ticket) => (ticket === line.ticket ? yes(true) : no("no-such-ticket")),
    queue: async () => [atDesk],
    ofAccount: async () => [atDesk],
    readAtDesk: async (_, ticket) =>
      ticket === line.ticket ? { line: atDesk, ...thread } : undefined,
    letter: async () => undefined,
    answer: async () => yes(true),
    close: async () => true,
  };
}

export function memoryLists(): ListsPort {
  const list = {
    id: "l",
    address: "club@bailee.localhost",
    title: "The club",
    created: 0,
    posting: "members",
  } as const;
  const member = { id: "m", address: "anna@bailee.localhost", state: "member" } as const;
  return {
    maxMembers: 50,
    owned: async () => [{ ...list, members: [member] }],
    memberships: async () => [{ list, state: "member" }],
    create: async (_, name) => (name === "taken" ? no("taken") : yes(list.id)),
    invite: async () => yes(true),
    remove: async () => true,
    delete: async () => true,
    answer: async () => true,
    byLink: async (id, token) => (id === "m" && token === "t" ? { list, member } : undefined),
    answerByLink: async () => true,
  };
}
