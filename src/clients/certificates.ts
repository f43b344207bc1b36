// Public keys and addresses as the keeper certified them: none is used that its signature does not cover. Never believes the
// database.
import type { Kysely } from "kysely";
import { type Engine, prepared } from "#engine";
import { toBase64 } from "#base/bytes";
import { Broken } from "#base/errors";
import type { Clock } from "#base/time";
import type { DataClass } from "#policy";
import { openSealer, type Sealer } from "#vault";
import type {
  AddressBinding,
  CertifiedKey,
  KeeperPort,
  VerifyAddress,
  VerifyCertificate,
} from "./ports.ts";
import type { Tables } from "./tables.ts";

export interface Certificates {
  /** The sealer to a certified key; undefined when there is none or the keeper's signature does not cover it. */
  sealer(client: string, account: string, dataClass: DataClass): Promise<Sealer | undefined>;
  /** The sealer to a key at hand; undefined when its certificate does not verify. */
  sealerTo(certificate: CertifiedKey): Promise<Sealer | undefined>;
  /** True when the keeper signed that the address is that account's. */
  isTheirs(binding: AddressBinding): Promise<boolean>;
  /** Has the keeper sign for an address. Throws Broken when it does not, or is away. */
  certifyAddress(binding: Omit<AddressBinding, "signature">): Promise<Uint8Array>;
}

interface Parts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly keeper: KeeperPort;
  readonly verifyCertificate: VerifyCertificate;
  readonly verifyAddress: VerifyAddress;
}

// A sealer keeps an hour's ephemeral pair (some 300 bytes); this many is what a busy server writes to in that hour.
const MAX_SEALERS = 20_000;
// Some 200 bytes each. A signature takes a tenth of a millisecond to check, and each letter comes by twice.
const MAX_BINDINGS = 50_000;

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
  const { clock, keeper, verifyCertificate, verifyAddress } = parts;
  const reader = parts.engine.reader<Tables>();
  const verified = new Map<string, Sealer>();
  const bound = new Set<string>();
  let key: Uint8Array | undefined;
  const certificateKey = async (): Promise<Uint8Array> =>
    (key ??= (await keeper.hello()).certificateKey);

  const sealerTo = async (certificate: CertifiedKey): Promise<Sealer | undefined> => {
    // The name holds all that was signed and the signature: whatever is swapped in the row gives another name.
    const name = nameOf(certificate);
    const held = verified.get(name);
    if (held !== undefined) return held;
    if (!verifyCertificate(await certificateKey(), certificate)) return undefined;
    const sealer = openSealer(certificate.publicKey, clock);
    if (verified.size >= MAX_SEALERS) verified.clear();
    verified.set(name, sealer);
    return sealer;
  };

  const isTheirs = async (binding: AddressBinding): Promise<boolean> => {
    const { address, client, account, signature } = binding;
    const name = `${address} ${client} ${account} ${toBase64(signature)}`;
    if (bound.has(name)) return true;
    if (!verifyAddress(await certificateKey(), binding)) return false;
    if (bound.size >= MAX_BINDINGS) bound.clear();
    bound.add(name);
    return true;
  };

  return {
    sealerTo,
    isTheirs,
    async certifyAddress(binding) {
      const answer = await keeper.certifyAddress(binding);
      if (!answer.ok) throw new Broken(`the keeper does not certify: ${answer.refusal}`);
      if (!(await isTheirs(answer.value))) throw new Broken("the keeper's word does not verify");
      return answer.value.signature;
    },
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
