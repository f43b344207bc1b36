// Grants by the command line, as an operator's script makes them, with the keys of the example that a first start makes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { toHex } from "#base/bytes";
import { keyId, type KeyKind, readKeyFile } from "#keeper";
import type { House } from "./house.ts";

/** Options of a command by their names; several values repeat one. */
export interface Options {
  readonly [name: string]: string | readonly string[];
}

export interface Example {
  /** Paths. */
  readonly keys: {
    readonly operator: string;
    readonly approver1: string;
    readonly approver2: string;
    readonly recipient: string;
  };
  /** Who asks, acts and receives, as `bailee grant draft` takes it. */
  readonly people: Options;
  readonly actorId: string;
  /** Hexadecimal. */
  readonly recipientKey: string;
}

export function exampleOf(house: Pick<House, "data">): Example {
  const file = (name: string): string => join(house.data, "example-keys", `${name}.key`);
  const publicKey = (kind: KeyKind, path: string): Uint8Array => {
    const key = readKeyFile(kind, readFileSync(path, "utf8"));
    assert.ok(key !== undefined, path);
    return key.publicKey;
  };
  const keys = {
    operator: file("operator"),
    approver1: file("approver-1"),
    approver2: file("approver-2"),
    recipient: file("recipient"),
  };
  return {
    keys,
    people: {
      requester: "Example Counsel",
      "requester-kind": "lawyer",
      actor: keys.operator,
      recipient: keys.recipient,
    },
    actorId: keyId(publicKey("ed25519", keys.operator)),
    recipientKey: toHex(publicKey("x25519", keys.recipient)),
  };
}

/** Runs a command with --json; gives its exit code and what it answered. */
export async function runJson(
  house: Pick<House, "run">,
  words: readonly string[],
  options: Options = {},
): Promise<{ readonly code: number | null; readonly value: unknown }> {
  const given = Object.entries(options).flatMap(([name, values]) =>
    [values].flat().flatMap((value) => [`--${name}`, value]),
  );
  const ran = await house.run([...words, ...given, "--json"]);
  const line = ran.stdout === "" ? "null" : ran.stdout;
  return { code: ran.code, value: ran.stderr === "" ? JSON.parse(line) : { said: ran.stderr } };
}

/** What `bailee grant open` wrote into the folder, beside the manifest, the cover sheet and the proofs. */
export async function openedItems(
  folder: string,
): Promise<readonly { readonly name: string; readonly bytes: Buffer }[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const beside = new Set(["manifest.json", "cover.txt"]);
  const names = entries
    .filter((entry) => entry.isFile() && !beside.has(entry.name))
    .map(({ name }) => name);
  return Promise.all(
    names.map(async (name) => ({ name, bytes: await readFile(join(folder, name)) })),
  );
}
