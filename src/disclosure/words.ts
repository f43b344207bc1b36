// Words that people will read and sign: their normal form, and the characters that they must not have. Pure.

/** No control characters but the line end, and none that turns the direction of writing. */
export const unreadable = /[^\P{C}\n]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;

/** Unicode normalization form C throughout, which canonical JSON asks for; halves of characters become U+FFFD. */
export function inNormalForm<Form extends object>(form: Form): Form {
  const whole = (value: unknown): unknown => {
    if (typeof value === "string") return value.toWellFormed().normalize("NFC");
    if (Array.isArray(value)) return value.map(whole);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, whole(item)]));
  };
  return whole(form) as Form;
}
