// Thunderbird against the whole house: over TLS, with a saved password, each step seen from the server's side too.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { addClient, until } from "../client.ts";
import { startHouse } from "../house.ts";
import { hashOf, makeLetter } from "../letters.ts";
import { requirePrograms } from "../require.ts";
import { sendLetter } from "../send.ts";
import { startThunderbird } from "./thunderbird.ts";

test("Thunderbird does with a mailbox what people do with one", async (t) => {
  if (!requirePrograms(t, "thunderbird")) return;
  const house = await startHouse(t);
  const ada = await addClient(house, "ada");
  const bob = await addClient(house, "bob");
  const letterTo = (subject: string, text: string): Buffer =>
    makeLetter({ from: `Bob <${bob.address}>`, to: ada.address, subject, text });
  const deliver = async (letter: Buffer): Promise<void> => {
    const { SMTP: port } = house.ports;
    await sendLetter({ port, from: bob.address, to: [ada.address], letter });
  };
  const first = letterTo("Grüße aus Köln", "Der Quittenbaum blüht.\nBis bald\n");
  await deliver(first);
  // After the last line of a letter SMTP has a line end.
  const arrived = hashOf(Buffer.concat([first, Buffer.from("\r\n")]));
  const withoutPrefix = (letter: Buffer): Buffer =>
    letter.subarray(letter.byteLength - first.byteLength - 2);
  await deliver(letterTo("Second", "nothing of that tree here"));
  const began = Date.now();
  const thunderbird = await startThunderbird(t, house, ada);
  t.diagnostic(`Thunderbird ${thunderbird.version} started in ${Date.now() - began} ms`);

  await t.test("lists the folders and knows what each is for", async () => {
    assert.deepEqual((await thunderbird.call<string[]>("folders", 6)).sort(), [
      "Archive Archive",
      "Drafts Drafts",
      "INBOX Inbox",
      "Junk Junk",
      "Sent SentMail",
      "Trash Trash",
    ]);
  });

  await t.test("reads a letter to the octet", async () => {
    assert.deepEqual(await thunderbird.call("open", "INBOX"), ["Grüße aus Köln", "Second"]);
    const text = await thunderbird.call<string>("read", "INBOX", "Grüße aus Köln");
    const read = Buffer.from(text, "latin1");
    assert.equal(hashOf(withoutPrefix(read)), arrived);
  });

  await t.test("reads a large letter in HTML with an attachment to the octet", async () => {
    const bytes = Buffer.from(Array.from({ length: 900_000 }, (_, at) => (at * at) % 251));
    const large = makeLetter({
      from: bob.address,
      to: bob.address,
      subject: "Large",
      text: "see the file",
      html: "<p>see the <b>file</b></p>",
      attachments: [{ name: "Größe.bin", type: "application/octet-stream", bytes }],
    });
    const { LMTP: port } = house.ports;
    const to = [ada.address];
    await sendLetter({ port, lmtp: true, from: bob.address, to, letter: large });
    await thunderbird.call("open", "INBOX");
    const read = await thunderbird.call<string>("read", "INBOX", "Large");
    const tail = Buffer.from(read, "latin1").subarray(-large.byteLength);
    assert.equal(hashOf(tail), hashOf(large));
    await thunderbird.call("remove", "INBOX", "Large", true);
    await thunderbird.call("expunge", "INBOX");
  });

  await t.test("sets and clears star, tag and read mark", async () => {
    const flags = () => ada.look("INBOX", "UID FETCH 1 (FLAGS)");
    await thunderbird.call("mark", "INBOX", "Grüße aus Köln", true);
    const marked = /(?=.*\\Flagged)(?=.*\\Seen)(?=.*\$label1)/;
    await until("the flags", async () => marked.test(await flags()));
    await thunderbird.call("mark", "INBOX", "Grüße aus Köln", false);
    await until("no flags", async () => /FLAGS \(\)/.test(await flags()));
  });

  await t.test("has the server search", async () => {
    const search = (word: string) => thunderbird.call("searchBodies", "INBOX", word);
    assert.deepEqual(await search("quittenbaum"), ["Grüße aus Köln"]);
    assert.deepEqual(await search("BLÜHT"), ["Grüße aus Köln"]);
    assert.deepEqual(await search("tree"), ["Second"]);
    assert.deepEqual(await search("nowhere"), []);
  });

  await t.test("hears of a delivery and of another program's flag while it idles", async () => {
    // It says IDLE two seconds after its last command; what came before that it would hear by then.
    await new Promise((idling) => setTimeout(idling, 2500));
    const delivered = Date.now();
    await deliver(letterTo("While you idle", "news"));
    await thunderbird.call("awaitLetter", "INBOX", "While you idle");
    const waited = Date.now() - delivered;
    t.diagnostic(`a delivery was in an idling Thunderbird after ${waited} ms`);
    assert.ok(waited < 2000, `${waited} ms`);
    await ada.change("INBOX", "UID STORE 4 +FLAGS (\\Flagged \\Seen)");
    await thunderbird.call("awaitMarks", "INBOX", "While you idle", { read: true, star: true });
  });

  await t.test("makes a folder, appends, copies and moves", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "bailee-append-"));
    t.after(() => rm(folder, { recursive: true }));
    const appended = letterTo("From a file", "kept");
    await writeFile(join(folder, "letter.eml"), appended);
    await thunderbird.call("makeFolder", "Größe");
    await thunderbird.call("append", "Größe", join(folder, "letter.eml"));
    await thunderbird.call("transfer", "INBOX", "Grüße aus Köln", "Größe", false);
    await thunderbird.call("transfer", "INBOX", "Second", "Archive", true);
    // RFC 3501 §5.1.3: the name as a program without UTF8=ACCEPT says it.
    const [fromFile, copied, ...more] = await ada.letters("Gr&APYA3w-e");
    assert.ok(fromFile !== undefined && copied !== undefined && more.length === 0);
    assert.equal(hashOf(fromFile), hashOf(appended));
    assert.equal(hashOf(withoutPrefix(copied)), arrived);
    assert.match(await ada.look("Gr&APYA3w-e", "FETCH 1 (FLAGS)"), /\\Seen/);
    assert.deepEqual(await ada.find("INBOX", "ALL"), [1, 4]);
    assert.deepEqual(await ada.find("Archive", "SUBJECT Second"), [1]);
    assert.deepEqual(await thunderbird.call("open", "Archive"), ["Second"]);
    assert.deepEqual(await thunderbird.call("open", "Größe"), ["From a file", "Grüße aus Köln"]);
  });

  await t.test("answers a letter through submission; it arrives, and Sent has it", async () => {
    await thunderbird.call("reply", "INBOX", "Grüße aus Köln", "Schöne Grüße zurück! ");
    const [received] = await until("the answer", async () => {
      const letters = await bob.letters("INBOX");
      return letters.length > 0 && letters;
    });
    const answer = received?.toString("utf8") ?? "";
    assert.match(answer, /Schöne Grüße zurück!/);
    assert.match(answer, /^> Der Quittenbaum blüht\.\r$/m);
    const about = /^Message-ID: (.*)\r$/m.exec(first.toString())?.[1] ?? "?";
    assert.ok(answer.includes(`In-Reply-To: ${about}\r\n`));
    assert.match(answer, /^From: Thunderbird <ada@bailee\.localhost>\r$/m);
    assert.match(answer, /\bwith ESMTPSA\b/, "over TLS, signed in");
    const [kept = Buffer.alloc(0), ...others] = await until("the copy", async () => {
      const letters = await ada.letters("Sent");
      return letters.length > 0 && letters;
    });
    assert.equal(others.length, 0);
    const id = /^Message-ID: .*$/m.exec(answer)?.[0] ?? "?";
    assert.ok(kept.includes(id), "the same letter");
    await until("the mark", async () => (await ada.find("INBOX", "ANSWERED")).length === 1);
    const marks = await thunderbird.call<{ answered: boolean }>("marks", "INBOX", "Grüße aus Köln");
    assert.equal(marks.answered, true);
  });

  await t.test("deletes into the wastebasket, and for good", async () => {
    await thunderbird.call("remove", "INBOX", "While you idle", false);
    await until("Trash", async () => (await ada.find("Trash", "ALL")).length === 1);
    assert.deepEqual(await ada.find("INBOX", "ALL"), [1]);
    assert.deepEqual(await thunderbird.call("open", "Trash"), ["While you idle"]);
    await thunderbird.call("remove", "Trash", "While you idle", true);
    await thunderbird.call("expunge", "Trash");
    assert.deepEqual(await ada.find("Trash", "ALL"), []);
  });

  const marksOf = async (subject: string): Promise<readonly boolean[]> => {
    const { read, star } = await thunderbird.call<{ read: boolean; star: boolean }>(
      "marks",
      "Größe",
      subject,
    );
    return [read, star];
  };

  await t.test("hears of what others changed when it opens the folder again", async () => {
    await thunderbird.call("open", "Größe");
    await ada.change("Gr&APYA3w-e", "STORE 1 -FLAGS (\\Seen)");
    await ada.change("Gr&APYA3w-e", "STORE 2 +FLAGS (\\Seen)");
    await thunderbird.call("open", "Größe");
    assert.deepEqual(await marksOf("From a file"), [false, false]);
    assert.deepEqual(await marksOf("Grüße aus Köln"), [true, false]);
  });

  await t.test("catches up by CONDSTORE with what was changed while it was away", async () => {
    await thunderbird.call("useCondstore");
    await ada.change("Gr&APYA3w-e", "STORE 1 +FLAGS (\\Seen)");
    await ada.change("Gr&APYA3w-e", "STORE 2 +FLAGS (\\Flagged)");
    await thunderbird.call("open", "Größe");
    assert.deepEqual(await marksOf("From a file"), [true, false]);
    assert.deepEqual(await marksOf("Grüße aus Köln"), [true, true]);
  });
});
