// What the desk may know of the jobs that run by the clock.

export interface JobReport {
  readonly name: string;
  /** What it is for, in a line. */
  readonly words: string;
  /** Milliseconds since 1970 of its last run; undefined before the first. */
  readonly at: number | undefined;
  /** Counts by what they count. */
  readonly did: { readonly [what: string]: number };
  /** The id under which the server's log has what broke. */
  readonly broken: string | undefined;
}

export interface Jobs {
  reports(): readonly JobReport[];
}
