// The key holder's front door: how the rest of the house starts it, reaches it and checks its word. Light to import: the
// keeper itself runs in its own process (process.ts) and none of its keys ever comes here.
export { connectKeeper, type KeeperPlace, type SpawnedKeeper, spawnKeeper } from "./client.ts";
export { superviseKeeper } from "./supervise.ts";
export { exampleGenesis, exampleKeys } from "./genesis.ts";
export { type RequesterKind, requesterKinds } from "./fields.ts";
export type { Grant, Scope } from "./grant.ts";
export { formatKeyFile, type KeyFile, type KeyKind, readKeyFile } from "./keyfile.ts";
export { type OpenedPackage, openPackage, type PackageItem } from "./package.ts";
export type * from "./port.ts";
export type { ResetRequest } from "./resetbook.ts";
export { type CaseRecord, closeReasons, parseRecord, type RecordType } from "./record.ts";
export {
  amendmentBytes,
  approvalBytes,
  clientCaseBytes,
  determinationBytes,
  eraseBytes,
  grantBytes,
  grantHash,
  keyId,
  ownRequestBytes,
  personBytes,
  recordBytes,
  resetBytes,
  resetCancelBytes,
  resetHash,
  scopeRoot,
  scopeRootOf,
  verifyAddress,
  verifyCertificate,
  verifyInterception,
} from "./statements.ts";
