// Address lists as mail has them: RFC 5322 with its obsolete forms, groups, comments as names, and what is broken besides.
// Total and linear: any text gives a list, in one pass from left to right.
import { trimBlanks } from "./scan.ts";
import type { Address, RawText } from "./shape.ts";

/** What stands for a part of an address that is not there: NIL would mean a group. The words are those Dovecot gives. */
export const MISSING_MAILBOX = "MISSING_MAILBOX";
export const MISSING_DOMAIN = "MISSING_DOMAIN";

// A line of mail is at most 998 octets (RFC 5322 §2.1.1), and nobody folds a route; looking further would not be linear.
const MAX_ROUTE = 998;

const groupEnd: Address = { name: null, route: null, mailbox: null, host: null };

/** The addresses of a field's value; empty when it holds none. Groups are marked as RFC 9051 §7.5.2 has them. */
export function parseAddresses(text: RawText): readonly Address[] {
  const reader = new AddressReader(text);
  return reader.list();
}

interface Word {
  readonly text: string;
  readonly quoted: boolean;
  /** White space or a comment stood before it. */
  readonly apart: boolean;
}

class AddressReader {
  readonly #text: string;
  #at = 0;
  #comment = "";

  constructor(text: string) {
    this.#text = text;
  }

  list(): readonly Address[] {
    const out: Address[] = [];
    let inGroup = false;
    for (;;) {
      this.#skip();
      const char = this.#text[this.#at];
      if (char === undefined) break;
      if (char === "," || char === ">" || char === ")") {
        this.#at += 1;
      } else if (char === ";") {
        this.#at += 1;
        if (inGroup) out.push(groupEnd);
        inGroup = false;
      } else {
        const address = this.#one(inGroup);
        if (address !== undefined) out.push(address);
        if (address !== undefined && address.host === null) inGroup = true;
      }
    }
    if (inGroup) out.push(groupEnd);
    return out;
  }

