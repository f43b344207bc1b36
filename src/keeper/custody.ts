// What the operator does with the root key while no keeper runs: hand it out in shares, put it together again, and put it under
// another guard. Each call holds the folder's lock, as a running keeper does.
import { access } from "node:fs/promises";
import { join } from "node:path";
import { equalBytes } from "#base/bytes";
import { Broken } from "#base/errors";
import { takeLock } from "#ledger";
import { destroyFiles } from "./destroy.ts";
import {
  type Guard,
  newPassphraseGuard,
  settlePassphrase,
  type Token,
  tokenGuard,
} from "./guard.ts";
import { readIfThere } from "./once.ts";
import { fitsRoot, type HeldRoot, readRoot, replaceRoot } from "./root.ts";
import { joinShares, rootMark, splitRoot } from "./shares.ts";

/** Which root key it is: its mark says nothing about the key, and every rotation counts the generation up. */
export interface RootName {
  readonly mark: string;
  readonly generation: number;
}

/** Lines of text, of which any `need` give the root back (shares.ts). Throws Broken when the root does not open, RangeError for numbers that make no sense. */
export async function shareRoot(
  folder: string,
  need: number,
  count: number,
): Promise<RootName & { readonly lines: readonly string[] }> {
  using _alone = await alone(folder);
  const { key, generation } = await readRoot(folder);
  return { mark: rootMark(key), generation, lines: splitRoot(key, generation, need, count) };
}

/** Puts the root under a new passphrase, whatever guarded it, from shares. Nothing is touched unless they give the root of this folder. */
export async function recoverRoot(
  folder: string,
  lines: readonly string[],
): Promise<
  { readonly ok: true; readonly value: RootName } | { readonly ok: false; readonly why: string }
> {
  using _alone = await alone(folder);
  const joined = joinShares(lines);
  if (!joined.ok) return joined;
  const { rootKey: key, mark, generation } = joined;
  if (!(await fitsRoot(folder, { key, generation })))
    return {
      ok: false,
      why: "the shares are of another root key than this folder's, or of one from before a rotation",
    };
  await guardWithPassphrase(folder, { key, generation });
  return { ok: true, value: { mark, generation } };
}

/** Puts the root under a passphrase made anew. */
export async function changePassphrase(folder: string): Promise<RootName> {
  using _alone = await alone(folder);
  const root = await readRoot(folder);
  await guardWithPassphrase(folder, root);
  return { mark: rootMark(root.key), generation: root.generation };
}

/** Puts the root under a token's key pair, once the token has shown that it opens it; a passphrase's file is destroyed. */
export async function changeToToken(folder: string, token: Token): Promise<RootName> {
  using _alone = await alone(folder);
  const root = await readRoot(folder);
  await replaceRoot(folder, root, await triedGuard(token));
  const over = ["passphrase", "passphrase.next"];
  const there = await Promise.all(over.map((name) => readIfThere(join(folder, name))));
  await destroyFiles(
    folder,
    over.filter((_, index) => there[index] !== undefined),
  );
  return { mark: rootMark(root.key), generation: root.generation };
}

async function guardWithPassphrase(folder: string, root: HeldRoot): Promise<void> {
  await replaceRoot(folder, root, await newPassphraseGuard(folder));
  await settlePassphrase(folder);
}

/** A token that encrypts and does not decrypt would shut the house for good. */
async function triedGuard(token: Token): Promise<Guard> {
  const guard = tokenGuard(token);
  const made = await guard.make();
  if (!equalBytes(await guard.open(made.fields), made.wrapKey))
    throw new Broken("the token does not give back what was encrypted to it");
  return { ...guard, make: async () => made };
}

async function alone(folder: string): Promise<Disposable> {
  const path = join(folder, "ledger");
  try {
    await access(path);
  } catch (cause) {
    throw new Broken(`there is no keeper's folder at ${folder}`, cause);
  }
  try {
    return takeLock(join(path, "lock"));
  } catch (cause) {
    throw new Broken("the keeper runs; stop the server first", cause);
  }
}
