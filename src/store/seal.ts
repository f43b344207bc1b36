// New messages sealed: body and structure, each to its own context; what is too large for a row goes to the blobs first.
import { concatBytes } from "#base/bytes";
import { newId } from "#base/ids";
import type { Blobs } from "#engine";
import type { Sealer } from "#vault";
import type { NewMessage, Owner } from "./contract.ts";
import { content } from "./names.ts";
import type { SealedNew } from "./place.ts";

// Up to 64 KiB a row is read faster than a file is opened; above, the write-ahead log would carry it twice.
const MAX_ROW_BODY = 64 * 1024;

/** Resolves when the message can be placed: a body outside the row is on the disk already. */
export async function sealMessage(
  owner: Owner,
  sealer: Sealer,
  blobs: Blobs,
  message: NewMessage,
  flags: number,
): Promise<SealedNew> {
  const id = newId();
  const body = sealer.seal(content(owner, id, "body"), concatBytes(message.prefix, message.raw));
  const inRow = body.byteLength <= MAX_ROW_BODY;
  // A crash before the row leaves a sealed blob that nothing names: waste, never a message lost or doubled.
  if (!inRow) await blobs.put(id, body);
  return {
    id,
    size: message.prefix.byteLength + message.raw.byteLength,
    prefixSize: message.prefix.byteLength,
    receivedAt: message.receivedAt,
    structure: sealer.seal(content(owner, id, "structure"), message.structure),
    body: inRow ? body : null,
    fingerprint:
      message.fingerprint === undefined
        ? null
        : sealer.seal(content(owner, id, "fingerprint"), message.fingerprint),
    flags,
    keywords: null,
  };
}
