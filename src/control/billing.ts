// What the operator may ask about billing: the run, bank statements, codes, invoices. States what it needs of the billing room as
// a port. No text of an invoice and nobody's billing information passes here.
import type { Answer, Operations, Plain, Progress } from "./socket.ts";

/** One row: for people, and as plain data. */
interface Listed {
  readonly line: string;
  readonly facts: { readonly [name: string]: Plain };
}

export interface OperatedBilling {
  run(progress: (done: number, of: number) => void): Promise<{
    readonly drafted: number;
    readonly issued: number;
    readonly left: readonly { readonly client: string; readonly why: string }[];
  }>;
  /** The file at a path on the server's machine. */
  importFile(
    path: string,
    progress: (done: number, of: number) => void,
  ): Promise<
    | {
        readonly ok: true;
        readonly value: {
          readonly outcomes: { readonly [outcome: string]: number };
          readonly credited: number;
          readonly passedOver: number;
          readonly waiting: number;
        };
      }
    | { readonly ok: false; readonly why: string }
  >;
  makeCodes(count: number, cents: number): Promise<readonly string[]>;
  invoices(): Promise<readonly Listed[]>;
  waiting(): Promise<readonly Listed[]>;
  creditNote(
    number: number,
    because: string,
  ): Promise<
    | { readonly ok: true; readonly value: { readonly number: string } }
    | { readonly ok: false; readonly why: string }
  >;
  money(cents: number): string;
}

// What one prints and hands out in an evening; the writer takes them in one transaction.
const MOST_CODES = 10_000;
// A hundred thousand of any currency on one piece of paper is a mistake in typing.
const MOST_CENTS = 10_000_000;

export function billingOperations(billing: OperatedBilling): Operations {
  return {
    "billing.run": (_args, progress) => run(billing, progress),
    "billing.import": (args, progress) => importFile(billing, text(args["path"]), progress),
    "billing.codes": (args) => codes(billing, Number(args["count"]), Number(args["cents"])),
    "billing.invoices": async () => listed(await billing.invoices(), "no invoices yet"),
    "billing.waiting": async () => listed(await billing.waiting(), "nothing waits for a person"),
    "billing.credit-note": async (args) => {
      const made = await billing.creditNote(Number(args["number"]), text(args["because"]));
      if (!made.ok) return refused(made.why);
      return { ok: true, text: `made credit note ${made.value.number}`, value: { ...made.value } };
    },
  };
}

async function run(billing: OperatedBilling, progress: Progress): Promise<Answer> {
  const { drafted, issued, left } = await billing.run((done, of) => {
    if (done % 50 === 0 || done === of) progress(`${done} of ${of} drafts`);
  });
  const lines = left.map(({ client, why }) => `\n  client ${client}: ${why}`).join("");
  return {
    ok: left.length === 0,
    text: `${drafted} drafted, ${issued} issued, ${left.length} left for the next run${lines}`,
    value: { drafted, issued, left: left.map((one) => ({ ...one })) },
  };
}

async function importFile(
  billing: OperatedBilling,
  path: string,
  progress: Progress,
): Promise<Answer> {
  const report = await billing.importFile(path, (done, of) => progress(`${done} of ${of} entries`));
  if (!report.ok) return refused(report.why);
  const { outcomes, credited, passedOver, waiting } = report.value;
  const said = Object.entries(outcomes).map(([outcome, count]) => `${count} ${outcome}`);
  return {
    ok: true,
    text: `${said.length === 0 ? "no credits" : said.join(", ")}; ${passedOver} passed over; credited ${billing.money(credited)}; ${waiting} wait for a person`,
    value: { outcomes: { ...outcomes }, credited, passedOver, waiting },
  };
}

async function codes(billing: OperatedBilling, count: number, cents: number): Promise<Answer> {
  if (!Number.isInteger(count) || count < 1 || count > MOST_CODES)
    return refused(`a number of codes from 1 to ${MOST_CODES}, please`);
  if (!Number.isInteger(cents) || cents < 1 || cents > MOST_CENTS)
    return refused(`a number of cents from 1 to ${MOST_CENTS}, please`);
  const made = await billing.makeCodes(count, cents);
  return { ok: true, text: made.join("\n"), value: { cents, codes: [...made] } };
}

function listed(rows: readonly Listed[], none: string): Answer {
  return {
    ok: true,
    text: rows.length === 0 ? none : rows.map(({ line }) => line).join("\n"),
    value: rows.map(({ facts }) => facts),
  };
}

function refused(why: string): Answer {
  return { ok: false, text: why, value: { refused: why } };
}

function text(value: Plain): string {
  return typeof value === "string" ? value : "";
}
