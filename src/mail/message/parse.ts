// A whole message taken apart, once, on arrival: envelope, MIME tree, preview, and what SEARCH and THREAD need besides.
import { keptOf } from "./kept.ts";
import { previewOf } from "./preview.ts";
import type { ParsedMessage } from "./shape.ts";
import { readTree } from "./tree.ts";

/**
 * Parses a message. Total: any bytes give an answer, with at most 100 levels and about 10,000 parts, in time that grows with
 * the number of octets. Offsets count from the start of `bytes`, which is prefix and raw together.
 */
export function parseMessage(bytes: Uint8Array): ParsedMessage {
  const { envelope, root } = readTree(bytes);
  const kept = keptOf(bytes, root, envelope);
  return { size: bytes.byteLength, envelope, root, preview: previewOf(bytes, root), ...kept };
}
