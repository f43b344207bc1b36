// The shapes that a letter is taken apart into. Types only; every file of this room meets in them.

/** Header text as it stood, unfolded, one character per octet (latin1), so that nothing is lost or guessed. */
export type RawText = string;

export interface Address {
  readonly name: RawText | null;
  readonly route: RawText | null;
  /** NIL in group markers as RFC 9051 §7.5.2 has them. */
  readonly mailbox: RawText | null;
  readonly host: RawText | null;
}

/** RFC 9051 §7.5.2; null stands for NIL: the header is missing. */
export interface Envelope {
  readonly date: RawText | null;
  readonly subject: RawText | null;
  readonly from: readonly Address[] | null;
  readonly sender: readonly Address[] | null;
  readonly replyTo: readonly Address[] | null;
  readonly to: readonly Address[] | null;
  readonly cc: readonly Address[] | null;
  readonly bcc: readonly Address[] | null;
  readonly inReplyTo: RawText | null;
  readonly messageId: RawText | null;
}

export type Parameters = readonly (readonly [name: string, value: RawText])[];

/** One node of the MIME tree. Offsets count octets from the start of the whole message; `bodyEnd` is exclusive. */
export interface Part {
  /** Lower case. */
  readonly type: string;
  readonly subtype: string;
  readonly parameters: Parameters;
  readonly id: RawText | null;
  readonly description: RawText | null;
  /** Lower case; "7bit" when absent. */
  readonly encoding: string;
  readonly md5: RawText | null;
  readonly disposition: { readonly type: string; readonly parameters: Parameters } | null;
  readonly language: readonly string[] | null;
  readonly location: RawText | null;
  readonly headerStart: number;
  readonly bodyStart: number;
  readonly bodyEnd: number;
  /** Lines of the body, as BODYSTRUCTURE counts them. */
  readonly lines: number;
  /** Children of a multipart; empty otherwise. */
  readonly parts: readonly Part[];
  /** For message/rfc822 (and message/global): the message inside. */
  readonly message: { readonly envelope: Envelope; readonly root: Part } | null;
}

export interface ParsedMessage {
  readonly size: number;
  readonly envelope: Envelope;
  readonly root: Part;
  /** Up to 256 characters of decoded text for lists (RFC 8970). */
  readonly preview: string;
  /** Ids of the messages that this one refers to, oldest first, without brackets (RFC 5256 §3): what THREAD links by. */
  readonly references: readonly string[];
  readonly fields: KeptFields;
}

/**
 * By a field's name, what of the header the envelope does not tell to the letter, every occurrence by itself: SEARCH looks there.
 * Null: too much to keep, so that the message itself must be looked into.
 */
export type KeptFields = Readonly<Record<string, readonly RawText[] | null>>;
