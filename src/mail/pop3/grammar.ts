// One line to one command (RFC 1939 §3, RFC 2449, RFC 5034). Total: whatever is no command is `bad`, with words for the peer. Pure.

export type Command =
  | { readonly verb: "CAPA" }
  | { readonly verb: "QUIT" }
  | { readonly verb: "STAT" | "NOOP" | "RSET" }
  | { readonly verb: "USER"; readonly name: string }
  | { readonly verb: "PASS"; readonly password: string }
  /** Without a mechanism: which there are. */
  | { readonly verb: "AUTH"; readonly mechanism?: string; readonly initial?: string }
  | { readonly verb: "LIST" | "UIDL"; readonly number?: number }
  | { readonly verb: "RETR" | "DELE"; readonly number: number }
  | { readonly verb: "TOP"; readonly number: number; readonly lines: number }
  | { readonly verb: "bad"; readonly why: string };

const bare: ReadonlyMap<string, Command> = new Map(
  (["CAPA", "STAT", "NOOP", "RSET", "QUIT"] as const).map((verb) => [verb, { verb }]),
);
// A message of 25 MiB has fewer lines, and a maildrop fewer messages; larger numbers are nobody's.
const isNumber = /^\d{1,9}$/;

/** `line` is without its CRLF, one character per octet in UTF-8 as it was decoded. */
export function parseCommand(line: string): Command {
  const space = line.indexOf(" ");
  const verb = (space < 0 ? line : line.slice(0, space)).toUpperCase();
  const rest = space < 0 ? undefined : line.slice(space + 1);
  // RFC 1939 §7: a password may have blanks of its own, at its ends too.
  if (verb === "PASS") return rest ? { verb, password: rest } : bad("PASS takes a password");
  const words = rest === undefined ? [] : rest.trim().split(/ +/).filter(Boolean);
  const [first, second] = words;
  const alone = bare.get(verb);
  if (alone !== undefined) return words.length === 0 ? alone : bad(`${verb} takes nothing`);
  switch (verb) {
    case "USER":
      return first !== undefined && second === undefined
        ? { verb, name: first }
        : bad("USER takes a name");
    case "AUTH":
      if (words.length > 2) return bad("AUTH takes a mechanism and an initial response");
      return {
        verb,
        ...(first !== undefined && { mechanism: first.toUpperCase() }),
        ...(second !== undefined && { initial: second }),
      };
    case "LIST":
    case "UIDL":
      if (first === undefined) return { verb };
      return second === undefined && isNumber.test(first)
        ? { verb, number: Number(first) }
        : bad(`${verb} takes a message number or nothing`);
    case "RETR":
    case "DELE":
      return first !== undefined && second === undefined && isNumber.test(first)
        ? { verb, number: Number(first) }
        : bad(`${verb} takes a message number`);
    case "TOP":
      return words.length === 2 && words.every((word) => isNumber.test(word))
        ? { verb, number: Number(first), lines: Number(second) }
        : bad("TOP takes a message number and a count of lines");
    default:
      return bad("There is no such command");
  }
}

function bad(why: string): Command {
  return { verb: "bad", why };
}
