// The root key: 32 random bytes that wrap every other secret of the keeper. It stands on disk only wrapped, under a key that a
// guard gives: Argon2id of a passphrase, or a token that keeps its own key (guard.ts). What opens the root never leaves this file but
// as shares. It can be made anew while the keeper runs: the secrets are wrapped again in a folder of the next generation, and the
// replacement of one file, `root`, is the moment from which they count.
//
//   FOLDER/root                    canonical JSON {version, generation, wrapped, and what the guard wants to be told again}
//   FOLDER/keys/GENERATION/NAME    a wrap (see vault/wrap.ts) under the root, bound to ["keeper", NAME]
import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fromHex, toHex } from "#base/bytes";
import { type Canonical, canonicalBytes, parseCanonical } from "#base/canonical";
import { Broken } from "#base/errors";
import { replaceFile, syncFolder } from "#base/files";
import type { DataClass } from "#policy";
import { unwrapSecret, wrapSecret } from "#vault";
import { destroyFiles, replaceSecretFile } from "./destroy.ts";
import {
  guardOf,
  type Guard,
  nextPassphraseGuard,
  passphraseGuard,
  settlePassphrase,
} from "./guard.ts";
import { readIfThere, readOrCreate } from "./once.ts";
import { openTurns } from "./turns.ts";

export interface Root {
  /** A secret of 32 bytes that lives under this name, made by `make` when it is first asked for. */
  secret(name: string, make: () => Uint8Array): Promise<Uint8Array>;
  /** Names of the secrets that there are. */
  names(): Promise<readonly string[]>;
  /** Overwrites and removes secrets that nothing needs any more. */
  drop(names: readonly string[]): Promise<void>;
  /** Wraps everything under a new root key, and destroys the old one. The new generation. */
  rotate(): Promise<number>;
  /** Removes what a rotation left that was cut short. Only for who has the folder alone. */
  tidy(): Promise<void>;
}

/** A root key, read; for shares, and for another guard. */
export interface HeldRoot {
  readonly key: Uint8Array;
  readonly generation: number;
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
  /** Destroys the keys of quarters before one, but for those named in `inUse` (see `classKeyName`); gives their names. */
  retire(before: number, inUse: ReadonlySet<string>): Promise<readonly string[]>;
}

/** Opens the root, or makes it at the first start. Throws Broken when what guards it does not open it. */
export async function openRoot(folder: string): Promise<Root> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, "root");
  const made = await readOrCreate(path, async () => {
    const first = { key: randomBytes(32), generation: 1 };
    return formatRoot(first, await passphraseGuard(folder));
  });
  let held = await unlockRoot(folder, made);
  const folderOf = (generation: number): string => join(folder, "keys", String(generation));
  await mkdir(folderOf(held.generation), { recursive: true, mode: 0o700 });
  // A secret that is made while all are wrapped anew would be left behind.
  const inTurn = openTurns();
  const names = async (): Promise<readonly string[]> =>
    (await readdir(folderOf(held.generation))).filter((name) => !name.startsWith("."));
  const tidy = async (): Promise<void> => {
    for (const name of await readdir(join(folder, "keys")))
      if (name !== String(held.generation)) await destroyFolder(join(folder, "keys", name));
  };
  const rotate = async (): Promise<number> => {
    await tidy();
    const next = { key: randomBytes(32), generation: held.generation + 1 };
    await mkdir(folderOf(next.generation), { mode: 0o700 });
    for (const name of await names()) {
      const secret = openSecret(
        held.key,
        name,
        await readFile(join(folderOf(held.generation), name)),
      );
      await replaceFile(
        join(folderOf(next.generation), name),
        wrapSecret(next.key, about(name), secret),
      );
    }
    await syncFolder(join(folder, "keys"));
    await replaceRoot(folder, next);
    held = next;
    await tidy();
    return next.generation;
  };
  return {
    secret: (name, make) =>
      inTurn(async () => {
        const { key } = held;
        const file = join(folderOf(held.generation), name);
        const wrapped = await readOrCreate(file, async () => wrapSecret(key, about(name), make()));
        return openSecret(key, name, wrapped);
      }),
    names: () => inTurn(names),
    drop: (gone) => inTurn(() => destroyFiles(folderOf(held.generation), gone)),
    rotate: () => inTurn(rotate),
    tidy: () => inTurn(tidy),
  };
}

/** The root key of a folder, for shares and for a change of guard. Throws Broken when it does not open. */
export async function readRoot(folder: string): Promise<HeldRoot> {
  const bytes = await readIfThere(join(folder, "root"));
  if (bytes === undefined) throw new Broken("there is no root key in the keeper's folder");
  return unlockRoot(folder, bytes);
}

