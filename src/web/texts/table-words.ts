// Translations of sentences that stand in tables of other rooms.

/** By the English sentence, word for word. */
export interface TableWords {
  readonly [english: string]: string;
}
