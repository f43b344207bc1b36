// The key holder's front door: how the rest of the house starts it, reaches it and checks its word. Light to import: the
// keeper itself runs in its own process (process.ts) and none of its keys ever comes here.
export { connectKeeper, type KeeperPlace, type SpawnedKeeper, spawnKeeper } from "./client.ts";
export { superviseKeeper } from "./supervise.ts";
export { exampleGenesis, exampleKeys } from "./genesis.ts";
export { type Grant, type RequesterKind, requesterKinds } from "./grant.ts";
export { formatKeyFile, type KeyFile, type KeyKind, readKeyFile } from "./keyfile.ts";
export { type OpenedPackage, openPackage, type PackageItem } from "./package.ts";
export type * from "./port.ts";
export {
  approvalBytes,
  clientCaseBytes,
  determinationBytes,
  grantBytes,
  grantHash,
  keyId,
  ownRequestBytes,
  personBytes,
  scopeRoot,
  verifyCertificate,
} from "./statements.ts";
