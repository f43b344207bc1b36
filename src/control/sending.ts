// What the operator may ask of the brake on sending: which accounts are held, why in counts, and to let one send again. No recipient
// and no word of a letter.
import type { Answer, Operations, Plain } from "./socket.ts";

interface HeldAccount {
  readonly client: string;
  readonly account: string;
  readonly address: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** What was counted, as a sentence. */
  readonly seen: string;
  /** The client has the notice. */
  readonly told: boolean;
  /** Letters. */
  readonly waiting: number;
}

interface OperatedSending {
  /** The longest first. */
  held(): Promise<readonly HeldAccount[]>;
  release(address: string, letters: "send" | "destroy"): Promise<string>;
}

export function sendingOperations(sending: OperatedSending): Operations {
  return {
    "sending.list": async () => {
      const rows = await sending.held();
      const value = rows.map((row) => ({ ...row }));
      return { ok: true, text: rows.map(line).join("\n") || "nobody's sending is held", value };
    },
    "sending.release": async (args) => {
      const { address } = args;
      if (typeof address !== "string") return refused("an address is missing");
      const letters = args["destroy"] === true ? "destroy" : "send";
      const done = await sending.release(address, letters);
      if (done === "unknown") return refused(`no client has the address ${address}`);
      if (done !== "lifted") return refused(`sending from ${address} is not held`);
      const words = letters === "send" ? "go now" : "are destroyed";
      return {
        ok: true,
        text: `${address} may send; the letters that waited ${words}`,
        value: { address, letters },
      };
    },
  };
}

function line({ address, since, seen, told, waiting }: HeldAccount): string {
  const at = new Date(since).toISOString().slice(0, 16).replace("T", " ");
  return `${address}  held since ${at}  ${waiting} letters wait${told ? "" : "  client not told yet"}\n  ${seen}`;
}

function refused(why: string): Answer {
  const value: Plain = { refused: why };
  return { ok: false, text: why, value };
}
