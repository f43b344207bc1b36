// A keeper port in this process, for tests that need to turn it off or have it forget a key: real seals and signatures, no
// ledger. The real keeper is met in clients.keeper.test.ts.
import { canonicalBytes } from "#base/canonical";
import { no, yes } from "#base/errors";
import { fromUtf8, lengthPrefixed, toHex } from "#base/bytes";
import { logKinds, type LogKind } from "#policy";
import {
  type Context,
  decodeAccountKeys,
  newBoxKeyPair,
  newSigningKeyPair,
  openOpener,
  signBytes,
  verifyBytes,
} from "#vault";
import type {
  AddressBinding,
  CertifiedKey,
  KeeperPort,
  OwnRequestBytes,
  VerifyAddress,
  VerifyCertificate,
} from "../ports.ts";

export interface TestKeeper extends KeeperPort {
  away: boolean;
  /** Bundles as they were opened at enrolment, by account. */
  readonly bundles: Map<string, Uint8Array>;
  destroy(part: string): void;
  expireKeys(): Promise<readonly string[]>;
}

const statement = (certificate: Omit<CertifiedKey, "signature">): Uint8Array =>
  canonicalBytes({
    client: certificate.client,
    account: certificate.account,
    class: certificate.class,
    part: certificate.part,
    epoch: certificate.epoch,
    publicKey: toHex(certificate.publicKey),
  });

export const verifyCertificate: VerifyCertificate = (key, certificate) =>
  verifyBytes(key, statement(certificate), certificate.signature);

export const verifyAddress: VerifyAddress = (key, binding) =>
  verifyBytes(key, bindingBytes(binding), binding.signature);

const bindingBytes = ({ address, client, account }: Omit<AddressBinding, "signature">) =>
  lengthPrefixed([address, client, account]);

export const ownRequestBytes: OwnRequestBytes = (request, objects) =>
  lengthPrefixed([
    fromUtf8(JSON.stringify(request)),
    ...objects.flatMap(({ context, sealed }) => [JSON.stringify(context), sealed]),
  ]);

export function openTestKeeper(): TestKeeper {
  const certifier = newSigningKeyPair();
  const enrolment = newBoxKeyPair();
  const bundles = new Map<string, Uint8Array>();
  const signers = new Map<string, Uint8Array>();
  const secrets = new Map<string, Uint8Array>();
  const destroyed = new Set<string>();
  let expired: string[] = [];
  const certify = (about: Omit<CertifiedKey, "signature">): CertifiedKey => ({
    ...about,
    signature: signBytes(certifier.secretKey, statement(about)),
  });
  const make = (name: string): Uint8Array => {
    const secret = secrets.get(name);
    if (secret !== undefined) return openOpener(secret).publicKey;
    const pair = newBoxKeyPair();
    secrets.set(name, pair.secretKey);
    return pair.publicKey;
  };
  const keeper: TestKeeper = {
    away: false,
    bundles,
    destroy(part) {
      destroyed.add(part);
      expired.push(part);
    },
    expireKeys() {
      const gone = expired;
      expired = [];
      return Promise.resolve(gone);
    },
    hello() {
      if (keeper.away) return Promise.reject(new Error("away"));
      return Promise.resolve({
        certificateKey: certifier.publicKey,
        enrolKey: enrolment.publicKey,
      });
    },
    enrol({ client, account, bundle, contentKey, signingKey }) {
      if (keeper.away) return Promise.reject(new Error("away"));
      const context = {
        class: "credential",
        client,
        account,
        object: account,
        part: "bundle",
      } as const;
      const opened = openOpener(enrolment.secretKey).open(context, "authenticate", bundle);
      if (!opened.ok) return Promise.resolve({ ...no("bad-bundle"), why: "does not open" });
      bundles.set(account, opened.value);
      signers.set(account, signingKey);
      const about = { client, part: "", epoch: 1 };
      const certificates = [
        certify({ ...about, account, class: "content", publicKey: contentKey }),
        ...(["contact", "payment", "standing"] as const).map((name) =>
          certify({ ...about, account: "", class: name, publicKey: make(`${client}/${name}`) }),
        ),
      ];
      return Promise.resolve(yes({ certificates, index: bundles.size }));
    },
    certifyAddress(binding) {
      if (keeper.away) return Promise.reject(new Error("away"));
      const signature = signBytes(certifier.secretKey, bindingBytes(binding));
      return Promise.resolve(yes({ ...binding, signature }));
    },
    dayKeys(day) {
      if (keeper.away) return Promise.reject(new Error("away"));
      const kinds = Object.keys(logKinds) as LogKind[];
      return Promise.resolve(
        kinds.map((kind) => {
          const part = `${kind}/${day}`;
          const about = { client: "", account: "", class: "clientlog", part, epoch: 1 } as const;
          return { kind, ...certify({ ...about, publicKey: make(part) }) };
        }),
      );
    },
    own({ signature, ...request }, objects) {
      if (keeper.away) return Promise.reject(new Error("away"));
      const signer = signers.get(request.account);
      if (signer === undefined) return Promise.resolve(no("unknown-client"));
      if (!verifyBytes(signer, ownRequestBytes(request, objects), signature))
        return Promise.resolve(no("bad-signature"));
      const plain: Uint8Array[] = [];
      for (const { context, sealed } of objects) {
        if (context.client !== request.client) return Promise.resolve(no("not-yours"));
        if (destroyed.has(context.part)) return Promise.resolve(no("key-destroyed"));
        const name = context.class === "clientlog" ? context.part : `${context.client}/contact`;
        const secret = secrets.get(name);
        const opened =
          secret && openOpener(secret).open(context as Context<"contact">, "own", sealed);
        if (opened?.ok !== true) return Promise.resolve(no("does-not-open"));
        plain.push(opened.value);
      }
      return Promise.resolve(yes(plain));
    },
  };
  return keeper;
}

/** True when a bundle that the keeper got is a whole one. */
export function isWholeBundle(bundle: Uint8Array | undefined): boolean {
  return bundle !== undefined && decodeAccountKeys(bundle) !== undefined;
}
