// One POP3 session: the states of RFC 1939 (AUTHORIZATION, TRANSACTION, UPDATE) and what each command does in them. Knows no socket:
// takes a line, gives an answer. Nothing is deleted before QUIT, and a session that ends otherwise deletes nothing (§6).
import { fromBase64, toUtf8 } from "#base/bytes";
import { never } from "#base/errors";
import { logBroken } from "#base/log";
import type { Clock } from "#base/time";
import { type Command, parseCommand } from "./grammar.ts";
import { MAX_FAILED_SIGN_INS, MAX_STRANGER_COMMANDS, RECHECK } from "./limits.ts";
import { type Maildrop, openMaildrop } from "./maildrop.ts";
import { stuffed, topOf } from "./multiline.ts";
import type { Access, SignedIn, SignIn, SignInRefusal } from "./ports.ts";

export interface Pop3House {
  readonly signIn: SignIn;
  readonly clock: Clock;
  /** Accounts whose maildrop a session of this process has open. */
  readonly locked: Set<string>;
}

export interface Answer {
  /** Whole lines, dot-stuffed where there are several. */
  readonly octets: readonly Uint8Array[];
  /** Nothing follows. */
  readonly over?: boolean;
}

export interface Pop3Session extends Disposable {
  greeting(): Answer;
  /** True once somebody has signed in. */
  signedIn(): boolean;
  /** `line` is without its CRLF. One at a time. */
  take(line: Uint8Array): Promise<Answer>;
}

/** What is left for the states to judge. */
type Task = Exclude<Command, { readonly verb: "bad" | "CAPA" | "QUIT" }>;

interface Open {
  readonly key: string;
  readonly drop: Maildrop;
  readonly access: () => Promise<Access>;
}

const capabilities = [
  "TOP",
  "UIDL",
  "USER",
  "SASL PLAIN",
  "RESP-CODES",
  "AUTH-RESP-CODE",
  "PIPELINING",
  // RFC 2449 §6.7: what is not deleted stays.
  "EXPIRE NEVER",
  "IMPLEMENTATION Bailee",
];

/** RFC 3206: AUTH when it is the password, SYS when it is us. */
const refusals: { readonly [refusal in SignInRefusal]: string } = {
  wrong: "[AUTH] Wrong login or password",
  suspended: "[SYS/PERM] The account is suspended; see its page on the web",
  "too-many": "[SYS/TEMP] Too many tries; wait a little",
  "not-this-way": "[SYS/PERM] This account does not sign in this way",
  "key-differs": "[SYS/PERM] Somebody changed this account's key; see its page on the web",
};

