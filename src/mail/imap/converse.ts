// One conversation from greeting to farewell: takes commands off the wire, runs them one by one, answers in order.
import { logBroken } from "#base/log";
import { refusedByStanding } from "./access.ts";
import type { Command } from "./command.ts";
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
  tellNews,
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
      io.out.flush();
      const limit = session.account === undefined ? STRANGER_TIMEOUT : SIGNED_IN_TIMEOUT;
      const left = since + limit - performance.now();
      if (left > 0 && (await io.event(left)) === "news") continue;
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
  const isAppend = verb === "APPEND" && session.account !== undefined;
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
    if (entry.news !== "none") await tellNews(session, false, flags);
    if (session.over) return bad("The folder is gone");
    const refused = await refusedByStanding(session, entry.changes ?? false);
    if (refused !== undefined) return refused;
    const reply = await run(session, command, tag);
    if (session.selected === selected && entry.news !== "none") await tellRest(session, command);
    return reply;
  } catch (error) {
    return refuse(
      `Something broke here; its number is ${logBroken(`imap.${command.name}`, error)}`,
      "SERVERBUG",
    );
  }
}

async function tellRest(session: Session, command: Command): Promise<void> {
  const { selected } = session;
  if (selected === undefined) return;
  const expunges = mayTellExpunges(command);
  const { untold, view } = selected;
  if (session.dirty || untold.size > 0 || view.gone.size > 0) await tellNews(session, expunges);
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
