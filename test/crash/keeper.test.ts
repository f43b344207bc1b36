// The keeper is killed under a running server: mail goes on, and so do clients' sessions; a keeper comes back by itself, and what
// needs one works again.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startHouse } from "../house.ts";
import { connectImap } from "../imap.ts";
import { makeLetter } from "../letters.ts";
import { sendLetter } from "../send.ts";

const password = "a password for the killed keeper";

test("mail goes on while the keeper is dead, and a keeper comes back", async (t) => {
  const house = await startHouse(t);
  const added = await house.run(
    ["client", "add", "ada@bailee.localhost", "--password-file", "-"],
    `${password}\n`,
  );
  assert.equal(added.code, 0, added.stderr);
  const letter = makeLetter({
    from: "x@example.org",
    to: "ada@bailee.localhost",
    subject: "s",
    text: "t",
  });
  const send = () =>
    sendLetter({
      port: house.ports.LMTP,
      lmtp: true,
      from: "x@example.org",
      to: ["ada@bailee.localhost"],
      letter,
    });
  await send();
  using imap = await connectImap(house.ports.IMAP, "ada@bailee.localhost", password);
  await imap.command("SELECT INBOX");

  const [keeper] = keepersOf(house.data);
  assert.ok(keeper !== undefined);
  process.kill(keeper, "SIGKILL");
  await send();
  assert.match((await imap.command("FETCH 2 (BODY.PEEK[])")).status, /^OK/, "the letter is there");
  using again = await connectImap(house.ports.IMAP, "ada@bailee.localhost", password);
  assert.match((await again.command("STATUS INBOX (MESSAGES)")).untagged.toString(), /MESSAGES 2/);

  for (let tries = 0; tries < 100 && !house.printed().includes("keeper.started-again"); tries += 1)
    await sleep(100);
  const listed = await house.run(["grant", "list", "--json"]);
  assert.equal(listed.stdout, "[]\n", listed.stderr);
  const another = await house.run(
    ["client", "add", "bo@bailee.localhost", "--password-file", "-"],
    `${password}\n`,
  );
  assert.equal(another.code, 0, another.stderr);
  assert.equal(await house.stop(), 0);
  assert.deepEqual(keepersOf(house.data), []);
});

function keepersOf(data: string): number[] {
  return globSync("/proc/[0-9]*/cmdline").flatMap((path) => {
    try {
      const line = readFileSync(path, "utf8");
      return line.includes("keeper/process.ts") && line.includes(data)
        ? [Number(path.split("/")[2])]
        : [];
    } catch {
      return [];
    }
  });
}
