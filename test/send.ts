// Sends one letter by SMTP, submission or LMTP, line by line, and fails on the first reply that is not the hoped-for one.
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { stuffed } from "./load.ts";

export interface Sending {
  readonly port: number;
  readonly lmtp?: boolean;
  readonly from: string;
  readonly to: readonly string[];
  /** CRLF line ends. */
  readonly letter: Uint8Array;
  readonly login?: { readonly user: string; readonly password: string };
}

/** Resolves once every recipient was answered with 250 after the data; rejects with the reply that was not. */
export async function sendLetter(sending: Sending): Promise<void> {
  const socket = connect(sending.port, "127.0.0.1");
  const lines = createInterface({ input: socket, crlfDelay: Infinity })[Symbol.asyncIterator]();
  const reply = async (wanted: string): Promise<void> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done === true) throw new Error("the server hung up");
      const line = value;
      if (line[3] === "-") continue;
      if (!line.startsWith(wanted)) throw new Error(`wanted ${wanted}, heard: ${line}`);
      return;
    }
  };
  const say = async (line: string, wanted: string): Promise<void> => {
    socket.write(`${line}\r\n`);
    await reply(wanted);
  };
  try {
    await reply("220");
    await say(`${sending.lmtp === true ? "LHLO" : "EHLO"} client.example`, "250");
    if (sending.login !== undefined) {
      const { user, password } = sending.login;
      await say(`AUTH PLAIN ${Buffer.from(`\0${user}\0${password}`).toString("base64")}`, "235");
    }
    await say(`MAIL FROM:<${sending.from}>`, "250");
    for (const recipient of sending.to) await say(`RCPT TO:<${recipient}>`, "250");
    await say("DATA", "354");
    socket.write(stuffed(sending.letter));
    const answers = sending.lmtp === true ? sending.to.length : 1;
    for (let count = 0; count < answers; count += 1) await reply("250");
    await say("QUIT", "221");
  } finally {
    socket.destroy();
  }
}
