// What the store must do over every database: one suite, run over SQLite and over PostgreSQL.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { newId } from "#base/ids";
import { type Engine, type EngineSettings, invoke, openEngine } from "#engine";
import {
  flagBits,
  type Folder,
  type Mailbox,
  type NewMessage,
  openStore,
  type Owner,
  type Store,
  storeRoom,
} from "#store";
import { type AccountKeys, newAccountKeys, openOpener, openSealer, type Sealer } from "#vault";
import { addAndThrow, addEntry, room, type Tables } from "./engine-room.ts";

export type FreshSettings = (t: TestContext) => Promise<EngineSettings | undefined>;

export interface House {
  readonly engine: Engine;
  readonly store: Store;
  readonly settings: EngineSettings;
  readonly account: Account;
}

export interface Account {
  readonly owner: Owner;
  readonly keys: AccountKeys;
  readonly sealer: Sealer;
  readonly mailbox: Mailbox;
  readonly inbox: Folder;
}

export const storeRooms = [storeRoom, room];

export async function newAccount(engine: Engine, store: Store): Promise<Account> {
  const owner = { client: newId(), account: newId() };
  const keys = newAccountKeys();
  const sealer = openSealer(keys.boxPublic);
  await engine.writeTogether(store.newAccount(owner, sealer, keys.nameKey));
  const mailbox = store.openMailbox(owner, {
    opener: openOpener(keys.boxSecret),
    sealer,
    nameKey: keys.nameKey,
  });
  const inbox = (await mailbox.folders()).find(({ role }) => role === "inbox");
  assert.ok(inbox);
  return { owner, keys, sealer, mailbox, inbox };
}

export function letter(text: string, size = 0): NewMessage {
  return {
    prefix: Buffer.from("Received: by us\r\n"),
    raw: Buffer.concat([Buffer.from(`Subject: ${text}\r\n\r\n`), Buffer.alloc(size, "x")]),
    structure: Buffer.from(`structure of ${text}`),
    receivedAt: 1_800_000_000_000,
  };
}

const flagged = (text: string, flags = 0, keywords: readonly string[] = []) => ({
  ...letter(text),
  flags,
  keywords,
});

