// What an account keeps beside its folders, over every database: room counted and kept to, expunged mail given back, subscriptions,
// annotations, replacements, and what happens beside a message that was tampered with.
import assert from "node:assert/strict";
import { test } from "node:test";
import { array, assert as always, asyncProperty, constantFrom, nat, record } from "fast-check";
import { type Engine, openEngine } from "#engine";
import { type Allowance, flagBits, type Mailbox, openStore, type Store } from "#store";
import { openOpener } from "#vault";
import { type Account, type FreshSettings, letter, newAccount } from "./store.ts";

interface House {
  readonly engine: Engine;
  readonly store: Store;
  readonly account: Account;
  /** Changes what the account may keep from here on. */
  allow(allowance: Allowance | undefined): void;
}

const flagged = (text: string, flags = 0, keywords: readonly string[] = [], size = 0) => ({
  ...letter(text, size),
  flags,
  keywords,
});

async function folderId(mailbox: Mailbox, name: string): Promise<string> {
  const found = (await mailbox.folders()).find((folder) => folder.name === name);
  assert.ok(found, name);
  return found.id;
}

async function placedIn(mailbox: Mailbox, id: string) {
  return (await mailbox.snapshot(id))?.placements ?? [];
}

/** What the counter must say. */
async function sumOf(mailbox: Mailbox): Promise<{ octets: number; messages: number }> {
  let octets = 0;
  let messages = 0;
  for (const { id } of await mailbox.folders())
    for (const { size } of await placedIn(mailbox, id)) {
      octets += size;
      messages += 1;
    }
  return { octets, messages };
}

