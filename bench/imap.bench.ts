// Claim: the everyday commands of IMAP are as fast as Dovecot's on the same mailbox, though every structure and body is opened from its
// seal. Each line is one kind of work, its time the median of alternating laps; above 1 means that Bailee is faster. What a program
// asks for first after signing in, when nothing of its account is open, stands by itself; elsewhere both have been asked before.
import { readFileSync } from "node:fs";
import type { ImapConnection } from "../test/imap.ts";
import { makeLetter } from "../test/letters.ts";
import { ACCOUNTS, must, openPair, type Peer, race } from "./imap.ts";
import { rounded } from "./median.ts";

const MESSAGES = 5000;
/** Times that all of them are copied into the large folder. */
const COPIES = 10;
// Enough of them that the noise of one heap is small beside what they cost; an account may have 32, an address 200.
const IDLERS = 150;
/** Milliseconds after which a server that does nothing has given back what it gives back. */
const SETTLED = 12_000;

const words = "meeting invoice holiday garden train letter winter report paper coffee".split(" ");
const letters = Array.from({ length: 100 }, (_, index) =>
  makeLetter({
    from: `Somebody ${index} <somebody${index}@example.org>`,
    to: "u0@bailee.localhost",
    subject: `${words[index % 10] ?? ""} number ${index}`,
    text: `${words[(index * 7) % 10] ?? ""} and more words ${index === 42 ? "needle" : ""}\n`.repeat(
      100,
    ),
    ...(index % 3 === 0 ? { html: `<p>${"words ".repeat(200)}</p>` } : {}),
    attachments:
      index % 10 === 0
        ? [{ name: "a.bin", type: "application/octet-stream", bytes: Buffer.alloc(20_000, index) }]
        : [],
  }),
);

const idle = await measureIdle();
await using pair = await openPair(MESSAGES, letters);
if (idle === undefined || pair === undefined) {
  process.stdout.write("skipped: Dovecot is not installed\n");
  process.exit(0);
}
const lines: string[] = [`against Dovecot ${pair.version}, ${MESSAGES} messages`];
const open = new Map<Peer, ImapConnection>();
for (const peer of [pair.bailee, pair.dovecot]) {
  const imap = await peer.connect();
  await must(imap, "SELECT INBOX");
  open.set(peer, imap);
}
const over = (peer: Peer): ImapConnection => {
  const imap = open.get(peer);
  if (imap === undefined) throw new Error("no connection");
  return imap;
};
const once = (command: string) => async (peer: Peer) => void (await must(over(peer), command));

for (const imap of open.values()) {
  await must(imap, "CREATE Large");
  for (let copy = 0; copy < COPIES; copy += 1) await must(imap, "COPY 1:* Large");
}
const again = (folder: string) => async (peer: Peer) => {
  await must(over(peer), `SELECT ${folder}`);
  await must(over(peer), "UNSELECT");
};
const large = `${MESSAGES * COPIES} messages`;
// Many laps of what takes a fraction of a millisecond, and a server that has run for some seconds, as servers have.
lines.push(
  await race(pair, "SELECT and leave", 2000, again("INBOX")),
  await race(pair, `SELECT of ${large} and leave`, 2000, again("Large")),
);
await Promise.all([...open.values()].map((imap) => must(imap, "SELECT INBOX")));
lines.push(
  await race(pair, "FETCH of flags", 25, once("FETCH 1:* (UID FLAGS)")),
  await race(
    pair,
    "FETCH of envelopes",
    9,
    once("FETCH 1:* (UID ENVELOPE INTERNALDATE RFC822.SIZE)"),
  ),
  await race(pair, "FETCH of structures", 9, once("FETCH 1:* BODYSTRUCTURE")),
  await race(pair, "FETCH of bodies", 5, once("FETCH 1:* (UID BODY.PEEK[])")),
  await race(pair, "SEARCH BODY", 5, once("SEARCH BODY needle")),
  await race(pair, "mixed load", 5, mixed),
);
for (const imap of open.values()) await must(imap, "LOGOUT");
lines.push(
  await race(pair, `first SELECT of ${large}`, 5, first("SELECT Large")),
  await race(
    pair,
    "first FETCH of envelopes",
    5,
    first("FETCH 1:* (UID ENVELOPE INTERNALDATE RFC822.SIZE)", "EXAMINE INBOX"),
  ),
  await race(
    pair,
    "first FETCH of structures",
    5,
    first("FETCH 1:* BODYSTRUCTURE", "EXAMINE INBOX"),
  ),
);
lines.push(idle);
process.stdout.write(`${lines.join("\n  - ")}\n`);

