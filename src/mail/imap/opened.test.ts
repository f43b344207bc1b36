// What live sessions keep open is opened once, is bounded, and is let go of.
import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeStructure, parseMessage } from "#mail/message";
import { OPENED_REST } from "./limits.ts";
import { type Facet, openOpened } from "./opened.ts";

const subject: Facet = { name: "subject", of: ({ envelope }) => envelope.subject };
const size: Facet = { name: "size", of: (message) => message.size };

/** A mailbox whose messages have their ids for subjects; one called "broken" does not open. */
function counted() {
  const asked: string[] = [];
  return {
    asked,
    async structures(ids: readonly string[]) {
      asked.push(...ids);
      const structure = (id: string): Uint8Array =>
        encodeStructure(parseMessage(Buffer.from(`Subject: ${id}\r\n\r\n`)));
      return new Map(ids.filter((id) => id !== "broken").map((id) => [id, structure(id)]));
    },
  };
}

test("a fact is made once, whoever of the account asks; what does not open is asked for again", async () => {
  const opened = openOpened(() => 0);
  const mailbox = counted();
  const first = await opened.of("a").facts(mailbox, ["1", "broken", "2"], [subject]);
  assert.deepEqual(first, [["1"], undefined, ["2"]]);
  assert.deepEqual(await opened.of("a").facts(mailbox, ["2", "1"], [subject]), [["2"], ["1"]]);
  assert.deepEqual(mailbox.asked, ["1", "broken", "2"]);
  assert.deepEqual(await opened.of("a").facts(mailbox, ["1"], [subject, size]), [["1", 14]]);
  await opened.of("b").facts(mailbox, ["1"], [subject]);
  assert.deepEqual(mailbox.asked.slice(3), ["1", "1"], "another fact, and another account");
});

test("what is kept is bounded: what was asked for longest ago goes first", async () => {
  const opened = openOpened(() => 0, 300);
  const mailbox = counted();
  for (const account of ["a", "b", "a", "c"])
    await opened
      .of(account)
      .facts(mailbox, ["1", "2"].slice(0, account === "c" ? 2 : 1), [subject]);
  mailbox.asked.length = 0;
  await opened.of("a").facts(mailbox, ["1"], [subject]);
  assert.deepEqual(mailbox.asked, [], "a was asked for since");
  await opened.of("b").facts(mailbox, ["1"], [subject]);
  assert.deepEqual(mailbox.asked, ["1"], "b made room");
});

test("what nobody asks for, and what the last session leaves, is let go of", async () => {
  let now = 0;
  const opened = openOpened(() => now);
  const mailbox = counted();
  const ask = (): Promise<unknown> => opened.of("a").facts(mailbox, ["1"], [subject]);
  await ask();
  now = OPENED_REST - 1;
  opened.rest("a");
  await ask();
  assert.equal(mailbox.asked.length, 1);
  now += OPENED_REST;
  opened.rest("a");
  await ask();
  assert.equal(mailbox.asked.length, 2);
  opened.drop("a");
  await ask();
  assert.equal(mailbox.asked.length, 3);
});
