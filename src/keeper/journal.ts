// The keeper's own memory: one append-only file from which all its state is read again at each start. Never rewritten.
//
//   u32 length of the wrap, big-endian | wrap (see vault/wrap.ts) of a JSON record, bound to ["journal", its number from 0]
//
// A record that was cut short by a crash was never acknowledged: the file is cut back to the last whole one, and what is cut is
// kept beside it as journal.cut-OFFSET, in case it was no crash but a bad disk. That nothing acknowledged went missing is not
// the journal's word but the ledger's, which counts the same entries.
import { open } from "node:fs/promises";
import { fromUtf8, toUtf8 } from "#base/bytes";
import { Broken } from "#base/errors";
import { replaceFile, syncFolder } from "#base/files";
import { unwrapSecret, wrapSecret } from "#vault";
import { dirname } from "node:path";

export interface Journal<Record> extends AsyncDisposable {
  /** Returns once the records are on the disk. After one failure it refuses for good: only a restart sees what is really there. */
  append(records: readonly Record[]): Promise<void>;
}

// A record holds at most one grant (16 KiB) and an entry about it; a mebibyte is far above, and bounds what a bad length can ask for.
const MAX_RECORD = 1024 * 1024;

/** Opens the journal and gives each record that it holds to `read`, in order. */
export async function openJournal<Record>(
  path: string,
  key: Uint8Array,
  read: (record: Record) => void,
): Promise<Journal<Record>> {
  const file = await open(path, "a+", 0o600);
  await syncFolder(dirname(path));
  let count = 0;
  try {
    const bytes = await file.readFile();
    const whole = readRecords(bytes, key, read);
    if (whole.size < bytes.byteLength) {
      await replaceFile(`${path}.cut-${whole.size}`, bytes.subarray(whole.size));
      await file.truncate(whole.size);
      await file.sync();
    }
    ({ count } = whole);
  } catch (error) {
    await file.close();
    throw error;
  }
  let failed: unknown;
  return {
    async append(records) {
      if (failed !== undefined) throw new Broken("the journal failed earlier", failed);
      const encoded = records.map((record, at) => encode(record, key, count + at));
      // What the next start would not read must not be written: all that follows would be lost with it.
      if (encoded.some(({ byteLength }) => byteLength > 4 + MAX_RECORD))
        throw new Broken("a record is larger than any may be");
      const bytes = Buffer.concat(encoded);
      try {
        await file.appendFile(bytes);
        await file.datasync();
      } catch (error) {
        failed = error;
        throw new Broken("the journal cannot be written", error);
      }
      count += records.length;
    },
    async [Symbol.asyncDispose]() {
      failed ??= new Broken("the journal is closed");
      await file.close();
    },
  };
}

function readRecords<Record>(
  bytes: Buffer,
  key: Uint8Array,
  read: (record: Record) => void,
): { count: number; size: number } {
  let count = 0;
  let at = 0;
  while (at + 4 <= bytes.byteLength) {
    const length = bytes.readUInt32BE(at);
    if (length > MAX_RECORD || at + 4 + length > bytes.byteLength) break;
    const plain = unwrapSecret(key, about(count), bytes.subarray(at + 4, at + 4 + length));
    if (plain === undefined) break;
    read(JSON.parse(toUtf8(plain) ?? "") as Record);
    at += 4 + length;
    count += 1;
  }
  return { count, size: at };
}

function encode(record: unknown, key: Uint8Array, number: number): Uint8Array {
  const wrapped = wrapSecret(key, about(number), fromUtf8(JSON.stringify(record)));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(wrapped.byteLength);
  return Buffer.concat([length, wrapped]);
}

function about(number: number): readonly string[] {
  return ["journal", String(number)];
}
