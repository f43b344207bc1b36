// The structured creditor reference of ISO 11649: "RF", two check digits, up to 21 letters and digits. Pure.

/** The reference of an invoice: its number with check digits, "RF74000001". */
export function referenceOf(invoiceNumber: string): string {
  const check = 98 - mod97(`${invoiceNumber}RF00`);
  return `RF${String(check).padStart(2, "0")}${invoiceNumber}`;
}

/** A reference in its one spelling (capitals, no spaces); undefined when the check digits or the form are wrong. */
export function parseReference(text: string): string | undefined {
  const plain = text.replaceAll(/\s/g, "").toUpperCase();
  if (!/^RF\d{2}[A-Z0-9]{1,21}$/.test(plain)) return undefined;
  return mod97(`${plain.slice(4)}${plain.slice(0, 4)}`) === 1 ? plain : undefined;
}

/** As it is printed, in groups of four. */
export function referenceWords(reference: string): string {
  return reference.replaceAll(/(.{4})(?=.)/g, "$1 ");
}

// A remittance line has 140 characters; a text of a hundred lines is no longer a purpose of payment.
const MOST_TEXT = 14_000;

/** The one reference that a free text holds; undefined when it holds none, or two different ones. */
export function findReference(text: string): string | undefined {
  const found = new Set<string>();
  for (const { 0: start, index } of text.slice(0, MOST_TEXT).matchAll(/RF\s*\d\s*\d/gi)) {
    // People write groups: the longest run of groups from here whose check digits are right.
    const groups = /^[A-Z0-9]+(?: [A-Z0-9]+)*/i.exec(text.slice(index, index + 40))?.[0] ?? start;
    const words = groups.split(" ");
    for (let count = words.length; count > 0; count -= 1) {
      const reference = parseReference(words.slice(0, count).join(""));
      if (reference === undefined) continue;
      found.add(reference);
      break;
    }
  }
  const [only] = found;
  return found.size === 1 ? only : undefined;
}

/** ISO 7064 MOD 97-10 with A = 10 … Z = 35. */
function mod97(text: string): number {
  let rest = 0;
  for (const character of text) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest;
}
