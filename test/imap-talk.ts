// A raw IMAP connection that hears what is said unasked: what NOTIFY and IDLE are tested with.
import assert from "node:assert/strict";
import type { Socket } from "node:net";

export interface Talk extends Disposable {
  say(line: string): void;
  /** All that was heard since the last call, once it matches; fails after ten seconds. */
  hear(expected: RegExp): Promise<string>;
  /** Says a command and gives all that came before its tagged line, and that line's status and code. */
  ask(command: string): Promise<string>;
  readonly socket: Socket;
}

export async function openTalk(socket: Socket, login = "ada", password = "right"): Promise<Talk> {
  let heard = "";
  let wake = (): void => {};
  let number = 0;
  socket.on("data", (bytes: Buffer) => {
    heard += bytes.toString("latin1");
    wake();
  });
  socket.on("close", () => wake());
  socket.on("error", () => {});
  const hear: Talk["hear"] = async (expected) => {
    const until = performance.now() + 10_000;
    while (!expected.test(heard)) {
      const left = until - performance.now();
      if (left <= 0 || socket.closed) break;
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, left);
      wake = resolve;
      await promise;
      clearTimeout(timer);
    }
    assert.match(heard, expected);
    const all = heard;
    heard = "";
    return all;
  };
  const talk: Talk = {
    socket,
    say: (line) => void socket.write(`${line}\r\n`, "latin1"),
    hear,
    async ask(command) {
      number += 1;
      talk.say(`t${number} ${command}`);
      const all = await hear(new RegExp(`(?:^|\\n)t${number} [^\\r]*\\r\\n$`));
      const status = /t\d+ (\w+(?: \[[^\]]*\])?)[^\r]*\r\n$/.exec(all)?.[1] ?? "";
      return all.replace(/t\d+ [^\r]*\r\n$/, status);
    },
    [Symbol.dispose]: () => void socket.destroy(),
  };
  await hear(/^\* OK .*\r\n$/);
  if (login !== "") assert.match(await talk.ask(`LOGIN ${login} ${password}`), /OK/);
  return talk;
}
