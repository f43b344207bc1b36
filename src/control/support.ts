// What the operator may ask of the support desk: notices to all clients, the queue of tickets by number, and the reveal of contact
// data. Sees no words of a ticket; what a reveal opens is sealed to a key that the asker made.
import type { Answer, Operations, Plain, Progress } from "./socket.ts";

export interface OperatedSupport {
  /** What is wrong with a notice as asked for; undefined when it can be sent. Kinds and fields by their names. */
  noticeMistake(kind: string, fields: Fields): string | undefined;
  /** The letter as every client would read it. */
  preview(kind: string, fields: Fields): { readonly subject: string; readonly text: string };
  recipients(): Promise<number>;
  send(
    kind: string,
    fields: Fields,
    progress: (done: number, of: number) => void,
  ): Promise<{
    readonly notice: string;
    readonly clients: number;
    readonly had: number;
    readonly given: number;
    readonly failed: { readonly [refusal: string]: number };
    readonly finished: boolean;
  }>;
  notices(): Promise<
    readonly {
      readonly notice: string;
      readonly kind: string;
      readonly created: number;
      readonly finished: number | undefined;
      readonly given: number;
    }[]
  >;
  tickets(): Promise<
    readonly {
      readonly ticket: string;
      readonly from: string;
      readonly state: string;
      readonly created: number;
      readonly changed: number;
      readonly messages: number;
    }[]
  >;
  resolve(
    address: string,
  ): Promise<{ readonly client: string; readonly account: string } | undefined>;
  isTicketOf(ticket: string, client: string): Promise<boolean>;
  release(hash: string): Promise<
    | {
        readonly ok: true;
        readonly value: { readonly package: Uint8Array; readonly intentIndex: number };
      }
    | { readonly ok: false; readonly refusal: string; readonly why: string }
  >;
}

type Fields = { readonly [name: string]: string };

export function supportOperations(rooms: OperatedSupport): Operations {
  return {
    "notice.send": (args, progress) => sendNotice(rooms, args, progress),
    "notice.list": async () => {
      const rows = await rooms.notices();
      const lines = rows.map(
        ({ notice, kind, created, finished, given }) =>
          `${new Date(created).toISOString()}  ${kind}  ${given} clients have it  ${finished === undefined ? "under way" : "finished"}  ${notice}`,
      );
      const text = lines.length === 0 ? "no notice was ever sent" : lines.join("\n");
      return { ok: true, text, value: rows.map((row) => ({ ...row })) };
    },
    "ticket.list": async () => {
      const rows = await rooms.tickets();
      const lines = rows.map(
        ({ ticket, from, state, changed, messages }) =>
          `${ticket}  ${state}  ${from}  ${messages} messages  ${new Date(changed).toISOString()}`,
      );
      const words = lines.length === 0 ? "no tickets" : lines.join("\n");
      return { ok: true, text: words, value: rows.map((row) => ({ ...row })) };
    },
    "reveal.check": async (args) => {
      const [address, ticket] = [text(args["address"]), text(args["ticket"])];
      const found = await rooms.resolve(address);
      if (found === undefined)
        return refused(`no client has the address ${address}`, "unknown-client");
      if (!(await rooms.isTicketOf(ticket, found.client)))
        return refused(unknownTicket(ticket), "unknown-ticket");
      return { ok: true, text: found.client, value: { ...found } };
    },
    "reveal.release": async (args) => {
      const released = await rooms.release(text(args["hash"]));
      if (!released.ok)
        return refused(
          `the keeper refuses: ${released.refusal}: ${released.why}`,
          released.refusal,
        );
      const { package: sealed, intentIndex } = released.value;
      const value = { package: Buffer.from(sealed).toString("base64"), intentIndex };
      return { ok: true, text: "released", value };
    },
  };
}

function unknownTicket(ticket: string): string {
  return ticket === ""
    ? "ticket: the number of the client's own request is demanded"
    : `ticket: no ticket ${ticket} of this client exists; the ground demands the number of the client's own request`;
}

async function sendNotice(
  rooms: OperatedSupport,
  args: { readonly [name: string]: Plain },
  progress: Progress,
): Promise<Answer> {
  const kind = text(args["kind"]);
  const fields = Object.fromEntries(
    Object.entries((args["fields"] ?? {}) as { readonly [name: string]: Plain }).map(
      ([name, value]) => [name, text(value)],
    ),
  );
  const mistake = rooms.noticeMistake(kind, fields);
  if (mistake !== undefined) return refused(mistake, "bad-notice");
  if (args["dryRun"] === true) {
    const clients = await rooms.recipients();
    const { subject, text: words } = rooms.preview(kind, fields);
    const shown = `to ${clients} clients, nothing was sent:\n\nSubject: ${subject}\n\n${words}`;
    return { ok: true, text: shown, value: { dryRun: true, clients, subject, text: words } };
  }
  const report = await rooms.send(kind, fields, (done, of) => progress(`${done} of ${of} clients`));
  const { clients, given, had, failed, finished } = report;
  const failures = Object.entries(failed).map(([why, count]) => `\n  ${count} not: ${why}`);
  const later = finished ? "" : "\nit goes on by itself every hour, and by the same command";
  const words = `${given} given now; ${had} of ${clients} clients have it${failures.join("")}${later}`;
  return { ok: finished, text: words, value: { ...report, failed: { ...failed } } };
}

function refused(why: string, refusal: string): Answer {
  return { ok: false, text: why, value: { refused: why, refusal } };
}

function text(value: Plain): string {
  if (value === undefined) return "";
  if (typeof value !== "string") throw new TypeError("an operation's argument is not text");
  return value;
}
