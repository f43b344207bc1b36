// Fits the disclosure room: the desk's key, clients' keys, what a step carries out, what clients are told. A client's session signs
// for the client here and nowhere else.
import { toHex } from "#base/bytes";
import { newId } from "#base/ids";
import { type Clock, seconds } from "#base/time";
import type { Clients, Session } from "#clients";
import { caseOperations, type OperatedCases, type Operations } from "#control";
import type { Desk } from "#desk";
import {
  type ClientOpener,
  type Disclosure,
  emergencyAnswer,
  openDisclosure,
  receivedRecord,
  refusalWords,
  type RequestForm,
  type StepProblem,
} from "#disclosure";
import type { Engine } from "#engine";
import { clientCaseBytes, type Grant, type Keeper } from "#keeper";
import { type Context, openOpener, signBytes } from "#vault";
import type { RecordActs } from "./records.ts";
import type { Job } from "./schedule.ts";

interface Rooms {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly clients: Clients;
  readonly desk: Pick<Desk, "seal">;
}

export function fitDisclosure({ engine, clock, clients, desk }: Rooms): Disclosure {
  return openDisclosure({
    engine,
    clock,
    ports: {
      seal: (object, part, bytes) => desk.seal(object, part, bytes),
      async sealToClient(client, account, object, bytes) {
        const sealer = await clients.sealerFor(client, account);
        return sealer?.seal(approvalContext({ client, account }, object), bytes);
      },
    },
  });
}

function approvalContext(
  { client, account }: { readonly client: string; readonly account: string },
  object: string,
): Context<"content"> {
  return { class: "content", client, account, object, part: "approval" };
}

/** What only the client's live session can do: open their own copy, and sign. */
export function clientOpener(session: Session): ClientOpener {
  const { client, account, keys } = session;
  return {
    open(id, sealed) {
      const opener = openOpener(keys.boxSecret);
      const opened = opener.open(approvalContext(session, id), "own", sealed);
      return opened.ok ? opened.value : undefined;
    },
    sign(root, until) {
      const bytes = clientCaseBytes({ client, account, root, until });
      return `${until} ${toHex(signBytes(keys.signingSecret, bytes))}`;
    },
  };
}

/** What the records of a request come to, once the ledger has them. */
export function disclosureActs({ cases }: Disclosure): RecordActs {
  const stepped = async (
    id: string,
    step: "recorded" | "determined" | "closed",
    taken: Parameters<typeof cases.step>[2],
  ): Promise<string> => {
    const moved = await cases.step(id, step, taken);
    if (!moved.ok) throw new Error(stepWords(moved.refusal));
    return `the case is ${moved.value.stage}; next: ${moved.value.next.words}`;
  };
  const entryOf = (index: number | undefined) => (index === undefined ? {} : { entry: index });
  return {
    "request-received": {
      check: ({ case: id }) => cases.whyNot(id, "recorded").then(wordsOf),
      carryOut: ({ record, index }) =>
        stepped(record.case, "recorded", { words: "receipt recorded", ...entryOf(index) }),
    },
    "request-determined": {
      check: async ({ case: id }, note) =>
        note.trim() === ""
          ? "a determination is made in writing: give its words with --note"
          : cases.whyNot(id, "determined").then(wordsOf),
      carryOut: ({ record, index, note }) =>
        stepped(record.case, "determined", {
          words: note,
          verdict: record.verdict,
          ...entryOf(index),
        }),
    },
    "request-closed": {
      check: ({ case: id, outcome }) => cases.whyNot(id, "closed", outcome).then(wordsOf),
      carryOut: ({ record, index, note }) =>
        stepped(record.case, "closed", {
          words: [`${record.outcome}: ${record.because}`, note].filter(Boolean).join("\n"),
          outcome: record.outcome,
          ...entryOf(index),
        }),
    },
  };
}

function wordsOf(problem: StepProblem | undefined): string | undefined {
  return problem && stepWords(problem);
}

const problemWords: { readonly [problem in StepProblem]: string } = {
  ...refusalWords,
  "unknown-case": "there is no case of that id",
  "unknown-step": "there is no such step, or it is not taken by hand",
  "words-missing": "say in words what was done",
  "grant-missing": "name the grant by its hash (--grant)",
};

function stepWords(problem: StepProblem): string {
  return problemWords[problem];
}

