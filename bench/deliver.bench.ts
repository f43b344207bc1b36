// Claim: durable, sealed delivery of 10 KB letters by LMTP over 20 connections to 20 accounts, against Dovecot's LMTP in the same
// run. The runs alternate; each letter counts when it was answered with 250. Above 1 means that Bailee is faster.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { houseIn } from "../test/house.ts";
import { makeLetter } from "../test/letters.ts";
import { deliverAll } from "../test/load.ts";
import { median, rounded } from "./median.ts";
import { startDovecot } from "./peers/dovecot.ts";

const ACCOUNTS = 20;
const CONNECTIONS = 20;
const RUNS = 5;

const dovecot = await startDovecot(ACCOUNTS);
if (dovecot === undefined) {
  process.stdout.write("skipped: Dovecot is not installed\n");
  process.exit(0);
}
const folder = await mkdtemp(join(tmpdir(), "bailee-bench-"));
const house = await houseIn(folder);
try {
  await house.start();
  for (let index = 0; index < ACCOUNTS; index += 1) {
    const added = await house.run(["client", "add", `u${index}@bailee.localhost`]);
    if (added.code !== 0) throw new Error(added.stderr);
  }
  const letters = Array.from({ length: 50 }, (_, index) =>
    makeLetter({
      from: "a@example.org",
      to: "u@bailee.localhost",
      subject: `letter ${index}`,
      text: "words and more words\n".repeat(460),
    }),
  );
  const rates = { bailee: [] as number[], dovecot: [] as number[] };
  for (let run = 0; run <= RUNS; run += 1) {
    const ours = await rate(
      house.ports.LMTP,
      3000,
      letters,
      (n) => `u${n % ACCOUNTS}@bailee.localhost`,
    );
    const theirs = await rate(dovecot.lmtpPort, 1000, letters, (n) => `u${n % ACCOUNTS}`);
    if (run === 0) continue; // the first round warms both up
    rates.bailee.push(ours);
    rates.dovecot.push(theirs);
  }
  const [ours, theirs] = [median(rates.bailee), median(rates.dovecot)];
  process.stdout.write(
    `${rounded(ours / theirs)} times Dovecot ${dovecot.version} LMTP (Bailee ${Math.round(ours)}/s sealed, Dovecot ${Math.round(theirs)}/s)\n`,
  );
} finally {
  await house.stop();
  await dovecot[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
}

async function rate(
  port: number,
  messages: number,
  letters: Buffer[],
  recipient: (n: number) => string,
): Promise<number> {
  const began = performance.now();
  const { acknowledged } = await deliverAll({
    port,
    connections: CONNECTIONS,
    messages,
    letters,
    recipient,
  });
  if (acknowledged !== messages) throw new Error(`only ${acknowledged} of ${messages} were taken`);
  return (messages / (performance.now() - began)) * 1000;
}
