// The report in a letter: found among its parts, taken out of gzip or zip. Bounded at every step: what grows beyond is no report.
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import yauzl from "yauzl";
import { decodeTransfer, parseMessage, type Part } from "#mail/message";
import type { Received } from "./contract.ts";
import { readDmarc } from "./dmarc-read.ts";
import { readTls } from "./tls.ts";

// Twenty thousand rows of half a kilobyte; a bomb of a megabyte in gzip would be a gigabyte.
const MAX_UNPACKED = 16 * 1024 * 1024;
// A report is one part among a few of a letter.
const MAX_TRIED = 5;

/** Undefined when no part of the letter is a report. */
export async function reportIn(raw: Uint8Array): Promise<Received | undefined> {
  const parts = leaves(parseMessage(raw).root).filter(mayBeReport).slice(0, MAX_TRIED);
  for (const part of parts) {
    const packed = decodeTransfer(raw.subarray(part.bodyStart, part.bodyEnd), part.encoding);
    const bytes = packed && (await unpacked(packed));
    const report = bytes && (readDmarc(bytes) ?? readTls(bytes));
    if (report !== undefined) return report;
  }
  return undefined;
}

function leaves(part: Part): readonly Part[] {
  return part.parts.length === 0 ? [part] : part.parts.flatMap(leaves);
}

/** Senders name the type in many ways (application/gzip, application/tlsrpt+gzip, text/xml, octet-stream): only texts for people are out. */
function mayBeReport({ type, subtype }: Part): boolean {
  return type === "application" || (type === "text" && subtype === "xml");
}

async function unpacked(packed: Uint8Array): Promise<Uint8Array | undefined> {
  if (packed[0] === 0x1f && packed[1] === 0x8b) {
    try {
      return gunzipSync(packed, { maxOutputLength: MAX_UNPACKED });
    } catch {
      return undefined;
    }
  }
  const isZip = packed[0] === 0x50 && packed[1] === 0x4b;
  if (isZip) return firstOfZip(Buffer.from(packed));
  return packed.byteLength <= MAX_UNPACKED ? packed : undefined;
}

/** The one file of an archive; undefined when there are more, or it is larger than it says or than it may be. */
async function firstOfZip(archive: Buffer): Promise<Uint8Array | undefined> {
  try {
    // Sizes are held to what the archive says of them, and that to what may be.
    const zip = await yauzl.fromBufferPromise(archive, { lazyEntries: true });
    if (zip.entryCount !== 1) return undefined;
    for await (const entry of zip.eachEntry()) {
      if (entry.uncompressedSize > MAX_UNPACKED || !entry.canDecodeFileData()) return undefined;
      return await buffer(await zip.openReadStreamPromise(entry));
    }
    return undefined;
  } catch {
    return undefined;
  }
}
