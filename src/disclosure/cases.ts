// Requests for data as the desk keeps them: sealed as they come in, moved by the state machine, opened by a desk session only.
import { no, yes } from "#base/errors";
import { newId } from "#base/ids";
import { addCase, keepHold, takeStep } from "./commands.ts";
import type { CaseFacts, Cases, DisclosureOptions } from "./contract.ts";
import { clocksOf } from "./kinds.ts";
import {
  decodeNote,
  decodeRequest,
  encodeNote,
  encodeRequest,
  type Note,
  readRequest,
} from "./request.ts";
import { isStep, nextStep, refusalOf } from "./stages.ts";
import type { Tables } from "./tables.ts";

const isGrant = /^[0-9a-f]{64}$/;

export function openCases({ engine, clock, ports }: DisclosureOptions): Cases {
  const reader = engine.reader<Tables>();
  const rows = () => reader.selectFrom("disclosure_case").selectAll();

  const facts = async (id: string): Promise<CaseFacts | undefined> => {
    const row = await rows().where("case_id", "=", id).executeTakeFirst();
    return row && factsOf(row);
  };

  const noteOf = async (id: string, note: Note) => {
    const noteId = newId();
    return {
      note_id: noteId,
      at: note.at,
      sealed: await ports.seal(id, `note/${noteId}`, encodeNote(note)),
    };
  };

  return {
    facts,
    async add(typed) {
      const read = readRequest(typed);
      if (!read.ok) return read;
      const { value: request } = read;
      const id = newId();
      const received = clock.now();
      await engine.write(addCase, {
        case_id: id,
        kind: request.kind,
        stage: "new",
        verdict: "",
        outcome: "",
        received,
        answer_by: clocksOf(request.kind, received).answerBy,
        hold_until: null,
        grant_hash: "",
        sealed: await ports.seal(id, "request", encodeRequest(request)),
      });
      return { ok: true, value: { id, request } };
    },

    async list() {
      return (await rows().orderBy("received", "desc").execute()).map(factsOf);
    },

    async ofGrant(hash) {
      if (!isGrant.test(hash)) return undefined;
      const row = await rows().where("grant_hash", "=", hash).executeTakeFirst();
      return row && factsOf(row);
    },

    async read(desk, id) {
      const row = await rows().where("case_id", "=", id).executeTakeFirst();
      if (row === undefined) return undefined;
      const opened = desk.open(id, "request", row.sealed);
      const request = opened && decodeRequest(opened);
      if (request === undefined) return undefined;
      const kept = await reader
        .selectFrom("disclosure_note")
        .selectAll()
        .where("case_id", "=", id)
        .orderBy("at")
        .orderBy("note_id")
        .execute();
      const notes = kept.flatMap(({ note_id, sealed }) => {
        const bytes = desk.open(id, `note/${note_id}`, sealed);
        return (bytes && decodeNote(bytes)) ?? [];
      });
      return { ...factsOf(row), request, notes };
    },

    async step(id, step, { words, verdict, outcome, grant, entry = -1 }) {
      if (!isStep(step)) return no("unknown-step");
      if (words.trim() === "") return no("words-missing");
      if (step === "narrowed" && !isGrant.test(grant ?? "")) return no("grant-missing");
      const note = await noteOf(id, { step, at: clock.now(), words, entry });
      const taken = await engine.write(takeStep, {
        case_id: id,
        step,
        verdict,
        outcome,
        grant_hash: grant,
        note,
      });
      if (taken === "unknown") return no("unknown-case");
      if (taken !== "taken") return no(taken);
      const now = await facts(id);
      return now === undefined ? no("unknown-case") : yes(now);
    },

    async whyNot(id, step, outcome) {
      const known = await facts(id);
      return known === undefined ? "unknown-case" : refusalOf(known, step, outcome);
    },

    async preserved(id, words) {
      const known = await facts(id);
      if (known === undefined) return undefined;
      const at = clock.now();
      const note = await noteOf(id, { step: "preserved", at, words, entry: -1 });
      const { holdUntil } = clocksOf(known.kind, at);
      await engine.write(keepHold, { case_id: id, hold_until: holdUntil, note });
      return facts(id);
    },
  };
}

function factsOf(row: Tables["disclosure_case"]): CaseFacts {
  const { case_id: id, kind, stage, verdict, outcome, received, grant_hash: grant } = row;
  return {
    id,
    kind,
    stage,
    verdict,
    outcome,
    received,
    answerBy: row.answer_by,
    holdUntil: row.hold_until ?? undefined,
    grant,
    next: nextStep(id, row, grant),
  };
}
