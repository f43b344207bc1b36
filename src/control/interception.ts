// What the operator may ask about interception orders. What is handed out stays sealed to the order's recipient.
import type { Operations, Plain } from "./socket.ts";

type Done<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusal: string; readonly why: string };

export interface OperatedInterceptions {
  /** Begins an approved order. Seconds since 1970. */
  intercept(hash: string): Promise<Done<{ readonly from: number; readonly until: number }>>;
  /** The copies of an order into a new file; then they are destroyed here. */
  intercepted(hash: string, out: string): Promise<Done<{ readonly copies: number }>>;
}

export function interceptionOperations(work: OperatedInterceptions): Operations {
  return {
    "grant.intercept": async (args) => {
      const begun = await work.intercept(text(args["hash"]));
      if (!begun.ok) return refused(begun.refusal, begun.why);
      const { from, until } = begun.value;
      const words = `mail that comes or is sent from ${instant(from)} to ${instant(until)} is sealed to the recipient as well; it ends by itself`;
      return { ok: true, text: words, value: { from, until } };
    },
    "grant.intercepted": async (args) => {
      const out = text(args["out"]);
      const given = await work.intercepted(text(args["hash"]), out);
      if (!given.ok) return refused(given.refusal, given.why);
      const { copies } = given.value;
      const words = `${copies === 1 ? "1 copy" : `${copies} copies`} in ${out}, sealed to the recipient's key, and no longer here`;
      return { ok: true, text: words, value: { copies, out } };
    },
  };
}

function refused(refusal: string, why: string) {
  return { ok: false, text: `${refusal}: ${why}`, value: { refusal, why } } as const;
}

function instant(at: number): string {
  return new Date(at * 1000).toISOString();
}

function text(value: Plain): string {
  if (value === undefined) return "";
  if (typeof value !== "string") throw new TypeError("an operation's argument is not text");
  return value;
}
