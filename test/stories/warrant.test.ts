// A warrant on the desk: ground E3, one letter, a determination by a person who is not the one who handles the request, and a
// prohibition to tell. Its twins are refused: without determination, by the actor's own, for another instrument.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { startHouse } from "../house.ts";
import { makeLetter } from "../letters.ts";
import { sendLetter } from "../send.ts";

test("a warrant opens one letter, for the court, after a determination by somebody else", async (t) => {
  const house = await startHouse(t);
  const keys = (name: string): string => join(house.data, "example-keys", `${name}.key`);
  const file = (name: string): string => join(house.data, name);
  const run = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await house.run(args);
    return code === 0 ? stdout.trim() : `REFUSED ${stderr.trim()}`;
  };
  await run("client", "add", "ada@bailee.localhost");
  for (const subject of ["the first", "the second"]) {
    const letter = makeLetter({
      from: "x@example.org",
      to: "ada@bailee.localhost",
      subject,
      text: subject,
    });
    await sendLetter({
      port: house.ports.SMTP,
      from: "x@example.org",
      to: ["ada@bailee.localhost"],
      letter,
    });
  }
  const [{ messageId: first } = { messageId: "" }] = JSON.parse(
    await run("grant", "messages", "ada@bailee.localhost", "--json"),
  ) as { messageId: string }[];
  const instrument = "warrant, district court of Example, 12 Gs 345/26, 2026-11-20";
  const determined = "seen in the original, called back; valid and enforceable for this letter";
  const determine = (key: string, about: string) =>
    run(
      "approve",
      "determine",
      "--client",
      "ada@bailee.localhost",
      "--id",
      first,
      "--instrument",
      about,
      "--text",
      determined,
      "--key",
      keys(key),
    );
  let drafts = 0;
  const filed = async (determination: string, named = instrument): Promise<string> => {
    drafts += 1;
    const out = file(`draft-${drafts}.json`);
    const options = {
      ground: "E3",
      client: "ada@bailee.localhost",
      id: first,
      asked: "the whole mailbox",
      reason: "as the court orders",
      requester: "District Court",
      "requester-kind": "court",
      actor: keys("operator"),
      recipient: keys("recipient"),
      out,
    };
    const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    words.push("--demand", `instrument=${named}`, "--demand", `determination=${determination}`);
    const drafted = await run("grant", "draft", ...words);
    if (drafted.startsWith("REFUSED")) return drafted;
    return run("grant", "file", out, "--key", keys("operator"));
  };
  assert.match(await filed(" "), /REFUSED.*determination/);
  assert.match(await filed(await determine("operator", instrument)), /REFUSED.*self-determined/);
  assert.match(
    await filed(await determine("approver-1", instrument), "another warrant"),
    /REFUSED/,
  );
  const answer = await filed(await determine("approver-1", instrument));
  const hash = /filed ([0-9a-f]{64})/.exec(answer)?.[1] ?? "";
  assert.notEqual(hash, "", answer);
  for (const approver of ["approver-1", "approver-2"]) {
    assert.match(await run("approve", "sign", hash, "--key", keys(approver)), /signed/);
  }
  assert.match(await run("grant", "release", hash, "--out", file("package")), /opened 1 item/);
  assert.match(await run("grant", "release", hash, "--out", file("package-2")), /REFUSED.*used-up/);
  await run(
    "grant",
    "open",
    file("package"),
    "--hash",
    hash,
    "--key",
    keys("recipient"),
    "--out",
    file("opened"),
  );
  assert.match(
    await readFile(join(file("opened"), `${first}.eml`), "latin1"),
    /^Subject: the (?:first|second)\r$/m,
  );
});
