// A raw IMAP connection for tests and benches: sends a command, gives everything up to its tagged line. Understands literals
// and nothing else, so that no client library's opinion stands between a test and the server.
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

export interface ImapReply {
  /** The tagged line without its tag: "OK …", "NO …", "BAD …". */
  readonly status: string;
  /** All octets before the tagged line. */
  readonly untagged: Buffer;
}

export interface ImapConnection extends Disposable {
  command(line: string): Promise<ImapReply>;
  /** As `command`, with a literal (LITERAL+) at the end of the line. */
  commandWithLiteral(line: string, literal: Uint8Array): Promise<ImapReply>;
}

/** Signs in over a plain connection, or over TLS from the first byte (any certificate). */
export async function connectImap(
  port: number,
  login: string,
  password: string,
  { tls = false }: { readonly tls?: boolean } = {},
): Promise<ImapConnection> {
  const socket = tls
    ? connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false })
    : connect(port, "127.0.0.1");
  socket.setNoDelay(true);
  const replies = readReplies(socket);
  let number = 0;
  await replies("*");
  const command = (line: string, literal?: Uint8Array): Promise<ImapReply> => {
    number += 1;
    const tag = `a${number}`;
    const answer = replies(tag);
    if (literal === undefined) socket.write(`${tag} ${line}\r\n`);
    else
      socket.write(
        Buffer.concat([
          Buffer.from(`${tag} ${line} {${literal.byteLength}+}\r\n`),
          literal,
          Buffer.from("\r\n"),
        ]),
      );
    return answer;
  };
  const signedIn = await command(`LOGIN "${login}" "${password}"`);
  if (!signedIn.status.startsWith("OK")) throw new Error(`sign-in failed: ${signedIn.status}`);
  return {
    command: (line) => command(line),
    commandWithLiteral: command,
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

/** The messages of a FETCH of one BODY section: UID and octets. */
export function fetchedBodies(untagged: Buffer): { uid: number; bytes: Buffer }[] {
  const found: { uid: number; bytes: Buffer }[] = [];
  let at = 0;
  while (at < untagged.byteLength) {
    const end = untagged.indexOf("\r\n", at);
    if (end < 0) break;
    const line = untagged.toString("latin1", at, end);
    const size = /\{(\d+)\}$/.exec(line)?.[1];
    at = end + 2;
    if (size === undefined) continue;
    const bytes = untagged.subarray(at, at + Number(size));
    at += Number(size);
    const after = untagged.toString("latin1", at, Math.max(at, untagged.indexOf("\r\n", at)));
    const uid = /UID (\d+)/.exec(line)?.[1] ?? /UID (\d+)/.exec(after)?.[1];
    found.push({ uid: Number(uid), bytes });
  }
  return found;
}

function readReplies(socket: Socket): (tag: string) => Promise<ImapReply> {
  let held: Buffer[] = [];
  let size = 0;
  let tail = Buffer.alloc(0);
  let waiting:
    | { tag: string; done: (reply: ImapReply) => void; failed: (error: Error) => void }
    | undefined;
  const look = (): void => {
    if (waiting === undefined) return;
    // The tagged line is the last thing the server says: the end of what came is enough to see whether it is there.
    const found = new RegExp(
      `(?:^|\\n)${waiting.tag === "*" ? "\\*" : waiting.tag} ([^\\r\\n]*)\\r\\n$`,
    ).exec(tail.toString("latin1"));
    if (found === null) return;
    const whole = Buffer.concat(held, size);
    const line = (found[1] ?? "").length + waiting.tag.length + 3;
    const { done } = waiting;
    held = [];
    size = 0;
    tail = Buffer.alloc(0);
    waiting = undefined;
    done({ status: found[1] ?? "", untagged: whole.subarray(0, whole.byteLength - line) });
  };
  socket.on("data", (bytes: Buffer) => {
    held.push(bytes);
    size += bytes.byteLength;
    tail = Buffer.concat([tail, bytes]).subarray(-4096);
    look();
  });
  const fail = (error: Error): void => {
    waiting?.failed(error);
    waiting = undefined;
  };
  socket.on("error", fail);
  socket.on("close", () => fail(new Error("the connection closed")));
  return (tag) => {
    const { promise, resolve, reject } = Promise.withResolvers<ImapReply>();
    waiting = { tag, done: resolve, failed: reject };
    look();
    return promise;
  };
}
