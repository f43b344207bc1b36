// Text as it is compared and sorted: the collation i;unicode-casemap (RFC 5051), which SORT and THREAD demand (RFC 5256 §7) and
// SEARCH uses as well. Every character is put in title case by its simple mapping, then decomposed. Knows no language.

// Where the platform's full upper case is not the simple title case: characters that grow (ß, ligatures, Greek with marks) and keep
// their form; digraphs, which have a title case; Georgian, whose title case is itself; and Hangul, which the data files decompose by
// rule only, so that here a syllable is one character.
const special =
  /([\u00df\u0149\u01c4-\u01cc\u01f0-\u01f3\u0390\u03b0\u0587\u10d0-\u10fa\u10fd-\u10ff\u1e96-\u1e9a\u1f50-\u1f56\u1f80-\u1fff\uac00-\ud7a3\ufb00-\ufb17]+)/;
// oxlint-disable-next-line no-control-regex -- ASCII is defined by its codes
const ascii = /^[\x00-\x7f]*$/;

const titleCase: ReadonlyMap<string, string> = new Map([
  ["Ǆ", "ǅ"],
  ["ǆ", "ǅ"],
  ["Ǉ", "ǈ"],
  ["ǉ", "ǈ"],
  ["Ǌ", "ǋ"],
  ["ǌ", "ǋ"],
  ["Ǳ", "ǲ"],
  ["ǳ", "ǲ"],
  ["ᾳ", "ᾼ"],
  ["ῃ", "ῌ"],
  ["ῳ", "ῼ"],
]);

/** Text that compares equal to another exactly when the collation finds both equal; a substring of one is a substring of the other. */
export function foldText(text: string): string {
  // Most mail is ASCII, for which the rest is nothing but a copy.
  if (ascii.test(text)) return text.toUpperCase();
  // Syllables that came as single letters (as macOS writes them) are those that came whole.
  const whole = /[\u1100-\u11ff]/.test(text) ? text.normalize("NFC") : text;
  if (!special.test(whole)) return whole.toUpperCase().normalize("NFKD");
  return whole
    .split(special)
    .map((piece, at) =>
      at % 2 === 0
        ? piece.toUpperCase().normalize("NFKD")
        : Array.from(piece, (char) => foldSpecial(char)).join(""),
    )
    .join("");
}

function foldSpecial(char: string): string {
  if (char >= "\uac00" && char <= "\ud7a3") return char;
  return simpleTitle(char).normalize("NFKD");
}

function simpleTitle(char: string): string {
  const known = titleCase.get(char);
  if (known !== undefined) return known;
  const code = char.charCodeAt(0);
  // Greek with an iota below: each small letter stands eight before its title case.
  if (code >= 0x1f80 && code <= 0x1faf)
    return (code & 8) === 0 ? String.fromCharCode(code + 8) : char;
  const upper = char.toUpperCase();
  return upper.length === 1 && (code < 0x10d0 || code > 0x10ff) ? upper : char;
}

/** Folded text as its UTF-8 octets, one character each, so that comparing with < is comparing octets (RFC 5051 §2). */
export function sortText(text: string): string {
  const folded = foldText(text);
  return ascii.test(folded) ? folded : Buffer.from(folded, "utf8").toString("latin1");
}
