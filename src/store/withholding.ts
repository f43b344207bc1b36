// The store's side of reports: what the keeper compares, and messages taken away and given back. Opens nothing.
import type { Clock } from "#base/time";
import type { Engine } from "#engine";
import { announceChange } from "./changes.ts";
import { endWithheldCommand, giveBackCommand, withholdCommand } from "./commands.ts";
import type { Owner, Store, Withholding } from "./contract.ts";
import type { Tables } from "./tables.ts";
import type { Withheld } from "./withhold.ts";

export function openWithholding(engine: Engine, clock: Clock): Withholding {
  const told = (owner: Owner, { folders, messages }: Withheld): number => {
    for (const folder of folders) announceChange(engine, owner, folder);
    return messages;
  };
  return {
    async withhold(owner, messageIds, decision) {
      const now = clock.now();
      const taken = await engine.write(withholdCommand, { ...owner, messageIds, decision, now });
      return told(owner, taken);
    },
    async giveBack(owner, decision) {
      const now = clock.now();
      return told(owner, await engine.write(giveBackCommand, { ...owner, decision, now }));
    },
    async end(owner, decision) {
      const now = clock.now();
      return told(owner, await engine.write(endWithheldCommand, { ...owner, decision, now }));
    },
  };
}

export function sealedFingerprints(engine: Engine): Store["sealedFingerprints"] {
  return async ({ client, account }, { from, to }, limit) => {
    const rows = await engine
      .reader<Tables>()
      .selectFrom("message")
      .select(["id", "fingerprint"])
      .where("client_id", "=", client)
      .where("account_id", "=", account)
      .where("received_at", ">=", from)
      .where("received_at", "<=", to)
      .where("fingerprint", "is not", null)
      .orderBy("received_at", "desc")
      .limit(limit)
      .execute();
    return rows.flatMap(({ id, fingerprint }) =>
      fingerprint === null ? [] : [{ messageId: id, fingerprint }],
    );
  };
}
