// What a mail program can ask for, as values: the outcome of the grammar and the input of the session. No behaviour.
import type { SequenceSet } from "./sets.ts";

/** A folder's name as it came; the session decodes it, since the spelling depends on what was enabled. */
type FolderOctets = Buffer;

export interface Section {
  /** Part numbers, outermost first; empty for the message itself. */
  readonly path: readonly number[];
  readonly text: "" | "HEADER" | "TEXT" | "MIME" | "HEADER.FIELDS" | "HEADER.FIELDS.NOT";
  /** Lower case. */
  readonly fields: readonly string[];
}

export interface Partial {
  readonly offset: number;
  readonly count: number;
}

export type PlainItem =
  | "FLAGS"
  | "UID"
  | "INTERNALDATE"
  | "RFC822.SIZE"
  | "ENVELOPE"
  | "BODYSTRUCTURE"
  | "BODY"
  | "MODSEQ"
  | "PREVIEW"
  | "SAVEDATE"
  | "EMAILID"
  | "THREADID";

export type FetchItem =
  | { readonly kind: "plain"; readonly item: PlainItem }
  | {
      readonly kind: "section";
      /** The item's name in the answer, without the origin octet: "BODY[1.MIME]". */
      readonly label: string;
      readonly section: Section;
      readonly peek: boolean;
      readonly partial: Partial | undefined;
    }
  | {
      readonly kind: "binary";
      readonly label: string;
      readonly path: readonly number[];
      readonly peek: boolean;
      readonly partial: Partial | undefined;
    }
  | { readonly kind: "binary-size"; readonly label: string; readonly path: readonly number[] };

export type SearchKey =
  | { readonly key: "all" }
  | { readonly key: "and"; readonly keys: readonly SearchKey[] }
  | { readonly key: "or"; readonly a: SearchKey; readonly b: SearchKey }
  | { readonly key: "not"; readonly a: SearchKey }
  | { readonly key: "flag"; readonly bit: number; readonly set: boolean }
  | { readonly key: "keyword"; readonly keyword: string }
  | { readonly key: "recent" }
  | { readonly key: "uids"; readonly set: SequenceSet }
  | { readonly key: "numbers"; readonly set: SequenceSet }
  | { readonly key: "size"; readonly larger: boolean; readonly octets: number }
  | {
      readonly key: "day";
      readonly date: "received" | "sent" | "saved";
      readonly when: "before" | "on" | "since";
      /** Days since 1970-01-01. */
      readonly day: number;
    }
  | { readonly key: "age"; readonly younger: boolean; readonly seconds: number }
  | { readonly key: "header"; readonly field: string; readonly text: string }
  | { readonly key: "body"; readonly text: string }
  | { readonly key: "text"; readonly text: string }
  | { readonly key: "modseq"; readonly modseq: number }
  | { readonly key: "emailid"; readonly id: string };

export type SearchReturn = "MIN" | "MAX" | "ALL" | "COUNT" | "SAVE";

export type StatusItem =
  | "MESSAGES"
  | "RECENT"
  | "UIDNEXT"
  | "UIDVALIDITY"
  | "UNSEEN"
  | "DELETED"
  | "SIZE"
  | "HIGHESTMODSEQ"
  | "MAILBOXID"
  | "APPENDLIMIT";

export interface ListCommand {
  readonly name: "LIST" | "LSUB" | "XLIST";
  readonly reference: FolderOctets;
  readonly patterns: readonly FolderOctets[];
  readonly select: readonly ("SUBSCRIBED" | "REMOTE" | "RECURSIVEMATCH" | "SPECIAL-USE")[];
  readonly returns: readonly ("SUBSCRIBED" | "CHILDREN" | "SPECIAL-USE")[];
  readonly status: readonly StatusItem[] | undefined;
  /** The client used LIST-EXTENDED syntax. */
  readonly extended: boolean;
}

export interface AppendedMessage {
  readonly flags: readonly string[];
  /** Milliseconds since 1970; undefined for now. */
  readonly date: number | undefined;
  readonly bytes: Buffer;
  readonly binary: boolean;
}

export interface QresyncParameters {
  readonly uidValidity: number;
  readonly modseq: number;
  readonly known: SequenceSet | undefined;
}

export interface FetchCommand {
  readonly name: "FETCH";
  readonly uid: boolean;
  readonly set: SequenceSet;
  readonly items: readonly FetchItem[];
  readonly changedSince: number | undefined;
  readonly vanished: boolean;
}

export interface StoreCommand {
  readonly name: "STORE";
  readonly uid: boolean;
  readonly set: SequenceSet;
  readonly operation: "add" | "remove" | "replace";
  readonly silent: boolean;
  readonly flags: readonly string[];
  readonly unchangedSince: number | undefined;
}

export interface SearchCommand {
  readonly name: "SEARCH";
  readonly uid: boolean;
  /** Undefined: the old untagged SEARCH; otherwise ESEARCH with these. */
  readonly returns: readonly SearchReturn[] | undefined;
  /** Upper case; undefined when not named. */
  readonly charset: string | undefined;
  readonly key: SearchKey;
}

export type Command =
  | {
      readonly name:
        | "CAPABILITY"
        | "NOOP"
        | "LOGOUT"
        | "STARTTLS"
        | "IDLE"
        | "CHECK"
        | "CLOSE"
        | "UNSELECT"
        | "NAMESPACE"
        | "ID";
    }
  | {
      readonly name: "AUTHENTICATE";
      readonly mechanism: string;
      readonly initial: string | undefined;
    }
  | { readonly name: "LOGIN"; readonly login: Buffer; readonly password: Buffer }
  | { readonly name: "ENABLE"; readonly features: readonly string[] }
  | {
      readonly name: "SELECT" | "EXAMINE";
      readonly folder: FolderOctets;
      readonly condstore: boolean;
      readonly qresync: QresyncParameters | undefined;
    }
  | { readonly name: "CREATE"; readonly folder: FolderOctets; readonly use: readonly string[] }
  | { readonly name: "DELETE" | "SUBSCRIBE" | "UNSUBSCRIBE"; readonly folder: FolderOctets }
  | { readonly name: "RENAME"; readonly from: FolderOctets; readonly to: FolderOctets }
  | {
      readonly name: "STATUS";
      readonly folder: FolderOctets;
      readonly items: readonly StatusItem[];
    }
  | ListCommand
  | {
      readonly name: "APPEND";
      readonly folder: FolderOctets;
      readonly messages: readonly AppendedMessage[];
    }
  | { readonly name: "EXPUNGE"; readonly uids: SequenceSet | undefined }
  | SearchCommand
  | FetchCommand
  | StoreCommand
  | {
      readonly name: "COPY" | "MOVE";
      readonly uid: boolean;
      readonly set: SequenceSet;
      readonly folder: FolderOctets;
    };

export type CommandName = Command["name"];

/** What one command's bytes are. `tag` is "*" where not even that could be read. */
export type Parsed =
  | { readonly ok: true; readonly tag: string; readonly command: Command }
  | { readonly ok: false; readonly tag: string; readonly why: string };
