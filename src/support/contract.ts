// What the support room promises to others: the types of its front door. Holds no code.
import type { Result } from "#base/errors";
import type { Invocation } from "#engine";
import type { NoticeFields, NoticeKind, ServiceNoticeKind } from "./notices.ts";
import type { Arrived, ClientReader, DeskReader, LetterRefusal, Owner } from "./ports.ts";
import type { Author, TicketState } from "./tables.ts";

/** All of it clear on disk. */
export interface TicketRow extends Owner {
  /** Eight digits. */
  readonly ticket: string;
  readonly state: TicketState;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly changed: number;
  readonly messages: number;
}

export interface TicketMessage {
  readonly id: string;
  readonly author: Author;
  readonly at: number;
  readonly subject: string;
  readonly text: string;
  /** Whom a letter says it is from; proved by nothing. "" for what was written in the portal or by the desk. */
  readonly from: string;
  /** The letter had more than is shown here; the desk has all of it. */
  readonly isPart: boolean;
}

export interface Ticket extends TicketRow {
  /** Oldest first; what did not open is left out and counted. */
  readonly thread: readonly TicketMessage[];
  readonly unreadable: number;
}

export type WriteRefusal = "empty" | "too-long" | "too-many" | "no-such-ticket" | "closed-account";

/** The way in for letters to an address of the provider. */
export type TakeLetter = (
  envelope: Arrived,
  raw: Uint8Array,
) => Promise<
  | { readonly ok: true; readonly messageId: string; readonly uid: number }
  | { readonly ok: false; readonly refusal: LetterRefusal }
>;

export interface MassReport {
  readonly notice: string;
  /** Clients for whom it is meant. */
  readonly clients: number;
  /** Who have it, now or from an earlier run. */
  readonly had: number;
  readonly given: number;
  /** Who could not be reached this time, by refusal. */
  readonly failed: { readonly [refusal: string]: number };
  readonly finished: boolean;
}

export interface NoticeState {
  readonly notice: string;
  readonly kind: string;
  readonly created: number;
  readonly finished: number | undefined;
  readonly given: number;
}

export interface Support {
  /** A ticket from the portal; resolves with its number when it is durable, with a line in the client's log. */
  open(client: Owner, subject: string, text: string): Promise<Result<string, WriteRefusal>>;
  /** A further message by the client; opens the ticket again. */
  write(client: Owner, ticket: string, text: string): Promise<Result<true, WriteRefusal>>;
  ticketsOf(client: Owner): Promise<readonly TicketRow[]>;
  /** The first subject of each, for lists. */
  subjects(
    reader: ClientReader | DeskReader,
    tickets: readonly TicketRow[],
  ): Promise<ReadonlyMap<string, string>>;
  /** As the client sees it: without what strangers wrote. */
  readAsClient(reader: ClientReader, ticket: string): Promise<Ticket | undefined>;
  /** Open ones first, oldest first. */
  queue(limit: number): Promise<readonly TicketRow[]>;
  readAtDesk(reader: DeskReader, ticket: string): Promise<Ticket | undefined>;
  /** A letter as it came; undefined when there is none or it does not open. */
  letter(reader: DeskReader, ticket: string, message: string): Promise<Uint8Array | undefined>;
  /**
   * The desk's answer: durable in the ticket and in the client's inbox (or, to a stranger, in the queue) when this resolves. The
   * letter has a reply address that leads back into the ticket.
   */
  answer(
    reader: DeskReader,
    ticket: string,
    text: string,
  ): Promise<Result<true, WriteRefusal | LetterRefusal>>;
  close(ticket: string): Promise<Result<true, "no-such-ticket" | "closed-already">>;
  /** Whether a ticket of that number is this client's. */
  isTicketOf(ticket: string, client: string): Promise<boolean>;
  /** A letter to support@, info@ or postmaster@, by anybody. */
  take: TakeLetter;
  /**
   * A single letter from the provider into a client's inbox and a line of their log, durable when this resolves. The same key gives
   * one letter, however often it is asked for. `alongside` is written with it, or neither.
   */
  notify<Kind extends NoticeKind>(
    client: string,
    kind: Kind,
    fields: NoticeFields<Kind>,
    key: string,
    alongside?: readonly Invocation[],
  ): Promise<Result<"given" | "had-it", LetterRefusal>>;
  /**
   * A notice to every client: the only mass mail there is. The same kind and fields are the same notice, so that a second call goes
   * on where the first ended and nobody has it twice.
   */
  sendNotice<Kind extends ServiceNoticeKind>(
    kind: Kind,
    fields: NoticeFields<Kind>,
    progress?: (done: number, of: number) => void,
  ): Promise<MassReport>;
  notices(): Promise<readonly NoticeState[]>;
  /** The job: goes on with notices that a crash or a refusal left unfinished. */
  resumeNotices(): Promise<{ readonly given: number; readonly unfinished: number }>;
  /** Destroys what this room holds of a client. */
  forget(client: string): Promise<number>;
}
