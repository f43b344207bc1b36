// Every command with the states that allow it, whether message numbers may shift under it, and what carries it out.
import { authenticate, login, signOut } from "./auth.ts";
import { enableable } from "./capabilities.ts";
import type { Command, CommandName } from "./command.ts";
import { fetchMessages } from "./fetch.ts";
import { create, remove, rename, subscribe } from "./folders.ts";
import { idle } from "./idle.ts";
import { list, status } from "./listing.ts";
import { append, replaceMessage } from "./append.ts";
import { copyMessages, expunge, moveMessages, storeFlags } from "./messages.ts";
import { getMetadata, setMetadata } from "./metadata.ts";
import { notify } from "./notify.ts";
import { getQuota, getQuotaRoot } from "./quota.ts";
import { cancelUpdates } from "./contexts.ts";
import { searchMessages, sortMessages, threadMessages } from "./search.ts";
import { select, unselect } from "./select.ts";
import {
  bad,
  capabilityLine,
  enableCondstore,
  mailboxOf,
  ok,
  type Reply,
  selectedOf,
  type Session,
  type State,
  tell,
} from "./session.ts";

const anywhere: readonly State[] = ["stranger", "signed-in", "selected"];
const stranger: readonly State[] = ["stranger"];
const signedIn: readonly State[] = ["signed-in", "selected"];
const selected: readonly State[] = ["selected"];

/** The member of the union that has this name. */
type Named<Name, Each> = Each extends { readonly name: infer Names }
  ? Name extends Names
    ? Each
    : never
  : never;

interface Entry<Name extends CommandName> {
  readonly states: readonly State[];
  /** News of the selected folder are told around this command. "none": it brings its own, or leaves the folder. */
  readonly news: "around" | "none";
  /** True for what a read-only account may not do. */
  readonly changes?: true;
  readonly run: (session: Session, command: Named<Name, Command>, tag: string) => Promise<Reply>;
}

export const commands: { readonly [Name in CommandName]: Entry<Name> } = {
  CAPABILITY: { states: anywhere, news: "around", run: async (session) => capability(session) },
  NOOP: { states: anywhere, news: "around", run: async () => ok("Done") },
  LOGOUT: { states: anywhere, news: "none", run: async (session) => logout(session) },
  ID: { states: anywhere, news: "around", run: async (session) => identify(session) },
  STARTTLS: { states: stranger, news: "none", run: async (session) => startTls(session) },
  AUTHENTICATE: { states: stranger, news: "none", run: authenticate },
  LOGIN: { states: stranger, news: "none", run: login },
  UNAUTHENTICATE: {
    states: signedIn,
    news: "none",
    run: async (session) => unauthenticate(session),
  },
  ENABLE: { states: signedIn, news: "around", run: async (...given) => enable(...given) },
  SELECT: { states: signedIn, news: "none", run: select },
  EXAMINE: { states: signedIn, news: "none", run: select },
  CREATE: { states: signedIn, news: "around", changes: true, run: create },
  DELETE: { states: signedIn, news: "around", changes: true, run: remove },
  RENAME: { states: signedIn, news: "around", changes: true, run: rename },
  SUBSCRIBE: { states: signedIn, news: "around", changes: true, run: subscribe },
  UNSUBSCRIBE: { states: signedIn, news: "around", changes: true, run: subscribe },
  LIST: { states: signedIn, news: "around", run: list },
  LSUB: { states: signedIn, news: "around", run: list },
  XLIST: { states: signedIn, news: "around", run: list },
  NAMESPACE: { states: signedIn, news: "around", run: async (session) => namespace(session) },
  STATUS: { states: signedIn, news: "around", run: status },
  APPEND: { states: signedIn, news: "around", changes: true, run: append },
  GETQUOTA: { states: signedIn, news: "around", run: getQuota },
  GETQUOTAROOT: { states: signedIn, news: "around", run: getQuotaRoot },
  GETMETADATA: { states: signedIn, news: "around", run: getMetadata },
  SETMETADATA: { states: signedIn, news: "around", changes: true, run: setMetadata },
  NOTIFY: { states: signedIn, news: "none", run: notify },
  IDLE: { states: signedIn, news: "none", run: idle },
  CHECK: { states: selected, news: "around", run: async () => ok("Checked") },
  CLOSE: { states: selected, news: "none", run: close },
  UNSELECT: { states: selected, news: "none", run: async (session) => leave(session) },
  EXPUNGE: { states: selected, news: "around", changes: true, run: expunge },
  SEARCH: { states: selected, news: "around", run: searchMessages },
  SORT: { states: selected, news: "around", run: sortMessages },
  THREAD: { states: selected, news: "around", run: threadMessages },
  CANCELUPDATE: {
    states: selected,
    news: "around",
    run: async (session, command) => cancelUpdates(session, command),
  },
  FETCH: { states: selected, news: "around", run: fetchMessages },
  STORE: { states: selected, news: "around", changes: true, run: storeFlags },
  COPY: { states: selected, news: "around", changes: true, run: copyMessages },
  REPLACE: { states: selected, news: "around", changes: true, run: replaceMessage },
  MOVE: { states: selected, news: "around", changes: true, run: moveMessages },
};

const byNumber: ReadonlySet<CommandName> = new Set(["FETCH", "STORE", "SEARCH", "SORT", "THREAD"]);

/** RFC 9051 §7.5.1, RFC 5256 §3: numbers hold while these are answered without UID. */
export function mayTellExpunges(command: Command): boolean {
  return !byNumber.has(command.name) || ("uid" in command && command.uid);
}

function capability(session: Session): Reply {
  tell(session, capabilityLine(session));
  return ok("Told");
}

function logout(session: Session): Reply {
  tell(session, "BYE Until next time");
  session.over = true;
  return ok("Logged out");
}

function identify(session: Session): Reply {
  tell(session, 'ID ("name" "Bailee")');
  return ok("Told");
}

/** RFC 8437: all is forgotten but TLS. */
function unauthenticate(session: Session): Reply {
  signOut(session);
  session.enabled.clear();
  session.watch = undefined;
  session.dirty = false;
  session.strangerCommands = 0;
  return ok("Nobody is signed in");
}

function startTls(session: Session): Reply {
  return session.io.mayStartTls() ? ok("Begin TLS") : bad("TLS is not to be had here");
}

function namespace(session: Session): Reply {
  tell(session, 'NAMESPACE (("" "/")) NIL NIL');
  return ok("Told");
}

function enable(
  session: Session,
  { features }: Extract<Command, { name: "ENABLE" }>,
  _tag: string,
): Reply {
  const found = enableable.filter((feature) => features.includes(feature));
  // QRESYNC brings CONDSTORE with it (RFC 7162 §3.2.3).
  if (found.includes("QRESYNC") || found.includes("CONDSTORE")) enableCondstore(session);
  for (const feature of found) session.enabled.add(feature);
  tell(session, ["ENABLED", ...found].join(" ").replace("IMAP4REV2", "IMAP4rev2"));
  return ok("Done");
}

async function close(session: Session): Promise<Reply> {
  const { folderId, readOnly } = selectedOf(session);
  if (!readOnly) await mailboxOf(session).expunge(folderId);
  return leave(session);
}

function leave(session: Session): Reply {
  unselect(session, false);
  return ok("Left the folder");
}
