// Keys and sealing: bytes in, sealed bytes out. Knows classes and purposes, no database and no network.
export {
  type AccountKeys,
  decodeAccountKeys,
  encodeAccountKeys,
  ledgerPseudonym,
  nameMac,
  newAccountKeys,
} from "./account.ts";
export {
  type Context,
  type Opener,
  type OpenRefusal,
  openOpener,
  openSealer,
  SEAL_OVERHEAD,
  type SealedHeader,
  sealedHeader,
  type Sealer,
} from "./box.ts";
export {
  type BoxKeyPair,
  newBoxKeyPair,
  newSigningKeyPair,
  publicHalf,
  signBytes,
  type SigningKeyPair,
  verifyBytes,
} from "./keys.ts";
export { parseToken, sessionId, TOKEN_BYTES } from "./token.ts";
export {
  type PasswordCost,
  passwordCost,
  type PasswordKeys,
  passwordKeys,
  tokenKeys,
  unwrapSecret,
  wrapSecret,
} from "./wrap.ts";
