// kill -9 to server and keeper in the middle of a delivery storm, a hundred times over, on SQLite and on PostgreSQL. Nothing that
// was acknowledged is lost; each acknowledged letter is there exactly once, an unanswered attempt at most once.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { houseIn } from "../house.ts";
import { connectImap, fetchedBodies } from "../imap.ts";
import { dice } from "../letters.ts";
import { deliverAll } from "../load.ts";
import { startPostgres } from "../postgres.ts";
import { writeFigure } from "./figures.ts";

const rounds = Number(
  process.argv.find((argument) => argument.startsWith("--rounds="))?.slice(9) ?? 100,
);
const ACCOUNTS = 4;
const password = "a password for the storm";

await storm("SQLite", {});
{
  await using postgres = await startPostgres();
  await storm("PostgreSQL", { BAILEE_DATABASE_URL: postgres.freshDatabase() });
}

async function storm(database: string, settings: NodeJS.ProcessEnv): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "bailee-storm-"));
  const house = await houseIn(folder, settings);
  const began = Date.now();
  const roll = dice(database);
  const attempted = new Set<number>();
  const acknowledged = new Set<number>();
  const seen = new Map<number, number>();
  const nextUid = Array.from({ length: ACCOUNTS }, () => 1);
  let starts = 0;
  let startTime = 0;
  let number = 0;
  try {
    await house.start();
    for (let index = 0; index < ACCOUNTS; index += 1) {
      const added = await house.run(
        ["client", "add", `u${index}@bailee.localhost`, "--password-file", "-"],
        `${password}\n`,
      );
      assert.equal(added.code, 0, added.stderr);
    }
    for (let round = 1; round <= rounds; round += 1) {
      const from = number;
      const load = deliverAll({
        port: round % 2 === 0 ? house.ports.LMTP : house.ports.SMTP,
        protocol: round % 2 === 0 ? "lmtp" : "smtp",
        connections: 8,
        messages: 100_000,
        letters: (n) => letter(from + n),
        recipient: (n) => `u${(from + n) % ACCOUNTS}@bailee.localhost`,
        onAttempt: (n) => {
          attempted.add(from + n);
          number = Math.max(number, from + n + 1);
        },
        onAnswer: (n, line) => {
          if (line.startsWith("250")) acknowledged.add(from + n);
        },
      });
      await sleep(30 + roll(400));
      await house.kill();
      await load;
      const restarting = performance.now();
      await house.start();
      startTime += performance.now() - restarting;
      starts += 1;
      for (let index = 0; index < ACCOUNTS; index += 1) {
        const fresh = await newNumbers(house.ports.IMAP, index, nextUid[index] ?? 1);
        nextUid[index] = fresh.nextUid;
        for (const n of fresh.numbers) seen.set(n, (seen.get(n) ?? 0) + 1);
      }
      judge(round, attempted, acknowledged, seen);
    }
    const text =
      `${database}: ${rounds} kills, ${attempted.size} letters tried, ${acknowledged.size} acknowledged and each there once, ` +
      `${attempted.size - acknowledged.size} unanswered of which ${seen.size - acknowledged.size} are there once, 0 lost, 0 doubled; ` +
      `restart ${Math.round(startTime / starts)} ms on average; ${Math.round((Date.now() - began) / 1000)} s in all`;
    writeFigure("kill", text);
  } finally {
    await house.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

function judge(
  round: number,
  attempted: Set<number>,
  acknowledged: Set<number>,
  seen: Map<number, number>,
): void {
  for (const n of acknowledged)
    assert.equal(
      seen.get(n),
      1,
      `round ${round}: acknowledged letter ${n} is there ${seen.get(n) ?? 0} times`,
    );
  for (const [n, times] of seen) {
    assert.ok(attempted.has(n), `round ${round}: letter ${n} was never sent`);
    assert.equal(times, 1, `round ${round}: letter ${n} is there ${times} times`);
  }
}

function letter(n: number): Buffer {
  const text = `line of letter ${n}\r\n`.repeat(20 + (n % 100));
  return Buffer.from(
    `From: storm@example.org\r\nTo: you@bailee.localhost\r\nSubject: letter\r\nX-Storm: ${n}\r\n\r\n${text}`,
  );
}

/** The X-Storm numbers of an account's letters from a UID on, read as its client reads them. */
async function newNumbers(
  port: number,
  index: number,
  from: number,
): Promise<{ numbers: number[]; nextUid: number }> {
  using imap = await connectImap(port, `u${index}@bailee.localhost`, password);
  await imap.command("EXAMINE INBOX");
  const { status, untagged } = await imap.command(`UID FETCH ${from}:* (UID BODY.PEEK[])`);
  assert.match(status, /^OK/);
  const bodies = fetchedBodies(untagged).filter((body) => body.uid >= from);
  const numbers = bodies.map(({ bytes }) => {
    const text = bytes.toString("latin1");
    const n = Number(/^X-Storm: (\d+)\r$/m.exec(text)?.[1]);
    assert.ok(text.endsWith(letter(n).toString("latin1")), `letter ${n} is whole`);
    return n;
  });
  return {
    numbers,
    nextUid: bodies.reduce((highest, body) => Math.max(highest, body.uid + 1), from),
  };
}