export function storeContract(name: string, fresh: FreshSettings): void {
  const trial = (title: string, body: (house: House) => Promise<void>) =>
    test(`${name}: ${title}`, async (t) => {
      const settings = await fresh(t);
      if (settings === undefined) return;
      await using engine = await openEngine(settings);
      const store = openStore({ engine });
      await body({ engine, store, settings, account: await newAccount(engine, store) });
    });
  const bytesOf = async (mailbox: Mailbox, ids: readonly string[]) => {
    const found: string[] = [];
    for await (const { bytes } of mailbox.bodies(ids)) found.push(Buffer.from(bytes).toString());
    return found;
  };

  trial(
    "a new account has an inbox and a folder for each role, subscribed",
    async ({ account }) => {
      const folders = await account.mailbox.folders();
      assert.deepEqual(
        folders.map((folder) => [folder.name, folder.role, folder.subscribed, folder.uidNext]),
        [
          ["Archive", "archive", true, 1],
          ["Drafts", "drafts", true, 1],
          ["INBOX", "inbox", true, 1],
          ["Junk", "junk", true, 1],
          ["Sent", "sent", true, 1],
          ["Trash", "trash", true, 1],
        ],
      );
      assert.equal(new Set(folders.map((folder) => folder.uidValidity)).size, 6);
      assert.ok(folders.every((folder) => folder.highestModseq > 0));
    },
  );

  trial(
    "a delivered message is seen by the next read, byte for byte",
    async ({ store, account }) => {
      const { owner, sealer, mailbox, inbox } = account;
      const message = letter("hello", 5000);
      const placed = await store.deliver(owner, sealer, message);
      assert.deepEqual([placed.uid, placed.uidValidity], [1, inbox.uidValidity]);
      const read = await mailbox.snapshot(inbox.id);
      assert.equal(read?.folder.uidNext, 2);
      assert.equal(read?.folder.highestModseq, placed.modseq);
      assert.deepEqual(read?.placements, [
        {
          uid: 1,
          messageId: placed.messageId,
          size: message.prefix.byteLength + message.raw.byteLength,
          receivedAt: message.receivedAt,
          savedAt: read?.placements[0]?.savedAt,
          flags: 0,
          keywords: [],
          modseq: placed.modseq,
        },
      ]);
      assert.deepEqual(await bytesOf(mailbox, [placed.messageId, newId()]), [
        Buffer.concat([message.prefix, message.raw]).toString(),
      ]);
      const structures = await mailbox.structures([placed.messageId]);
      assert.deepEqual(
        Buffer.from(structures.get(placed.messageId) ?? []).toString(),
        "structure of hello",
      );
    },
  );

  trial(
    "a body too large for a row comes back whole from a blob",
    async ({ store, account, settings }) => {
      const message = letter("large", 300_000);
      const { messageId } = await store.deliver(account.owner, account.sealer, message);
      assert.deepEqual(readdirSync(join(settings.folder, "blobs", messageId.slice(0, 2))), [
        messageId,
      ]);
      assert.deepEqual(await bytesOf(account.mailbox, [messageId]), [
        Buffer.concat([message.prefix, message.raw]).toString(),
      ]);
    },
  );

  trial(
    "deliveries at the same time get each a UID of its own, without gaps",
    async ({ store, account }) => {
      const placed = await Promise.all(
        Array.from({ length: 25 }, (_, n) =>
          store.deliver(account.owner, account.sealer, letter(String(n))),
        ),
      );
      assert.deepEqual(
        placed.map(({ uid }) => uid).sort((a, b) => a - b),
        Array.from({ length: 25 }, (_, n) => n + 1),
      );
      assert.equal(new Set(placed.map(({ modseq }) => modseq)).size, 25);
    },
  );

  trial(
    "what goes alongside a delivery goes with it or not at all",
    async ({ engine, store, account }) => {
      const { owner, sealer, mailbox, inbox } = account;
      await store.deliver(owner, sealer, letter("one"), [invoke(addEntry, { client: "c", id: 1 })]);
      await assert.rejects(
        store.deliver(owner, sealer, letter("two"), [invoke(addAndThrow, { client: "c", id: 2 })]),
      );
      const nobody = { client: owner.client, account: newId() };
      await assert.rejects(
        store.deliver(nobody, sealer, letter("three"), [invoke(addEntry, { client: "c", id: 3 })]),
      );
      const rows = await engine.reader<Tables>().selectFrom("entry").select("id").execute();
      assert.deepEqual(
        rows.map(({ id }) => id),
        [1],
      );
      assert.equal((await mailbox.snapshot(inbox.id))?.placements.length, 1);
    },
  );

  trial("flags change by bits, and what does not change keeps its modseq", async ({ account }) => {
    const { mailbox, inbox } = account;
    await mailbox.append(inbox.id, [flagged("a", flagBits.seen), flagged("b")]);
    const before = (await mailbox.snapshot(inbox.id))?.folder.highestModseq ?? 0;
    const add = { operation: "add", flags: flagBits.seen, keywords: [] } as const;
    const first = await mailbox.setFlags(inbox.id, [1, 2, 99], add);
    assert.deepEqual(
      first.changed.map(({ uid, flags, modseq }) => [uid, flags, modseq]),
      [[2, flagBits.seen, before + 1]],
    );
    const again = await mailbox.setFlags(inbox.id, [1, 2], add);
    assert.deepEqual(again, { changed: [], refused: [] });
    assert.equal((await mailbox.snapshot(inbox.id))?.folder.highestModseq, before + 1);
    const replaced = await mailbox.setFlags(inbox.id, [1, 2], {
      operation: "replace",
      flags: flagBits.flagged | flagBits.draft,
      keywords: [],
    });
    assert.deepEqual(
      replaced.changed.map(({ flags }) => flags),
      [20, 20],
    );
    const removed = await mailbox.setFlags(inbox.id, [1], {
      operation: "remove",
      flags: flagBits.draft | flagBits.seen,
      keywords: [],
    });
    assert.deepEqual(
      removed.changed.map(({ uid, flags }) => [uid, flags]),
      [[1, flagBits.flagged]],
    );
  });

  trial("unchangedSince leaves alone what changed later and names it", async ({ account }) => {
    const { mailbox, inbox } = account;
    const appended = await mailbox.append(inbox.id, [flagged("a"), flagged("b")]);
    assert.ok(appended.ok);
    const since = appended.value[0]?.modseq ?? 0;
    const flag = { operation: "add", flags: flagBits.flagged, keywords: [] } as const;
    await mailbox.setFlags(inbox.id, [2], flag);
    const seen = { operation: "add", flags: flagBits.seen, keywords: [] } as const;
    const { changed, refused } = await mailbox.setFlags(inbox.id, [1, 2], {
      ...seen,
      unchangedSince: since,
    });
    assert.deepEqual(
      changed.map(({ uid }) => uid),
      [1],
    );
    assert.deepEqual(refused, [2]);
    const none = await mailbox.setFlags(inbox.id, [1, 2], { ...seen, unchangedSince: 0 });
    assert.deepEqual(none, { changed: [], refused: [1, 2] });
  });

  trial(
    "keywords are added, removed, replaced, and follow a copy and a move",
    async ({ account }) => {
      const { mailbox, inbox } = account;
      const archive = (await mailbox.folders()).find(({ role }) => role === "archive");
      assert.ok(archive);
      await mailbox.append(inbox.id, [flagged("a", 0, ["work", "$Forwarded"]), flagged("b")]);
      const keywords = async (folder: string) =>
        (await mailbox.snapshot(folder))?.placements.map((placement) => placement.keywords);
      assert.deepEqual(await keywords(inbox.id), [["$Forwarded", "work"], []]);
      await mailbox.setFlags(inbox.id, [1, 2], {
        operation: "add",
        flags: 0,
        keywords: ["WORK", "x"],
      });
      assert.deepEqual(await keywords(inbox.id), [
        ["$Forwarded", "work", "x"],
        ["WORK", "x"],
      ]);
      await mailbox.setFlags(inbox.id, [1, 2], {
        operation: "remove",
        flags: 0,
        keywords: ["work", "$forwarded"],
      });
      assert.deepEqual(await keywords(inbox.id), [["x"], ["x"]]);
      await mailbox.copy(inbox.id, [1], archive.id);
      await mailbox.move(inbox.id, [2], archive.id);
      assert.deepEqual(await keywords(archive.id), [["x"], ["x"]]);
      await mailbox.setFlags(inbox.id, [1], { operation: "replace", flags: 0, keywords: [] });
      assert.deepEqual(await keywords(inbox.id), [[]]);
    },
  );

  trial("keywords set at the same time by many are all kept", async ({ account }) => {
    const { mailbox, inbox } = account;
    await mailbox.append(inbox.id, [flagged("a")]);
    const words = Array.from({ length: 8 }, (_, n) => `k${n}`);
    await Promise.all(
      words.map((word) =>
        mailbox.setFlags(inbox.id, [1], { operation: "add", flags: 0, keywords: [word] }),
      ),
    );
    assert.deepEqual((await mailbox.snapshot(inbox.id))?.placements[0]?.keywords, words);
    await Promise.all(
      words.map((word) => mailbox.append(inbox.id, [flagged("b", 0, [word]), flagged("c")])),
    );
    const after = (await mailbox.snapshot(inbox.id))?.placements ?? [];
    assert.deepEqual(
      after
        .slice(1)
        .flatMap((placement) => placement.keywords)
        .sort(),
      words,
    );
  });

  trial(
    "a copy keeps flags and dates; a move leaves a tombstone, in one modseq",
    async ({ account }) => {
      const { mailbox, inbox } = account;
      const made = await mailbox.createFolder("Lists/one");
      assert.ok(made.ok);
      await mailbox.append(inbox.id, [flagged("a", flagBits.seen), flagged("b"), flagged("c")]);
      const before = (await mailbox.snapshot(inbox.id))?.folder.highestModseq ?? 0;
      const copied = await mailbox.copy(inbox.id, [1, 3, 77], made.value.id);
      assert.ok(copied.ok);
      assert.deepEqual(
        copied.value.map(({ from, placed }) => [from, placed.uid, placed.modseq]),
        [
          [1, 1, before + 1],
          [3, 2, before + 1],
        ],
      );
      const target = await mailbox.snapshot(made.value.id);
      assert.deepEqual(
        target?.placements.map(({ flags, receivedAt }) => [flags, receivedAt]),
        [
          [flagBits.seen, 1_800_000_000_000],
          [0, 1_800_000_000_000],
        ],
      );
      const moved = await mailbox.move(inbox.id, [2, 3], made.value.id);
      assert.ok(moved.ok);
      assert.equal(moved.value.modseq, before + 2);
      assert.deepEqual(await mailbox.changesSince(inbox.id, before), {
        placements: [],
        vanished: [2, 3],
        highestModseq: before + 2,
      });
      const arrived = await mailbox.changesSince(made.value.id, before + 1);
      assert.deepEqual(
        arrived?.placements.map(({ uid, modseq }) => [uid, modseq]),
        [
          [3, before + 2],
          [4, before + 2],
        ],
      );
      const nowhere = await mailbox.move(inbox.id, [1], newId());
      assert.deepEqual(nowhere, { ok: false, refusal: "no-such-folder" });
    },
  );

  trial("expunge takes only what is marked, among the given or all", async ({ account }) => {
    const { mailbox, inbox } = account;
    const { deleted } = flagBits;
    await mailbox.append(inbox.id, [
      flagged("a", deleted),
      flagged("b"),
      flagged("c", deleted),
      flagged("d", deleted),
    ]);
    const counts = await mailbox.counts(inbox.id);
    assert.deepEqual([counts?.messages, counts?.deleted, counts?.unseen], [4, 3, 4]);
    assert.deepEqual((await mailbox.expunge(inbox.id, [1, 2])).vanished, [1]);
    const { vanished, modseq } = await mailbox.expunge(inbox.id);
    assert.deepEqual(vanished, [3, 4]);
    assert.deepEqual(await mailbox.expunge(inbox.id), { vanished: [], modseq });
    const next = await mailbox.append(inbox.id, [flagged("e")]);
    assert.ok(next.ok && next.value[0]?.uid === 5, "a UID is never used again");
  });

  trial(
    "what stands nowhere is kept until purged, then destroyed with its blob",
    async ({ store, account, settings }) => {
      const { mailbox, inbox, owner, sealer } = account;
      const kept = await store.deliver(owner, sealer, letter("kept"));
      const gone = await store.deliver(owner, sealer, letter("gone", 100_000));
      await mailbox.setFlags(inbox.id, [gone.uid], {
        operation: "add",
        flags: flagBits.deleted,
        keywords: [],
      });
      await mailbox.expunge(inbox.id);
      assert.equal((await store.listMessages(owner)).length, 2);
      assert.equal(await store.purgeUnplaced(Date.now() - 60_000), 0);
      assert.equal(await store.purgeUnplaced(Date.now() + 60_000), 1);
      assert.deepEqual(
        (await store.listMessages(owner)).map(({ messageId }) => messageId),
        [kept.messageId],
      );
      assert.deepEqual(readdirSync(join(settings.folder, "blobs", gone.messageId.slice(0, 2))), []);
    },
  );

  trial(
    "what a decision withholds is gone and not purged; given back, it stands as it stood; ended, it goes as deleted mail does",
    async ({ store, account }) => {
      const { mailbox, inbox, owner, sealer } = account;
      const fingerprint = Buffer.alloc(32, 7);
      const { messageId } = await store.deliver(owner, sealer, { ...letter("harm"), fingerprint });
      await store.deliver(owner, sealer, letter("other"));
      await mailbox.copy(inbox.id, [1], inbox.id);
      const seen = { operation: "add", flags: flagBits.seen, keywords: [] } as const;
      await mailbox.setFlags(inbox.id, [1], seen);
      const uids = async () =>
        (await mailbox.snapshot(inbox.id))?.placements.map(({ uid, flags }) => [uid, flags]);
      const before = (await mailbox.snapshot(inbox.id))?.folder.highestModseq ?? 0;
      const { withholding } = store;
      assert.equal(await withholding.withhold(owner, [messageId], "d1"), 1);
      assert.equal(await withholding.withhold(owner, [messageId], "d1"), 0);
      assert.deepEqual(await uids(), [[2, 0]]);
      assert.deepEqual((await mailbox.changesSince(inbox.id, before))?.vanished, [1, 3]);
      assert.equal(await store.purgeUnplaced(Date.now() + 60_000), 0);
      assert.equal(await withholding.giveBack(owner, "d1"), 1);
      assert.equal(await withholding.giveBack(owner, "d1"), 0);
      assert.deepEqual(await uids(), [
        [2, 0],
        [4, flagBits.seen],
        [5, 0],
      ]);
      await withholding.withhold(owner, [messageId], "d2");
      assert.equal(await withholding.end(owner, "d2"), 1);
      assert.equal(await withholding.giveBack(owner, "d2"), 0);
      assert.equal(await store.purgeUnplaced(Date.now() + 60_000), 1);
    },
  );

  trial("fingerprints come sealed, by the time of receipt", async ({ store, account }) => {
    const { owner, sealer, keys } = account;
    const fingerprint = Buffer.alloc(32, 9);
    const message = letter("reported");
    const { messageId } = await store.deliver(owner, sealer, { ...message, fingerprint });
    await store.deliver(owner, sealer, letter("without"));
    const at = message.receivedAt;
    const found = await store.sealedFingerprints(owner, { from: at, to: at }, 10);
    assert.deepEqual(
      found.map((row) => row.messageId),
      [messageId],
    );
    const context = { class: "content", ...owner, object: messageId, part: "fingerprint" } as const;
    const sealed = found[0]?.fingerprint ?? new Uint8Array();
    assert.ok(!Buffer.from(sealed).includes(fingerprint));
    const opened = openOpener(keys.boxSecret).open(context, "own", sealed);
    assert.ok(opened.ok && fingerprint.equals(opened.value));
    assert.deepEqual(await store.sealedFingerprints(owner, { from: at + 1, to: at + 2 }, 10), []);
  });

  trial(
    "an account that is forgotten leaves no row and no blob, and another keeps its own",
    async (house) => {
      const { engine, store, account, settings } = house;
      const { owner, sealer, mailbox, inbox } = account;
      const other = await newAccount(engine, store);
      const kept = await store.deliver(other.owner, other.sealer, letter("other"));
      // Larger than what a row holds, so that there is a blob; and more than one transaction takes.
      const blob = await store.deliver(owner, sealer, letter("large", 1_500_000));
      const many = Array.from({ length: 250 }, (_, number) => ({
        ...letter(`number ${number}`),
        flags: number < 230 ? flagBits.deleted : 0,
        keywords: [],
      }));
      await mailbox.append(inbox.id, many);
      await mailbox.expunge(inbox.id);
      assert.ok((await mailbox.createFolder("Club/Rowing")).ok);
      await store.forget(owner);
      await store.forget(owner);
      const reader = engine.reader<{ [table: string]: { client_id: string } }>();
      for (const table of ["account", "folder", "message", "placement", "tombstone", "withheld"]) {
        const left = reader.selectFrom(table).selectAll().where("client_id", "=", owner.client);
        assert.deepEqual(await left.execute(), [], table);
      }
      const shard = join(settings.folder, "blobs", blob.messageId.slice(0, 2));
      assert.ok(!readdirSync(shard).includes(blob.messageId));
      assert.deepEqual(
        (await store.listMessages(other.owner)).map(({ messageId }) => messageId),
        [kept.messageId],
      );
    },
  );

  trial("folders are made with their parents, and refused by reason", async ({ account }) => {
    const { mailbox } = account;
    const made = await mailbox.createFolder("Bücher/2026/März");
    assert.ok(made.ok);
    const names = new Set((await mailbox.folders()).map((folder) => folder.name));
    for (const name of ["Bücher", "Bücher/2026", "Bücher/2026/März"]) assert.ok(names.has(name));
    const refusal = async (name: string, role?: "sent") => {
      const result = await mailbox.createFolder(name, role);
      return result.ok ? "made" : result.refusal;
    };
    assert.equal(await refusal("Bu\u0308cher"), "exists", "NFD is the same name");
    assert.equal(await refusal("inbox"), "exists");
    assert.equal(await refusal("iNbOx/child"), "made");
    for (const bad of ["", "/a", "a/", "a//b", "a\nb", "a%", "*", "\ud800", "x".repeat(256)])
      assert.equal(await refusal(bad), "bad-name", JSON.stringify(bad));
    assert.equal(await refusal(Array.from({ length: 17 }, () => "d").join("/")), "bad-name");
    assert.equal(await refusal("Sent two", "sent"), "exists", "one folder per role");
  });

  trial(
    "a rename takes along what is below, makes parents, and is refused by reason",
    async ({ account }) => {
      const { mailbox } = account;
      const a = await mailbox.createFolder("a");
      await mailbox.createFolder("a/b/c");
      const other = await mailbox.createFolder("other/b");
      assert.ok(a.ok && other.ok);
      const refusal = async (id: string, name: string) => {
        const result = await mailbox.renameFolder(id, name);
        return result.ok ? "renamed" : result.refusal;
      };
      assert.equal(await refusal(a.value.id, "other"), "exists");
      assert.equal(await refusal(a.value.id, "a/b/x"), "bad-name");
      assert.equal(await refusal(newId(), "x"), "no-such-folder");
      const renamed = await mailbox.renameFolder(a.value.id, "new/place");
      assert.ok(renamed.ok);
      assert.deepEqual([renamed.value.id, renamed.value.name], [a.value.id, "new/place"]);
      const names = (await mailbox.folders()).map((folder) => folder.name);
      assert.deepEqual(
        names.filter((name) => /^(?:a|new)(?:\/|$)/.test(name)),
        ["new", "new/place", "new/place/b", "new/place/b/c"],
      );
    },
  );

  trial("renaming the inbox moves its messages and leaves it empty", async ({ account }) => {
    const { mailbox, inbox } = account;
    await mailbox.append(inbox.id, [flagged("a", 1, ["k"]), flagged("b")]);
    const renamed = await mailbox.renameFolder(inbox.id, "Old mail");
    assert.ok(renamed.ok);
    const moved = await mailbox.snapshot(renamed.value.id);
    assert.deepEqual(
      moved?.placements.map(({ uid, flags, keywords }) => [uid, flags, keywords]),
      [
        [1, 1, ["k"]],
        [2, 0, []],
      ],
    );
    const left = await mailbox.snapshot(inbox.id);
    assert.deepEqual([left?.folder.name, left?.placements], ["INBOX", []]);
  });

  trial(
    "a deleted folder is gone; its name made again has a greater UIDVALIDITY",
    async ({ account }) => {
      const { mailbox, inbox } = account;
      const made = await mailbox.createFolder("short");
      assert.ok(made.ok);
      await mailbox.append(made.value.id, [flagged("a")]);
      assert.deepEqual(await mailbox.deleteFolder(made.value.id), { ok: true, value: true });
      assert.equal(await mailbox.snapshot(made.value.id), undefined);
      assert.equal(await mailbox.changesSince(made.value.id, 0), undefined);
      assert.equal(await mailbox.counts(made.value.id), undefined);
      const appended = await mailbox.append(made.value.id, [flagged("b")]);
      assert.deepEqual(appended, { ok: false, refusal: "no-such-folder" });
      const again = await mailbox.createFolder("short");
      assert.ok(again.ok && again.value.uidValidity > made.value.uidValidity);
      assert.notEqual(again.value.id, made.value.id);
      assert.deepEqual(await mailbox.deleteFolder(inbox.id), { ok: false, refusal: "is-inbox" });
      assert.deepEqual(await mailbox.deleteFolder(newId()), {
        ok: false,
        refusal: "no-such-folder",
      });
    },
  );

  trial(
    "one account reaches nothing of another, not even of the same client",
    async ({ engine, store, account }) => {
      const other = await newAccount(engine, store);
      const { messageId } = await store.deliver(account.owner, account.sealer, letter("mine"));
      assert.equal(await other.mailbox.snapshot(account.inbox.id), undefined);
      assert.deepEqual(await bytesOf(other.mailbox, [messageId]), []);
      const sibling = store.openMailbox(
        { client: account.owner.client, account: newId() },
        {
          opener: openOpener(other.keys.boxSecret),
          sealer: other.sealer,
          nameKey: other.keys.nameKey,
        },
      );
      assert.equal(await sibling.snapshot(account.inbox.id), undefined);
      assert.deepEqual(await bytesOf(sibling, [messageId]), []);
      const all = { operation: "replace", flags: 31, keywords: [] } as const;
      assert.deepEqual((await sibling.setFlags(account.inbox.id, [1], all)).changed, []);
      assert.deepEqual((await sibling.expunge(account.inbox.id)).vanished, []);
      assert.equal((await account.mailbox.snapshot(account.inbox.id))?.placements[0]?.flags, 0);
    },
  );

  trial(
    "a watcher hears of its account's changes and of no other",
    async ({ engine, store, account }) => {
      const { mailbox, inbox, owner, sealer } = account;
      const other = await newAccount(engine, store);
      const heard: string[] = [];
      const watching = mailbox.watch((folderId) => heard.push(folderId));
      await store.deliver(other.owner, other.sealer, letter("not mine"));
      await store.deliver(owner, sealer, letter("mine"));
      assert.deepEqual(heard, [inbox.id]);
      watching[Symbol.dispose]();
      await store.deliver(owner, sealer, letter("unheard"));
      assert.deepEqual(heard, [inbox.id]);
    },
  );

  trial("a row moved to another message or folder does not open", async ({ store, account }) => {
    const { owner, sealer, keys } = account;
    const one = await store.deliver(owner, sealer, letter("one"));
    const two = await store.deliver(owner, sealer, letter("two"));
    const [sealed] = await store.sealedMessages(owner, [one.messageId, newId()]);
    assert.ok(sealed);
    const opener = openOpener(keys.boxSecret);
    const context = { class: "content", ...owner, part: "body" } as const;
    assert.ok(opener.open({ ...context, object: one.messageId }, "own", sealed.body).ok);
    assert.ok(!opener.open({ ...context, object: two.messageId }, "own", sealed.body).ok);
  });

  trial(
    "nothing of a message, a folder's name or a keyword is in clear on the disk",
    async ({ store, account, settings }) => {
      const { mailbox, inbox, owner, sealer } = account;
      const marker = `marker${randomBytes(6).toString("hex")}`;
      const control = `control${randomBytes(6).toString("hex")}`;
      await store.deliver(owner, sealer, letter(marker));
      await store.deliver(owner, sealer, letter(marker, 100_000));
      const made = await mailbox.createFolder(`${marker}/below`);
      assert.ok(made.ok);
      await mailbox.append(made.value.id, [flagged(marker, 0, [marker])]);
      await mailbox.setFlags(inbox.id, [1], { operation: "add", flags: 0, keywords: [marker] });
      await mailbox.move(inbox.id, [1], made.value.id);
      await store.deliver(owner, sealer, letter("x"), [
        invoke(addEntry, { client: control, id: 1 }),
      ]);
      const files = readdirSync(settings.folder, { recursive: true, withFileTypes: true }).filter(
        (entry) => entry.isFile(),
      );
      const texts = files.map((file) => readFileSync(join(file.parentPath, file.name)));
      assert.ok(!texts.some((text) => text.includes(marker)));
      if (settings.databaseUrl === undefined)
        assert.ok(
          texts.some((text) => text.includes(control)),
          "the search finds what is in clear",
        );
    },
  );
}
