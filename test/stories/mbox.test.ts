// Real mail, by LMTP and by import: each message comes back byte for byte as its client reads it, after the prefix that the
// server added. What holds a bare CR is refused by LMTP and kept as it is by import. Runs on the mbox that BAILEE_TEST_MBOX names.
import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import { test } from "node:test";
import { splitMbox } from "#mail/message";
import { startHouse } from "../house.ts";
import { connectImap, fetchedBodies } from "../imap.ts";
import { hashOf } from "../letters.ts";
import { deliverAll } from "../load.ts";
import { testMbox } from "../require.ts";

const password = "a password for real mail";

test("an mbox of real mail comes back byte for byte, by LMTP and by import", async (t) => {
  const path = testMbox(t);
  if (path === undefined) return;
  const letters: Buffer[] = [];
  for await (const { bytes } of splitMbox(createReadStream(path))) letters.push(Buffer.from(bytes));
  const bare = letters.filter((letter) => /\r(?!\n)|(?<!\r)\n/.test(letter.toString("latin1")));
  const house = await startHouse(t);
  for (const name of ["lmtp", "import"]) {
    const added = await house.run(
      ["client", "add", `${name}@bailee.localhost`, "--password-file", "-"],
      `${password}\n`,
    );
    assert.equal(added.code, 0, added.stderr);
  }

  const refusals: string[] = [];
  const delivered = await deliverAll({
    port: house.ports.LMTP,
    connections: 8,
    messages: letters.length,
    letters,
    recipient: () => "lmtp@bailee.localhost",
    onAnswer: (_, line) => void (line.startsWith("250") || refusals.push(line)),
  });
  assert.equal(delivered.acknowledged, letters.length - bare.length);
  assert.equal(delivered.refused, bare.length);
  for (const line of refusals) assert.match(line, /^5\d\d 5\.\d\.\d/);
  const byLmtp = await read(house.ports.IMAP, "lmtp@bailee.localhost");
  const clean = letters.filter((letter) => !bare.includes(letter));
  // The prefix ends with the Received field; what the sender sent begins behind it.
  const stripped = byLmtp.map((bytes) => hashOf(withoutPrefix(bytes)));
  assert.deepEqual(stripped.toSorted(), clean.map((letter) => hashOf(ended(letter))).toSorted());

  const imported = await house.run(["import", "import@bailee.localhost", path, "--json"]);
  assert.equal(imported.code, 0, imported.stderr);
  assert.deepEqual(JSON.parse(imported.stdout), { imported: letters.length, failed: [] });
  const byImport = await read(house.ports.IMAP, "import@bailee.localhost");
  assert.deepEqual(byImport.map(hashOf).toSorted(), letters.map(hashOf).toSorted());
  t.diagnostic(
    `${letters.length} messages; ${delivered.acknowledged} by LMTP, ${bare.length} refused there; ${byImport.length} by import`,
  );
});

async function read(port: number, login: string): Promise<Buffer[]> {
  using imap = await connectImap(port, login, password);
  await imap.command("EXAMINE INBOX");
  const { untagged } = await imap.command("UID FETCH 1:* (UID BODY.PEEK[])");
  return fetchedBodies(untagged).map(({ bytes }) => bytes);
}

/** What follows the Return-Path and Received fields that delivery put in front. */
function withoutPrefix(bytes: Buffer): Buffer {
  const match =
    /^Return-Path: [^\r\n]*\r\n(?:Delivered-To: [^\r\n]*\r\n)?Received: [^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*/.exec(
      bytes.toString("latin1"),
    );
  assert.ok(match, "a delivered letter begins with our prefix");
  return bytes.subarray(match[0].length);
}

/** SMTP's final dot needs a line end before it (RFC 5321 §4.1.1.4); a letter without one gets it on the way. */
function ended(letter: Buffer): Buffer {
  return letter.toString("latin1").endsWith("\r\n")
    ? letter
    : Buffer.concat([letter, Buffer.from("\r\n")]);
}
