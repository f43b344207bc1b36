// kill -9 between every two steps of a letter's way through the queue, and of its report's; then at random moments under load. What
// must come of each is written beside it, to the number.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { openEngine } from "#engine";
import { queueRoom, type Step } from "#mail/queue";
import { openQueueProcess } from "../crash/queue-process.ts";
import { dice } from "../letters.ts";
import { type Stage, startScriptedPeer } from "../scripted-peer.ts";
import { contextOf, type Counted, counted, finish, type Moment, refusing } from "./queue-finish.ts";

interface Kill {
  readonly name: string;
  /** At a step of ours, and at which coming by it; or around a reply of the peer. */
  readonly at: string | ({ readonly when: "before" | "after" } & Moment);
  readonly expected: Counted;
}

const never: Counted = { letters: 0, whole: 0, reports: 0 };
const once: Counted = { letters: 1, whole: 1, reports: 1 };
// The peer said 250, and we died before that was on the disk.
const letterTwice: Counted = { letters: 2, whole: 2, reports: 1 };
const reportTwice: Counted = { letters: 1, whole: 1, reports: 2 };
// The peer had it all and had not answered: to it, the two are one letter that was not taken and one that was.
const unanswered: Counted = { letters: 1, whole: 2, reports: 1 };

function matrix(isLarge: boolean): readonly Kill[] {
  const steps: (readonly [Step | `${Step} 2`, Counted])[] = [
    ["accepted", never],
    ["sealed", never],
    ["queued", once],
    ["claimed", once],
    ["opened", once],
    ["transmitted", letterTwice],
    ["concluded", letterTwice],
    ["settled", once],
    ["body-removed", once],
    ["claimed 2", once],
    ["opened 2", once],
    ["transmitted 2", reportTwice],
    ["concluded 2", reportTwice],
    ["settled 2", once],
    ["body-removed 2", once],
  ];
  if (isLarge)
    steps.push(
      ["blob-announced", never],
      ["blob-written", never],
      ["blob-announced 2", letterTwice],
      ["blob-written 2", letterTwice],
    );
  const moments: Moment[] = [1, 2].flatMap((session) =>
    (["greeting", "EHLO", "MAIL", "RCPT", "DATA", "dot"] satisfies Stage[]).map((stage) => ({
      stage,
      line: stage === "RCPT" && session === 1 ? "friend@" : "",
      session,
    })),
  );
  moments.push({ stage: "RCPT", line: "gone@", session: 1 });
  return [
    ...steps.map(([at, expected]) => ({ name: at, at, expected })),
    ...moments.flatMap((moment) =>
      (["before", "after"] as const).map((when): Kill => {
        const { stage, line, session } = moment;
        const name = `${when} the reply to ${stage} ${line} of ${session === 1 ? "the letter" : "its report"}`;
        return { name, at: { when, ...moment }, expected: expectedAt(stage, when, session) };
      }),
    ),
  ];
}

function expectedAt(stage: Stage, when: "before" | "after", session: number): Counted {
  if (stage !== "dot") return once;
  if (when === "before") return session === 1 ? unanswered : once;
  return session === 1 ? letterTwice : reportTwice;
}

/** Each kill with a small letter and with one that lies in a blob. Returns what it did, in words. */
export async function killAtEachStep(databaseUrl: string | undefined): Promise<string> {
  let [kills, doubled] = [0, 0];
  for (const octets of [100, 150_000]) {
    for (const kill of matrix(octets > 100_000)) {
      const got = await killOnce(kill, octets, databaseUrl);
      assert.deepEqual(got, kill.expected, `${kill.name}, ${octets} octets`);
      kills += 1;
      if (got.letters > 1 || got.reports > 1) doubled += 1;
    }
  }
  return (
    `${kills} kills at every step and reply, with a body in the row and in a blob: no acknowledged letter lost, each report sent; ` +
    `${doubled} doubled, all between the peer's 250 and our record`
  );
}

