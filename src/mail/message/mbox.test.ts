import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import { test } from "node:test";
import { array, assert as check, asyncProperty, boolean, integer } from "fast-check";
import { randomLetter } from "../../../test/letters.ts";
import { testMbox } from "../../../test/require.ts";
import { type MboxMessage, splitMbox } from "./mbox.ts";

async function split(text: string | Buffer, size = 1 << 16, max?: number): Promise<MboxMessage[]> {
  const bytes = Buffer.from(text);
  const chunks = Array.from({ length: Math.ceil(bytes.byteLength / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
  const out: MboxMessage[] = [];
  for await (const message of splitMbox(chunks, max)) out.push(message);
  return out;
}

const texts = async (mbox: string, size?: number) =>
  (await split(mbox, size)).map(({ bytes }) => Buffer.from(bytes).toString("latin1"));

const S = "From a@b.example  Tue Jul 23 19:39:23 2002";

for (const size of [1, 2, 7, 1000]) {
  test(`messages are cut at separators, read ${size} octets at a time`, async () => {
    assert.deepEqual(await texts(`${S}\nA: 1\n\none\n\n${S}\nA: 2\n\ntwo\n`, size), [
      "A: 1\n\none\n",
      "A: 2\n\ntwo\n",
    ]);
    assert.deepEqual(await texts(`${S}\r\nA: 1\r\n\r\none\r\n\r\n\r\n${S}\r\nA: 2\r\n`, size), [
      "A: 1\r\n\r\none\r\n\r\n",
      "A: 2\r\n",
    ]);
  });

  test(`a separator without a blank line before it still separates, ${size} octets at a time`, async () => {
    assert.deepEqual(await texts(`${S}\nA: 1\n\none\n${S}\nA: 2\n\ntwo`, size), [
      "A: 1\n\none\n",
      "A: 2\n\ntwo",
    ]);
  });

  test(`a body line that begins with "From " is text, ${size} octets at a time`, async () => {
    const body =
      "A: 1\n\nFrom here on\nFrom: x\n\nFrom TODO:\nFrom a b Tue Jul 23 19:39:23 2002\n>From x\nFrom";
    assert.deepEqual(await texts(`${S}\n${body}`, size), [body]);
  });
}

test("the blank line at the end of the file belongs to the separator that is not there", async () => {
  assert.deepEqual(await texts(`${S}\nA: 1\n\none\n\n`), ["A: 1\n\none\n"]);
});

test("a separator at the very end, with or without a line end, begins an empty message", async () => {
  assert.deepEqual(await texts(`${S}\nA: 1\n\n${S}`, 3), ["A: 1\n", ""]);
  assert.deepEqual(await texts(`${S}\nA: 1\n\n${S}\n`, 3), ["A: 1\n", ""]);
});

test("a bare CR is kept and separates nothing", async () => {
  assert.deepEqual(await texts(`${S}\r\nA: 1\r\n\r\na\rFrom b\r${S}\r\n`), [
    `A: 1\r\n\r\na\rFrom b\r${S}\r\n`,
  ]);
});

test("what stands before the first separator is no message", async () => {
  assert.deepEqual(await texts(`\n\nsome text\n${S}\nA: 1\n`), ["A: 1\n"]);
  assert.deepEqual(await texts("no mbox at all\n"), []);
  assert.deepEqual(await texts(""), []);
});

test("the date of the separator is read as UTC, or in the zone that it names", async () => {
  const dates = async (separator: string) =>
    (await split(`${separator}\n\n`)).map(({ date }) => date);
  const noon = Date.UTC(2002, 6, 3, 12, 0, 5);
  assert.deepEqual(await dates("From a@b Wed Jul  3 12:00:05 2002"), [noon]);
  assert.deepEqual(await dates("From - Wed Jul 03 12:00:05 2002"), [noon]);
  assert.deepEqual(await dates("From a at b.example  Wed Jul  3 12:00:05 2002"), [noon]);
  assert.deepEqual(await dates("From a@b Wed Jul  3 14:00:05 2002 +0200"), [noon]);
  assert.deepEqual(await dates('From "a b"@c Wed Jul  3 12:00 UTC 2002'), [noon - 5000]);
  assert.deepEqual(await dates("From a@b Wed Foo  3 12:00:05 2002"), [undefined]);
});

test("a message over the limit is cut and says so, and the next one is whole", async () => {
  const found = await split(`${S}\n${"x".repeat(99)}\n\n${S}\nA: 2\n`, 10, 50);
  assert.deepEqual(
    found.map(({ bytes, size, whole }) => [bytes.byteLength, size, whole]),
    [
      [50, 101, false],
      [5, 5, true],
    ],
  );
});

test("any letters put into an mbox come out as they were, however the stream is cut", async () => {
  await check(
    asyncProperty(
      array(integer({ min: 0, max: 10_000 }), { minLength: 1, maxLength: 6 }),
      integer({ min: 1, max: 3000 }),
      boolean(),
      async (seeds, size, blank) => {
        const letters = seeds.map((seed) => randomLetter(seed));
        // Without blank lines between, a letter that ends in one would lose it.
        const kept = letters.map((letter) =>
          Buffer.concat([letter, Buffer.from(blank ? "" : "end\r\n")]),
        );
        const mbox = Buffer.concat(
          kept.flatMap((letter) => [
            Buffer.from(`${S}\r\n`),
            letter,
            Buffer.from(letter.at(-1) === 10 ? "" : "\r\n"),
            Buffer.from(blank ? "\r\n" : ""),
          ]),
        );
        const found = await split(mbox, size);
        assert.equal(found.length, letters.length);
        for (const [index, { bytes }] of found.entries()) {
          const letter = kept[index] ?? Buffer.alloc(0);
          const ended =
            letter.at(-1) === 10 ? letter : Buffer.concat([letter, Buffer.from("\r\n")]);
          assert.ok(ended.equals(bytes));
        }
      },
    ),
    { numRuns: 60 },
  );
});

test("every message of an archive of real mail is found", async (t) => {
  const path = testMbox(t);
  if (path === undefined) return;
  const counts = { messages: 0, undated: 0, bareCr: 0, fromLines: 0, octets: 0 };
  for await (const { bytes, date } of splitMbox(createReadStream(path))) {
    const text = Buffer.from(bytes).toString("latin1");
    counts.messages += 1;
    counts.octets += bytes.byteLength;
    if (date === undefined) counts.undated += 1;
    if (/\r(?!\n)/.test(text)) counts.bareCr += 1;
    counts.fromLines += text.match(/^From /gm)?.length ?? 0;
  }
  t.diagnostic(JSON.stringify(counts));
  assert.ok(counts.messages > 0);
  assert.equal(counts.undated, 0);
});
