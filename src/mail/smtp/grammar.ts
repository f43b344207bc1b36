// Lines to commands (RFC 5321 §4.1.1 and the extensions that we advertise). Total: every line is a command, `unknown`
// or `malformed`. Knows nothing of what is allowed when.
import { parsePath } from "./address.ts";
import {
  type MailParameters,
  parseMailParameters,
  parseRecipientParameters,
  type RecipientParameters,
} from "./parameters.ts";

export type Command =
  | { readonly kind: "hello"; readonly verb: "HELO" | "EHLO" | "LHLO"; readonly domain: string }
  | { readonly kind: "mail"; readonly sender: string; readonly parameters: MailParameters }
  | { readonly kind: "rcpt"; readonly recipient: string; readonly parameters: RecipientParameters }
  | { readonly kind: "data" }
  | { readonly kind: "bdat"; readonly size: number; readonly last: boolean }
  | { readonly kind: "rset" }
  | { readonly kind: "noop" }
  | { readonly kind: "quit" }
  | { readonly kind: "vrfy" }
  | { readonly kind: "help" }
  | { readonly kind: "starttls" }
  | { readonly kind: "auth"; readonly mechanism: string; readonly initial: string | undefined }
  | { readonly kind: "unknown" }
  | { readonly kind: "malformed"; readonly problem: Problem };

export type CommandKind = Command["kind"];

export type Problem =
  | "syntax"
  | "bad-sender"
  | "bad-recipient"
  | "bad-chunk"
  | "unknown-parameter"
  | "bad-parameter";

export function parseCommand(line: string): Command {
  const blank = line.indexOf(" ");
  const verb = (blank === -1 ? line : line.slice(0, blank)).toUpperCase();
  const rest = blank === -1 ? "" : line.slice(blank + 1).trim();
  switch (verb) {
    case "HELO":
    case "EHLO":
    case "LHLO":
      return /^[\x21-\x7e\u{80}-\u{10ffff}]{1,255}$/u.test(rest)
        ? { kind: "hello", verb, domain: rest }
        : malformed("syntax");
    case "MAIL":
      return parseMail(rest);
    case "RCPT":
      return parseRcpt(rest);
    case "BDAT":
      return parseBdat(rest);
    case "AUTH":
      return parseAuth(rest);
    case "DATA":
      return bare("data", rest);
    case "RSET":
      return bare("rset", rest);
    case "QUIT":
      return bare("quit", rest);
    case "STARTTLS":
      return bare("starttls", rest);
    case "NOOP":
      return { kind: "noop" };
    case "HELP":
      return { kind: "help" };
    case "VRFY":
    case "EXPN":
      return rest === "" ? malformed("syntax") : { kind: "vrfy" };
    default:
      return { kind: "unknown" };
  }
}

function parseMail(rest: string): Command {
  const [, text] = /^FROM:(.*)$/i.exec(rest) ?? [];
  if (text === undefined) return malformed("syntax");
  const path = parsePath(text);
  if (path === undefined || /^postmaster$/i.test(path.address)) return malformed("bad-sender");
  const parameters = parseMailParameters(path.rest);
  if (!parameters.ok) return malformed(parameters.problem);
  return { kind: "mail", sender: path.address, parameters: parameters.value };
}

function parseRcpt(rest: string): Command {
  const [, text] = /^TO:(.*)$/i.exec(rest) ?? [];
  if (text === undefined) return malformed("syntax");
  const path = parsePath(text);
  if (path === undefined || path.address === "") return malformed("bad-recipient");
  const parameters = parseRecipientParameters(path.rest);
  if (!parameters.ok) return malformed(parameters.problem);
  return { kind: "rcpt", recipient: path.address, parameters: parameters.value };
}

function parseBdat(rest: string): Command {
  const [, size, last] = /^(\d{1,15})( +LAST)?$/i.exec(rest) ?? [];
  if (size === undefined) return malformed("bad-chunk");
  return { kind: "bdat", size: Number(size), last: last !== undefined };
}

function parseAuth(rest: string): Command {
  const [, mechanism, initial] = /^([A-Za-z0-9_-]{1,20})(?: +([^ ]+))?$/.exec(rest) ?? [];
  if (mechanism === undefined) return malformed("syntax");
  return { kind: "auth", mechanism: mechanism.toUpperCase(), initial };
}

function bare(kind: "data" | "rset" | "quit" | "starttls", rest: string): Command {
  return rest === "" ? { kind } : malformed("syntax");
}

function malformed(problem: Problem): Command {
  return { kind: "malformed", problem };
}
