// The keeper's word about public keys: that one belongs to a client, or that one is a second recipient of a client's mail for a
// time; and about addresses: whose one is. Signs only keys that it made or checked, and second ones only from interceptions.ts.
import { publicHalf, signBytes } from "#vault";
import type { AddressBinding, Interception, KeyCertificate } from "./port.ts";
import { certificateBytes, interceptionBytes, signAddress } from "./statements.ts";

export type Certify = (certificate: Omit<KeyCertificate, "signature">) => KeyCertificate;

export interface Certifier {
  readonly publicKey: Uint8Array;
  readonly certify: Certify;
  signAddress(binding: Omit<AddressBinding, "signature">): Uint8Array;
  signInterception(interception: Omit<Interception, "signature">): Interception;
}

export function openCertifier(secretKey: Uint8Array): Certifier {
  return {
    publicKey: publicHalf("ed25519", secretKey),
    certify: (certificate) => ({
      ...certificate,
      signature: signBytes(secretKey, certificateBytes(certificate)),
    }),
    signAddress: (binding) => signAddress(secretKey, binding),
    signInterception: (interception) => ({
      ...interception,
      signature: signBytes(secretKey, interceptionBytes(interception)),
    }),
  };
}
