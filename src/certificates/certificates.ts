// The certificate that our listeners show. Makes a self-signed one at first start; never asks anybody outside.
import { webcrypto, X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "#base/files";
import { DAY } from "#base/time";

export interface Certificate {
  /** PEM. */
  readonly key: string;
  /** PEM. */
  readonly cert: string;
  /** SHA-256 of the DER, as mail programs show it: "AB:CD:…". */
  readonly fingerprint: string;
  readonly expires: Date;
}

// Apple's programs refuse a certificate that lives longer than 825 days; a self-signed one is for trying out anyway.
const LIFE = 397 * DAY;

/** Opens the folder's certificate; makes one for the domain, "localhost" and the loopback addresses when there is none. */
export async function openCertificate(
  folder: string,
  domain: string,
  now: number,
): Promise<Certificate> {
  const keyPath = join(folder, "key.pem");
  const certPath = join(folder, "cert.pem");
  if (!existsSync(certPath) || !stillGood(readFileSync(certPath, "utf8"), domain, now)) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const made = await makeSelfSigned(domain, now);
    await replaceFile(keyPath, made.key);
    await replaceFile(certPath, made.cert);
  }
  const cert = readFileSync(certPath, "utf8");
  const parsed = new X509Certificate(cert);
  return {
    key: readFileSync(keyPath, "utf8"),
    cert,
    fingerprint: parsed.fingerprint256,
    expires: new Date(parsed.validTo),
  };
}

/** A certificate of ours is made anew when it is within a month of its end; one that an operator put there never is. */
function stillGood(pem: string, domain: string, now: number): boolean {
  const parsed = new X509Certificate(pem);
  const ours = parsed.issuer === parsed.subject && parsed.subject === `CN=${domain}`;
  return !ours || Date.parse(parsed.validTo) - now > 30 * DAY;
}

async function makeSelfSigned(domain: string, now: number): Promise<{ key: string; cert: string }> {
  // Loaded only when a certificate is made: its schemas would cost each start a quarter of a second.
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${domain}`,
    notBefore: new Date(now - DAY),
    notAfter: new Date(now + LIFE),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: "dns", value: domain },
        { type: "dns", value: `mail.${domain}` },
        { type: "dns", value: "localhost" },
        { type: "ip", value: "127.0.0.1" },
        { type: "ip", value: "::1" },
      ]),
    ],
  });
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  const lines = der
    .toString("base64")
    .replaceAll(/(.{64})/g, "$1\n")
    .trimEnd();
  return {
    key: `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`,
    cert: `${certificate.toString("pem")}\n`,
  };
}
