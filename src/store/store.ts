// The clients' sealed communications: folders, messages, flags, change feed. Sees plaintext only on its way into or out of
// a seal; knows no protocol and no message format: a structure is bytes to it.

import type { Kysely } from "kysely";
import { type Clock, systemClock } from "#base/time";
import { type Engine, invoke, type Room } from "#engine";
import { announceChange } from "./changes.ts";
import { deliverCommand, insertAccountCommand } from "./commands.ts";
import type { Allowance, Owner, Placed, Role, Store } from "./contract.ts";
import { openSecondCopies } from "./copies.ts";
import { openMailbox } from "./mailbox.ts";
import { forget } from "./forget.ts";
import { newFolder } from "./names.ts";
import { purgeUnplaced } from "./purge.ts";
import { blobOf, readUsage, sealedBodies } from "./read.ts";
import { sealMessage } from "./seal.ts";
import { migrations, type Tables } from "./tables.ts";
import { openWithholding, sealedFingerprints } from "./withholding.ts";

export type {
  Allowance,
  Changes,
  Expunged,
  FlagChange,
  FlaggedMessage,
  FlagsChanged,
  Folder,
  FolderCounts,
  FolderRefusal,
  Mailbox,
  MailboxKeys,
  NewMessage,
  Owner,
  Placed,
  Placement,
  PlaceRefusal,
  Role,
  SealedMessage,
  Snapshot,
  Store,
  Usage,
  Withholding,
} from "./contract.ts";
export { flagBits } from "./contract.ts";

/** What the engine is given to hold the store. */
export const storeRoom: Room = {
  name: "store",
  migrations,
  commands: new URL("./commands.ts", import.meta.url).href,
};

/** The folders of a new account, as mail programs expect to find them (RFC 6154). */
const firstFolders: readonly (readonly [name: string, role: Role])[] = [
  ["INBOX", "inbox"],
  ["Drafts", "drafts"],
  ["Sent", "sent"],
  ["Trash", "trash"],
  ["Junk", "junk"],
  ["Archive", "archive"],
];

/** A store over an engine that was opened with `storeRoom`. Holds nothing of its own: closing the engine closes it. */
export function openStore({
  engine,
  clock = systemClock,
  allowance = async () => undefined,
}: {
  readonly engine: Engine;
  readonly clock?: Clock;
  /** What an account may keep, asked at each write of its owner's; nothing limits it when undefined. */
  readonly allowance?: (owner: Owner) => Promise<Allowance | undefined>;
}): Store {
  const db = () => engine.reader<Tables>();
  return {
    newAccount(owner, sealer, nameKey) {
      const folders = firstFolders.map(([name, role]) =>
        newFolder(owner, { sealer, nameKey }, name, role, true),
      );
      return [invoke(insertAccountCommand, { ...owner, folders, now: clock.now() })];
    },
    async deliver(owner, sealer, message, alongside = [], place = "inbox") {
      const sealed = await sealMessage(owner, sealer, engine.blobs, message, 0);
      const delivery = invoke(deliverCommand, {
        client: owner.client,
        account: owner.account,
        folder: place === "junk" ? await junkFolder(db(), owner) : undefined,
        messages: [sealed],
        now: clock.now(),
        firstUid: undefined,
        allowance: undefined,
      });
      const values = await engine.writeTogether([delivery, ...alongside]);
      const { folder, placed } = values[0] as { folder: string; placed: Placed };
      announceChange(engine, owner, folder);
      return placed;
    },
    async usage(owner) {
      return { ...(await readUsage(db(), owner)), allowance: await allowance(owner) };
    },
    openMailbox: (owner, keys) =>
      openMailbox({ engine, clock, owner, keys, allowance: () => allowance(owner) }),
    async sealedMessages(owner, messageIds) {
      const found = [];
      for await (const rows of sealedBodies(db(), owner, messageIds))
        for (const { id, body } of rows)
          found.push({ messageId: id, body: body ?? (await blobOf(engine.blobs, id)) });
      return found;
    },
    async listMessages(owner) {
      const rows = await db()
        .selectFrom("message")
        .select(["id", "size", "received_at"])
        .where("client_id", "=", owner.client)
        .where("account_id", "=", owner.account)
        .orderBy("received_at")
        .execute();
      return rows.map((row) => ({
        messageId: row.id,
        size: row.size,
        receivedAt: row.received_at,
      }));
    },
    sealedFingerprints: sealedFingerprints(engine),
    withholding: openWithholding(engine, clock),
    copies: openSecondCopies(engine),
    purgeUnplaced: (before) => purgeUnplaced(engine, before),
    forget: (owner) => forget(engine, owner),
  };
}

/** Undefined where the account has none: then the inbox it is. */
async function junkFolder(db: Kysely<Tables>, owner: Owner): Promise<string | undefined> {
  const row = await db
    .selectFrom("folder")
    .select("id")
    .where("client_id", "=", owner.client)
    .where("account_id", "=", owner.account)
    .where("role", "=", "junk")
    .orderBy("id")
    .executeTakeFirst();
  return row?.id;
}
