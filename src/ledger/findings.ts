// What a verifier found wrong, each with the file and the place in it. Findings are for people and for programs alike.

export type FindingKind =
  | "missing"
  | "malformed"
  | "bad-signature"
  | "other-key"
  | "wrong-root"
  | "wrong-hash"
  | "wrong-entry"
  | "wrong-opening"
  | "shrunk"
  | "forked"
  | "withdrawn"
  | "wrong-policy"
  | "wrong-report"
  | "unwitnessed"
  | "overdue";

export interface Finding {
  readonly kind: FindingKind;
  /** The path within the published log. */
  readonly file: string;
  /** The leaf; in a hash tile above level 0, the hash at that level. */
  readonly index?: number;
  /** The line of an openings file, from 1. */
  readonly line?: number;
  readonly text: string;
}

/** Gets a published file by its path; undefined when there is none. Throws when it cannot be known whether there is one. */
export type Read = (path: string) => Promise<Uint8Array | undefined>;

export type Find = (finding: Finding) => void;

/** A list that stops growing: past a thousand findings the log is wrong as a whole, and nobody reads on. */
export function collectFindings(): { readonly findings: Finding[]; readonly find: Find } {
  const findings: Finding[] = [];
  return {
    findings,
    find: (finding) => {
      if (findings.length < 1000) findings.push(finding);
    },
  };
}