export function openPop3Session(house: Pop3House, peer: string): Pop3Session {
  let user: string | undefined;
  let awaitsPlain = false;
  let failed = 0;
  let strange = 0;
  let open: Open | undefined;

  const close = (): void => {
    open?.drop[Symbol.dispose]();
    if (open !== undefined) house.locked.delete(open.key);
    open = undefined;
  };

  const signIn = async (login: string, password: string): Promise<Answer> => {
    const result = await house.signIn(login, password, peer);
    if (result.ok) {
      const opened = await openDrop(house, result.value);
      if (opened === undefined) return no("[IN-USE] Another session has this maildrop open"); // RFC 2449 §8.1.2
      open = opened;
      return ok(`${opened.drop.list().length} messages`);
    }
    failed += 1;
    const answer = no(refusals[result.refusal]);
    return failed >= MAX_FAILED_SIGN_INS ? { ...answer, over: true } : answer;
  };

  const plain = (response: string): Promise<Answer> | Answer => {
    const octets = fromBase64(response);
    const fields = octets === undefined ? undefined : toUtf8(octets)?.split("\0");
    if (fields?.length !== 3) return no("That is no PLAIN message in base64");
    const [actFor = "", name = "", password = ""] = fields;
    if (actFor !== "" && actFor !== name) return no("[AUTH] You can be yourself only");
    return signIn(name, password);
  };

  const stranger = async (command: Task): Promise<Answer> => {
    strange += 1;
    if (strange > MAX_STRANGER_COMMANDS)
      return { ...no("Too many commands before signing in"), over: true };
    switch (command.verb) {
      case "USER":
        // Whether there is such a name is not said before the password is.
        user = command.name;
        return ok("Now the password");
      case "PASS": {
        const login = user;
        user = undefined;
        return login === undefined ? no("USER comes first") : signIn(login, command.password);
      }
      case "AUTH":
        if (command.mechanism === undefined) return lines("PLAIN follows", ["PLAIN"]);
        if (command.mechanism !== "PLAIN") return no("Only PLAIN is known here");
        // RFC 5034 §4: "=" is an initial response that is empty.
        if (command.initial !== undefined)
          return plain(command.initial === "=" ? "" : command.initial);
        awaitsPlain = true;
        return { octets: [Buffer.from("+ \r\n")] };
      case "STAT":
      case "LIST":
      case "UIDL":
      case "RETR":
      case "TOP":
      case "DELE":
      case "RSET":
      case "NOOP":
        return no("Sign in first");
      default:
        return never(command);
    }
  };

  const client = async (command: Task, { drop, access }: Open): Promise<Answer> => {
    switch (command.verb) {
      case "STAT": {
        const all = drop.list();
        return ok(`${all.length} ${all.reduce((sum, { size }) => sum + size, 0)}`);
      }
      case "LIST":
      case "UIDL": {
        const what = command.verb === "LIST" ? "size" : "uid";
        if (command.number === undefined)
          return lines(
            `${what}s follow`,
            drop.list().map((each) => `${each.number} ${each[what]}`),
          );
        const found = drop.find(command.number);
        return found === undefined ? noSuch : ok(`${found.number} ${found[what]}`);
      }
      case "RETR":
      case "TOP": {
        const found = drop.find(command.number);
        const message = found && (await drop.read(command.number));
        if (found === undefined) return noSuch;
        if (message === undefined) return no("[SYS/PERM] That message cannot be had any more");
        const shown = command.verb === "TOP" ? topOf(message, command.lines) : message;
        return { octets: [...ok(`${found.size} octets`).octets, ...stuffed(shown)] };
      }
      case "DELE":
        if ((await access()) === "read-only")
          return no("[SYS/PERM] The account can be read only, for now; see its page on the web");
        return drop.mark(command.number) ? ok("Deleted at QUIT") : noSuch;
      case "RSET":
        drop.unmarkAll();
        return ok(`${drop.list().length} messages`);
      case "NOOP":
        return ok("");
      case "USER":
      case "PASS":
      case "AUTH":
        return no("You are signed in already");
      default:
        return never(command);
    }
  };

  const quit = async (): Promise<Answer> => {
    try {
      await open?.drop.update();
      return { ...ok("Goodbye"), over: true };
    } finally {
      close();
    }
  };

  const carryOut = async (command: Command): Promise<Answer> => {
    if (command.verb === "bad") return no(command.why);
    if (command.verb === "CAPA") return lines("Capabilities follow", capabilities);
    if (open !== undefined && (await open.access()) === "off") {
      close();
      return { ...no("[AUTH] The password was changed or the account suspended"), over: true };
    }
    if (command.verb === "QUIT") return quit();
    return open === undefined ? stranger(command) : client(command, open);
  };

  return {
    greeting: () => ok("Bailee"),
    signedIn: () => open !== undefined,
    async take(line) {
      try {
        const text = toUtf8(line);
        if (awaitsPlain) {
          awaitsPlain = false;
          return text === undefined || text === "*" ? no("Given up") : await plain(text);
        }
        if (text === undefined) return no("That line is not UTF-8");
        return await carryOut(parseCommand(text));
      } catch (error) {
        const id = logBroken("pop3.command", error);
        return no(`[SYS/TEMP] Something is broken here; the operator finds it as ${id}`);
      }
    },
    [Symbol.dispose]: close,
  };
}

/** Undefined while another session has it. */
async function openDrop(house: Pop3House, signedIn: SignedIn): Promise<Open | undefined> {
  const { mailbox, access: ask = async () => "whole" as const } = signedIn;
  const key = `${mailbox.owner.client}/${mailbox.owner.account}`;
  if (house.locked.has(key)) return undefined;
  house.locked.add(key);
  try {
    return { key, drop: await openMaildrop(mailbox), access: kept(house.clock, ask) };
  } catch (error) {
    house.locked.delete(key);
    throw error;
  }
}

/** The standing as it was asked for a little while ago. */
function kept(clock: Clock, ask: () => Promise<Access>): () => Promise<Access> {
  let known: { readonly access: Access; readonly until: number } | undefined;
  return async () => {
    const now = clock.now();
    if (known === undefined || now >= known.until)
      known = { access: await ask(), until: now + RECHECK };
    return known.access;
  };
}

function ok(words: string): Answer {
  return { octets: [Buffer.from(words === "" ? "+OK\r\n" : `+OK ${words}\r\n`)] };
}

function no(words: string): Answer {
  return { octets: [Buffer.from(`-ERR ${words}\r\n`)] };
}

const noSuch = no("There is no such message");

function lines(words: string, rows: readonly string[]): Answer {
  return { octets: [Buffer.from([`+OK ${words}`, ...rows, ".", ""].join("\r\n"))] };
}
