// The promise as values and pure functions: classes, purposes, grounds, retention. Imports nothing but base, opens nothing.
export {
  classes,
  type DataClass,
  dataClasses,
  isDataClass,
  logKinds,
  type LogKind,
  mayOpen,
  type Purpose,
  type PurposeOf,
} from "./classes.ts";
export { type Clause, clauses } from "./clauses.ts";
export { policyDigest, policyDocument } from "./digest.ts";
export { policyInDpv } from "./dpv.ts";
export { type PolicyTable, policyTable, policyTables } from "./earlier.ts";
export {
  type Demand,
  demands,
  type DisclosurePurpose,
  type Ground,
  type GroundClass,
  groundReaches,
  groundRow,
  grounds,
  isGround,
} from "./grounds.ts";
export {
  standingCap,
  type StandingPurpose,
  standingPurposes,
  type StandingRow,
  standingRow,
} from "./standing.ts";
export {
  terms,
  type TermsClause,
  termsClause,
  termsDigest,
  termsDocument,
  type TermsSection,
} from "./terms.ts";
