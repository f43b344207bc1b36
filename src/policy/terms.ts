// The terms of use: what a client may not do with the service, as numbered clauses. A decision of the abuse desk cites one of them by
// its number, or says "unlisted" and is counted apart. The page, the digest and the desk's list come from here.
import { createHash } from "node:crypto";
import { toHex } from "#base/bytes";
import { type Canonical, canonicalText } from "#base/canonical";

export interface TermsClause {
  /** "3.2": the number under which it is cited; a number is never given to another clause. */
  readonly id: string;
  readonly words: string;
}

export interface TermsSection {
  readonly id: string;
  readonly title: string;
  readonly clauses: readonly TermsClause[];
}

export const terms: readonly TermsSection[] = [
  {
    id: "1",
    title: "What this is for",
    clauses: [
      {
        id: "1.1",
        words:
          "You use the service to send, receive and keep communications, for any lawful purpose. What you write about is none of our business.",
      },
      {
        id: "1.2",
        words:
          "You answer for what is sent from your addresses. Keep your password to yourself, and tell us when somebody else may have it.",
      },
    ],
  },
  {
    id: "2",
    title: "Bulk mail and deception",
    clauses: [
      {
        id: "2.1",
        words: "Do not send bulk mail to people who did not ask for it.",
      },
      {
        id: "2.2",
        words:
          "Do not pretend to be somebody else in order to deceive: no forged senders, no phishing, no false invoices.",
      },
      {
        id: "2.3",
        words: "Do not evade a decision about one address by sending the same from another.",
      },
    ],
  },
  {
    id: "3",
    title: "Harm to people",
    clauses: [
      { id: "3.1", words: "Do not threaten people with violence, and do not call for it." },
      {
        id: "3.2",
        words:
          "Do not harass: no campaign against a person, no stalking, no letters to somebody who has clearly asked you to stop.",
      },
      {
        id: "3.3",
        words: "Do not extort: no demand for money or acts under the threat of harm or exposure.",
      },
      {
        id: "3.4",
        words: "Do not send or keep depictions of the sexual abuse of children.",
      },
      {
        id: "3.5",
        words: "Do not spread intimate pictures or private data of somebody without their consent.",
      },
    ],
  },
  {
    id: "4",
    title: "Harm to systems",
    clauses: [
      { id: "4.1", words: "Do not send malware, or links whose purpose is to spread it." },
      {
        id: "4.2",
        words:
          "Do not attack systems through the service, ours or those of others: no intrusion, no flooding, no command of infected machines.",
      },
      {
        id: "4.3",
        words: "Keep within the limits of your plan, and do not try to get around them.",
      },
    ],
  },
  {
    id: "5",
    title: "Rights of others",
    clauses: [
      {
        id: "5.1",
        words:
          "Do not distribute works to which others hold the rights, on a scale that harms them, without their permission.",
      },
    ],
  },
  {
    id: "6",
    title: "What we do about it, and what we do not",
    clauses: [
      {
        id: "6.1",
        words:
          "We do not search mail for violations. We act on a report, or on what we come upon otherwise, and on the named messages only.",
      },
      {
        id: "6.2",
        words:
          "We may do nothing, delete a message, keep a sender out until a date, or suspend an account: the least that ends the harm.",
      },
      {
        id: "6.3",
        words:
          "You are given a statement of reasons, with the clause, and can appeal within 30 days. Another person decides the appeal; until the 30 days are over, a deletion can be undone.",
      },
    ],
  },
];

/** A clause by its number; undefined for a number that the terms do not have. */
export function termsClause(id: string): TermsClause | undefined {
  for (const section of terms)
    for (const clause of section.clauses) if (clause.id === id) return clause;
  return undefined;
}

/** The terms as one value: what is published as JSON, and what the digest is made over. */
export function termsDocument(): Canonical {
  return {
    version: 1,
    sections: terms.map(({ id, title, clauses }) => ({
      id,
      title,
      clauses: clauses.map((clause) => ({ id: clause.id, words: clause.words })),
    })),
  };
}

/** SHA-256 of the canonical document, lower-case hex: stands for one version of the terms. */
export const termsDigest: string = toHex(
  createHash("sha256").update(canonicalText(termsDocument())).digest(),
);
