// One connection of the IMAP storm: says commands, hears answers, keeps its tracker. Decides nothing of what to say.
import { connect } from "node:net";
import { openResponses } from "./imap-response.ts";
import { openTracker, type Registry, type Running, type Tracker } from "./imap-tracker.ts";

export interface Answer {
  readonly status: "OK" | "NO" | "BAD";
  /** The rest of the tagged line. */
  readonly text: string;
}

export interface StormClient {
  readonly tracker: Tracker;
  /** Says commands in one packet and gives their answers; undefined when the connection ended. */
  say(...commands: readonly (string | Buffer)[]): Promise<readonly Answer[] | undefined>;
  /** IDLE for some milliseconds. */
  idle(milliseconds: number): Promise<void>;
  /** The server said BYE, or hung up. */
  readonly over: boolean;
  close(): void;
}

export async function openStormClient(
  port: number,
  who: string,
  registry: Registry,
): Promise<StormClient> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  const responses = openResponses();
  const tracker = openTracker(who, registry);
  let number = 0;
  let over = false;
  let greeted = false;
  const waiting = new Map<string, { kind: Running; done: (answer: Answer | undefined) => void }>();
  let onContinue: (() => void) | undefined;
  let wake = (): void => {};
  const end = (): void => {
    over = true;
    for (const { done } of waiting.values()) done(undefined);
    waiting.clear();
    onContinue?.();
    wake();
  };
  socket.on("error", end);
  socket.on("close", end);
  const take = (response: Buffer): void => {
    const head = response.toString("latin1", 0, 200);
    if (head.startsWith("* ")) {
      if (!greeted) {
        greeted = true;
        wake();
        return;
      }
      if (head.startsWith("* BYE")) over = true;
      tracker.running([...waiting.values()].map(({ kind }) => kind));
      tracker.hear(response.subarray(2));
      return;
    }
    if (head.startsWith("+")) {
      onContinue?.();
      return;
    }
    const [tag = "", status = ""] = head.split(" ", 2);
    const text = head.slice(tag.length + status.length + 2);
    const found = waiting.get(tag);
    waiting.delete(tag);
    // QRESYNC's HIGHESTMODSEQ comes in the tagged line of EXPUNGE and its kin.
    const code = /^\[HIGHESTMODSEQ (\d+)\]/.exec(text)?.[1];
    if (code !== undefined && tracker.view !== undefined) tracker.view.highestModseq = Number(code);
    found?.done({ status: status as Answer["status"], text });
  };
  socket.on("data", (bytes: Buffer) => {
    for (const response of responses.push(bytes)) take(response);
  });
  await new Promise<void>((resolve) => {
    wake = resolve;
  });
  const kindOf = (command: string): Running =>
    /^(?:FETCH|STORE|SEARCH|SORT|THREAD) /i.test(command) ? "by-number" : "other";
  const client: StormClient = {
    tracker,
    get over() {
      return over;
    },
    async say(...commands) {
      if (over) return undefined;
      const parts: Buffer[] = [];
      const answers = commands.map((command) => {
        number += 1;
        const tag = `s${number}`;
        const bytes = Buffer.isBuffer(command) ? command : Buffer.from(command, "latin1");
        parts.push(Buffer.from(`${tag} `), bytes, Buffer.from("\r\n"));
        const { promise, resolve } = Promise.withResolvers<Answer | undefined>();
        const kind = kindOf(bytes.toString("latin1", 0, 20));
        waiting.set(tag, { kind, done: resolve });
        return promise;
      });
      socket.write(Buffer.concat(parts));
      const all = await Promise.all(answers);
      const whole = all.filter((answer) => answer !== undefined);
      return whole.length < all.length ? undefined : whole;
    },
    async idle(milliseconds) {
      if (over) return;
      const begun = new Promise<void>((resolve) => {
        onContinue = resolve;
      });
      const answer = client.say("IDLE");
      await begun;
      onContinue = undefined;
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      socket.write("DONE\r\n");
      await answer;
    },
    close() {
      socket.destroy();
    },
  };
  return client;
}
