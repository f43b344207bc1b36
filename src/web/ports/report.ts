// The published report as the pages read it: the keeper's report.json, in its own words. Read from the published folder,
// never computed here.

export type Counts = { readonly [name: string]: number };

export interface PublishedReport {
  /** Leaves: entries + covers + closed. */
  readonly size: number;
  readonly entries: number;
  readonly covers: number;
  readonly closed: number;
  readonly requests: {
    readonly received: Counts;
    readonly requesters: Counts;
    readonly determined: Counts;
    /** By outcome and, within it, by reason. */
    readonly closed: { readonly [outcome: string]: Counts };
  };
  /** By ground and class. */
  readonly releases: {
    readonly [ground: string]: {
      readonly [dataClass: string]: {
        readonly count: number;
        readonly items: number;
        readonly failed: number;
      };
    };
  };
  readonly interceptions: {
    readonly begun: number;
    readonly ended: number;
    readonly unreported: number;
    readonly items: number;
  };
  readonly accountsAffected: number;
  readonly delayedNotices: number;
  readonly reviews: number;
  readonly refusedGrants: Counts;
  /** By measure and basis. */
  readonly decisions: { readonly [measure: string]: Counts };
  readonly unlisted: number;
  readonly appeals: Counts;
  readonly reportMatches: { readonly count: number; readonly matched: number };
  readonly mailboxes: number;
  readonly contentOpeningsPerThousand: number;
  readonly mostContentOpeningsForOneClient: number;
}
