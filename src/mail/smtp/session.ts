// One SMTP, submission or LMTP session as a pure function: (state, event) to (state, replies, what to do next).
// RFC 5321, 2033, 6409, 2034, 2920, 3030, 3207, 4954. Opens nothing, waits for nothing.
import { never } from "#base/errors";
import { domainOf, isAscii } from "./address.ts";
import { afterSignIn, beginAuth, continueAuth } from "./auth.ts";
import { type Command, parseCommand } from "./grammar.ts";
import { capabilities } from "./capabilities.ts";
import { MAX_CHUNK, MAX_COMMANDS, MAX_MISTAKES, MAX_RECIPIENTS } from "./limits.ts";
import {
  brokenReply,
  deliveryReplies,
  flawReplies,
  lineReplies,
  problemReplies,
  replies,
} from "./replies.ts";
import { allowed, type Event, type Next, type Rules, type State, type Step } from "./state.ts";

const read: Next = { do: "read" };

export function newSession(secure: boolean): State {
  return {
    phase: "connected",
    helo: "",
    extended: false,
    secure,
    submitter: undefined,
    transaction: undefined,
    login: "",
    mistakes: 0,
    commands: 0,
    failedSignIns: 0,
    pending: undefined,
  };
}

/** Total: every event in every state has an answer. */
export function step(rules: Rules, state: State, event: Event): Step {
  const after = react(rules, state, event);
  if (after.state.commands > MAX_COMMANDS)
    return { ...after, replies: [replies.tooManyCommands], next: { do: "close" } };
  if (after.state.mistakes < MAX_MISTAKES || after.next.do === "close") return after;
  return { ...after, replies: [...after.replies, replies.tooManyMistakes], next: { do: "close" } };
}

function react(rules: Rules, state: State, event: Event): Step {
  switch (event.kind) {
    case "connected":
      return say(state, `220 ${rules.hostname} ${rules.role === "lmtp" ? "LMTP" : "ESMTP"} Bailee`);
    case "line":
      if (state.phase.startsWith("auth-")) return continueAuth(state, event.line);
      return onCommand(rules, counted(state), parseCommand(event.line));
    case "bad-line":
      if (event.flaw === "endless")
        return { state, replies: [replies.endlessLine], next: { do: "close" } };
      return mistake({ ...state, phase: afterBadLine(state) }, lineReplies[event.flaw]);
    case "secured": // RFC 3207 §4.2: what was said before TLS is forgotten
      return { state: { ...newSession(true), commands: state.commands }, replies: [], next: read };
    case "chunk":
      return onChunk(state, event.tooLarge);
    case "message":
      return onMessage(rules, state, event.flaw);
    case "sign-in":
      return afterSignIn(state, event.result);
    case "sender":
      if (event.refusal === "not-yours") return say(settled(state), replies.notYours);
      if (event.refusal === "suspended") return say(settled(state), replies.senderSuspended);
      if (event.refusal === "blocked") return say(settled(state), replies.senderBlocked);
      return beginTransaction(state);
    case "recipient":
      return onPlace(rules, state, event.place);
    case "accepted":
      return { state: { ...settled(state), commands: 0 }, replies: event.replies, next: read };
    case "broken":
      return onBroken(rules, state, event.id);
    case "timeout":
      return { state, replies: [replies.timeout], next: { do: "close" } };
    case "flood":
      return { state, replies: [replies.tooLarge], next: { do: "close" } };
    case "shutting-down":
      return { state, replies: [replies.shuttingDown], next: { do: "close" } };
    default:
      return never(event);
  }
}

function onCommand(rules: Rules, state: State, command: Command): Step {
  if (command.kind === "unknown") return mistake(state, replies.unknownCommand);
  if (command.kind === "malformed") {
    const after = mistake(state, problemReplies[command.problem]);
    // Where the next command begins is unknown after a chunk whose size is.
    return command.problem === "bad-chunk" ? { ...after, next: { do: "close" } } : after;
  }
  const rule = allowed[command.kind];
  if (!rule.roles.includes(rules.role)) return mistake(state, replies.unknownCommand);
  // A chunk's octets follow its line whether we want them or not.
  if (command.kind === "bdat") return onBdat(state, command.size, command.last);
  if (rule.phases.includes(state.phase)) return carryOut(rules, state, command);
  if (state.phase === "connected") return mistake(state, replies.helloFirst);
  const forLackOfRecipients = command.kind === "data" && state.phase === "mail";
  return mistake(state, forLackOfRecipients ? replies.noRecipients : replies.notNow);
}