async function killOnce(
  { name, at, expected }: Kill,
  octets: number,
  databaseUrl: string | undefined,
): Promise<Counted> {
  await using stack = new AsyncDisposableStack();
  const id = "letter@x";
  let isKilled = false;
  const die = (): void => {
    isKilled = true;
    child.killNow();
  };
  const behave = refusing((stage, line, session) => {
    if (typeof at === "string" || isKilled) return "ok";
    if (stage !== at.stage || session !== at.session || !line.includes(at.line)) return "ok";
    if (at.when === "after") setImmediate(die);
    else die();
    return at.when === "after" ? "ok" : "hang";
  });
  const peer = await startScriptedPeer(contextOf(stack), behave);
  const child = stack.use(await openQueueProcess(peer.port, databaseUrl));
  await child.start(typeof at === "string" ? at : "");
  child.send(id, octets);
  const died = child.died().then(() => true);
  const inTime = await Promise.race([died, sleep(20_000, false, { ref: false })]);
  assert.ok(inTime, `it never came to: ${name}`);
  await finish({ folder: child.folder, databaseUrl, port: peer.port, keys: [child.key] });
  if (child.acknowledged.has(id))
    assert.ok(expected.letters > 0, `${name}: 250 was said too early`);
  return counted(peer, id);
}

const LETTERS = 60;

/** Letters of both kinds, killed at random while they come in and go out. */
export async function killAtRandom(
  rounds: number,
  databaseUrl: string | undefined,
): Promise<string> {
  await using stack = new AsyncDisposableStack();
  const roll = dice(`queue ${databaseUrl === undefined}`);
  const peer = await startScriptedPeer(contextOf(stack), refusing());
  const child = stack.use(await openQueueProcess(peer.port, databaseUrl));
  const tried: string[] = [];
  const caught = new Set<string>();
  for (let round = 0; round < rounds; round += 1) {
    await child.start();
    for (let n = 0; n < LETTERS; n += 1) {
      const id = `${round}.${n}@x`;
      tried.push(id);
      child.send(id, n % 5 === 0 ? 150_000 : 500);
    }
    await sleep(20 + roll(500));
    await child.kill();
    for (const attempt of await caughtTrying(child.folder, databaseUrl)) caught.add(attempt);
  }
  await finish({ folder: child.folder, databaseUrl, port: peer.port, keys: [child.key] });
  let [lost, doubled, more] = [0, 0, 0];
  for (const id of tried) {
    const { letters, reports } = counted(peer, id);
    if (child.acknowledged.has(id) && (letters === 0 || reports === 0)) lost += 1;
    if (!child.acknowledged.has(id) && letters > 0) more += 1;
    doubled += Math.max(0, letters - 1) + Math.max(0, reports - 1);
  }
  assert.equal(lost, 0);
  assert.ok(doubled <= caught.size, `${doubled} doubled, ${caught.size} could be`);
  return (
    `${rounds} kills at random among ${tried.length} letters: ${child.acknowledged.size} acknowledged, 0 lost; ${more} others were on the ` +
    `disk all the same; ${doubled} letters or reports doubled, of ${caught.size} that were being transmitted at a kill`
  );
}

/** Attempts that were under way: these and no others may have arrived without our knowing. */
async function caughtTrying(
  folder: string,
  databaseUrl: string | undefined,
): Promise<readonly string[]> {
  const engine = await openEngine({ folder, databaseUrl, rooms: [queueRoom] });
  try {
    const rows = await engine
      .reader<{ queue_recipient: { item_id: string; attempts: number; state: string } }>()
      .selectFrom("queue_recipient")
      .select(["item_id", "attempts"])
      .where("state", "=", "trying")
      .execute();
    return rows.map(({ item_id, attempts }) => `${item_id} ${attempts}`);
  } finally {
    await engine[Symbol.asyncDispose]();
  }
}