export function keptContract(name: string, fresh: FreshSettings, runs: number): void {
  const trial = (title: string, body: (house: House) => Promise<void>) =>
    test(`${name}: ${title}`, async (t) => {
      const settings = await fresh(t);
      if (settings === undefined) return;
      await using engine = await openEngine(settings);
      let allowed: Allowance | undefined;
      const store = openStore({ engine, allowance: async () => allowed });
      const account = await newAccount(engine, store);
      await body({ engine, store, account, allow: (allowance) => (allowed = allowance) });
    });

  trial(
    "the counter of used room is the sum of what is placed, whatever happened",
    async (house) => {
      await always(
        asyncProperty(
          array(
            record({
              kind: constantFrom(
                "deliver",
                "append",
                "copy",
                "move",
                "expunge",
                "replace",
                "restore",
                "delete",
                "withhold",
                "give back",
                "erase",
              ),
              from: nat(2),
              to: nat(2),
              uid: nat(6),
            }),
            { minLength: 5, maxLength: 25 },
          ),
          (steps) => agrees(house, steps),
        ),
        { numRuns: runs },
      );
    },
  );

  trial(
    "an append, a copy or a replacement beyond the room is refused and changes nothing",
    async (house) => {
      const { mailbox, inbox } = house.account;
      const archive = await folderId(mailbox, "Archive");
      const [first] = [await mailbox.append(inbox.id, [flagged("one"), flagged("two")])];
      assert.ok(first.ok);
      const { octets } = await sumOf(mailbox);
      house.allow({ octets: octets + 10, messages: 100 });
      const before = await mailbox.snapshot(inbox.id);
      assert.deepEqual(await mailbox.append(inbox.id, [flagged("three")]), {
        ok: false,
        refusal: "over-quota",
      });
      assert.equal((await mailbox.copy(inbox.id, [1], archive)).ok, false);
      assert.deepEqual(await mailbox.snapshot(inbox.id), before);
      assert.ok((await mailbox.move(inbox.id, [1], archive)).ok, "a move takes no room");
      assert.ok((await mailbox.replace(inbox.id, 2, inbox.id, flagged("2nd"))).ok);
      const larger = await mailbox.replace(inbox.id, 3, inbox.id, flagged("larger", 0, [], 500));
      assert.deepEqual(larger, { ok: false, refusal: "over-quota" });
      house.allow({ octets: octets * 10, messages: 2 });
      assert.equal((await mailbox.append(inbox.id, [flagged("three")])).ok, false);
      assert.ok((await mailbox.replace(inbox.id, 3, archive, flagged("other"))).ok);
      // Who is over already can still make room and read.
      house.allow({ octets: 1, messages: 1 });
      assert.deepEqual(await mailbox.usage(), {
        ...(await sumOf(mailbox)),
        allowance: { octets: 1, messages: 1 },
      });
      await mailbox.setFlags(archive, [1, 2], {
        operation: "add",
        flags: flagBits.deleted,
        keywords: [],
      });
      assert.deepEqual((await mailbox.expunge(archive)).vanished, [1, 2]);
      assert.deepEqual(await sumOf(mailbox), { octets: 0, messages: 0 });
    },
  );

  trial(
    "a replacement is one change: the new one there, the old one gone, or neither",
    async ({ account }) => {
      const { mailbox, inbox } = account;
      const drafts = await folderId(mailbox, "Drafts");
      await mailbox.append(drafts, [flagged("first", flagBits.draft, ["$Work"])]);
      const replaced = await mailbox.replace(drafts, 1, inbox.id, flagged("second", 1, ["b"]));
      assert.ok(replaced.ok);
      assert.deepEqual(await placedIn(mailbox, drafts), []);
      const [now] = await placedIn(mailbox, inbox.id);
      assert.deepEqual([now?.uid, now?.flags, now?.keywords], [1, 1, ["b"]]);
      const since = await mailbox.changesSince(drafts, replaced.value.modseq - 1);
      assert.deepEqual([since?.vanished, since?.highestModseq], [[1], replaced.value.modseq]);
      const again = await mailbox.replace(drafts, 1, inbox.id, flagged("third"));
      assert.deepEqual(again, { ok: false, refusal: "no-such-message" });
      assert.equal((await placedIn(mailbox, inbox.id)).length, 1);
    },
  );

  trial(
    "what was expunged is listed and given back with flags and keywords, once",
    async ({ account }) => {
      const { mailbox, inbox } = account;
      const deleted = flagBits.deleted | flagBits.flagged;
      await mailbox.append(inbox.id, [flagged("lost", deleted, ["$Work"]), flagged("kept")]);
      await mailbox.copy(inbox.id, [2], inbox.id);
      await mailbox.setFlags(inbox.id, [2], {
        operation: "add",
        flags: flagBits.deleted,
        keywords: [],
      });
      await mailbox.expunge(inbox.id);
      const listed = await mailbox.expunged(10);
      assert.equal(listed.length, 1, "a message that stands elsewhere is not gone");
      const [lost] = listed;
      assert.ok(lost);
      assert.equal(Buffer.from(lost.structure ?? []).toString(), "structure of lost");
      assert.deepEqual(lost.folder, { id: inbox.id, name: "INBOX", isThere: true });
      const back = await mailbox.restore([lost.messageId, "unknown"]);
      assert.ok(back.ok);
      assert.deepEqual(
        back.value.map(({ uid, folderId: id }) => [uid, id]),
        [[4, inbox.id]],
      );
      const [, placed] = await placedIn(mailbox, inbox.id);
      assert.deepEqual([placed?.flags, placed?.keywords], [flagBits.flagged, ["$Work"]]);
      assert.deepEqual(await mailbox.expunged(10), []);
      assert.deepEqual(await mailbox.restore([lost.messageId]), { ok: true, value: [] });
    },
  );

  trial(
    "mail of a deleted folder comes back to the inbox or where it is wanted, and keeps the folder's name",
    async ({ account, store }) => {
      const { mailbox, inbox } = account;
      const made = await mailbox.createFolder("Taxes/2025");
      assert.ok(made.ok);
      await mailbox.append(made.value.id, [flagged("a"), flagged("b"), flagged("c")]);
      await mailbox.deleteFolder(made.value.id);
      const listed = await mailbox.expunged(10);
      assert.deepEqual(
        [...new Set(listed.map(({ folder }) => [folder.name, folder.isThere].join()))],
        ["Taxes/2025,false"],
      );
      const ids = listed.map(({ messageId }) => messageId);
      const archive = await folderId(mailbox, "Archive");
      const first = await mailbox.restore(ids.slice(0, 1));
      assert.ok(first.ok);
      assert.equal(first.value[0]?.folderId, inbox.id);
      assert.ok((await mailbox.restore(ids.slice(1, 2), archive)).ok);
      assert.equal((await mailbox.restore(ids.slice(2), made.value.id)).ok, false);
      // The third is given up for good.
      assert.equal(await mailbox.erase(ids), 1);
      assert.deepEqual(await mailbox.expunged(10), []);
      assert.equal(await store.purgeUnplaced(1), 1);
      assert.deepEqual((await store.listMessages(account.owner)).length, 2);
    },
  );

  trial(
    "what a decision took away is neither listed nor given back by its owner",
    async ({ account, store }) => {
      const { mailbox, inbox, owner } = account;
      await mailbox.append(inbox.id, [flagged("bad"), flagged("worse", flagBits.deleted)]);
      const ids = (await placedIn(mailbox, inbox.id)).map(({ messageId }) => messageId);
      await mailbox.expunge(inbox.id);
      await store.withholding.withhold(owner, ids, "d");
      assert.deepEqual(await mailbox.expunged(10), []);
      assert.deepEqual(await mailbox.restore(ids), { ok: true, value: [] });
      await store.withholding.end(owner, "d");
      assert.deepEqual(await mailbox.restore(ids), { ok: true, value: [] });
      assert.equal(await store.purgeUnplaced(Date.now() + 1000), 2);
    },
  );

  trial("what the purge has claimed is not given back", async ({ account, store }) => {
    const { mailbox, inbox } = account;
    await mailbox.append(inbox.id, [flagged("large", flagBits.deleted, [], 100_000)]);
    const [placed] = await placedIn(mailbox, inbox.id);
    await mailbox.expunge(inbox.id);
    const [purged, back] = await Promise.all([
      store.purgeUnplaced(Date.now() + 1000),
      mailbox.restore([placed?.messageId ?? ""]),
    ]);
    assert.ok(back.ok);
    assert.equal(purged + back.value.length, 1, "destroyed or given back, never both");
    if (back.value.length === 1)
      assert.equal((await Array.fromAsync(mailbox.bodies([placed?.messageId ?? ""]))).length, 1);
  });

  trial(
    "a subscription outlives its folder, follows a new name and ends only by its owner",
    async ({ account }) => {
      const { mailbox } = account;
      assert.ok((await mailbox.createFolder("Lists/one")).ok);
      assert.ok((await mailbox.setSubscribed("Lists/one", true)).ok);
      assert.ok((await mailbox.setSubscribed("nowhere", true)).ok);
      assert.equal((await mailbox.setSubscribed("no*name", true)).ok, false);
      const first = ["Archive", "Drafts", "INBOX", "Junk", "Sent", "Trash"];
      assert.deepEqual(
        [...(await mailbox.subscriptions())].sort(),
        [...first, "Lists/one", "nowhere"].sort(),
      );
      await mailbox.renameFolder(await folderId(mailbox, "Lists/one"), "Lists/two");
      const renamed = (await mailbox.folders()).find((folder) => folder.name === "Lists/two");
      assert.equal(renamed?.subscribed, true);
      await mailbox.deleteFolder(renamed?.id ?? "");
      assert.ok((await mailbox.subscriptions()).includes("Lists/two"));
      await mailbox.setSubscribed("Lists/two", false);
      assert.ok(!(await mailbox.subscriptions()).includes("Lists/two"));
      assert.ok((await mailbox.createFolder("nowhere")).ok);
      const made = (await mailbox.folders()).find((folder) => folder.name === "nowhere");
      assert.equal(made?.subscribed, true);
    },
  );

  trial("a level without a folder is renamed with all below it", async ({ account }) => {
    const { mailbox } = account;
    assert.ok((await mailbox.createFolder("a/b/c")).ok);
    await mailbox.deleteFolder(await folderId(mailbox, "a"));
    assert.ok((await mailbox.renameLevel("a", "x/y")).ok);
    const names = (await mailbox.folders()).map((folder) => folder.name);
    assert.ok(
      ["x", "x/y/b", "x/y/b/c"].every((each) => names.includes(each)),
      names.join(),
    );
    assert.equal((await mailbox.renameLevel("a", "z")).ok, false);
  });

  trial(
    "annotations are kept per folder, all or none, and end with their folder",
    async ({ account }) => {
      const { mailbox, inbox } = account;
      const set = (id: string | undefined, values: Record<string, string | null>, most = 3) =>
        mailbox.setAnnotations(
          id,
          new Map(
            Object.entries(values).map(([entry, value]) => [
              entry,
              value === null ? null : Buffer.from(value),
            ]),
          ),
          most,
        );
      const read = async (id: string | undefined) =>
        [...(await mailbox.annotations(id))].map(([entry, value]) => [
          entry,
          Buffer.from(value).toString(),
        ]);
      assert.ok(
        (await set(inbox.id, { "/private/comment": "mine", "/shared/comment": "\0\n" })).ok,
      );
      assert.ok((await set(undefined, { "/private/comment": "of the account" })).ok);
      assert.deepEqual(await read(inbox.id), [
        ["/private/comment", "mine"],
        ["/shared/comment", "\0\n"],
      ]);
      assert.deepEqual(await read(undefined), [["/private/comment", "of the account"]]);
      assert.deepEqual(await set(inbox.id, { "/a/b": "", "/a/c": "", "/shared/comment": "no" }), {
        ok: false,
        refusal: "too-many",
      });
      assert.equal((await read(inbox.id)).length, 2);
      assert.ok((await set(inbox.id, { "/a/b": "", "/private/comment": null })).ok);
      assert.deepEqual(
        (await read(inbox.id)).map(([entry]) => entry),
        ["/a/b", "/shared/comment"],
      );
      assert.equal((await set("nowhere", { "/a/b": "" })).ok, false);
      const made = await mailbox.createFolder("Brief");
      assert.ok(made.ok);
      await set(made.value.id, { "/a/b": "x" });
      await mailbox.deleteFolder(made.value.id);
      assert.deepEqual(await read(made.value.id), []);
    },
  );

  trial(
    "one message that was tampered with keeps nobody from the others",
    async ({ account, store }) => {
      const { mailbox, inbox, owner, keys, sealer } = account;
      await mailbox.append(inbox.id, [flagged("one"), flagged("two", 0, ["k"]), flagged("three")]);
      const ids = (await placedIn(mailbox, inbox.id)).map(({ messageId }) => messageId);
      // The same rows under keys that open none but what is sealed to them now: as if all older ones had been tampered with.
      const stranger = openOpener(keys.boxSecret.map((octet) => octet ^ 1));
      const other = store.openMailbox(owner, { opener: stranger, sealer, nameKey: keys.nameKey });
      assert.equal((await Array.fromAsync(other.bodies(ids))).length, 0);
      assert.equal((await other.structures(ids)).size, 0);
      assert.equal((await Array.fromAsync(mailbox.bodies(ids))).length, 3);
    },
  );
}

