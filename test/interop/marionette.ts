// Speaks Marionette, the remote control that Mozilla's programs have built in: "LENGTH:JSON" both ways over a socket on loopback.
// One command at a time; knows nothing about mail.
import { connect, type Socket } from "node:net";

export interface Marionette extends Disposable {
  /** Sends one command and gives its result; throws what the program said was wrong. */
  command(name: string, parameters?: object): Promise<unknown>;
}

interface Waiting {
  readonly done: (result: unknown) => void;
  readonly failed: (error: Error) => void;
}

/** Connects, and opens a session that may touch the program's own objects. */
export async function openMarionette(port: number): Promise<Marionette> {
  const socket = connect(port, "127.0.0.1");
  let number = 0;
  const waiting = new Map<number, Waiting>();
  const greeted = Promise.withResolvers<void>();
  const fail = (error: Error): void => {
    greeted.reject(error);
    for (const { failed } of waiting.values()) failed(error);
    waiting.clear();
  };
  readPackets(socket, (packet) => {
    if (!Array.isArray(packet)) {
      greeted.resolve();
      return;
    }
    const [, id, error, result] = packet as [number, number, { message: string } | null, unknown];
    const { done, failed } = waiting.get(id) ?? {};
    waiting.delete(id);
    if (error === null) done?.(result);
    else failed?.(new Error(`the program said: ${error.message}`));
  });
  socket.on("error", fail);
  socket.on("close", () => fail(new Error("the program hung up")));
  const command = (name: string, parameters: object = {}): Promise<unknown> => {
    number += 1;
    const { promise, resolve: done, reject: failed } = Promise.withResolvers<unknown>();
    waiting.set(number, { done, failed });
    const text = JSON.stringify([0, number, name, parameters]);
    socket.write(`${Buffer.byteLength(text)}:${text}`);
    return promise;
  };
  await greeted.promise;
  await command("WebDriver:NewSession", { capabilities: {} });
  await command("Marionette:SetContext", { value: "chrome" });
  return { command, [Symbol.dispose]: () => void socket.destroy() };
}

function readPackets(socket: Socket, told: (packet: unknown) => void): void {
  let held = Buffer.alloc(0);
  socket.on("data", (bytes: Buffer) => {
    held = Buffer.concat([held, bytes]);
    for (;;) {
      const colon = held.indexOf(":");
      const end = colon + 1 + Number(held.toString("latin1", 0, Math.max(colon, 0)));
      if (colon < 0 || held.byteLength < end) return;
      told(JSON.parse(held.toString("utf8", colon + 1, end)));
      held = held.subarray(end);
    }
  });
}