  /** One mailbox or the start of a group; always moves on. */
  #one(inGroup: boolean): Address | undefined {
    const words: Word[] = [];
    this.#comment = "";
    for (;;) {
      const apart = this.#skip();
      const char = this.#text[this.#at];
      if (char === undefined || char === "," || (char === ";" && inGroup)) break;
      if (char === "<") return this.#angle(words);
      if (char === "@") return this.#bare(words);
      if (char === ":" && !inGroup) {
        this.#at += 1;
        return { name: null, route: null, mailbox: spaced(words), host: null };
      }
      words.push({ ...this.#word(), apart: apart && words.length > 0 });
    }
    return this.#incomplete(words);
  }

  /** Words that neither an "@" nor a "<" followed: a lone local part, or text that is no address. */
  #incomplete(words: readonly Word[]): Address | undefined {
    if (words.length === 0) return undefined;
    return words.every((word) => !word.apart)
      ? address(this.#comment, null, joined(words), MISSING_DOMAIN)
      : address(spaced(words), null, MISSING_MAILBOX, MISSING_DOMAIN);
  }

  /** At "@", with the words of the local part before it. Words apart from it are taken for a name. */
  #bare(words: readonly Word[]): Address {
    let from = words.length;
    while (from > 0) {
      from -= 1;
      const word = words[from];
      const dotted =
        word?.text === "." || words[from - 1]?.text.endsWith(".") || word?.text.startsWith(".");
      if (word?.apart === true && !dotted) break;
    }
    const local = joined(words.slice(from));
    const before = spaced(words.slice(0, from));
    this.#at += 1;
    const host = this.#domain();
    this.#restOfMailbox();
    return address(before === "" ? this.#comment : before, null, local || MISSING_MAILBOX, host);
  }

  /** At "<", with the words of the name before it. */
  #angle(words: readonly Word[]): Address {
    this.#at += 1;
    this.#skip();
    let route: string | null = null;
    if (this.#text[this.#at] === "@") route = this.#route();
    const local: Word[] = [];
    let host = "";
    for (;;) {
      const apart = this.#skip();
      const char = this.#text[this.#at];
      if (char === undefined || char === ">") break;
      if (char === "@") {
        this.#at += 1;
        host = this.#domain();
        break;
      }
      local.push({ ...this.#word(), apart });
    }
    this.#restOfMailbox();
    const name = spaced(words);
    return address(
      name === "" ? this.#comment : name,
      route,
      joined(local) || MISSING_MAILBOX,
      host,
    );
  }

  /** The obs-route of RFC 5322 §4.4, "@a,@b:", as it stands without the colon; null when no colon ends it. */
  #route(): string | null {
    const ahead = this.#text.slice(this.#at, this.#at + MAX_ROUTE);
    const colon = ahead.search(/[:>]/);
    if (ahead[colon] !== ":") return null;
    this.#at += colon + 1;
    return ahead.slice(0, colon).replace(/[ \t]+/g, "");
  }

  /** Skips what is left of a mailbox up to its comma or semicolon, which belongs to nothing. */
  #restOfMailbox(): void {
    for (;;) {
      this.#skip();
      const char = this.#text[this.#at];
      if (char === undefined || char === "," || char === ";") return;
      this.#word();
    }
  }

  #domain(): string {
    let out = "";
    for (;;) {
      this.#skip();
      const char = this.#text[this.#at];
      if (char === "[") {
        const close = this.#text.indexOf("]", this.#at);
        const stop = close < 0 ? this.#text.length : close + 1;
        out += this.#text.slice(this.#at, stop).replace(/[ \t]+/g, "");
        this.#at = stop;
        continue;
      }
      if (char === ".") {
        out += ".";
        this.#at += 1;
        continue;
      }
      if (char === undefined || /[,;:<>@"()\\\]]/.test(char)) return out;
      if (out !== "" && !out.endsWith(".")) return out;
      out += this.#atom();
    }
  }

  /** The next word; always moves on by at least one character. */
  #word(): { readonly text: string; readonly quoted: boolean } {
    const char = this.#text[this.#at] ?? "";
    if (char === '"') return { text: this.#quoted('"'), quoted: true };
    const atom = this.#atom();
    if (atom !== "") return { text: atom, quoted: false };
    this.#at += 1;
    return { text: char, quoted: false };
  }

  #atom(): string {
    const start = this.#at;
    while (this.#at < this.#text.length && !isSpecial(this.#text.charCodeAt(this.#at)))
      this.#at += 1;
    return this.#text.slice(start, this.#at);
  }

  /** The content of a quoted string or, with ")", of a comment (parentheses nest), backslashes undone. */
  #quoted(close: '"' | ")"): string {
    let out = "";
    let depth = 1;
    this.#at += 1;
    let from = this.#at;
    for (; this.#at < this.#text.length; this.#at += 1) {
      const char = this.#text[this.#at];
      if (char === "\\") {
        out += this.#text.slice(from, this.#at);
        this.#at += 1;
        from = this.#at;
      } else if (char === close) {
        depth -= 1;
        if (depth === 0) break;
      } else if (char === "(" && close === ")") {
        depth += 1;
      }
    }
    out += this.#text.slice(from, this.#at);
    this.#at += 1;
    return out;
  }

  /** Skips white space and comments, keeping the last comment; true when there was any. */
  #skip(): boolean {
    const start = this.#at;
    for (; this.#at < this.#text.length; this.#at += 1) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === 40) {
        this.#comment = trimBlanks(this.#quoted(")"));
        this.#at -= 1;
      } else if (code > 32) {
        break;
      }
    }
    return this.#at > start;
  }
}

/** White space and the specials of RFC 5322 §3.2.3, but for ".", which obsolete phrases hold. */
function isSpecial(code: number): boolean {
  switch (code) {
    case 34: // "
    case 40: // (
    case 41: // )
    case 44: // ,
    case 58: // :
    case 59: // ;
    case 60: // <
    case 62: // >
    case 64: // @
    case 91: // [
    case 92: // \
    case 93: // ]
      return true;
    default:
      return code <= 32;
  }
}

function spaced(words: readonly Word[]): string {
  return words.map((word) => (word.apart ? ` ${word.text}` : word.text)).join("");
}

function joined(words: readonly Word[]): string {
  return words.map((word) => word.text).join("");
}

function address(name: string, route: string | null, mailbox: string, host: string): Address {
  return {
    name: name === "" ? null : name,
    route,
    mailbox,
    host: host === "" ? MISSING_DOMAIN : host,
  };
}
