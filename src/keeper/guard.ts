// What guards the root key: a way to a key of 32 bytes that wraps it. Two ways there are:
//
//   a passphrase   FOLDER/passphrase, text, made at the first start; Argon2id of it with {salt, memory (KiB), passes} from the root's
//                  file. Move it to another machine or a prompt and the folder is shut. A new one is written to passphrase.next
//                  first: a change that was cut short is completed at the next start.
//   a token        whatever speaks PKCS #11: a key pair that never leaves it unwraps what was encrypted to its public half (RSA-OAEP
//                  with SHA-1 as its mask, as every token has it; the secret is random, and no collision helps). It is asked through
//                  pkcs11-tool of OpenSC, one process for each question, so that no vendor's library is loaded into the keeper.
import { execFile } from "node:child_process";
import { constants, createPublicKey, publicEncrypt, randomBytes } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { fromHex, fromUtf8, toBase64Url, toHex, toUtf8 } from "#base/bytes";
import type { Canonical } from "#base/canonical";
import { Broken } from "#base/errors";
import { replaceFile } from "#base/files";
import { passwordCost, passwordKeys } from "#vault";
import { destroyFiles, replaceSecretFile } from "./destroy.ts";
import { readIfThere, readOrCreate } from "./once.ts";

type Fields = { readonly [name: string]: Canonical };

export interface Guard {
  /** For messages: what does not open the root when it does not. */
  readonly name: string;
  /** A fresh wrapping key, and what `open` must be told to find it again. */
  make(): Promise<{ readonly wrapKey: Uint8Array; readonly fields: Fields }>;
  /** Throws Broken when the guard is not to be had. */
  open(fields: Fields): Promise<Uint8Array>;
}

/** How to reach a key pair in a token. */
export interface Token {
  /** The vendor's PKCS #11 library, a path. */
  readonly module: string;
  /** The pair's CKA_ID in hex. */
  readonly id: string;
  /** A file that holds the PIN, readable by the keeper alone. */
  readonly pin: string;
  /** Path of pkcs11-tool. */
  readonly tool: string;
  /** What the library wants of its environment, as NAME=VALUE. */
  readonly environment: readonly string[];
}

/** The guard that a root's file names. */
export async function guardOf(folder: string, fields: Fields): Promise<Guard> {
  const { token } = fields;
  if (token === undefined) return passphraseGuard(folder);
  const { module, id, pin, tool, environment } = (token ?? {}) as {
    [name in keyof Token]?: unknown;
  };
  const isText = (value: unknown): value is string => typeof value === "string";
  if (!isText(module) || !isText(id) || !isText(pin) || !isText(tool))
    throw new Broken("the keeper's root file is damaged");
  const list = Array.isArray(environment) ? environment.filter(isText) : [];
  return tokenGuard({ module, id, pin, tool, environment: list });
}

/** The passphrase in the keeper's folder; made where neither it nor a root is there. */
export async function passphraseGuard(folder: string): Promise<Guard> {
  const file = join(folder, "passphrase");
  const first = await readOrCreate(file, async () => {
    if ((await readIfThere(join(folder, "root"))) !== undefined)
      throw new Broken("the keeper's passphrase file is missing; without it nothing opens");
    return newPassphrase();
  });
  return guardBy(readPassphrase(first));
}

/** The passphrase of a change that was cut short after the root was put under it. */
export async function nextPassphraseGuard(folder: string): Promise<Guard | undefined> {
  const bytes = await readIfThere(join(folder, "passphrase.next"));
  return bytes && guardBy(readPassphrase(bytes));
}

/** A new passphrase in passphrase.next, until `settlePassphrase`. */
export async function newPassphraseGuard(folder: string): Promise<Guard> {
  const bytes = newPassphrase();
  await replaceFile(join(folder, "passphrase.next"), bytes);
  return guardBy(readPassphrase(bytes));
}

