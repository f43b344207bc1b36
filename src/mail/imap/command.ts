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

export type SearchReturn =
  | "MIN"
  | "MAX"
  | "ALL"
  | "COUNT"
  | "SAVE"
  | "UPDATE"
  | "CONTEXT"
  | { readonly partial: ResultRange };

/** Places in a list of results from 1, or from the end as -1; the ends as they were given (RFC 5267 §4.4, RFC 9394 §3.1). */
export interface ResultRange {
  readonly first: number;
  readonly last: number;
}

export type SortKey =
  | "ARRIVAL"
  | "CC"
  | "DATE"
  | "FROM"
  | "SIZE"
  | "SUBJECT"
  | "TO"
  | "DISPLAYFROM"
  | "DISPLAYTO";

export interface SortCriterion {
  readonly by: SortKey;
  readonly reverse: boolean;
}

export type StatusItem =
  | "MESSAGES"
  | "RECENT"
  | "UIDNEXT"
  | "UIDVALIDITY"
  | "UNSEEN"
  | "DELETED"
  | "DELETED-STORAGE"
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
  /** One literal, or what CATENATE puts together. */
  readonly parts: readonly AppendedPart[];
  readonly form: "literal" | "utf8" | "catenate";
}

export type AppendedPart =
  | { readonly kind: "text"; readonly bytes: Buffer }
  | { readonly kind: "url"; readonly url: Buffer };

export interface QresyncParameters {
  readonly uidValidity: number;
  readonly modseq: number;
  readonly known: SequenceSet | undefined;
  /** The fourth parameter was there: message numbers with their UIDs. */
  readonly matched: boolean;
}

export interface FetchCommand {
  readonly name: "FETCH";
  readonly uid: boolean;
  readonly set: SequenceSet;
  readonly items: readonly FetchItem[];
  readonly changedSince: number | undefined;
  readonly vanished: boolean;
  /** Only these of the messages that the set means (RFC 9394 §3.3). */
  readonly partial: ResultRange | undefined;
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

export interface SortCommand {
  readonly name: "SORT";
  readonly uid: boolean;
  readonly returns: readonly SearchReturn[] | undefined;
  readonly criteria: readonly SortCriterion[];
  readonly charset: string;
  readonly key: SearchKey;
}

export interface ThreadCommand {
  readonly name: "THREAD";
  readonly uid: boolean;
  readonly algorithm: "REFERENCES" | "ORDEREDSUBJECT";
  readonly charset: string;
  readonly key: SearchKey;
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
        | "UNAUTHENTICATE"
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
  | {
      readonly name: "REPLACE";
      readonly uid: boolean;
      /** One message. */
      readonly set: SequenceSet;
      readonly folder: FolderOctets;
      readonly message: AppendedMessage;
    }
  | { readonly name: "GETQUOTA"; readonly root: string }
  | { readonly name: "GETQUOTAROOT"; readonly folder: FolderOctets }
  | {
      readonly name: "GETMETADATA";
      /** Empty for the account itself. */
      readonly folder: FolderOctets;
      /** Lower case. */
      readonly entries: readonly string[];
      readonly maxSize: number | undefined;
      /** 0, 1 or Infinity. */
      readonly depth: number;
    }
  | {
      readonly name: "SETMETADATA";
      readonly folder: FolderOctets;
      /** Null takes an entry away. */
      readonly values: readonly (readonly [entry: string, value: Buffer | null])[];
    }
  | { readonly name: "EXPUNGE"; readonly uids: SequenceSet | undefined }
  | NotifyCommand
  | SearchCommand
  | SortCommand
  | ThreadCommand
  | { readonly name: "CANCELUPDATE"; readonly tags: readonly string[] }
  | FetchCommand
  | StoreCommand
  | {
      readonly name: "COPY" | "MOVE";
      readonly uid: boolean;
      readonly set: SequenceSet;
      readonly folder: FolderOctets;
    };

/** Which folders a group of NOTIFY is about (RFC 5465 §6). */
export type NotifyFilter =
  | { readonly kind: "SELECTED" | "SELECTED-DELAYED" | "INBOXES" | "PERSONAL" | "SUBSCRIBED" }
  | { readonly kind: "SUBTREE" | "MAILBOXES"; readonly folders: readonly FolderOctets[] };

export interface NotifyGroup {
  readonly filter: NotifyFilter;
  /** Upper case; none of them for NONE. */
  readonly events: readonly string[];
  /** What is sent of a new message in the selected folder. */
  readonly fetch: readonly FetchItem[];
}

export interface NotifyCommand {
  readonly name: "NOTIFY";
  /** Undefined for NONE. */
  readonly groups: readonly NotifyGroup[] | undefined;
  /** STATUS of the other folders is wanted at once. */
  readonly status: boolean;
}

export type CommandName = Command["name"];

/** What one command's bytes are. `tag` is "*" where not even that could be read. */
export type Parsed =
  | { readonly ok: true; readonly tag: string; readonly command: Command }
  | { readonly ok: false; readonly tag: string; readonly why: string };
