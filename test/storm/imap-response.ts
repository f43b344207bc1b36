// Answers of an IMAP server as a client reads them: octets to responses, responses to values. Written for tests on its own terms, so
// that nothing of the server's grammar stands between it and what was said.

/** A parenthesised list, or text: an atom, a string or a section's name as it stands; null is NIL. */
export type Value = string | null | readonly Value[];

/** Cuts what came into whole responses, literals included, without their last CRLF. */
export function openResponses(): { push(bytes: Buffer): Buffer[] } {
  let held: Buffer = Buffer.alloc(0);
  return {
    push(bytes) {
      held = held.byteLength === 0 ? bytes : Buffer.concat([held, bytes]);
      const found: Buffer[] = [];
      for (let end = responseEnd(held); end !== undefined; end = responseEnd(held)) {
        found.push(held.subarray(0, end - 2));
        held = held.subarray(end);
      }
      return found;
    },
  };
}

/** Where the first response ends, its CRLF included; undefined when it is not whole. */
function responseEnd(bytes: Buffer): number | undefined {
  let from = 0;
  for (;;) {
    const end = bytes.indexOf("\r\n", from);
    if (end < 0) return undefined;
    const size = /\{(\d+)\}$/.exec(bytes.toString("latin1", Math.max(from, end - 16), end))?.[1];
    if (size === undefined) return end + 2;
    from = end + 2 + Number(size);
    if (from > bytes.byteLength) return undefined;
  }
}

/** The values of a response's text from an offset on: "3 FETCH (UID 7 FLAGS (\Seen))" is ["3", "FETCH", ["UID", "7", …]]. */
export function readValues(bytes: Buffer, from = 0): readonly Value[] {
  const text = bytes.toString("latin1");
  let at = from;
  const list = (closed: boolean): Value[] => {
    const values: Value[] = [];
    while (at < text.length) {
      const here = text[at];
      if (here === ")") {
        if (!closed) throw new Error(`a parenthesis too many in ${text.slice(0, 200)}`);
        at += 1;
        return values;
      }
      if (here === " ") at += 1;
      else if (here === "(") {
        at += 1;
        values.push(list(true));
      } else values.push(leaf());
    }
    if (closed) throw new Error(`a list without an end in ${text.slice(0, 200)}`);
    return values;
  };
  const leaf = (): string | null => {
    if (text[at] === '"') {
      const quoted = /"((?:[^"\\\r\n]|\\["\\])*)"/y;
      quoted.lastIndex = at;
      const found = quoted.exec(text);
      if (found === null) throw new Error(`a string without an end in ${text.slice(0, 200)}`);
      at += found[0].length;
      return (found[1] ?? "").replace(/\\(.)/g, "$1");
    }
    const literal = /~?\{(\d+)\}\r\n/y;
    literal.lastIndex = at;
    const size = literal.exec(text);
    if (size !== null) {
      const start = at + size[0].length;
      at = start + Number(size[1]);
      return text.slice(start, at);
    }
    const atom = /(?:[^\s()[\]"]|\[[^\]]*\])+/y;
    atom.lastIndex = at;
    const found = atom.exec(text)?.[0];
    if (found === undefined)
      throw new Error(`neither atom nor string in ${text.slice(at, at + 99)}`);
    at += found.length;
    return found.toUpperCase() === "NIL" ? null : found;
  };
  return list(false);
}

/** "1:3,7" to its numbers. */
export function readSet(set: string): number[] {
  return set.split(",").flatMap((range) => {
    const [first = 0, last = first] = range.split(":").map(Number);
    return Array.from(
      { length: Math.abs(last - first) + 1 },
      (_, at) => Math.min(first, last) + at,
    );
  });
}
