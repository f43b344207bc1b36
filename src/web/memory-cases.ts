// The disclosure desk's ports for tests of the pages alone: a desk at which nothing has come in yet.
import type { DeskCases, OwnApprovals } from "./ports/cases.ts";

const nothing = { ok: false, words: "There is no such case." } as const;

export function memoryCases(): { readonly cases: DeskCases; readonly approvals: OwnApprovals } {
  return {
    cases: {
      list: async () => [],
      read: async () => undefined,
      add: async () => ({ ok: false, mistakes: { kind: "Choose what it is." } }),
      step: async () => nothing,
      preserve: async () => nothing,
      record: async () => undefined,
      approvals: async () => [],
      approval: async () => undefined,
      ask: async () => nothing,
      draft: async () => undefined,
    },
    approvals: {
      list: async () => [],
      approve: async () => nothing,
      refuse: async () => nothing,
    },
  };
}
