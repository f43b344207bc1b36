// Claim: a full download of a folder by IMAP is at least as fast as Dovecot's, which seals nothing. 10,000 letters of 3 KB; the
// runs alternate; the ratio of the medians is printed, above 1 means that Bailee is faster.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { houseIn } from "../test/house.ts";
import { connectImap } from "../test/imap.ts";
import { makeLetter } from "../test/letters.ts";
import { deliverAll } from "../test/load.ts";
import { median, rounded } from "./median.ts";
import { startDovecot } from "./peers/dovecot.ts";

const MESSAGES = 10_000;
const RUNS = 5;

const dovecot = await startDovecot(1);
if (dovecot === undefined) {
  process.stdout.write("skipped: Dovecot is not installed\n");
  process.exit(0);
}
const folder = await mkdtemp(join(tmpdir(), "bailee-bench-"));
const house = await houseIn(folder);
try {
  await house.start();
  const password = "a password for the bench";
  const added = await house.run(
    ["client", "add", "u0@bailee.localhost", "--password-file", "-"],
    `${password}\n`,
  );
  if (added.code !== 0) throw new Error(added.stderr);
  const letters = Array.from({ length: 100 }, (_, index) =>
    makeLetter({
      from: "a@example.org",
      to: "u0@bailee.localhost",
      subject: `letter ${index}`,
      text: "words and more words\n".repeat(128),
    }),
  );
  await deliverAll({
    port: house.ports.LMTP,
    connections: 10,
    messages: MESSAGES,
    letters,
    recipient: () => "u0@bailee.localhost",
  });
  await deliverAll({
    port: dovecot.lmtpPort,
    connections: 10,
    messages: MESSAGES,
    letters,
    recipient: () => "u0",
  });
  const times = { bailee: [] as number[], dovecot: [] as number[] };
  for (let run = 0; run < RUNS; run += 1) {
    times.bailee.push(await download(house.ports.IMAP, "u0@bailee.localhost", password));
    times.dovecot.push(await download(dovecot.imapPort, "u0", dovecot.password));
  }
  const [ours, theirs] = [median(times.bailee), median(times.dovecot)];
  process.stdout.write(
    `${rounded(theirs / ours)} times Dovecot ${dovecot.version} (${MESSAGES} messages: Bailee ${Math.round(ours)} ms, Dovecot ${Math.round(theirs)} ms)\n`,
  );
} finally {
  await house.stop();
  await dovecot[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
}

/** Milliseconds of FETCH 1:* BODY.PEEK[], from the command to its tagged line. */
async function download(port: number, login: string, password: string): Promise<number> {
  using imap = await connectImap(port, login, password);
  await imap.command("SELECT INBOX");
  const began = performance.now();
  const { status, untagged } = await imap.command("FETCH 1:* (UID BODY.PEEK[])");
  const took = performance.now() - began;
  if (!status.startsWith("OK") || untagged.byteLength < MESSAGES * 2500) {
    throw new Error(`not a full download: ${status}, ${untagged.byteLength} octets`);
  }
  return took;
}