/** Whether a root key is the one under which the folder's secrets stand. */
export async function fitsRoot(folder: string, { key, generation }: HeldRoot): Promise<boolean> {
  const wrapped = await readIfThere(join(folder, "keys", String(generation), "log"));
  return wrapped !== undefined && unwrapSecret(key, about("log"), wrapped) !== undefined;
}

/** Writes the root key under a guard, the one that has it when none is given, and overwrites what was there. */
export async function replaceRoot(folder: string, root: HeldRoot, guard?: Guard): Promise<void> {
  const path = join(folder, "root");
  const by = guard ?? (await guardOf(folder, fieldsOf(await readIfThere(path))));
  await replaceSecretFile(path, await formatRoot(root, by));
}

/** Class keys are random, one per class and quarter, each in a file of its own under the root. */
export function openClassKeys(root: Root): ClassKeys {
  const held = new Map<string, Promise<Uint8Array>>();
  const key = (dataClass: DataClass, epoch: number): Promise<Uint8Array> => {
    const name = classKeyName(dataClass, epoch);
    const known = held.get(name) ?? root.secret(name, () => randomBytes(32));
    held.set(name, known);
    return known;
  };
  return {
    async wrap(dataClass, epoch, bound, secret) {
      return wrapSecret(await key(dataClass, epoch), bound, secret);
    },
    async unwrap(dataClass, epoch, bound, wrapped) {
      const secret = unwrapSecret(await key(dataClass, epoch), bound, wrapped);
      if (secret === undefined) throw new Broken(`a wrap of class ${dataClass} does not open`);
      return secret;
    },
    async retire(before, inUse) {
      const over = (await root.names()).filter((name) => {
        const match = /^class\..+\.(\d+)$/.exec(name);
        return match !== null && Number(match[1]) < before && !inUse.has(name);
      });
      await root.drop(over);
      for (const name of over) held.delete(name);
      return over;
    },
  };
}

export function classKeyName(dataClass: DataClass, epoch: number): string {
  return `class.${dataClass}.${epoch}`;
}

/** Quarters since year 0: class keys are rotated with it. */
export function epochOf(milliseconds: number): number {
  const date = new Date(milliseconds);
  return date.getUTCFullYear() * 4 + Math.floor(date.getUTCMonth() / 3);
}

async function unlockRoot(folder: string, bytes: Uint8Array): Promise<HeldRoot> {
  const fields = fieldsOf(bytes);
  const { generation, wrapped } = fields;
  const sealed = typeof wrapped === "string" ? fromHex(wrapped) : undefined;
  if (sealed === undefined || typeof generation !== "number")
    throw new Broken("the keeper's root file is damaged");
  const openBy = async (by: Guard): Promise<HeldRoot | undefined> => {
    const key = unwrapSecret(await by.open(fields), aboutRoot(generation), sealed);
    return key && { key, generation };
  };
  const guard = await guardOf(folder, fields);
  const held = await openBy(guard);
  if (held !== undefined) return held;
  const next = fields["token"] === undefined ? await nextPassphraseGuard(folder) : undefined;
  const changed = next && (await openBy(next));
  if (changed === undefined) throw new Broken(`${guard.name} does not open the keeper's root key`);
  await settlePassphrase(folder);
  return changed;
}

async function formatRoot({ key, generation }: HeldRoot, guard: Guard): Promise<Uint8Array> {
  const { wrapKey, fields } = await guard.make();
  const wrapped = toHex(wrapSecret(wrapKey, aboutRoot(generation), key));
  return canonicalBytes({ version: 1, generation, wrapped, ...fields });
}

function fieldsOf(bytes: Uint8Array | undefined): { readonly [name: string]: Canonical } {
  const fields = bytes && parseCanonical(bytes);
  if (typeof fields !== "object" || fields === null || Array.isArray(fields))
    throw new Broken("the keeper's root file is damaged");
  return fields as { readonly [name: string]: Canonical };
}

function openSecret(key: Uint8Array, name: string, wrapped: Uint8Array): Uint8Array {
  const secret = unwrapSecret(key, about(name), wrapped);
  if (secret === undefined) throw new Broken(`keys/${name} does not open under the root key`);
  return secret;
}

async function destroyFolder(path: string): Promise<void> {
  await destroyFiles(path, await readdir(path));
  await rmdir(path);
  await syncFolder(dirname(path));
}

function about(name: string): readonly string[] {
  return ["keeper", name];
}

function aboutRoot(generation: number): readonly string[] {
  return ["keeper root", String(generation)];
}
