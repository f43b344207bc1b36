// The root key: 32 random bytes that wrap every other secret of the keeper. It stands on disk only wrapped under Argon2id of
// a passphrase. This file never hands the root key out; it wraps, unwraps and derives with it.
//
//   FOLDER/passphrase   text, made at the first start; move it to another machine or a prompt and the folder is shut
//   FOLDER/root         canonical JSON {version, salt, memory (KiB), passes, wrapped}, hex where it is bytes
//   FOLDER/keys/NAME    a wrap (see vault/wrap.ts) under the root, bound to ["keeper", NAME]
import { hkdfSync, randomBytes } from "node:crypto";
import { link, mkdir, readFile, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fromHex, fromUtf8, toBase64Url, toHex, toUtf8 } from "#base/bytes";
import { canonicalBytes, parseCanonical } from "#base/canonical";
import { Broken } from "#base/errors";
import { replaceFile, syncFolder } from "#base/files";
import { newId } from "#base/ids";
import type { DataClass } from "#policy";
import { passwordCost, passwordKeys, unwrapSecret, wrapSecret } from "#vault";

export interface Root {
  /** A secret of 32 bytes that lives under this name, made by `make` when it is first asked for. */
  secret(name: string, make: () => Uint8Array): Promise<Uint8Array>;
  /** A key derived from the root, for sealing the keeper's own files. */
  derive(label: string): Uint8Array;
}

/** Wraps and unwraps clients' secrets under the key of their class and quarter. */
export interface ClassKeys {
  wrap(
    dataClass: DataClass,
    epoch: number,
    about: readonly string[],
    secret: Uint8Array,
  ): Promise<Uint8Array>;
  unwrap(
    dataClass: DataClass,
    epoch: number,
    about: readonly string[],
    wrapped: Uint8Array,
  ): Promise<Uint8Array>;
}

/** Opens the root, or makes it at the first start. Throws Broken when the passphrase does not fit. */
export async function openRoot(folder: string): Promise<Root> {
  await mkdir(join(folder, "keys"), { recursive: true, mode: 0o700 });
  const rootKey = await readRoot(folder, await readPassphrase(folder));
  return {
    derive: (label) => Buffer.from(hkdfSync("sha256", rootKey, "bailee root v1", label, 32)),
    async secret(name, make) {
      const path = join(folder, "keys", name);
      const about = ["keeper", name];
      const wrapped = await readOrCreate(path, async () => wrapSecret(rootKey, about, make()));
      const secret = unwrapSecret(rootKey, about, wrapped);
      if (secret === undefined) throw new Broken(`keys/${name} does not open under the root key`);
      return secret;
    },
  };
}

/** Class keys are random, one per class and quarter, each in a file of its own under the root. */
export function openClassKeys(root: Root): ClassKeys {
  const held = new Map<string, Promise<Uint8Array>>();
  const key = (dataClass: DataClass, epoch: number): Promise<Uint8Array> => {
    const name = `class.${dataClass}.${epoch}`;
    const known = held.get(name) ?? root.secret(name, () => randomBytes(32));
    held.set(name, known);
    return known;
  };
  return {
    async wrap(dataClass, epoch, about, secret) {
      return wrapSecret(await key(dataClass, epoch), about, secret);
    },
    async unwrap(dataClass, epoch, about, wrapped) {
      const secret = unwrapSecret(await key(dataClass, epoch), about, wrapped);
      if (secret === undefined) throw new Broken(`a wrap of class ${dataClass} does not open`);
      return secret;
    },
  };
}

/** Quarters since year 0: class keys are rotated with it. */
export function epochOf(milliseconds: number): number {
  const date = new Date(milliseconds);
  return date.getUTCFullYear() * 4 + Math.floor(date.getUTCMonth() / 3);
}

export async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Broken("a file of the keeper cannot be read", error);
  }
}

/** What is there, or else what `make` gives, durably. Of two keepers that start together one makes it and both read the same. */
async function readOrCreate(path: string, make: () => Promise<Uint8Array>): Promise<Uint8Array> {
  const there = await readIfThere(path);
  if (there !== undefined) return there;
  const beside = join(dirname(path), `.${newId()}.new`);
  await replaceFile(beside, await make());
  try {
    await link(beside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST")
      throw new Broken("a file of the keeper cannot be made", error);
  } finally {
    await unlink(beside);
  }
  await syncFolder(dirname(path));
  return readOrCreate(path, make);
}

async function readPassphrase(folder: string): Promise<string> {
  const bytes = await readOrCreate(join(folder, "passphrase"), async () => {
    if ((await readIfThere(join(folder, "root"))) !== undefined)
      throw new Broken("the keeper's passphrase file is missing; without it nothing opens");
    return fromUtf8(`${toBase64Url(randomBytes(32))}\n`);
  });
  const text = toUtf8(bytes)?.replace(/\r?\n$/, "");
  if (text === undefined || text.length < 12)
    throw new Broken("the keeper's passphrase is no text of at least 12 characters");
  return text;
}

async function readRoot(folder: string, passphrase: string): Promise<Uint8Array> {
  const bytes = await readOrCreate(join(folder, "root"), async () => {
    const salt = randomBytes(16);
    const { wrapKey } = await passwordKeys(passphrase, salt, passwordCost);
    const wrapped = toHex(wrapSecret(wrapKey, ["keeper root"], randomBytes(32)));
    return canonicalBytes({ version: 1, salt: toHex(salt), ...passwordCost, wrapped });
  });
  const file = parseCanonical(bytes) as
    | { salt?: string; memory?: number; passes?: number; wrapped?: string }
    | undefined;
  const salt = fromHex(file?.salt ?? "");
  const wrapped = fromHex(file?.wrapped ?? "");
  const { memory, passes } = file ?? {};
  if (!salt || !wrapped || memory === undefined || passes === undefined)
    throw new Broken("the keeper's root file is damaged");
  const { wrapKey } = await passwordKeys(passphrase, salt, { memory, passes });
  const rootKey = unwrapSecret(wrapKey, ["keeper root"], wrapped);
  if (rootKey === undefined) throw new Broken("the keeper's passphrase does not open its root key");
  return rootKey;
}
