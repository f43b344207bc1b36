// What examining a letter brought to light: one value for each method, as the results field and the reports say it. Types only.

export type MethodResult =
  | "pass"
  | "fail"
  | "softfail"
  | "neutral"
  | "none"
  | "policy"
  | "temperror"
  | "permerror";

export interface SpfCheck {
  readonly identity: "mailfrom" | "helo";
  /** The domain that was asked about, lower case. */
  readonly domain: string;
  readonly result: MethodResult;
}

export interface DkimCheck {
  readonly result: MethodResult;
  readonly reason: string | undefined;
  /** d=, s=, a= as the signature has them; undefined where it has none to read. */
  readonly domain: string | undefined;
  readonly selector: string | undefined;
  readonly algorithm: string | undefined;
  /** The first octets of b=, which tell signatures of one domain apart (RFC 6008). */
  readonly mark: string | undefined;
}

export interface ArcCheck {
  readonly result: "none" | "pass" | "fail";
  readonly reason: string | undefined;
  /** d= of every seal, the oldest first, lower case. */
  readonly sealers: readonly string[];
  /** What the first sealer had found for DMARC; undefined when it says nothing. */
  readonly firstDmarc: string | undefined;
}

export type Policy = "none" | "quarantine" | "reject";

export interface DmarcCheck {
  readonly result: "pass" | "fail" | "none" | "temperror" | "permerror";
  readonly reason: string | undefined;
  /** The domain of From; undefined where there is not exactly one. */
  readonly from: string | undefined;
  /** What applies to this letter: sp and np, and t=y, are in it. Undefined without a record. */
  readonly policy: Policy | undefined;
  readonly published: PublishedPolicy | undefined;
  readonly aligned: { readonly spf: boolean; readonly dkim: boolean };
}

/** The record that was applied, for reports (RFC 9990 §3.1.1.5). */
export interface PublishedPolicy {
  /** Where it stands: the DMARC Policy Domain. */
  readonly domain: string;
  /** Of the same; two of one organisation need no `_report` record between them. */
  readonly organisation: string;
  readonly p: string;
  readonly sp: string;
  readonly np: string | undefined;
  readonly adkim: "r" | "s";
  readonly aspf: "r" | "s";
  readonly testing: boolean;
  readonly fo: string | undefined;
  /** The URIs as written; undefined when no reports are asked for. */
  readonly rua: string | undefined;
}

export interface IprevCheck {
  readonly result: "pass" | "fail" | "temperror" | "permerror";
  readonly address: string;
  readonly name: string | undefined;
}

export interface Evidence {
  readonly iprev: IprevCheck;
  readonly spf: readonly SpfCheck[];
  readonly dkim: readonly DkimCheck[];
  readonly arc: ArcCheck;
  readonly dmarc: DmarcCheck;
}

/** What the signatures of a letter say, and whose it says it is. */
export interface Signed {
  readonly dkim: readonly DkimCheck[];
  readonly arc: ArcCheck;
  /** Every mailbox of From as the verifier reads it, and how many such fields there are. */
  readonly authors: readonly string[];
  readonly fromFields: number;
}
