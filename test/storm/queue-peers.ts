// Peers that misbehave at each stage of a session before they behave, and rows that are bent: what becomes of each letter, to the
// number.
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { MINUTE } from "#base/time";
import { letter, openQueueHouse } from "../queue.ts";
import { startScriptedPeer, type Stage, stages } from "../scripted-peer.ts";
import { contextOf, counted, refusing, within } from "./queue-finish.ts";

// How long our side waits in these tests for a reply.
const PATIENCE = 400;

interface Misbehaviour {
  readonly name: string;
  readonly says: string;
  /** After the final dot: how often the letter arrives whole, and how often the peer says 250. */
  readonly atDot: { readonly whole: number; readonly letters: number };
}

// Lines of one reply of which none is the last.
const endless = Array.from({ length: 2000 }, () => `250-${"x".repeat(500)}`).join("\r\n");

const twice = { whole: 2, letters: 1 };
const misbehaviours: readonly Misbehaviour[] = [
  { name: "hangs", says: "hang", atDot: twice },
  { name: "hangs up", says: "drop", atDot: twice },
  { name: "closes its direction", says: "end", atDot: twice },
  { name: "says not now", says: "451 4.3.2 not now", atDot: twice },
  { name: "says not now and that it closes", says: "421 4.3.2 closing", atDot: twice },
  { name: "answers garbage", says: "\u0000\u00ff what? \u0007", atDot: twice },
  { name: "answers with a number that there is not", says: "999 hello", atDot: twice },
  { name: "goes on without an end", says: endless, atDot: twice },
  { name: "answers late", says: `late ${PATIENCE / 2}`, atDot: { whole: 1, letters: 1 } },
  // It took the letter and said so to nobody: SMTP cannot avoid the second.
  { name: "answers too late", says: `late ${PATIENCE * 2}`, atDot: { whole: 2, letters: 2 } },
];

export async function meetPeers(): Promise<string> {
  let doubled = 0;
  const all = misbehaviours.flatMap((how) => stages.map((stage) => ({ how, stage })));
  // Each has a house of its own; some at a time, so that none waits longer than its patience.
  for (let at = 0; at < all.length; at += 3) {
    const done = await Promise.all(all.slice(at, at + 3).map((one) => meet(one.how, one.stage)));
    doubled += done.reduce((sum, one) => sum + one, 0);
  }
  return (
    `${all.length} misbehaviours of peers (${misbehaviours.map(({ name }) => name).join(", ")}; at each of ${stages.join(", ")}): every letter ` +
    `taken in the end and every report sent once; ${doubled} taken twice, where the peer answered 250 only after we had given it up`
  );
}

async function meet(how: Misbehaviour, stage: Stage): Promise<number> {
  await using stack = new AsyncDisposableStack();
  const context = contextOf(stack);
  const peer = await startScriptedPeer(
    context,
    refusing((at, _, session) => (at === stage && session === 1 ? how.says : "ok")),
  );
  const house = await openQueueHouse(context, {
    smarthost: { host: "127.0.0.1", port: peer.port },
    patience: PATIENCE,
  });
  const raw = Buffer.from("Message-ID: <met@x>\r\nSubject: x\r\n\r\nmarker-of-the-body\r\n");
  const to = ["friend@far.example", "gone@far.example"];
  await house.queue.enqueue(letter(to, { raw, sender: "sender@near.example" }));
  const tries = { looked: 0 };
  await within(30, async () => {
    if ((await house.queue.counts()).items === 0) return true;
    // Each turn is longer than any first wait and pause; the letter must not grow as old as a delay notice.
    tries.looked += 1;
    if (tries.looked % 10 === 0 && tries.looked < 700) house.pass(3 * MINUTE);
    return false;
  });
  const got = counted(peer, "met@x");
  const name = `${how.name} at ${stage}\n${peer.texts.join("\n")}`;
  const expected = stage === "dot" ? how.atDot : { whole: 1, letters: 1 };
  assert.deepEqual({ whole: got.whole, letters: got.letters }, expected, name);
  assert.equal(got.reports, 1, name);
  return got.letters - 1;
}

/** Rows that no code of ours wrote, among rows that it did. SQLite, whose file can be bent from outside. */
export async function meetBentRows(): Promise<string> {
  const bends = [
    "update queue_item set body = zeroblob(length(body)) where item_id = ?",
    "update queue_item set body = x'' where item_id = ?",
    "update queue_item set envelope = x'00' where item_id = ?",
    "update queue_item set is_blob = 1 where item_id = ?",
    "update queue_item set is_blob = 7 where item_id = ?",
    "update queue_item set day = 'never' where item_id = ?",
    "update queue_item set client_id = client_id || 'x' where item_id = ?",
    "update queue_recipient set address = zeroblob(3) where item_id = ?",
    "update queue_recipient set attempts = -5 where item_id = ?",
    "update queue_recipient set attempts = 9007199254740000 where item_id = ?",
    "update queue_recipient set state = 'nonsense' where item_id = ?",
    "update queue_recipient set due = -1 where item_id = ?",
    "update queue_item set created = -1 where item_id = ?",
    "update queue_item set size = -1 where item_id = ?",
    "delete from queue_recipient where item_id = ?",
  ];
  await using stack = new AsyncDisposableStack();
  const context = contextOf(stack);
  let isUp = false;
  const peer = await startScriptedPeer(
    context,
    refusing(() => (isUp ? "ok" : "451 4.3.0 wait")),
  );
  const house = await openQueueHouse(context, {
    smarthost: { host: "127.0.0.1", port: peer.port },
  });
  for (const at of bends.keys()) {
    await house.queue.enqueue(numbered(`bent${at}`));
    await house.queue.enqueue(numbered(`whole${at}`));
  }
  await within(30, async () => (await house.status()).every((status) => status !== ""));
  const db = new DatabaseSync(join(house.folder, "bailee.sqlite"), { timeout: 5000 });
  const items = db.prepare("select item_id from queue_item order by created, item_id").all();
  const bent = items.filter((_, at) => at % 2 === 0).map(({ item_id }) => String(item_id));
  db.exec("pragma foreign_keys = off");
  for (const [at, sql] of bends.entries()) db.prepare(sql).run(bent[at] ?? "");
  db.close();
  await house.reopen();
  isUp = true;
  const wanted = items.length - bends.length;
  await within(60, () => {
    house.pass(5 * MINUTE);
    return peer.acknowledged.length >= wanted;
  });
  const times = new Map<string, number>();
  for (const id of peer.acknowledged) times.set(id, (times.get(id) ?? 0) + 1);
  assert.ok(
    [...times.values()].every((count) => count === 1),
    "none twice",
  );
  return `${bends.length} bent rows among ${items.length}: ${times.size} letters left once each, nothing stopped the others`;
}

function numbered(id: string) {
  const raw = Buffer.from(`Message-ID: <${id}@x>\r\n\r\nmarker-of-the-body\r\n`);
  return letter(["friend@far.example"], { raw, sender: "sender@near.example" });
}
