// Three kinds of error are never mixed: a refusal is a returned value, malformed input is a parser's case,
// and only what is broken (disk, bug) is thrown: this.

/** Something is broken; thrown with its cause, caught once at the edge, logged with an id. */
export class Broken extends Error {
  override readonly name = "Broken";

  constructor(what: string, cause?: unknown) {
    super(what, cause === undefined ? undefined : { cause });
  }
}

/** Marks a switch as exhaustive. */
export function never(value: never): never {
  throw new Broken(`a case that cannot be: ${String(value)}`);
}

/** A yes with its value, or a no with its reason from a closed list. */
export type Result<Value, Refusal extends string> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusal: Refusal };

export function yes<Value>(value: Value): { readonly ok: true; readonly value: Value } {
  return { ok: true, value };
}

export function no<Refusal extends string>(
  refusal: Refusal,
): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal };
}
