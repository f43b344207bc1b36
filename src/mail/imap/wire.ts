// Bytes from the socket to whole commands: lines, and the literals inside them, under limits. Writes nothing and knows no
// command; whether a literal is welcome is asked of the caller before its bytes are taken (RFC 9051 §4.3, RFC 7888).

export type WireEvent =
  /** A whole command: its lines and literals as they came, without the last CRLF. */
  | { readonly kind: "command"; readonly bytes: Buffer }
  /** A literal is announced; nothing goes on until `accept` or `refuse` is called. */
  | {
      readonly kind: "literal";
      /** The command's first line. */
      readonly head: Buffer;
      /** Octets of the command so far. */
      readonly gathered: number;
      readonly size: number;
      readonly waits: boolean;
    }
  /** The lines of one command are over the limit; only closing helps, since its end cannot be told. */
  | { readonly kind: "too-long" };

export interface Reader {
  push(chunk: Uint8Array): void;
  /** The next event; undefined until more bytes come. */
  next(): WireEvent | undefined;
  /** Takes the announced literal's bytes into the command. */
  accept(): void;
  /** Drops the command. A peer that does not wait sends the literal and the rest regardless: they are skipped. */
  refuse(): void;
  /** Bytes taken from the socket and not yet part of an event. */
  buffered(): number;
}

// A search for hundreds of UIDs as single numbers is some ten thousand characters; 64 KiB is what other servers take too.
export const MAX_LINES = 64 * 1024;

const CRLF = Buffer.from("\r\n");
const announced = /(~?)\{(\d{1,10})(\+?)\}$/;

export function openReader(): Reader {
  let waiting: Buffer[] = [];
  let held = 0;
  let command: Buffer[] = [];
  let lineBytes = 0;
  // Kept beside the pieces: a command of ten thousand empty literals would be counted ten thousand times over.
  let gathered = 0;
  let literalLeft = 0;
  let skipping = false;
  let pending: { size: number; waits: boolean } | undefined;
  let searched = 0;
  let dead = false;

  function gather(): Buffer {
    if (waiting.length !== 1) waiting = [Buffer.concat(waiting)];
    return waiting[0] ?? Buffer.alloc(0);
  }

  function keep(part: Buffer): void {
    command.push(part);
    gathered += part.length;
  }

  function take(count: number): Buffer {
    const all = gather();
    held -= count;
    waiting = count === all.length ? [] : [all.subarray(count)];
    searched = 0;
    return all.subarray(0, count);
  }

  /** Moves literal bytes over chunk by chunk, so that a large one is copied once, at the command's end. */
  function takeLiteral(): boolean {
    while (literalLeft > 0) {
      const first = waiting[0];
      if (first === undefined) return false;
      const part = first.length <= literalLeft ? first : first.subarray(0, literalLeft);
      if (part.length === first.length) waiting.shift();
      else waiting[0] = first.subarray(part.length);
      held -= part.length;
      literalLeft -= part.length;
      if (!skipping) keep(part);
    }
    searched = 0;
    return true;
  }

  function finish(): WireEvent {
    const bytes = command.length === 1 ? (command[0] ?? Buffer.alloc(0)) : Buffer.concat(command);
    command = [];
    gathered = 0;
    lineBytes = 0;
    return { kind: "command", bytes };
  }

  function tooLong(): WireEvent {
    dead = true;
    return { kind: "too-long" };
  }

  /** One line's worth; "more" when its end has not come. */
  function takeLine(): WireEvent | "more" | "again" {
    const all = gather();
    const end = all.indexOf("\n", searched);
    if (end < 0) {
      searched = all.length;
      return lineBytes + all.length > MAX_LINES ? tooLong() : "more";
    }
    const withEnd = take(end + 1);
    const crlf = withEnd.length > 1 && withEnd[withEnd.length - 2] === 13 ? 2 : 1;
    const line = withEnd.subarray(0, withEnd.length - crlf);
    lineBytes += withEnd.length;
    if (lineBytes > MAX_LINES) return tooLong();
    const match = announced.exec(line.subarray(-14).toString("latin1"));
    if (skipping) {
      if (match !== null && match[3] === "+") {
        literalLeft = Number(match[2]);
        return "again";
      }
      skipping = false;
      lineBytes = 0;
      return "again";
    }
    if (match === null) {
      keep(line);
      return finish();
    }
    keep(line);
    keep(CRLF);
    pending = { size: Number(match[2]), waits: match[3] !== "+" };
    return { kind: "literal", head: command[0] ?? line, gathered, ...pending };
  }

  return {
    push(chunk) {
      waiting.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk));
      held += chunk.byteLength;
    },
    next() {
      if (dead || pending !== undefined) return undefined;
      for (;;) {
        if (!takeLiteral()) return undefined;
        if (waiting.length === 0) return undefined;
        const event = takeLine();
        if (event === "more") return undefined;
        if (event !== "again") return event;
      }
    },
    accept() {
      literalLeft = pending?.size ?? 0;
      pending = undefined;
    },
    refuse() {
      if (pending?.waits === false) {
        literalLeft = pending.size;
        skipping = true;
      }
      pending = undefined;
      command = [];
      gathered = 0;
      lineBytes = 0;
    },
    buffered: () => held,
  };
}
