// One conversation from greeting to farewell: takes commands off the wire, runs them one by one, answers in order.
import { logBroken } from "#base/log";
import { endWhereOff, refusedByStanding } from "./access.ts";
import type { Command, SearchKey } from "./command.ts";
import { signOut } from "./auth.ts";
import { commands, mayTellExpunges } from "./commands.ts";
import { parseCommand, verbOf } from "./grammar.ts";
import type { Io } from "./io.ts";
import {
  MAX_APPEND,
  MAX_LITERAL,
  MAX_STRANGER_COMMANDS,
  MAX_STRANGER_LITERAL,
  SIGNED_IN_TIMEOUT,
  STRANGER_TIMEOUT,
} from "./limits.ts";
import { noteOwnNames, tellUnasked, tellWithFresh } from "./notify.ts";
import {
  answer,
  bad,
  capabilityLine,
  type House,
  refuse,
  type Reply,
  type Session,
  stateOf,
  tell,
} from "./session.ts";
import type { WireEvent } from "./wire.ts";

/** Serves one connection to its end. Resolves when nothing more will be said; the caller closes the socket. */
export async function converse(io: Io, house: House): Promise<void> {
  const session: Session = {
    io,
    house,
    enabled: new Set(),
    account: undefined,
    selected: undefined,
    failedSignIns: 0,
    strangerCommands: 0,
    dirty: false,
    watch: undefined,
    over: false,
  };
  tell(session, `OK [${capabilityLine(session)}] ${house.hostname} Bailee`);
  try {
    await serve(session);
  } finally {
    signOut(session);
    io.out.flush();
  }
}

async function serve(session: Session): Promise<void> {
  const { io } = session;
  let since = performance.now();
  while (!session.over && io.open()) {
    const event = io.reader.next();
    if (event === undefined) {
      await tellUnasked(session);
      await endWhereOff(session);
      if (session.over) return;
      io.out.flush();
      const limit = session.account === undefined ? STRANGER_TIMEOUT : SIGNED_IN_TIMEOUT;
      const left = since + limit - performance.now();
      if (left > 0) {
        await io.event(Math.min(left, session.house.recheck));
        if (session.account !== undefined) session.house.opened.rest(session.account.key);
        continue;
      }
      tell(session, "BYE Idle for too long");
      return;
    }
    since = performance.now();
    await take(session, event);
    await io.out.room();
  }
}

async function take(session: Session, event: WireEvent): Promise<void> {
  switch (event.kind) {
    case "too-long":
      tell(session, "BYE That line is too long");
      session.over = true;
      return;
    case "literal":
      judgeLiteral(session, event);
      return;
    case "command":
      await execute(session, event.bytes);
  }
}

/** Says no to a literal before its octets come, or lets it in (RFC 9051 §4.3). */
function judgeLiteral(session: Session, event: Extract<WireEvent, { kind: "literal" }>): void {
  const { reader, out } = session.io;
  const { tag, verb } = verbOf(event.head);
  const isAppend =
    session.account !== undefined && ["APPEND", "REPLACE", "UID REPLACE"].includes(verb);
  const most = session.account === undefined ? MAX_STRANGER_LITERAL : MAX_LITERAL;
  const fits = isAppend
    ? event.size <= session.house.appendLimit && event.gathered + event.size <= MAX_APPEND
    : event.size <= most && event.gathered + event.size <= 4 * most;
  if (fits) {
    reader.accept();
    if (event.waits) out.text("+ go on\r\n");
    return;
  }
  if (!event.waits && event.size > MAX_APPEND) {
    tell(session, "BYE That is more than anything here may be");
    session.over = true;
    return;
  }
  reader.refuse();
  answer(
    session,
    tag,
    isAppend ? refuse("Too large", "TOOBIG") : bad("A literal is too large", "TOOBIG"),
  );
}

async function execute(session: Session, bytes: Buffer): Promise<void> {
  if (session.account === undefined) {
    session.strangerCommands += 1;
    if (session.strangerCommands > MAX_STRANGER_COMMANDS) {
      tell(session, "BYE Too many commands before signing in");
      session.over = true;
      return;
    }
  }
  const parsed = parseCommand(bytes);
  if (!parsed.ok) {
    answer(session, parsed.tag, bad(parsed.why));
    return;
  }
  const { tag, command } = parsed;
  const reply = await carryOut(session, command, tag);
  if (command.name === "STARTTLS" && reply.status === "OK") await turnToTls(session, tag, reply);
  else answer(session, tag, reply);
}

async function carryOut(session: Session, command: Command, tag: string): Promise<Reply> {
  const entry = commands[command.name];
  if (!entry.states.includes(stateOf(session)))
    return bad(
      `${command.name} has no place ${session.account === undefined ? "before signing in" : "here"}`,
    );
  // The table pairs each name with the command of that name; TypeScript cannot follow a union through it.
  const run = entry.run as (session: Session, command: Command, tag: string) => Promise<Reply>;
  try {
    const { selected } = session;
    const flags = command.name === "FETCH" ? "hold" : "tell";
    if (entry.news !== "none") await tellWithFresh(session, false, flags);
    if (session.over) return bad("The folder is gone");
    const refused =
      refusedByUidOnly(session, command) ??
      (await refusedByStanding(session, entry.changes ?? false));
    if (refused !== undefined) return refused;
    noteNames(session, command);
    const reply = await run(session, command, tag);
    if (session.selected === selected && entry.news !== "none") await tellRest(session, command);
    session.selected?.justTold.clear();
    return reply;
  } catch (error) {
    return refuse(
      `Something broke here; its number is ${logBroken(`imap.${command.name}`, error)}`,
      "SERVERBUG",
    );
  }
}

function namesNumbers(key: SearchKey): boolean {
  if (key.key === "and") return key.keys.some((each) => namesNumbers(each));
  if (key.key === "or") return namesNumbers(key.a) || namesNumbers(key.b);
  if (key.key === "not") return namesNumbers(key.a);
  return key.key === "numbers" && key.set !== "$";
}

/** RFC 9586 §3.2, §3.5: who gave up message numbers may not use them. */
function refusedByUidOnly(session: Session, command: Command): Reply | undefined {
  const byNumber =
    "uid" in command && (!command.uid || ("key" in command && namesNumbers(command.key)));
  return byNumber && session.enabled.has("UIDONLY")
    ? bad("Message numbers were given up; say UID", "UIDREQUIRED")
    : undefined;
}

/** What the client itself does to names is no news for it (RFC 5465 §5). */
function noteNames(session: Session, command: Command): void {
  const { name } = command;
  if (name === "RENAME") noteOwnNames(session, [command.from, command.to]);
  if (name === "CREATE" || name === "DELETE" || name === "SUBSCRIBE" || name === "UNSUBSCRIBE")
    noteOwnNames(session, [command.folder]);
}

async function tellRest(session: Session, command: Command): Promise<void> {
  const { selected } = session;
  if (selected === undefined) return;
  const expunges = mayTellExpunges(command);
  const { untold, view } = selected;
  if (session.dirty || untold.size > 0 || view.gone.size > 0 || selected.contexts.size > 0)
    await tellWithFresh(session, expunges);
}

/** What came after STARTTLS in clear is somebody's forgery: the connection ends (RFC 9051 §6.2.1). */
async function turnToTls(session: Session, tag: string, reply: Reply): Promise<void> {
  const { io } = session;
  if (io.reader.buffered() > 0) {
    tell(session, "BYE Bytes came before TLS did");
    session.over = true;
    return;
  }
  answer(session, tag, reply);
  io.out.flush();
  if (!(await io.startTls())) session.over = true;
}
