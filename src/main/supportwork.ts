// Fits the support room to the operator's commands: notices, tickets by number, and the reveal of contact data by a grant.
import { type Clients } from "#clients";
import { type Operations, supportOperations } from "#control";
import {
  fieldMistakes,
  isServiceNotice,
  type NoticeFields,
  noticeWords,
  type ServiceNoticeKind,
  serviceNotices,
  type Support,
} from "#support";
import { type GrantRooms, releaseGrant } from "./grants.ts";
import type { SiteAddress } from "./site.ts";

// A page of the queue as a terminal shows it; the desk has all of it.
const MOST_TICKETS = 500;

export function operationsOfSupport(
  rooms: GrantRooms & {
    readonly clients: Clients;
    readonly support: Support;
    readonly site: SiteAddress;
  },
): Operations {
  const { clients, support, site } = rooms;
  return supportOperations({
    noticeMistake(kind, fields) {
      const kinds = Object.keys(serviceNotices).join(", ");
      if (!isServiceNotice(kind))
        return `there is no service notice of kind ${JSON.stringify(kind)}; there are: ${kinds}`;
      const mistakes = Object.entries(fieldMistakes(kind, fields));
      if (mistakes.length === 0) return undefined;
      const wanted = serviceNotices[kind].fields.join(", ");
      const said = mistakes.map(([name, mistake]) => `${name} is ${mistake}`).join("; ");
      return `${said}. ${kind} takes: ${wanted}`;
    },
    preview(kind, fields) {
      // Both were checked by `noticeMistake` just before.
      return noticeWords(kind as ServiceNoticeKind, asFields(fields), site.url());
    },
    recipients: async () => (await clients.list()).length,
    send: (kind, fields, progress) =>
      support.sendNotice(kind as ServiceNoticeKind, asFields(fields), progress),
    notices: () => support.notices(),
    async tickets() {
      const addresses = new Map((await clients.list()).map((row) => [row.account, row.address]));
      const rows = await support.queue(MOST_TICKETS);
      return rows.map(({ ticket, account, state, created, changed, messages }) => ({
        ticket,
        from: addresses.get(account) ?? "no client",
        state,
        created,
        changed,
        messages,
      }));
    },
    resolve: (address) => clients.resolve(address),
    isTicketOf: (ticket, client) => support.isTicketOf(ticket, client),
    release: (hash) => releaseGrant(rooms, hash),
  });
}

function asFields(fields: { readonly [name: string]: string }): NoticeFields<ServiceNoticeKind> {
  return fields as NoticeFields<ServiceNoticeKind>;
}