interface Step {
  readonly kind: string;
  readonly from: number;
  readonly to: number;
  readonly uid: number;
}

async function agrees({ engine, store }: House, steps: readonly Step[]): Promise<void> {
  const { mailbox, owner, sealer, inbox } = await newAccount(engine, store);
  const names = ["INBOX", "Archive", "more"];
  let decisions = 0;
  for (const { kind, from, to, uid } of steps) {
    for (const each of names) await mailbox.createFolder(each);
    const source = await folderId(mailbox, names[from] ?? "");
    const target = await folderId(mailbox, names[to] ?? "");
    if (kind === "deliver") await store.deliver(owner, sealer, letter("x", uid));
    if (kind === "append")
      await mailbox.append(source, [flagged("a"), flagged("b", 8, ["k"], uid)]);
    if (kind === "copy") await mailbox.copy(source, [uid, uid + 1], target);
    if (kind === "move") await mailbox.move(source, [uid, uid + 1], target);
    if (kind === "expunge") await mailbox.expunge(source);
    if (kind === "replace") await mailbox.replace(source, uid, target, flagged("r", 0, [], uid));
    if (kind === "delete") await mailbox.deleteFolder(source);
    const gone = (await mailbox.expunged(100)).map(({ messageId }) => messageId);
    if (kind === "restore")
      await mailbox.restore(gone.slice(uid), uid % 2 === 0 ? undefined : target);
    if (kind === "erase") await mailbox.erase(gone.slice(0, 1));
    if (kind === "withhold") {
      const [first] = await placedIn(mailbox, inbox.id);
      await store.withholding.withhold(owner, [first?.messageId ?? ""], `d${(decisions += 1)}`);
    }
    if (kind === "give back") await store.withholding.giveBack(owner, `d${decisions}`);
  }
  const { octets, messages } = await mailbox.usage();
  assert.deepEqual({ octets, messages }, await sumOf(mailbox));
  const placed = new Set<string>();
  for (const { id } of await mailbox.folders())
    for (const { messageId } of await placedIn(mailbox, id)) placed.add(messageId);
  for (const { messageId } of await mailbox.expunged(1000)) assert.ok(!placed.has(messageId));
}