/** What ten programs do in a while: look, read a page, open a letter, flag it, file one, search by header. */
async function mixed(peer: Peer): Promise<void> {
  const programs = Array.from({ length: 10 }, async (_, index) => {
    using imap = await peer.connect();
    await must(imap, "SELECT INBOX");
    for (let round = 0; round < 20; round += 1) {
      const at = ((index * 20 + round) * 23) % (MESSAGES - 60);
      await must(imap, `FETCH ${at + 1}:${at + 50} (UID FLAGS ENVELOPE BODYSTRUCTURE)`);
      await must(imap, `UID FETCH ${at + 1} BODY.PEEK[]`);
      await must(imap, `STORE ${at + 1} ${round % 2 === 0 ? "+" : "-"}FLAGS (\\Flagged)`);
      await must(imap, "NOOP");
      if (round % 5 === 0) await must(imap, "SEARCH UNSEEN FROM somebody42");
      if (round % 5 === 0)
        await imap.commandWithLiteral("APPEND INBOX", letters[index] ?? Buffer.alloc(0));
    }
  });
  await Promise.all(programs);
}

/** The first command of its kind after signing in, while nobody else of the account is there; what comes before it is not counted. */
function first(command: string, ...before: readonly string[]): (peer: Peer) => Promise<number> {
  return async (peer) => {
    using imap = await peer.connect();
    for (const each of before) await must(imap, each);
    const began = performance.now();
    await must(imap, command);
    const took = performance.now() - began;
    await must(imap, "LOGOUT");
    return took;
  };
}

/** In servers of its own that have done nothing else: what other work leaves is given back while one measures. */
async function measureIdle(): Promise<string | undefined> {
  await using fresh = await openPair(1, letters);
  if (fresh === undefined) return undefined;
  const [ours, theirs] = [await idleMemory(fresh.bailee), await idleMemory(fresh.dovecot)];
  return `memory of an idle connection: ${rounded(theirs / ours)} times less than Dovecot (Bailee ${ours.toFixed(1)} KiB, Dovecot ${theirs.toFixed(1)} KiB)`;
}

/** KiB that one more connection in IDLE costs: of private memory, so that what processes share counts once. */
async function idleMemory(peer: Peer): Promise<number> {
  const measure = async (): Promise<number> => {
    // What was needed for a moment is given back to the machine some seconds later, and is not what connections cost.
    await new Promise((resolve) => setTimeout(resolve, SETTLED));
    return peer.pids().reduce((sum, pid) => sum + privateKiB(pid), 0);
  };
  const held: ImapConnection[] = [];
  const hold = async (count: number): Promise<void> => {
    for (let each = 0; each < count; each += 1) {
      const imap = await peer.connect(held.length % ACCOUNTS);
      // Not the large folder: what a connection costs, not what a folder does.
      await must(imap, held.length % ACCOUNTS === 0 ? "NOOP" : "SELECT INBOX");
      void imap.command("IDLE").catch(() => {});
      held.push(imap);
    }
  };
  // The first fill pools and start processes that the others use.
  await hold(ACCOUNTS * 2);
  const before = await measure();
  await hold(IDLERS);
  const cost = ((await measure()) - before) / IDLERS;
  for (const imap of held) imap[Symbol.dispose]();
  return cost;
}

function privateKiB(pid: number): number {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "latin1");
    return [...rollup.matchAll(/^Private_\w+:\s+(\d+) kB/gm)].reduce(
      (sum, [, kib]) => sum + Number(kib),
      0,
    );
  } catch {
    return 0;
  }
}
