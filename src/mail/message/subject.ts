// The base subject of RFC 5256 §2.1: what is left when "Re:", "[list]" and "(fwd)" are taken away. Pure, total, and linear: the text is
// never copied, only its two ends move.

export interface BaseSubject {
  /** As it was written; compare it folded. */
  readonly base: string;
  /** A reply or forward: one of its marks was taken away (RFC 5256 §3, REFERENCES). */
  readonly isReply: boolean;
}

/** Of a subject whose encoded words were decoded. */
export function baseSubject(decoded: string): BaseSubject {
  // (1) White space of any kind and length is one space.
  const reader = new SubjectReader(decoded.replaceAll(/[\t\r\n ]+/g, " "));
  do {
    reader.trailers();
    reader.leaders();
  } while (reader.forwarded());
  return { base: reader.text.slice(reader.from, reader.to), isReply: reader.isReply };
}

const SPACE = 32;

class SubjectReader {
  readonly text: string;
  readonly #lower: string;
  from = 0;
  to: number;
  isReply = false;

  constructor(text: string) {
    this.text = text;
    // Only ASCII is looked for, and lower case of other letters may be longer: it would shift what comes after.
    this.#lower = text.replaceAll(/[A-Z]+/g, (upper) => upper.toLowerCase());
    this.to = text.length;
  }

  /** (2) subj-trailer: "(fwd)" and white space. */
  trailers(): void {
    for (;;) {
      if (this.to > this.from && this.text.charCodeAt(this.to - 1) === SPACE) this.to -= 1;
      else if (this.to - this.from >= 5 && this.#lower.startsWith("(fwd)", this.to - 5)) {
        this.to -= 5;
        this.isReply = true;
      } else return;
    }
  }

  /** (3) to (5): subj-leader as often as it is there, then blobs, while they leave something. */
  leaders(): void {
    for (;;) {
      const blobs = this.#blobs(this.from);
      const after = this.#replyMark(blobs.at(-1) ?? this.from);
      if (after !== undefined) {
        this.from = after;
        this.isReply = true;
      } else if (this.from < this.to && this.text.charCodeAt(this.from) === SPACE) {
        this.from += 1;
      } else {
        // No mark follows the blobs, so none will after the first of them is gone: all go that leave something.
        this.from = blobs.findLast((end) => end < this.to) ?? this.from;
        return;
      }
    }
  }

  /** (6) "[fwd: … ]" around the rest; true when there was one. */
  forwarded(): boolean {
    const { from, to } = this;
    if (to - from < 6 || !this.#lower.startsWith("[fwd:", from) || this.text[to - 1] !== "]")
      return false;
    this.from += 5;
    this.to -= 1;
    this.isReply = true;
    return true;
  }

  /** Where each of the subj-blobs from here ends, its white space included. */
  #blobs(from: number): number[] {
    const ends: number[] = [];
    for (let at = this.#blob(from); at !== undefined; at = this.#blob(at)) ends.push(at);
    return ends;
  }

  #blob(from: number): number | undefined {
    if (from >= this.to || this.text[from] !== "[") return undefined;
    let at = from + 1;
    while (at < this.to && this.text[at] !== "]" && this.text[at] !== "[") at += 1;
    if (at >= this.to || this.text[at] !== "]") return undefined;
    return this.#spaces(at + 1);
  }

  /** subj-refwd: after it, or undefined. */
  #replyMark(from: number): number | undefined {
    const mark = ["re", "fwd", "fw"].find((each) => this.#lower.startsWith(each, from));
    if (mark === undefined) return undefined;
    const at = this.#spaces(from + mark.length);
    const end = this.#blob(at) ?? at;
    return end < this.to && this.text[end] === ":" ? end + 1 : undefined;
  }

  #spaces(from: number): number {
    let at = from;
    while (at < this.to && this.text.charCodeAt(at) === SPACE) at += 1;
    return at;
  }
}
