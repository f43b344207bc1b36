import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { encodeFrame, type Frame, readFrames } from "#base/frames";

async function read(bytes: Uint8Array, cut: number): Promise<Frame[]> {
  const stream = new PassThrough();
  for (let at = 0; at < bytes.byteLength; at += cut) stream.write(bytes.subarray(at, at + cut));
  stream.end();
  return Array.fromAsync(readFrames(stream as unknown as Socket));
}

const frames: Frame[] = [
  { body: { a: 1 }, attachments: [] },
  { body: "two", attachments: [Buffer.from("first"), Buffer.alloc(0), Buffer.from("third")] },
  { body: null, attachments: [Buffer.alloc(70_000, 7)] },
];

test("frames come back whole however the bytes were cut", async () => {
  const bytes = Buffer.concat(frames.map((frame) => encodeFrame(frame)));
  for (const cut of [1, 7, 4096, bytes.byteLength]) {
    const back = await read(bytes, cut);
    assert.equal(back.length, 3);
    for (const [index, frame] of back.entries()) {
      assert.deepEqual(frame.body, frames[index]?.body);
      assert.deepEqual(frame.attachments.map(String), frames[index]?.attachments.map(String));
    }
  }
});

test("a frame that breaks the layout is thrown out", async () => {
  const whole = encodeFrame({ body: 1, attachments: [Buffer.from("x")] });
  await assert.rejects(read(whole.subarray(0, -1), 5), /inside a frame/);
  await assert.rejects(read(Buffer.from("ffffffff", "hex"), 4), /claims/);
  const longer = Buffer.concat([whole, Buffer.of(0)]);
  longer.writeUInt32BE(longer.readUInt32BE(0) + 1, 0);
  await assert.rejects(read(longer, 100), /belong to nothing/);
});
