// Sealing to the desk: the public key as the keeper certified it, whatever the database says. Opens nothing.
import type { Engine } from "#engine";
import { Broken } from "#base/errors";
import type { Clock } from "#base/time";
import { type Context, openSealer, type Sealer } from "#vault";
import type { KeeperPort, VerifyCertificate } from "./ports.ts";
import type { Tables } from "./tables.ts";

export interface DeskSealer {
  /** Throws Broken when the row's key is not certified, or there is none. */
  publicKey(): Promise<Uint8Array>;
  seal(object: string, part: string, bytes: Uint8Array): Promise<Uint8Array>;
}

export function openDeskSealer(options: {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly keeper: KeeperPort;
  readonly verifyCertificate: VerifyCertificate;
}): DeskSealer {
  const { clock, keeper, verifyCertificate } = options;
  const reader = options.engine.reader<Tables>();
  // There is one key for good (another is never certified), so that what was verified once stays verified.
  let held: Sealer | undefined;
  const sealer = async (): Promise<Sealer> => {
    if (held !== undefined) return held;
    const row = await reader.selectFrom("desk_key").selectAll().executeTakeFirst();
    if (row === undefined) throw new Broken("the desk has no key yet");
    const { public_key: publicKey, epoch, signature } = row;
    const certificate = {
      client: "",
      account: "",
      class: "case",
      part: "desk",
      publicKey,
      epoch,
      signature,
    } as const;
    const { certificateKey } = await keeper.hello();
    if (!verifyCertificate(certificateKey, certificate))
      throw new Broken("the desk's key in the database is not the one that the keeper certified");
    return (held = openSealer(publicKey, clock));
  };
  return {
    publicKey: async () => (await sealer()).publicKey,
    seal: async (object, part, bytes) => (await sealer()).seal(caseContext(object, part), bytes),
  };
}

export function caseContext(object: string, part: string): Context<"case"> {
  return { class: "case", client: "", account: "", object, part };
}