function carryOut(
  rules: Rules,
  state: State,
  command: Exclude<Command, { kind: "unknown" | "malformed" | "bdat" }>,
): Step {
  switch (command.kind) {
    case "hello":
      return onHello(rules, state, command.verb, command.domain);
    case "mail":
      return onMail(rules, state, command);
    case "rcpt":
      return onRcpt(rules, state, command);
    case "data":
      return { state, replies: [replies.startMail], next: { do: "read-message" } };
    case "rset":
      return say(
        { ...settled(state), phase: state.helo === "" ? "connected" : "ready" },
        replies.ok,
      );
    case "noop":
      return say(state, replies.ok);
    case "help":
      return say(state, replies.help);
    case "vrfy": // tells nobody who our clients are (RFC 5321 §7.3)
      return say(state, replies.cannotVerify);
    case "quit":
      return { state, replies: [replies.bye], next: { do: "close" } };
    case "starttls":
      if (state.secure) return mistake(state, replies.alreadyTls);
      if (!rules.offersTls) return mistake(state, replies.noTls);
      return { state, replies: [replies.readyForTls], next: { do: "start-tls" } };
    case "auth":
      return beginAuth(rules, state, command.mechanism, command.initial);
    default:
      return never(command);
  }
}

function onHello(rules: Rules, state: State, verb: "HELO" | "EHLO" | "LHLO", domain: string): Step {
  if ((verb === "LHLO") !== (rules.role === "lmtp")) return mistake(state, replies.unknownCommand);
  const extended = verb !== "HELO";
  const greeted: State = { ...settled(state), phase: "ready", helo: domain, extended };
  if (!extended) return say(greeted, `250 ${rules.hostname}`);
  return say(greeted, ...capabilities(rules, greeted));
}

function onMail(rules: Rules, state: State, command: Extract<Command, { kind: "mail" }>): Step {
  const { sender, parameters } = command;
  if (rules.role === "submission" && state.submitter === undefined)
    return mistake(state, replies.authFirst);
  if (!parameters.utf8 && !isAscii(sender)) return say(state, replies.utf8SenderNeeded);
  if (parameters.requireTls && !state.secure) return say(state, replies.encryptionNeeded);
  if ((parameters.size ?? 0) > rules.maxSize) return say(state, replies.tooLarge);
  const pending: State = { ...state, pending: { kind: "mail", sender, parameters } };
  // The null reverse-path is for reports and receipts (RFC 5321 §4.5.5); it claims to be nobody.
  if (sender === "") return beginTransaction(pending);
  return ask(pending, { kind: "sender", submitter: state.submitter, sender });
}

function beginTransaction(state: State): Step {
  if (state.pending?.kind !== "mail") return say(settled(state), replies.notNow);
  const { sender, parameters } = state.pending;
  const transaction = { sender, parameters, recipients: [] };
  return say({ ...state, phase: "mail", transaction, pending: undefined }, replies.senderOk);
}

function onRcpt(rules: Rules, state: State, command: Extract<Command, { kind: "rcpt" }>): Step {
  const { recipient, parameters } = command;
  if (!(state.transaction?.parameters.utf8 ?? false) && !isAscii(recipient))
    return say(state, replies.utf8RecipientNeeded);
  if ((state.transaction?.recipients.length ?? 0) >= MAX_RECIPIENTS)
    return say(state, replies.tooManyRecipients);
  const address = domainOf(recipient) === "" ? `${recipient}@${rules.domain}` : recipient;
  const pending: State = { ...state, pending: { kind: "rcpt", address, parameters } };
  const { helo, secure, transaction } = state;
  return ask(pending, {
    kind: "recipient",
    address,
    size: transaction?.parameters.size,
    sender: transaction?.sender ?? "",
    helo,
    secure,
  });
}

