// Class rule, which the server may open because delivery needs it: clients' blocks, and who is on a mailing list. The pair comes from
// the keeper when it is first needed, one ledger entry per start, and stays in memory.
import { createHmac } from "node:crypto";
import { toHex } from "#base/bytes";
import { Broken } from "#base/errors";
import type { Clock } from "#base/time";
import { type Keeper, verifyCertificate } from "#keeper";
import { openOpener, openSealer } from "#vault";

/** What a rule is and whose; all of it is bound. */
interface RuleName {
  /** "" for what is nobody's in particular. */
  readonly client: string;
  readonly account: string;
  readonly object: string;
  readonly part: string;
}

export interface Rules {
  /** Rejects when the keeper is away and the pair was not had before. */
  seal(name: RuleName, bytes: Uint8Array): Promise<Uint8Array>;
  /** Undefined when it is not that rule, or was not sealed here. */
  open(name: RuleName, sealed: Uint8Array): Promise<Uint8Array | undefined>;
  /** 64 hex digits under a key of the pair, by which a rule can be looked for without standing in clear. */
  mac(text: string): Promise<string>;
}

interface Pair {
  readonly sealer: ReturnType<typeof openSealer>;
  readonly opener: ReturnType<typeof openOpener>;
  readonly macKey: Buffer;
}

export function openRules({
  keeper,
  clock,
}: {
  readonly keeper: Pick<Keeper, "hello" | "ruleKey">;
  readonly clock: Clock;
}): Rules {
  let held: Promise<Pair> | undefined;
  const load = async (): Promise<Pair> => {
    const [{ certificateKey }, { publicKey, secretKey, certificate }] = await Promise.all([
      keeper.hello(),
      keeper.ruleKey(),
    ]);
    const opener = openOpener(secretKey);
    const fits =
      certificate.class === "rule" &&
      Buffer.compare(certificate.publicKey, publicKey) === 0 &&
      Buffer.compare(opener.publicKey, publicKey) === 0 &&
      verifyCertificate(certificateKey, certificate);
    if (!fits) throw new Broken("the keeper's key for rules is not the one that it certified");
    const macKey = createHmac("sha256", secretKey).update("bailee rule mac v1").digest();
    return { sealer: openSealer(publicKey, clock), opener, macKey };
  };
  const pair = (): Promise<Pair> => {
    held ??= load();
    // A failure is not remembered: the next rule asks again.
    held.catch(() => (held = undefined));
    return held;
  };
  return {
    seal: async (name, bytes) => (await pair()).sealer.seal({ class: "rule", ...name }, bytes),
    async open(name, sealed) {
      const { opener } = await pair();
      const opened = opener.open({ class: "rule", ...name }, "transmit-and-deliver", sealed);
      return opened.ok ? opened.value : undefined;
    },
    async mac(text) {
      const { macKey } = await pair();
      return toHex(createHmac("sha256", macKey).update(text).digest());
    },
  };
}
