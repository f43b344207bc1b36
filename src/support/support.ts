// Between client and provider: tickets, and what the provider writes of its own accord. Seals by ports and opens with the sessions
// of those who read; holds no key. Nothing here writes to clients about anything but the service they have.
import type { Engine, Room } from "#engine";
import type { Clock } from "#base/time";
import { forgetClient } from "./commands.ts";
import type { Support } from "./contract.ts";
import { openLetters } from "./letters.ts";
import type { SupportPorts } from "./ports.ts";
import { migrations, type Tables } from "./tables.ts";
import { openThreads } from "./thread.ts";
import { letterPart, openTickets } from "./tickets.ts";

export type {
  MassReport,
  NoticeState,
  Support,
  TakeLetter,
  Ticket,
  TicketMessage,
  TicketRow,
  WriteRefusal,
} from "./contract.ts";
export {
  fieldMistakes,
  isServiceNotice,
  type NoticeFields,
  type NoticeKind,
  noticeWords,
  type ServiceNoticeKind,
  serviceNotices,
} from "./notices.ts";
export type {
  Arrived,
  ClientReader,
  DeskReader,
  KnownClient,
  LetterRefusal,
  SupportPorts,
} from "./ports.ts";

export const supportRoom: Room = {
  name: "support",
  migrations,
  commands: new URL("commands.ts", import.meta.url).href,
};

/** The addresses whose letters become tickets; abuse@ is another desk's. RFC 5321 §4.5.1 and RFC 2142 ask for the first and second. */
export const ticketAddresses = ["postmaster", "info", "support"] as const;

/** The engine must have run this room's migrations. */
export function openSupport(options: {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly ports: SupportPorts;
  readonly site: () => string;
}): Support {
  const { engine } = options;
  const threads = openThreads(engine);
  const tickets = openTickets({ ...options, threads });
  return {
    ...tickets,
    ...openLetters(options),
    ticketsOf: (client) => threads.rowsOf(client),
    subjects: (reader, rows) => threads.subjects(reader, rows),
    queue: (limit) => threads.queue(limit),
    async readAsClient(reader, ticket) {
      const row = await threads.row(ticket);
      if (row === undefined || row.client !== reader.client || row.account !== reader.account)
        return undefined;
      return threads.read({ client: reader }, row);
    },
    async readAtDesk(reader, ticket) {
      const row = await threads.row(ticket);
      return row && threads.read({ desk: reader }, row);
    },
    async letter(reader, ticket, message) {
      const row = await engine
        .reader<Tables>()
        .selectFrom("ticket_message")
        .select("letter")
        .where("ticket", "=", ticket)
        .where("message_id", "=", message)
        .executeTakeFirst();
      const sealed = row?.letter ?? undefined;
      return sealed && reader.open(ticket, letterPart(message), sealed);
    },
    async isTicketOf(ticket, client) {
      return client !== "" && (await threads.row(ticket))?.client === client;
    },
    forget: (client) => engine.write(forgetClient, { client }),
  };
}