/** Puts passphrase.next in the place of the passphrase that opens nothing any more, and destroys that. */
export async function settlePassphrase(folder: string): Promise<void> {
  const bytes = await readIfThere(join(folder, "passphrase.next"));
  if (bytes === undefined) return;
  await replaceSecretFile(join(folder, "passphrase"), bytes);
  await destroyFiles(folder, ["passphrase.next"]);
}

function guardBy(passphrase: string): Guard {
  return {
    name: "the keeper's passphrase",
    async make() {
      const salt = randomBytes(16);
      const { wrapKey } = await passwordKeys(passphrase, salt, passwordCost);
      return { wrapKey, fields: { salt: toHex(salt), ...passwordCost } };
    },
    async open({ salt, memory, passes }) {
      const bytes = typeof salt === "string" ? fromHex(salt) : undefined;
      if (bytes === undefined || typeof memory !== "number" || typeof passes !== "number")
        throw new Broken("the keeper's root file is damaged");
      return (await passwordKeys(passphrase, bytes, { memory, passes })).wrapKey;
    },
  };
}

export function tokenGuard(token: Token): Guard {
  return {
    name: "the token",
    async make() {
      const wrapKey = randomBytes(32);
      const key = createPublicKey({
        key: await askToken(token, ["--read-object", "--type", "pubkey"]),
        format: "der",
        type: "spki",
      });
      const sealed = publicEncrypt(
        { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha1" },
        wrapKey,
      );
      return { wrapKey, fields: { token: { ...token }, sealed: toHex(sealed) } };
    },
    async open({ sealed }) {
      const bytes = typeof sealed === "string" ? fromHex(sealed) : undefined;
      if (bytes === undefined) throw new Broken("the keeper's root file is damaged");
      const way = [
        "--decrypt",
        "--mechanism",
        "RSA-PKCS-OAEP",
        "--hash-algorithm",
        "SHA-1",
        "--mgf",
        "MGF1-SHA1",
      ];
      const wrapKey = await askToken(token, way, bytes);
      if (wrapKey.byteLength !== 32)
        throw new Broken("the token gave something else than the root's key");
      return wrapKey;
    },
  };
}

// A token that waits for a finger, or one across a network, needs seconds.
const TOKEN_MS = 60_000;

/** Runs pkcs11-tool. The PIN goes by the environment and keys by pipes: no list of processes and no file shows either. */
async function askToken(
  token: Token,
  words: readonly string[],
  input?: Uint8Array,
): Promise<Buffer> {
  const pin = (await readIfThere(token.pin))?.toString().trim();
  if (pin === undefined) throw new Broken("the file with the token's PIN is missing");
  const args = ["--module", token.module, "--login", "--pin", "env:BAILEE_PIN", "--id", token.id];
  const env = {
    ...Object.fromEntries(token.environment.map((line) => line.split(/=(.*)/s).slice(0, 2))),
    BAILEE_PIN: pin,
  };
  const options = { env, timeout: TOKEN_MS, encoding: "buffer" } as const;
  const asked = promisify(execFile)(token.tool, [...args, ...words], options);
  asked.child.stdin?.on("error", () => undefined); // it went before it read; how it ended says why
  asked.child.stdin?.end(input);
  try {
    return (await asked).stdout;
  } catch (error) {
    const { stderr, code } = error as { stderr?: Buffer; code?: unknown };
    const said = stderr?.toString().trim().split("\n").at(-1) ?? "";
    throw new Broken(`the token does not answer: ${said === "" ? String(code) : said}`);
  }
}

function readPassphrase(bytes: Uint8Array): string {
  const text = toUtf8(bytes)?.replace(/\r?\n$/, "");
  if (text === undefined || text.length < 12)
    throw new Broken("the keeper's passphrase is no text of at least 12 characters");
  return text;
}

/** 256 random bits as a line of text. */
function newPassphrase(): Uint8Array {
  return fromUtf8(`${toBase64Url(randomBytes(32))}\n`);
}
