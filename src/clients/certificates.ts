// Public keys as the keeper certified them: none is used that its signature does not cover. Never believes the database.
import type { Kysely } from "kysely";
import { type Engine, prepared } from "#engine";
import { toBase64 } from "#base/bytes";
import type { Clock } from "#base/time";
import type { DataClass } from "#policy";
import { openSealer, type Sealer } from "#vault";
import type { CertifiedKey, KeeperPort, VerifyCertificate } from "./ports.ts";
import type { Tables } from "./tables.ts";

export interface Certificates {
  /** The sealer to a certified key; undefined when there is none or the keeper's signature does not cover it. */
  sealer(client: string, account: string, dataClass: DataClass): Promise<Sealer | undefined>;
  /** The sealer to a key at hand; undefined when its certificate does not verify. */
  sealerTo(certificate: CertifiedKey): Promise<Sealer | undefined>;
}

interface Parts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly keeper: KeeperPort;
  readonly verifyCertificate: VerifyCertificate;
}

// A sealer keeps an hour's ephemeral pair (some 300 bytes); this many is what a busy server writes to in that hour.
const MAX_SEALERS = 20_000;

const newestCertificate = prepared(
  (
    db: Kysely<Tables>,
    of: { readonly client: string; readonly account: string; readonly dataClass: DataClass },
  ) =>
    db
      .selectFrom("key_certificate")
      .select(["epoch", "public_key", "signature"])
      .where("client_id", "=", of.client)
      .where("account_id", "=", of.account)
      .where("class", "=", of.dataClass)
      .where("part", "=", "")
      .orderBy("epoch", "desc")
      .limit(1),
);

export function openCertificates(parts: Parts): Certificates {
  const { clock, keeper, verifyCertificate } = parts;
  const reader = parts.engine.reader<Tables>();
  const verified = new Map<string, Sealer>();
  let certificateKey: Uint8Array | undefined;

  const sealerTo = async (certificate: CertifiedKey): Promise<Sealer | undefined> => {
    // The name holds all that was signed and the signature: whatever is swapped in the row gives another name.
    const name = nameOf(certificate);
    const held = verified.get(name);
    if (held !== undefined) return held;
    certificateKey ??= (await keeper.hello()).certificateKey;
    if (!verifyCertificate(certificateKey, certificate)) return undefined;
    const sealer = openSealer(certificate.publicKey, clock);
    if (verified.size >= MAX_SEALERS) verified.clear();
    verified.set(name, sealer);
    return sealer;
  };

  return {
    sealerTo,
    async sealer(client, account, dataClass) {
      const [row] = await newestCertificate(reader, { client, account, dataClass });
      if (row === undefined || row.public_key.byteLength !== 32) return undefined;
      const { epoch, public_key: publicKey, signature } = row;
      return sealerTo({
        client,
        account,
        class: dataClass,
        part: "",
        publicKey,
        epoch,
        signature,
      });
    },
  };
}

function nameOf(certificate: CertifiedKey): string {
  const { client, account, part, publicKey, epoch, signature } = certificate;
  return [
    client,
    account,
    certificate.class,
    part,
    epoch,
    toBase64(publicKey),
    toBase64(signature),
  ].join(" ");
}
