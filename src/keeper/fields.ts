// The forms of fields in what people sign: grants and records of cases. Pure predicates over parsed canonical JSON.

export type Field = (value: unknown) => boolean;

/** Text that people will read: no control characters but the line end, nothing that turns the direction of writing. */
export const readable: Field = (value) =>
  typeof value === "string" &&
  !/[^\P{C}\n]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u.test(value);

/** The same, and something is said. */
export const words: Field = (value) => readable(value) && String(value).trim() !== "";

export const text: Field = (value) => typeof value === "string" && value.length <= 128;

export const integer: Field = (value) => Number.isSafeInteger(value) && Number(value) >= 0;

/** Lower-case hex of exactly so many digits. */
export function hex(digits: number): Field {
  const form = new RegExp(`^[0-9a-f]{${digits}}$`);
  return (value) => typeof value === "string" && form.test(value);
}

export function oneOf(names: readonly string[]): Field {
  return (value) => typeof value === "string" && names.includes(value);
}

export function isRecord(value: unknown): value is { readonly [field: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object with these fields and no other. */
export function exactly(fields: { readonly [name: string]: Field }): Field {
  return (value) =>
    isRecord(value) &&
    Object.keys(value).length === Object.keys(fields).length &&
    Object.entries(fields).every(([name, fits]) => Object.hasOwn(value, name) && fits(value[name]));
}

export type RequesterKind = (typeof requesterKinds)[number];

/** Who asks. */
export const requesterKinds = [
  "authority",
  "court",
  "lawyer",
  "client",
  "provider",
  "staff",
  "other",
] as const;
