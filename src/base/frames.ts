// Frames between our own processes over a Unix socket, as the keeper and the control socket speak them.
//
//   u32 length of all that follows | u32 length of the JSON | JSON (UTF-8) | attachments
//
// The JSON is {"body": …, "attachments": [byte lengths]}; the attachments follow one after the other in that order.
import type { Socket } from "node:net";
import { asBuffer, fromUtf8 } from "./bytes.ts";

export interface Frame {
  readonly body: unknown;
  readonly attachments: readonly Uint8Array[];
}

// 64 MiB holds the largest message that SMTP accepts (25 MiB) with room for its neighbours; more is no request of ours.
const MAX_FRAME = 64 * 1024 * 1024;

export function encodeFrame(frame: Frame): Uint8Array {
  const head = fromUtf8(
    JSON.stringify({
      body: frame.body,
      attachments: frame.attachments.map((bytes) => bytes.byteLength),
    }),
  );
  const size = frame.attachments.reduce(
    (sum, bytes) => sum + bytes.byteLength,
    head.byteLength + 4,
  );
  if (size > MAX_FRAME)
    throw new RangeError(`a frame of ${size} bytes is over the limit of ${MAX_FRAME}`);
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32BE(size, 0);
  lengths.writeUInt32BE(head.byteLength, 4);
  return Buffer.concat([lengths, head, ...frame.attachments]);
}

/** Yields frames as they arrive. Throws on a frame that breaks the layout, which ends the connection. */
export async function* readFrames(socket: Socket): AsyncGenerator<Frame> {
  let held: Buffer[] = [];
  let size = 0;
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    held.push(chunk);
    size += chunk.byteLength;
    if (size < 4) continue;
    let whole: Buffer | undefined;
    for (;;) {
      if ((held[0]?.byteLength ?? 0) < 4) held = [Buffer.concat(held)];
      if (size < 4) break;
      const length = held[0]?.readUInt32BE(0) ?? 0;
      if (length < 4 || length > MAX_FRAME) throw new RangeError(`a frame claims ${length} bytes`);
      if (size < length + 4) break;
      whole = held.length === 1 ? held[0] : Buffer.concat(held);
      if (whole === undefined) break;
      yield decodeFrame(whole.subarray(4, length + 4));
      held = [whole.subarray(length + 4)];
      size -= length + 4;
    }
  }
  if (size > 0) throw new RangeError("the connection ended inside a frame");
}

function decodeFrame(bytes: Buffer): Frame {
  const headLength = bytes.readUInt32BE(0);
  const head = JSON.parse(bytes.subarray(4, 4 + headLength).toString("utf8")) as {
    body: unknown;
    attachments: number[];
  };
  const attachments: Uint8Array[] = [];
  let at = 4 + headLength;
  for (const length of head.attachments) {
    if (!Number.isSafeInteger(length) || length < 0 || at + length > bytes.byteLength) {
      throw new RangeError("an attachment reaches past its frame");
    }
    attachments.push(asBuffer(bytes.subarray(at, at + length)));
    at += length;
  }
  if (at !== bytes.byteLength) throw new RangeError("a frame has bytes that belong to nothing");
  return { body: head.body, attachments };
}
