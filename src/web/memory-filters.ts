// The port of filters kept in memory, for tests of the pages alone. Never part of the program.
import type { FilterChoices, FiltersPort } from "./ports/filters.ts";

export function memoryFilters(): FiltersPort {
  let choices: FilterChoices = { greylisting: true, lists: false, content: false };
  return {
    offered: { lists: ["bad.example"], content: true },
    choices: async () => choices,
    async choose(_, chosen) {
      choices = chosen;
    },
  };
}
