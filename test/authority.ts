// A certificate authority of a test's own, and certificates below it, in memory.
import "reflect-metadata";
import { createHash, webcrypto, X509Certificate } from "node:crypto";
import * as x509 from "@peculiar/x509";

export interface Issued {
  /** PEM: the private key; the certificate followed by its authority's. */
  readonly key: string;
  readonly cert: string;
  /** SHA-256 of the public key (3 1 1), hex. */
  readonly spki: Buffer;
}

export interface Authority {
  readonly pem: string;
  readonly certificate: X509Certificate;
  issue(names: readonly string[], options?: { readonly expired?: boolean }): Promise<Issued>;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const HOUR = 3_600_000;

export async function openAuthority(name = "test authority"): Promise<Authority> {
  const keys = await newKeys();
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: `CN=${name}`,
    notBefore: new Date(Date.now() - 48 * HOUR),
    notAfter: new Date(Date.now() + 480 * HOUR),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const pem = root.toString("pem");
  let serial = 1;
  return {
    pem,
    certificate: new X509Certificate(pem),
    async issue(names, { expired = false } = {}) {
      const own = await newKeys();
      serial += 1;
      const leaf = await x509.X509CertificateGenerator.create({
        serialNumber: serial.toString(16).padStart(2, "0"),
        subject: `CN=${names[0] ?? "nobody"}`,
        issuer: root.subject,
        notBefore: new Date(Date.now() - 24 * HOUR),
        notAfter: new Date(Date.now() + (expired ? -HOUR : 240 * HOUR)),
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
        extensions: [
          new x509.SubjectAlternativeNameExtension(
            names.map((value) => ({ type: "dns" as const, value })),
          ),
          await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
        ],
      });
      const bare = leaf.toString("pem");
      const der = await webcrypto.subtle.exportKey("pkcs8", own.privateKey);
      const spki = new X509Certificate(bare).publicKey.export({ type: "spki", format: "der" });
      return {
        key: x509.PemConverter.encode(der, "PRIVATE KEY"),
        cert: `${bare}\n${pem}\n`,
        spki: createHash("sha256").update(spki).digest(),
      };
    },
  };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}
