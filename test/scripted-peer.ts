// A mail server of some lines that behaves as it is told at each stage of a session: answers, says something else, falls silent or
// hangs up. Counts what it was given, by Message-ID, whatever it answered.
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import type { TestContext } from "node:test";

export type Stage = "greeting" | "EHLO" | "MAIL" | "RCPT" | "DATA" | "dot";
export const stages: readonly Stage[] = ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "dot"];

/**
 * "ok", "hang", "drop", "end" (closes its own direction only), "late MS" (the usual answer, so many milliseconds later), or a reply such
 * as "451 4.3.2 later".
 */
export type Behaviour = (stage: Stage, line: string, session: number) => string;

export interface ScriptedPeer {
  readonly port: number;
  /** Message-IDs of whole letters, each time one arrived. */
  readonly whole: string[];
  /** Those of them that were answered with 250. */
  readonly acknowledged: string[];
  /** The text of each letter that was answered with 250. */
  readonly texts: string[];
  /** Commands as they came. */
  readonly lines: string[];
  sessions(): number;
}

export async function startScriptedPeer(
  t: Pick<TestContext, "after">,
  behave: Behaviour,
  extensions: readonly string[] = ["PIPELINING", "8BITMIME", "SMTPUTF8", "SIZE 10000000"],
): Promise<ScriptedPeer> {
  const open = new Set<Socket>();
  const whole: string[] = [];
  const acknowledged: string[] = [];
  const texts: string[] = [];
  const lines: string[] = [];
  let sessions = 0;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("end", () => socket.end());
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => socket.destroy());
    const session = ++sessions;
    let rest = "";
    let body: string | undefined;
    // Replies keep the order of the commands, however late one is.
    let isLate = false;
    const waiting: string[] = [];
    const work = (): void => {
      const line = isLate ? undefined : waiting.shift();
      if (line === undefined) return;
      take(line);
      work();
    };
    const act = (stage: Stage, line: string, usual: string): boolean => {
      const how = behave(stage, line, session);
      if (how === "hang") return false;
      if (how === "drop" || how === "end") {
        if (how === "drop") socket.destroy();
        else socket.end();
        return false;
      }
      if (how.startsWith("late ")) {
        isLate = true;
        setTimeout(
          () => {
            if (socket.writable) socket.write(usual);
            isLate = false;
            work();
          },
          Number(how.slice(5)),
        ).unref();
        return true;
      }
      socket.write(how === "ok" ? usual : `${how}\r\n`);
      return how === "ok";
    };
    const ehlo = ["250-peer", ...extensions.map((name) => `250-${name}`), "250 HELP"];
    const replies: { readonly [verb: string]: readonly [Stage, string] } = {
      EHLO: ["EHLO", `${ehlo.join("\r\n")}\r\n`],
      HELO: ["EHLO", "250 peer\r\n"],
      MAIL: ["MAIL", "250 2.1.0 sender\r\n"],
      RCPT: ["RCPT", "250 2.1.5 recipient\r\n"],
      DATA: ["DATA", "354 go\r\n"],
    };
    const take = (line: string): void => {
      if (body !== undefined) {
        if (line !== ".") {
          body += `${line}\n`;
          return;
        }
        const id = /^Message-ID: <([^>]+)>/im.exec(body)?.[1] ?? "?";
        whole.push(id);
        const text = body;
        body = undefined;
        if (act("dot", line, "250 2.0.0 taken\r\n")) {
          acknowledged.push(id);
          texts.push(text);
        }
        return;
      }
      lines.push(line);
      const verb = line.slice(0, 4).toUpperCase();
      const known = replies[verb];
      if (verb === "QUIT") socket.end("221 bye\r\n");
      else if (known === undefined) socket.write("502 5.5.1 unknown\r\n");
      else if (act(known[0], line, known[1]) && verb === "DATA") body = "";
    };
    socket.on("data", (bytes: Buffer) => {
      rest += bytes.toString("latin1");
      const parts = rest.split("\r\n");
      rest = parts.pop() ?? "";
      waiting.push(...parts);
      work();
    });
    act("greeting", "", "220 peer\r\n");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { port, whole, acknowledged, texts, lines, sessions: () => sessions };
}
