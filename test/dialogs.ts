// Conversations as text files: `C: ` a line that the client sends (CRLF is added), `C~ ` the same without CRLF, `S: ` a line
// that the server must say, `#` a note. In client lines \r \n \0 \\ and \xHH are those octets; in server lines * is any
// text. Replays a file with the client's bytes cut into pieces of a given size; never sends before it was answered.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Duplex } from "node:stream";

export interface Dialog {
  readonly name: string;
  readonly turns: readonly Turn[];
}

interface Turn {
  readonly client: Buffer;
  readonly server: readonly string[];
}

/** All dialogs in test/dialogs/`folder`, by name. */
export function readDialogs(folder: string): readonly Dialog[] {
  const path = resolve(import.meta.dirname, "dialogs", folder);
  return readdirSync(path)
    .filter((file) => file.endsWith(".txt"))
    .sort()
    .map((file) => parseDialog(file.slice(0, -4), readFileSync(join(path, file), "utf8")));
}

export function parseDialog(name: string, text: string): Dialog {
  const turns: { client: Buffer[]; server: string[] }[] = [{ client: [], server: [] }];
  for (const [at, line] of text.split("\n").entries()) {
    const last = turns.at(-1);
    if (last === undefined || line === "" || line.startsWith("#")) continue;
    const said = line.slice(3);
    if (line.startsWith("S: ") || line === "S:") last.server.push(said);
    else if (/^C[:~]/.test(line)) {
      const octets = Buffer.concat([octetsOf(said), Buffer.from(line[1] === ":" ? "\r\n" : "")]);
      if (last.server.length === 0) last.client.push(octets);
      else turns.push({ client: [octets], server: [] });
    } else assert.fail(`${name} line ${at + 1} is neither C: nor S: nor a note`);
  }
  const joined = turns.map(({ client, server }) => ({ client: Buffer.concat(client), server }));
  return { name, turns: joined };
}

/** Plays the client's part in pieces of `size` octets and checks what the server says. A last `S: <end>` is the hang-up. */
export async function replay(dialog: Dialog, stream: Duplex, size: number): Promise<void> {
  const heard = listenTo(stream);
  try {
    for (const [at, { client, server }] of dialog.turns.entries()) {
      for (let from = 0; from < client.byteLength; from += size) {
        stream.write(client.subarray(from, from + size));
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      }
      for (const expected of server) {
        const line = await heard.next();
        const where = `${dialog.name}, turn ${at}, in pieces of ${size}: expected "${expected}", heard "${line}"`;
        assert.ok(matches(expected, line), where);
      }
    }
    assert.equal(heard.pending(), "", `${dialog.name}: nothing more is said`);
  } finally {
    stream.destroy();
  }
}

function matches(expected: string, line: string): boolean {
  const literal = expected.split("*").map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, "\\$&"));
  return new RegExp(`^${literal.join(".*")}$`, "s").test(line);
}

function octetsOf(text: string): Buffer {
  const parts = text.split(/(\\x[0-9a-fA-F]{2}|\\[rn0\\])/).map((part) => {
    if (part.startsWith("\\x")) return Buffer.of(Number.parseInt(part.slice(2), 16));
    const control = { "\\r": 13, "\\n": 10, "\\0": 0, "\\\\": 92 }[part];
    return control === undefined ? Buffer.from(part) : Buffer.of(control);
  });
  return Buffer.concat(parts);
}

function listenTo(stream: Duplex) {
  let text = "";
  let ended = false;
  let wake = (): void => {};
  stream.on("data", (bytes: Buffer) => {
    text += bytes.toString("latin1");
    wake();
  });
  for (const end of ["end", "close", "error"]) {
    stream.on(end, () => {
      ended = true;
      wake();
    });
  }
  return {
    pending: () => text,
    async next(): Promise<string> {
      for (let waited = 0; ; waited += 1) {
        const end = text.indexOf("\r\n");
        if (end !== -1) {
          const line = text.slice(0, end);
          text = text.slice(end + 2);
          return line;
        }
        if (ended) return "<end>";
        if (waited > 2000) return `<silence after "${text}">`;
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        const timer = setTimeout(resolve, 5);
        await promise;
        clearTimeout(timer);
      }
    },
  };
}