interface Served extends Rooms {
  readonly keeper: Keeper;
  readonly disclosure: Disclosure;
}

/** Steps of the desk that are a note; the others come by a record, or from the keeper. */
const byHand: ReadonlySet<string> = new Set([
  "authenticated",
  "unverified",
  "narrowed",
  "delivered",
]);

export type CaseWork = Omit<OperatedCases, "record">;

export function workOnCases({ keeper, disclosure, clients, clock }: Served): CaseWork {
  const { cases } = disclosure;
  return {
    async add(form) {
      const made = await cases.add(form as unknown as RequestForm);
      if (!made.ok) return made;
      const { id, request } = made.value;
      const about = { case: id, now: clock.now(), nonce: newId() };
      const answer =
        request.kind === "emergency"
          ? [emergencyAnswer.refused, ...emergencyAnswer.ways.map((way) => `- ${way}`)]
          : [];
      const record = Buffer.from(receivedRecord(about, request)).toString();
      return { ok: true, value: { id, record, answer } };
    },
    async list() {
      await followGrants(keeper, disclosure, clock);
      return cases.list();
    },
    async facts(id) {
      await followGrants(keeper, disclosure, clock);
      return cases.facts(id);
    },
    async step(id, step, words, grant) {
      if (!byHand.has(step))
        return { ok: false, refusal: "unknown-step", why: stepWords("unknown-step") };
      await followGrants(keeper, disclosure, clock);
      const moved = await cases.step(id, step, { words, ...(grant !== "" && { grant }) });
      if (moved.ok) return moved;
      return { ...moved, why: stepWords(moved.refusal) };
    },
    async preserve(id, address, words) {
      const no = (refusal: string, why: string) => ({ ok: false, refusal, why }) as const;
      const owner = await clients.resolve(address);
      if (owner === undefined) return no("unknown-client", "no client has this address");
      if (words.trim() === "") return no("words-missing", stepWords("words-missing"));
      const kept = await cases.preserved(id, words);
      if (kept?.holdUntil === undefined) return no("unknown-case", stepWords("unknown-case"));
      const because = { reason: "a request to keep what is there", by: "operator" } as const;
      const { holdUntil } = kept;
      // A prohibition to tell may come with the instrument, days later: what was told by then cannot be untold.
      const quiet = { quiet: true };
      const held = await clients.setHold(owner.client, "legal-hold", holdUntil, because, quiet);
      return held.ok ? { ok: true, value: kept } : no(held.refusal, "the hold was not set");
    },
  };
}

export function operationsOfCases(work: CaseWork, record: OperatedCases["record"]): Operations {
  return caseOperations({ ...work, record });
}

/** Moves each case along with its grant: approved when the keeper says so, noticed once the client is told. */
async function followGrants(
  keeper: Pick<Keeper, "showGrant" | "dueNotices">,
  { cases }: Disclosure,
  clock: Clock,
): Promise<number> {
  let moved = 0;
  const waiting = (await cases.list()).filter(
    ({ stage, grant }) => grant !== "" && (stage === "narrowed" || stage === "delivered"),
  );
  if (waiting.length === 0) return 0;
  const due = new Set((await keeper.dueNotices()).map(({ client }) => client));
  for (const { id, stage, grant } of waiting) {
    const shown = await keeper.showGrant(grant);
    if (shown === undefined) continue;
    const { notice, client } = JSON.parse(Buffer.from(shown.grant).toString()) as Grant;
    if (stage === "narrowed" && shown.state === "approved") {
      await cases.step(id, "approved", { words: `${shown.approvals.length} approvals` });
      moved += 1;
    }
    const isTold = (notice === "now" || notice.until <= seconds(clock.now())) && !due.has(client);
    if (stage === "delivered" && isTold) {
      await cases.step(id, "noticed", { words: "the client was told, by letter and in their log" });
      moved += 1;
    }
  }
  return moved;
}

/** Behind the job that tells clients of looks: moves the cases that waited for it. */
export function disclosureJobs(
  rooms: Pick<Served, "keeper" | "disclosure" | "clock">,
): readonly Job[] {
  const { keeper, disclosure, clock } = rooms;
  return [
    {
      name: "requests",
      words: "moves requests for data along with their grants and notices",
      run: async () => ({ moved: await followGrants(keeper, disclosure, clock) }),
    },
  ];
}
