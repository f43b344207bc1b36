// What the pages about tickets and mailing lists need, in the pages' own words. Sessions go back to the rooms that open with them.
import type { Result } from "#base/errors";
import type { AtDesk, SignedIn } from "../ports.ts";

/** Clear on disk, but for the subject, which a session opened. */
export interface TicketLine {
  readonly ticket: string;
  readonly state: "open" | "answered" | "closed";
  readonly created: number;
  /** Milliseconds since 1970. */
  readonly changed: number;
  readonly messages: number;
  /** Undefined where it did not open. */
  readonly subject: string | undefined;
}

export interface DeskTicketLine extends TicketLine {
  /** The client's address; undefined for somebody who is no client, or did not prove to be one. */
  readonly address: string | undefined;
  readonly account: string;
}

export interface ThreadMessage {
  readonly id: string;
  readonly author: "client" | "desk" | "stranger";
  readonly at: number;
  readonly text: string;
  /** Whom a letter says it is from; "" for what did not come by mail. */
  readonly from: string;
  /** The letter has more than is shown. */
  readonly isPart: boolean;
}

export interface Thread<Line extends TicketLine = TicketLine> {
  readonly line: Line;
  readonly messages: readonly ThreadMessage[];
  /** How many did not open. */
  readonly unreadable: number;
}

export type TicketRefusal =
  | "empty"
  | "too-long"
  | "too-many"
  | "no-such-ticket"
  | "closed-account"
  | "no-such-user"
  | "suspended-for-now"
  | "refused-for-good"
  | "too-large"
  | "over-quota"
  | "cannot-seal";

export interface TicketsPort {
  mine(session: SignedIn): Promise<readonly TicketLine[]>;
  read(session: SignedIn, ticket: string): Promise<Thread | undefined>;
  open(session: SignedIn, subject: string, text: string): Promise<Result<string, TicketRefusal>>;
  write(session: SignedIn, ticket: string, text: string): Promise<Result<true, TicketRefusal>>;
  queue(desk: AtDesk): Promise<readonly DeskTicketLine[]>;
  /** The tickets of one client, whose numbers a reveal of contact data names. */
  ofAccount(desk: AtDesk, account: string): Promise<readonly DeskTicketLine[]>;
  readAtDesk(desk: AtDesk, ticket: string): Promise<Thread<DeskTicketLine> | undefined>;
  letter(desk: AtDesk, ticket: string, message: string): Promise<Uint8Array | undefined>;
  answer(desk: AtDesk, ticket: string, text: string): Promise<Result<true, TicketRefusal>>;
  close(desk: AtDesk, ticket: string): Promise<boolean>;
}

export interface ListView {
  readonly id: string;
  readonly address: string;
  readonly title: string;
  readonly created: number;
  /** Who may write to it; anyone makes it a group. */
  readonly posting: "members" | "anyone";
}

export interface ListMember {
  readonly id: string;
  readonly address: string;
  readonly state: "invited" | "member";
}

export type ListRefusal = "bad-name" | "taken" | "bad-title" | "too-many" | "not-your-domain";
export type InviteRefusal =
  | "no-such-list"
  | "not-ours"
  | "bad-address"
  | "there"
  | "too-many"
  | "lately"
  | "too-many-today";

export interface ListsPort {
  readonly maxMembers: number;
  owned(
    session: SignedIn,
  ): Promise<readonly (ListView & { readonly members: readonly ListMember[] })[]>;
  memberships(
    session: SignedIn,
  ): Promise<readonly { readonly list: ListView; readonly state: "invited" | "member" }[]>;
  create(
    session: SignedIn,
    name: string,
    title: string,
    more: { readonly domain: string | undefined; readonly posting: "members" | "anyone" },
  ): Promise<Result<string, ListRefusal>>;
  invite(session: SignedIn, list: string, address: string): Promise<Result<true, InviteRefusal>>;
  remove(session: SignedIn, list: string, member: string): Promise<boolean>;
  delete(session: SignedIn, list: string): Promise<boolean>;
  answer(session: SignedIn, list: string, answer: "accept" | "leave"): Promise<boolean>;
  /** By the link in a letter, which needs no sign-in. */
  byLink(
    member: string,
    token: string,
  ): Promise<{ readonly list: ListView; readonly member: ListMember } | undefined>;
  answerByLink(member: string, token: string, answer: "accept" | "leave"): Promise<boolean>;
}
