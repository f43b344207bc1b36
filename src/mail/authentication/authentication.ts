// Who vouches for a letter: what comes in is examined (SPF, DKIM, ARC, DMARC), what leaves is signed. Asks the DNS only through its
// port, opens no socket, and keeps no letter.
export type { DkimCheck, Evidence, PublishedPolicy } from "./evidence.ts";
export { type Examination, type Examine, openExaminer, type SeenLetter } from "./examine.ts";
export { authservId, disarmForged } from "./forged.ts";
export type { DnsAnswer, Lookup, RecordOf } from "./ports.ts";
export { checkIprev } from "./iprev.ts";
export { tagList } from "./tags.ts";
export { signatureFields } from "./sign.ts";
export { type DnsRecord, type KeyReport, openSigner, type Signer } from "./signer.ts";
