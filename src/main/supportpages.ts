// Fits tickets and lists to the pages: a session comes from the pages as it was given to them, and opens here what is its own.
import type { Clients, Session } from "#clients";
import type { DeskSession } from "#desk";
import { type Lists, MAX_MEMBERS } from "#lists";
import type { Support, TicketRow } from "#support";
import type { AtDesk, DeskTicketLine, ListsPort, TicketLine, TicketsPort } from "#web";
import { clientReader } from "./support.ts";

// A page of the queue: what is beyond it shows once these are answered.
const QUEUE = 200;

export function fitTicketPages({
  clients,
  support,
}: {
  readonly clients: Clients;
  readonly support: Support;
}): TicketsPort {
  // The pages hand back the session that they were given; nobody else makes one.
  const reader = (session: object) => clientReader(session as Session);
  const atDesk = (desk: AtDesk): DeskSession => desk as unknown as DeskSession;
  const deskLines = async (
    desk: AtDesk,
    rows: readonly TicketRow[],
  ): Promise<readonly DeskTicketLine[]> => {
    const [subjects, listed] = await Promise.all([
      support.subjects(atDesk(desk), rows),
      clients.list(),
    ]);
    const addresses = new Map(listed.map((row) => [row.account, row.address]));
    return rows.map((row) => ({
      ...line(row, subjects.get(row.ticket)),
      account: row.account,
      address: addresses.get(row.account),
    }));
  };
  return {
    async mine(session) {
      const rows = await support.ticketsOf(session);
      const subjects = await support.subjects(reader(session), rows);
      return rows.map((row) => line(row, subjects.get(row.ticket)));
    },
    async read(session, ticket) {
      const found = await support.readAsClient(reader(session), ticket);
      if (found === undefined) return undefined;
      const { thread: messages, unreadable } = found;
      return { line: line(found, messages[0]?.subject), messages, unreadable };
    },
    open: (session, subject, text) => support.open(session, subject, text),
    write: (session, ticket, text) => support.write(session, ticket, text),
    queue: async (desk) => deskLines(desk, await support.queue(QUEUE)),
    async ofAccount(desk, account) {
      const client = (await clients.list()).find((row) => row.account === account);
      return client === undefined ? [] : deskLines(desk, await support.ticketsOf(client));
    },
    async readAtDesk(desk, ticket) {
      const found = await support.readAtDesk(atDesk(desk), ticket);
      const [known] = found === undefined ? [] : await deskLines(desk, [found]);
      if (found === undefined || known === undefined) return undefined;
      return { line: known, messages: found.thread, unreadable: found.unreadable };
    },
    letter: (desk, ticket, message) => support.letter(atDesk(desk), ticket, message),
    answer: (desk, ticket, text) => support.answer(atDesk(desk), ticket, text),
    close: async (_, ticket) => (await support.close(ticket)).ok,
  };
}

function line(row: TicketRow, subject: string | undefined): TicketLine {
  const { ticket, state, created, changed, messages } = row;
  return { ticket, state, created, changed, messages, subject };
}

export function fitListPages(lists: Lists): ListsPort {
  return {
    maxMembers: MAX_MEMBERS,
    owned: (session) => lists.owned(session),
    memberships: (session) => lists.memberships(session),
    create: (session, name, title, more) => lists.create(session, name, title, more),
    invite: (session, list, address) => lists.invite(session, list, address),
    remove: (session, list, member) => lists.remove(session, list, member),
    delete: (session, list) => lists.delete(session, list),
    answer: (session, list, answer) => lists.answer(session, list, answer),
    byLink: (member, token) => lists.invitation(member, token),
    answerByLink: (member, token, answer) => lists.answerByLink(member, token, answer),
  };
}
