// The server over real sockets and a real store: what depends on time, on two sessions, or on TLS.
import assert from "node:assert/strict";
import { test } from "node:test";
import { connectImap, fetchedBodies } from "../../../test/imap.ts";
import { openImapHouse } from "../../../test/imap-house.ts";
import { makeLetter } from "../../../test/letters.ts";

const letter = makeLetter({
  from: "Bob <bob@example.org>",
  to: "ada@bailee.example",
  subject: "One",
  text: "first letter",
});

test("a delivered message is seen by the very next command, byte for byte", async (t) => {
  const house = await openImapHouse(t);
  using imap = await connectImap(house.port, "ada", "right");
  assert.match((await imap.command("SELECT INBOX")).untagged.toString(), /\* 0 EXISTS/);
  await house.deliver(letter);
  const found = await imap.command("SEARCH ALL");
  assert.match(found.untagged.toString(), /\* 1 EXISTS[^]*\* SEARCH 1\r\n/);
  const fetched = await imap.command("UID FETCH 1:* (UID BODY.PEEK[])");
  const [body] = fetchedBodies(fetched.untagged);
  assert.deepEqual(body?.bytes, letter);
});
