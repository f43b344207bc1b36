// The keys that letters are signed with: two slots, a and b, each with an RSA-2048 and an Ed25519 key, so that domains of clients point
// at four names once and for all. A new pair goes into the free slot, is used when the DNS shows it, and pushes the older one out: its
// record stays while letters signed with it may still be on their way, and says then that the key is withdrawn (p=).
//
// DATA/dkim/a.json, b.json, mode 0600: {"slot","made","used","left","withdrawn","rsa","ed25519"}; times in milliseconds or null, keys as
// PKCS#8 PEM, which are gone once the pair is withdrawn.
import { createPrivateKey, createPublicKey, generateKeyPair } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import * as v from "valibot";
import { replaceFile } from "#base/files";
import { Broken } from "#base/errors";
import { DAY } from "#base/time";
import type { SigningKey } from "./sign.ts";

export const slots = ["a", "b"] as const;
export type Slot = (typeof slots)[number];

const pairShape = v.object({
  slot: v.picklist(slots),
  /** When it was made, first used, left for a newer one, and withdrawn. */
  made: v.number(),
  used: v.nullable(v.number()),
  left: v.nullable(v.number()),
  withdrawn: v.nullable(v.number()),
  rsa: v.nullable(v.string()),
  ed25519: v.nullable(v.string()),
});

export type Pair = Readonly<v.InferOutput<typeof pairShape>>;

/** `new`: in the DNS, or about to be; `used`; `leaving`: no more used, still verified; `withdrawn`. */
export type PairState = "new" | "used" | "leaving" | "withdrawn";

export function stateOf({ used, left, withdrawn }: Pair): PairState {
  if (withdrawn !== null) return "withdrawn";
  if (left !== null) return "leaving";
  return used === null ? "new" : "used";
}

// The queue tries for five days; one more for whoever reads the letter late, or waits for the DNS.
export const LEAVES_AFTER = 6 * DAY;

export function selectorsOf(slot: Slot): { readonly rsa: string; readonly ed25519: string } {
  return { rsa: `bailee-${slot}-rsa`, ed25519: `bailee-${slot}-ed25519` };
}

const makePair = promisify(generateKeyPair);

export async function newPair(slot: Slot, at: number): Promise<Pair> {
  const encoding = { format: "pem", type: "pkcs8" } as const;
  const [rsa, ed25519] = await Promise.all([
    // RFC 8301 §3.2: 2048 bits SHOULD be used; a longer key does not fit one string of a TXT record everywhere.
    makePair("rsa", { modulusLength: 2048 }),
    makePair("ed25519"),
  ]);
  const pem = (key: typeof rsa.privateKey): string => key.export(encoding);
  const times = { made: at, used: null, left: null, withdrawn: null };
  return { slot, ...times, rsa: pem(rsa.privateKey), ed25519: pem(ed25519.privateKey) };
}

/**
 * What the TXT record of each selector says (RFC 6376 §3.6.1, RFC 8463 §4). No s=: a record without it serves mail and TLS reports, while a
 * list such as email:tlsrpt (RFC 8460 §3 would like it) makes dkimpy, with which many verify, read no key at all.
 */
export function recordsOf(
  pair: Pair,
): readonly { readonly selector: string; readonly text: string }[] {
  const { rsa, ed25519 } = selectorsOf(pair.slot);
  return [
    { selector: rsa, text: `v=DKIM1; k=rsa; p=${publicRsa(pair)}` },
    { selector: ed25519, text: `v=DKIM1; k=ed25519; p=${publicEd25519(pair)}` },
  ];
}

function publicRsa({ rsa }: Pair): string {
  if (rsa === null) return "";
  return createPublicKey(rsa).export({ format: "der", type: "spki" }).toString("base64");
}

/** The 32 octets alone: the last of the structure. */
function publicEd25519({ ed25519 }: Pair): string {
  if (ed25519 === null) return "";
  const der = createPublicKey(ed25519).export({ format: "der", type: "spki" });
  return der.subarray(-32).toString("base64");
}

export function signingKeys(pair: Pair): readonly SigningKey[] {
  const { rsa, ed25519 } = selectorsOf(pair.slot);
  if (pair.rsa === null || pair.ed25519 === null) return [];
  return [
    { selector: rsa, algorithm: "rsa-sha256", key: createPrivateKey(pair.rsa) },
    { selector: ed25519, algorithm: "ed25519-sha256", key: createPrivateKey(pair.ed25519) },
  ];
}

/** Undefined where the slot was never used. Throws Broken for a file that is not ours. */
export async function readPair(folder: string, slot: Slot): Promise<Pair | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, `${slot}.json`), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Broken("the keys for signing mail cannot be read", error);
  }
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), pairShape), text);
  if (!parsed.success || parsed.output.slot !== slot)
    throw new Broken(`${join(folder, `${slot}.json`)} holds no keys for signing mail`);
  return parsed.output;
}

/** Resolves once it is on the disk. */
export async function writePair(folder: string, pair: Pair): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await replaceFile(join(folder, `${pair.slot}.json`), `${JSON.stringify(pair)}\n`, 0o600);
}
