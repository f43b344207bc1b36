// What the server says it can do, and in which state (RFC 9051 §6.1.1). Nothing stands here that the session cannot serve:
// a test tries every word.

const always = ["IMAP4rev1", "IMAP4rev2", "LITERAL+", "SASL-IR", "ENABLE", "ID", "IDLE"] as const;

const signedIn = [
  "NAMESPACE",
  "CHILDREN",
  "UNSELECT",
  "UIDPLUS",
  "MOVE",
  "CONDSTORE",
  "QRESYNC",
  "ESEARCH",
  "SEARCHRES",
  "WITHIN",
  "PARTIAL",
  "CONTEXT=SEARCH",
  "CONTEXT=SORT",
  "INPROGRESS",
  "I18NLEVEL=1",
  "SORT",
  "SORT=DISPLAY",
  "ESORT",
  "THREAD=REFERENCES",
  "THREAD=ORDEREDSUBJECT",
  "LIST-EXTENDED",
  "LIST-STATUS",
  "SPECIAL-USE",
  "CREATE-SPECIAL-USE",
  "XLIST",
  "STATUS=SIZE",
  "MULTIAPPEND",
  "CATENATE",
  "REPLACE",
  "QUOTA",
  "QUOTA=RES-STORAGE",
  "QUOTA=RES-MESSAGE",
  "METADATA",
  "UTF8=ACCEPT",
  "BINARY",
  "PREVIEW",
  "SAVEDATE",
  "OBJECTID",
  "NOTIFY",
  "UIDONLY",
  "UNAUTHENTICATE",
] as const;

export interface CapabilityState {
  readonly signedIn: boolean;
  /** A password may be said here: TLS, or plaintext was allowed. */
  readonly mayLogin: boolean;
  readonly mayStartTls: boolean;
  readonly appendLimit: number;
}

export function capabilities(state: CapabilityState): string {
  const words: string[] = [...always];
  if (state.signedIn) words.push(...signedIn, `APPENDLIMIT=${state.appendLimit}`);
  else {
    if (state.mayStartTls) words.push("STARTTLS");
    words.push(state.mayLogin ? "AUTH=PLAIN" : "LOGINDISABLED");
  }
  return words.join(" ");
}

/** What ENABLE takes (RFC 5161), in upper case. */
export const enableable = ["CONDSTORE", "QRESYNC", "IMAP4REV2", "UTF8=ACCEPT", "UIDONLY"] as const;
export type Enableable = (typeof enableable)[number];
