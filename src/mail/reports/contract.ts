// What reports about the authentication of mail are to others, and what they need from them, in their own words. Types only. Nothing here
// names a client, a recipient or a message: domains, addresses of servers, and counts.
import type { Engine } from "#engine";
import type { Clock } from "#base/time";

export type ReportKind = "dmarc" | "tls";

/** One letter as a DMARC report may tell of it (RFC 9990 §3.1.1). Domains are lower case. */
export interface DmarcFact {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The server that brought it. */
  readonly address: string;
  readonly headerFrom: string;
  /** "" for the null reverse-path. */
  readonly envelopeFrom: string;
  readonly disposition: "none" | "quarantine" | "reject";
  /** Aligned, and passed. */
  readonly dkim: boolean;
  readonly spf: boolean;
  readonly override: { readonly type: string; readonly comment: string } | undefined;
  readonly signatures: readonly {
    readonly domain: string;
    readonly selector: string;
    readonly result: string;
  }[];
  readonly mailFrom: { readonly domain: string; readonly result: string } | undefined;
  readonly published: {
    readonly domain: string;
    readonly organisation: string;
    readonly p: string;
    readonly sp: string;
    readonly np: string | undefined;
    readonly adkim: "r" | "s";
    readonly aspf: "r" | "s";
    readonly testing: boolean;
    readonly fo: string | undefined;
    readonly rua: string | undefined;
  };
}

/** One TLS session with a mail exchanger (RFC 8460 §4). */
export interface TlsFact {
  readonly at: number;
  /** The recipients' domain. */
  readonly domain: string;
  readonly policy: {
    readonly type: "tlsa" | "sts" | "no-policy-found";
    readonly strings: readonly string[];
    readonly mxHosts: readonly string[];
  };
  readonly mx: string;
  readonly address: string;
  /** "success" or a result type of RFC 8460 §4.3. */
  readonly result: string;
}

/** What a report that came says of one source, in its sender's eyes. */
export interface DmarcFigure {
  readonly source: string;
  readonly count: number;
  readonly disposition: string;
  readonly dkim: boolean;
  readonly spf: boolean;
  readonly headerFrom: string;
}

export interface TlsFigure {
  readonly policy: string;
  readonly succeeded: number;
  readonly failed: number;
  /** Failures by result type. */
  readonly failures: readonly {
    readonly type: string;
    readonly mx: string;
    readonly count: number;
  }[];
}

export interface ReceivedHead {
  /** Who reports, and how they name the report. */
  readonly organisation: string;
  readonly id: string;
  /** The domain of ours that it is about. */
  readonly domain: string;
  /** Seconds since 1970. */
  readonly begin: number;
  readonly end: number;
}

export type Received =
  | ({ readonly kind: "dmarc"; readonly figures: readonly DmarcFigure[] } & ReceivedHead)
  | ({ readonly kind: "tls"; readonly figures: readonly TlsFigure[] } & ReceivedHead);

export interface ReportPorts {
  readonly engine: Engine;
  readonly clock: Clock;
  /** Ours: who reports, and where reports about us go. */
  readonly domain: string;
  /** Whether reports about a domain concern us. */
  readonly isOurs: (domain: string) => boolean;
  /** The strings of TXT records; "trouble" when that cannot be known now. */
  readonly texts: (name: string) => Promise<readonly string[] | "trouble">;
  /** Puts a letter of the provider's own into the queue, signed. */
  readonly send: (sender: string, recipient: string, raw: Uint8Array) => Promise<void>;
  /** Posts a TLS report; false when it was not taken. */
  readonly post: (url: URL, gzipped: Uint8Array) => Promise<boolean>;
  /** False where the operator sends none. */
  readonly sends: boolean;
}

export interface DomainSummary {
  readonly domain: string;
  readonly kind: ReportKind;
  readonly reports: number;
  readonly organisations: readonly string[];
  /** DMARC: letters; TLS: sessions. */
  readonly passed: number;
  readonly failed: number;
  /** What failed, the most first: DMARC by source, TLS by result type and host. */
  readonly failures: readonly { readonly what: string; readonly count: number }[];
}

export interface Reports {
  /** Where reports about our own mail go: to be printed in zones. */
  readonly addresses: { readonly dmarc: string; readonly tls: string };
  noteLetter(fact: DmarcFact): void;
  noteSession(fact: TlsFact): void;
  /** Takes a letter that came to one of the addresses; what is no report is counted and dropped. Resolves once it is on the disk. */
  take(raw: Uint8Array): Promise<"kept" | "known" | "no-report" | "enough">;
  /** Of the last so many days. */
  summary(kind: ReportKind, days: number, domain?: string): Promise<readonly DomainSummary[]>;
  /** The job: sends what is due about days that are over, and removes what was received long ago. */
  run(): Promise<{ readonly sent: number; readonly removed: number }>;
}
