// What the page about filters needs, in the pages' own words.
import type { SignedIn } from "../ports.ts";

export interface FilterChoices {
  readonly greylisting: boolean;
  readonly lists: boolean;
  readonly content: boolean;
}

export interface FiltersPort {
  /** What the operator has to offer beside greylisting. */
  readonly offered: { readonly lists: readonly string[]; readonly content: boolean };
  choices(session: SignedIn): Promise<FilterChoices>;
  choose(session: SignedIn, choices: FilterChoices): Promise<void>;
}
