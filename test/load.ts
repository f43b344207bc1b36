// Our own load: many letters over several connections by LMTP or SMTP, pipelined as the protocol allows (RFC 2920), each counted
// when it was answered. A connection that breaks ends quietly: what was not answered was not acknowledged.
import { connect, type Socket } from "node:net";

export interface Load {
  readonly port: number;
  readonly protocol?: "lmtp" | "smtp";
  readonly connections: number;
  readonly messages: number;
  /** Taken in turn, or made for each number. CRLF line ends. */
  readonly letters: readonly Uint8Array[] | ((n: number) => Uint8Array);
  readonly recipient: (n: number) => string;
  /** Told before the first octet of a letter goes out, and when it was answered. */
  readonly onAttempt?: (n: number) => void;
  readonly onAnswer?: (n: number, line: string) => void;
}

export interface Delivered {
  readonly acknowledged: number;
  readonly refused: number;
  /** Letters under way when their connection broke. */
  readonly unanswered: number;
}

export async function deliverAll(load: Load): Promise<Delivered> {
  const count = { acknowledged: 0, refused: 0, unanswered: 0 };
  let next = 0;
  const work = async (): Promise<void> => {
    const peer = await openPeer(load.port, load.protocol ?? "lmtp");
    if (peer === undefined) return;
    while (next < load.messages) {
      const n = next;
      next += 1;
      load.onAttempt?.(n);
      const line = await peer.send(
        "load@example.org",
        load.recipient(n),
        stuffed(letterOf(load, n)),
      );
      if (line === undefined) {
        count.unanswered += 1;
        return;
      }
      load.onAnswer?.(n, line);
      if (line.startsWith("250")) count.acknowledged += 1;
      else count.refused += 1;
    }
    peer.socket.end("QUIT\r\n");
  };
  await Promise.all(Array.from({ length: load.connections }, work));
  return count;
}

interface Peer {
  readonly socket: Socket;
  /** The reply to the letter, or to what came before it when that was refused; undefined when the connection broke. */
  send(from: string, to: string, letter: Buffer): Promise<string | undefined>;
}

async function openPeer(port: number, protocol: "lmtp" | "smtp"): Promise<Peer | undefined> {
  const socket = connect(port, "127.0.0.1");
  socket.setNoDelay(true);
  const replies: string[] = [];
  let held = "";
  let wake: (() => void) | undefined;
  let broken = false;
  socket.on("data", (bytes: Buffer) => {
    held += bytes.toString("latin1");
    for (let end = held.indexOf("\r\n"); end >= 0; end = held.indexOf("\r\n")) {
      if (held[3] !== "-") replies.push(held.slice(0, end));
      held = held.slice(end + 2);
    }
    wake?.();
  });
  const end = (): void => {
    broken = true;
    wake?.();
  };
  socket.on("error", end);
  socket.on("close", end);
  const reply = async (): Promise<string | undefined> => {
    while (replies.length === 0) {
      if (broken) return undefined;
      await new Promise<void>((resolve) => (wake = resolve));
    }
    return replies.shift();
  };
  if ((await reply()) === undefined) return undefined;
  socket.write(`${protocol === "lmtp" ? "LHLO" : "EHLO"} load.example\r\n`);
  if ((await reply()) === undefined) return undefined;
  return {
    socket,
    async send(from, to, letter) {
      socket.write(`MAIL FROM:<${from}>\r\nRCPT TO:<${to}>\r\nDATA\r\n`);
      const answers = [await reply(), await reply(), await reply()];
      if (answers.includes(undefined)) return undefined;
      if (answers[2]?.startsWith("354") !== true)
        return answers.find((line) => line?.startsWith("2") === false);
      socket.write(letter);
      return reply();
    },
  };
}

function letterOf({ letters }: Load, n: number): Uint8Array {
  return typeof letters === "function"
    ? letters(n)
    : (letters[n % letters.length] ?? Buffer.alloc(0));
}

/** Dots doubled, final dot added on a line of its own (RFC 5321 §4.5.2): a letter that ends with CRLF gets no other. */
export function stuffed(letter: Uint8Array): Buffer {
  const text = Buffer.from(letter.buffer, letter.byteOffset, letter.byteLength);
  const safe =
    text.includes("\n.") || text[0] === 0x2e
      ? Buffer.from(text.toString("latin1").replaceAll(/^\./gm, ".."), "latin1")
      : text;
  const ended = safe.subarray(-2).toString("latin1") === "\r\n";
  return Buffer.concat([safe, Buffer.from(ended ? ".\r\n" : "\r\n.\r\n")]);
}
