// The ledger: a transparency log in the C2SP formats, which anybody can check and nobody can rewrite. A leaf is bytes here; this
// room cannot know a person.
export {
  type Checkpoint,
  type CheckpointRefusal,
  formatCheckpoint,
  openCheckpoint,
  parseCheckpoint,
  parseForeignCheckpoint,
} from "./checkpoint.ts";
export {
  type CosignatureAlgorithm,
  cosignedAt,
  type Cosigner,
  openCosigner,
  parseCosignerKey,
} from "./cosignature.ts";
export {
  type Entry,
  formatOpening,
  leafOf,
  leafOfOpening,
  newCover,
  newEntry,
  type Opening,
  openPart,
  parseOpening,
  type Part,
  type PartName,
  partNames,
  verifyOpening,
} from "./entry.ts";
export { consistencyFrom, type Evidence, evidenceFor } from "./evidence.ts";
export { takeLock } from "./lock.ts";
export { type Log, type LogSettings, openLog, type Publication } from "./log.ts";
export { type Note, parseNote, parseVerifierKey, type VerifierKey, verifyNote } from "./note.ts";
export { formatTlogProof, parseTlogProof, type TlogProof, verifyTlogProof } from "./proof.ts";
export type { PublishedOpening } from "./publish.ts";
export type { Finding, FindingKind, Read } from "./findings.ts";
export {
  type Cosigned,
  cosignedBy,
  parseTrustPolicy,
  type PolicyWitness,
  type TrustPolicy,
} from "./trust-policy.ts";
export { emptyRoot, verifyConsistency } from "./tree.ts";
export { type Counts, formatReport, type Report, reportOf } from "./report.ts";
export type { Served } from "./check-witnesses.ts";
export {
  formatRemembered,
  parseRemembered,
  type Remembered,
  type Verdict,
  type Verification,
  verifyLog,
} from "./verify.ts";
