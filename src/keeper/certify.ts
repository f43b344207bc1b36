// Certificates of public keys: the keeper's word that a key belongs to a client. Signs only keys that it made or checked.
import { publicHalf, signBytes } from "#vault";
import type { KeyCertificate } from "./port.ts";
import { certificateBytes } from "./statements.ts";

export type Certify = (certificate: Omit<KeyCertificate, "signature">) => KeyCertificate;

export interface Certifier {
  readonly publicKey: Uint8Array;
  readonly certify: Certify;
}

export function openCertifier(secretKey: Uint8Array): Certifier {
  return {
    publicKey: publicHalf("ed25519", secretKey),
    certify: (certificate) => ({
      ...certificate,
      signature: signBytes(secretKey, certificateBytes(certificate)),
    }),
  };
}
