// The abuse desk's port kept in memory, for tests of the pages alone: one report, one decision. Never part of the program.
import { yes } from "#base/errors";
import type { AbusePages } from "./ports/abuse.ts";

export function memoryAbuse(): AbusePages {
  const line = {
    id: "aaaaaaaaaaaaaaaaaaaaaaaaaa",
    client: "bbbbbbbbbbbbbbbbbbbbbbbbbb",
    state: "decided",
    kind: "form",
    at: Date.UTC(2026, 10, 22, 18, 5),
    times: 2,
    matched: ["cccccccccccccccccccccccccc"],
  } as const;
  const decision = {
    id: "dddddddddddddddddddddddddd",
    entry: 40,
    report: line.id,
    measure: "delete",
    clause: "3.2",
    at: Date.UTC(2026, 10, 23, 9),
    until: undefined,
    state: "stands",
    appealAt: undefined,
    statement: "Decision: messages are deleted.\nFacts: a threat.",
  } as const;
  return {
    report: async () => yes(line.id),
    list: async () => [line],
    read: async (_, report) =>
      report === line.id
        ? {
            ...line,
            known: undefined,
            what: "It threatens me.",
            contact: "",
            about: "",
            copy: "Subject: x\n\ny",
            feedback: "",
            canMatch: true,
            decisions: [{ ...decision, appeal: "" }],
            beyond: 0,
          }
        : undefined,
    match: async () => ({ ok: true, ids: line.matched, tried: 3 }),
    draftDecision: async () => ({
      ok: false,
      mistakes: { facts: "The client is given the facts." },
    }),
    draftAppeal: async () => ({ ok: false, mistakes: { statement: "Reasons, please." } }),
    decisionsOf: async () => [{ ...decision, answer: "", appealBefore: Date.UTC(2026, 11, 23, 9) }],
    appeal: async () => yes(true),
  };
}