function onPlace(
  rules: Rules,
  state: State,
  place: Extract<Event, { kind: "recipient" }>["place"],
): Step {
  const { pending, transaction } = state;
  if (pending?.kind !== "rcpt" || transaction === undefined)
    return say(settled(state), replies.notNow);
  const back: State = {
    ...state,
    phase: transaction.recipients.length > 0 ? "rcpt" : "mail",
    pending: undefined,
  };
  if (place.kind === "unknown") return mistake(back, replies.noSuchUser);
  // No mistake of theirs: said before the letter is sent, so that its octets need not travel.
  if (place.kind === "shut")
    return say(
      back,
      deliveryReplies[place.until === "later" ? "suspended-for-now" : "refused-for-good"],
    );
  if (place.kind === "screened") return say(back, place.reply);
  if (place.kind === "elsewhere" && rules.role !== "submission")
    return mistake(back, replies.noRelay);
  const mailbox = place.kind === "ours" ? place.mailbox : undefined;
  const recipient = { address: pending.address, mailbox, parameters: pending.parameters };
  const recipients = [...transaction.recipients, recipient];
  return say(
    { ...back, phase: "rcpt", transaction: { ...transaction, recipients } },
    replies.recipientOk,
  );
}

function onBdat(state: State, size: number, last: boolean): Step {
  if (size > MAX_CHUNK) return { ...say(state, replies.tooLarge), next: { do: "close" } };
  const kept = allowed.bdat.phases.includes(state.phase);
  const chunk: State = { ...state, pending: { kind: "chunk", last, kept } };
  return { state: chunk, replies: [], next: { do: "read-chunk", size, keep: kept, last } };
}

function onChunk(state: State, tooLarge: boolean): Step {
  const { pending, ...rest } = state;
  const calm: State = { ...rest, pending: undefined };
  if (pending?.kind !== "chunk" || !pending.kept) return mistake(calm, replies.notNow);
  // RFC 3030 §2: after a refused chunk the rest is refused too, until the next transaction.
  if (tooLarge) return say(settled(calm), replies.tooLarge);
  return say({ ...calm, phase: "chunks" }, replies.chunkOk);
}

function onMessage(
  rules: Rules,
  state: State,
  flaw: Extract<Event, { kind: "message" }>["flaw"],
): Step {
  const { transaction, submitter, helo, extended, secure, pending } = state;
  if (transaction === undefined || (pending?.kind === "chunk" && !pending.kept))
    return mistake({ ...state, pending: undefined }, replies.notNow);
  if (flaw !== undefined) return forEach(rules, state, flawReplies[flaw]);
  const accept = { kind: "accept", transaction, submitter, helo, extended, secure } as const;
  return ask(state, accept);
}

function onBroken(rules: Rules, state: State, id: string): Step {
  const { pending, transaction } = state;
  if (pending?.kind !== "rcpt" || transaction === undefined)
    return forEach(rules, state, brokenReply(id));
  const phase = transaction.recipients.length > 0 ? "rcpt" : "mail";
  return say({ ...state, phase, pending: undefined }, brokenReply(id));
}

/** The end of a message: one reply, or with LMTP one for each recipient (RFC 2033 §4.2). */
function forEach(rules: Rules, state: State, reply: string): Step {
  const recipients = rules.role === "lmtp" ? (state.transaction?.recipients.length ?? 1) : 1;
  return say(settled(state), ...Array.from({ length: Math.max(1, recipients) }, () => reply));
}

/** No transaction and nothing pending; ready for the next command. */
function settled(state: State): State {
  const phase = state.helo === "" ? "connected" : "ready";
  return { ...state, phase, transaction: undefined, pending: undefined, login: "" };
}

function counted(state: State): State {
  return { ...state, commands: state.commands + 1 };
}

function afterBadLine(state: State): State["phase"] {
  return state.phase.startsWith("auth-") ? "ready" : state.phase;
}

function say(state: State, ...lines: readonly string[]): Step {
  return { state, replies: lines, next: read };
}

function mistake(state: State, line: string): Step {
  return say({ ...state, mistakes: state.mistakes + 1 }, line);
}

function ask(state: State, question: Extract<Next, { do: "ask" }>["ask"]): Step {
  return { state: { ...state, phase: "waiting" }, replies: [], next: { do: "ask", ask: question } };
}
