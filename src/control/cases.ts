// What the operator may ask about requests for data, and the one way in for signed records of any desk. Rooms come as ports; what is
// sealed stays so: nothing here opens a request.
import { fromHex, fromUtf8 } from "#base/bytes";
import type { Answer, Operations, Plain } from "./socket.ts";

interface CaseLine {
  readonly id: string;
  readonly kind: string;
  readonly stage: string;
  readonly verdict: string;
  readonly outcome: string;
  /** Milliseconds since 1970. */
  readonly received: number;
  readonly answerBy: number;
  readonly holdUntil: number | undefined;
  readonly grant: string;
  readonly next: { readonly words: string; readonly command: string | undefined };
}

type Done<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusal: string; readonly why: string };

export interface OperatedCases {
  /** The fields of the desk's form by their names. */
  add(form: { readonly [field: string]: string }): Promise<
    | {
        readonly ok: true;
        readonly value: {
          readonly id: string;
          readonly record: string;
          readonly answer: readonly string[];
        };
      }
    | { readonly ok: false; readonly mistakes: { readonly [field: string]: string } }
  >;
  list(): Promise<readonly CaseLine[]>;
  facts(id: string): Promise<CaseLine | undefined>;
  step(id: string, step: string, words: string, grant: string): Promise<Done<CaseLine>>;
  preserve(id: string, address: string, words: string): Promise<Done<CaseLine>>;
  /** Hands a signed record to the keeper and carries out what it says; `note` stays with the desk. */
  record(
    record: Uint8Array,
    signature: Uint8Array,
    note: string,
  ): Promise<Done<{ readonly index: number | undefined; readonly did: string }>>;
}

export function caseOperations(rooms: OperatedCases): Operations {
  return {
    "case.new": async (args) => {
      const form = Object.fromEntries(
        Object.entries(args).map(([name, value]) => [name, text(value)]),
      );
      const made = await rooms.add(form);
      if (!made.ok) {
        const lines = Object.entries(made.mistakes).map(([field, what]) => `${field}: ${what}`);
        return { ok: false, text: lines.join("\n"), value: { mistakes: { ...made.mistakes } } };
      }
      const { id, record, answer } = made.value;
      const said = [`case ${id}`, ...answer].join("\n");
      return { ok: true, text: said, value: { id, record, answer: [...answer] } };
    },
    "case.list": async () => {
      const rows = await rooms.list();
      const lines = rows.map(
        ({ id, kind, stage, answerBy }) => `${id}  ${kind}  ${stage}  answer by ${day(answerBy)}`,
      );
      const words = lines.length === 0 ? "no requests yet" : lines.join("\n");
      return { ok: true, text: words, value: rows.map(plainOf) };
    },
    "case.show": async (args) => {
      const found = await rooms.facts(text(args["id"]));
      return found === undefined ? refused("unknown-case", noCase) : shown(found);
    },
    "case.step": async (args) =>
      answerOf(
        await rooms.step(
          text(args["id"]),
          text(args["step"]),
          text(args["note"]),
          text(args["grant"]),
        ),
      ),
    "case.preserve": async (args) =>
      answerOf(await rooms.preserve(text(args["id"]), text(args["client"]), text(args["note"]))),
    "case.record": (args) => record(rooms, args),
  };
}

const noCase = "there is no case of that id";

async function record(
  rooms: OperatedCases,
  args: { readonly [name: string]: Plain },
): Promise<Answer> {
  const signature = fromHex(text(args["signature"])) ?? new Uint8Array();
  const done = await rooms.record(fromUtf8(text(args["record"])), signature, text(args["note"]));
  if (!done.ok) return refused(done.refusal, done.why);
  const { index, did } = done.value;
  const entry = index === undefined ? "recorded before" : `ledger entry ${index}`;
  return { ok: true, text: `${entry}; ${did}`, value: { index: index ?? null, did } };
}

function answerOf(done: Done<CaseLine>): Answer {
  return done.ok ? shown(done.value) : refused(done.refusal, done.why);
}

function shown(found: CaseLine): Answer {
  const { id, kind, stage, verdict, outcome, received, answerBy, holdUntil, grant, next } = found;
  const lines: [string, string][] = [
    ["case", id],
    ["kind", kind],
    ["stage", stage],
    ...(verdict === "" ? [] : ([["verdict", verdict]] as [string, string][])),
    ...(outcome === "" ? [] : ([["outcome", outcome]] as [string, string][])),
    ["received", instant(received)],
    ["answer by", day(answerBy)],
    ...(holdUntil === undefined ? [] : ([["kept until", day(holdUntil)]] as [string, string][])),
    ...(grant === "" ? [] : ([["grant", grant]] as [string, string][])),
    ["next", next.words],
    ...(next.command === undefined ? [] : ([["", next.command]] as [string, string][])),
  ];
  const words = lines.map(([label, value]) => `${label.padEnd(12)}${value}`).join("\n");
  return { ok: true, text: words, value: plainOf(found) };
}

function plainOf({ next, holdUntil, ...rest }: CaseLine): Plain {
  return { ...rest, holdUntil: holdUntil ?? null, next: next.words, command: next.command ?? null };
}

function refused(refusal: string, why: string): Answer {
  return { ok: false, text: `${refusal}: ${why}`, value: { refusal, why } };
}

function day(at: number): string {
  return instant(at).slice(0, 10);
}

function instant(at: number): string {
  return new Date(at).toISOString();
}

function text(value: Plain): string {
  if (value === undefined) return "";
  if (typeof value !== "string") throw new TypeError("an operation's argument is not text");
  return value;
}
