// The keystore: what the keeper holds for each client, one file each, so that erasing a client is removing a file.
//
//   FOLDER/clients/CLIENT   canonical JSON {version, client, account, mode, epoch, contentKey, signingKey, bundle,
//                           keys: {contact, payment, standing}}; keys public in hex, `bundle` and `keys` wraps in hex
//                           under the class key of the epoch, bound to ["client", client, account, name]
//
// Secrets leave this file only to openers in this process, for as long as one request takes.
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { equalBytes, fromHex, toHex } from "#base/bytes";
import { type Canonical, canonicalBytes, parseCanonical } from "#base/canonical";
import { Broken } from "#base/errors";
import { replaceFile } from "#base/files";
import { decodeAccountKeys, ledgerPseudonym, newBoxKeyPair, type Opener, openOpener } from "#vault";
import type { Book } from "./book.ts";
import type { Certify } from "./certify.ts";
import { destroyFiles } from "./destroy.ts";
import type { Enrolled, Enrolment, RecoveryMode, Ruled } from "./port.ts";
import { refused } from "./rules.ts";
import { readIfThere } from "./once.ts";
import { type ClassKeys, classKeyName, epochOf } from "./root.ts";

export interface KeptClient {
  readonly client: string;
  readonly account: string;
  readonly mode: RecoveryMode;
  readonly signingKey: Uint8Array;
  readonly pseudonym: string;
  /** Opener of the client's own key of a class; undefined for content in client-only mode. */
  opener(dataClass: ClientClass | "content"): Promise<Opener | undefined>;
  /** The account's own keys, for a reset; undefined in client-only mode. */
  bundle(): Promise<Uint8Array | undefined>;
}

/** Classes with a key pair per client, made here. */
export type ClientClass = (typeof clientClasses)[number];
const clientClasses = ["contact", "payment", "standing"] as const;

export function isClientClass(name: string): name is ClientClass {
  return (clientClasses as readonly string[]).includes(name);
}

export interface Keystore {
  enrol(enrolment: Enrolment): Promise<Ruled<Enrolled, "exists" | "bad-bundle" | "malformed">>;
  /** Undefined for those who never were, and for those who were erased. */
  find(client: string): Promise<KeptClient | undefined>;
  /** Overwrites and removes the client's file if it is there; that it is to be gone stands in the journal already. */
  destroy(client: string): Promise<void>;
  /** Wraps the secrets of every client that stand under an earlier quarter's class keys under this one's; how many clients. */
  rewrap(epoch: number): Promise<number>;
  /** Of the class keys under which anything stands. */
  classKeyNames(): Promise<ReadonlySet<string>>;
}

interface ClientFile {
  readonly client: string;
  readonly account: string;
  readonly mode: RecoveryMode;
  readonly epoch: number;
  readonly contentKey: string;
  readonly signingKey: string;
  readonly bundle: string;
  readonly keys: { readonly [name in ClientClass]: string };
}

export async function openKeystore(
  folder: string,
  parts: {
    readonly classKeys: ClassKeys;
    readonly book: Book;
    readonly certify: Certify;
    /** Opens bundles that were sealed to the keeper's enrol key. */
    readonly enrolOpener: Opener;
  },
): Promise<Keystore> {
  const clients = join(folder, "clients");
  await mkdir(clients, { recursive: true, mode: 0o700 });
  const pathOf = (client: string): string => join(clients, client);
  const { erased } = parts.book.state;
  // A crash before the file went, or yesterday's folder put back: the journal remembers, so it goes before anything can use it.
  const restored = (await readdir(clients)).filter((name) => erased.has(name));
  await destroyFiles(clients, restored);
  const underway = new Set<string>();
  const files = async (): Promise<readonly ClientFile[]> => {
    const read: ClientFile[] = [];
    for (const client of await readdir(clients)) {
      const bytes = isName(client) ? await readIfThere(pathOf(client)) : undefined;
      if (bytes !== undefined) read.push(readFile(client, bytes));
    }
    return read;
  };
  const move = async (file: ClientFile, epoch: number): Promise<void> => {
    const { client } = file;
    await replaceFile(
      pathOf(client),
      canonicalBytes(await rewrapped(parts.classKeys, file, epoch)),
    );
    // Erased while it was written: the journal said so first, and this file came back after the other was gone.
    if (erased.has(client) && (await readIfThere(pathOf(client))) !== undefined)
      await destroyFiles(clients, [client]);
  };
  return {
    async enrol(enrolment) {
      const wrong = malformed(enrolment);
      if (wrong !== undefined) return { ok: false, refusal: "malformed", why: wrong };
      const bundle = openBundle(parts.enrolOpener, enrolment);
      if (bundle === undefined) return { ok: false, refusal: "bad-bundle", why: BAD_BUNDLE };
      const { client } = enrolment;
      // One account per client, and never a second enrolment: otherwise the server could slip in a key of its own.
      const exists = refused("exists", "this client is enrolled already");
      if (underway.has(client)) return exists;
      underway.add(client);
      try {
        if (erased.has(client) || (await readIfThere(pathOf(client))) !== undefined) return exists;
        return { ok: true, value: await enrolNew(parts, pathOf(client), enrolment, bundle) };
      } finally {
        underway.delete(client);
      }
    },
    async find(client) {
      if (!isName(client) || erased.has(client)) return undefined;
      const bytes = await readIfThere(pathOf(client));
      if (bytes === undefined) return undefined;
      return keptClient(parts.classKeys, readFile(client, bytes));
    },
    async destroy(client) {
      if ((await readIfThere(pathOf(client))) !== undefined) await destroyFiles(clients, [client]);
    },
    async rewrap(epoch) {
      const earlier = (await files()).filter((file) => file.epoch < epoch);
      for (const file of earlier) if (!erased.has(file.client)) await move(file, epoch);
      return earlier.length;
    },
    async classKeyNames() {
      const epochs = new Set((await files()).map(({ epoch }) => epoch));
      const classes = ["content", ...clientClasses] as const;
      return new Set(
        [...epochs].flatMap((epoch) => classes.map((name) => classKeyName(name, epoch))),
      );
    },
  };
}

const BAD_BUNDLE =
  "the bundle does not open, or its keys are not those that are to be certified (client-only: exactly 32 bytes)";

/** Names become file names, so they are letters and digits only. */
function isName(text: string): boolean {
  return /^[a-z0-9]{1,64}$/.test(text);
}

function malformed(enrolment: Enrolment): string | undefined {
  if (!isName(enrolment.client) || !isName(enrolment.account))
    return "client and account are 1 to 64 lower-case letters and digits";
  if (!["provider", "quorum", "client-only"].includes(enrolment.mode)) return "no such mode";
  if (enrolment.contentKey.byteLength !== 32 || enrolment.signingKey.byteLength !== 32)
    return "public keys have 32 bytes";
  return undefined;
}

/** What is kept: the whole bundle, or the pseudonym key alone in client-only mode. Undefined when it does not fit the public keys. */
function openBundle(opener: Opener, enrolment: Enrolment): Uint8Array | undefined {
  const { client, account, mode } = enrolment;
  const context = {
    class: "credential",
    client,
    account,
    object: account,
    part: "bundle",
  } as const;
  const opened = opener.open(context, "authenticate", enrolment.bundle);
  if (!opened.ok) return undefined;
  if (mode === "client-only") return opened.value.byteLength === 32 ? opened.value : undefined;
  const keys = decodeAccountKeys(opened.value);
  if (keys === undefined) return undefined;
  return equalBytes(keys.boxPublic, enrolment.contentKey) &&
    equalBytes(keys.signingPublic, enrolment.signingKey)
    ? opened.value
    : undefined;
}

async function enrolNew(
  parts: { readonly classKeys: ClassKeys; readonly book: Book; readonly certify: Certify },
  path: string,
  enrolment: Enrolment,
  bundle: Uint8Array,
): Promise<Enrolled> {
  const { client, account, mode, contentKey, signingKey } = enrolment;
  const epoch = epochOf(parts.book.now());
  const wrap = async (name: "bundle" | ClientClass, secret: Uint8Array): Promise<string> =>
    toHex(
      await parts.classKeys.wrap(
        name === "bundle" ? "content" : name,
        epoch,
        about(client, account, name),
        secret,
      ),
    );
  const pairs = clientClasses.map((name) => ({ name, pair: newBoxKeyPair() }));
  const keys: { [name: string]: string } = {};
  for (const { name, pair } of pairs) keys[name] = await wrap(name, pair.secretKey);
  const certificates = [
    parts.certify({ client, account, class: "content", part: "", publicKey: contentKey, epoch }),
    ...pairs.map(({ name, pair }) =>
      parts.certify({
        client,
        account: "",
        class: name,
        part: "",
        publicKey: pair.publicKey,
        epoch,
      }),
    ),
  ];
  const file = {
    version: 1,
    client,
    account,
    mode,
    epoch,
    contentKey: toHex(contentKey),
    signingKey: toHex(signingKey),
    bundle: await wrap("bundle", bundle),
    keys,
  };
  // The file first: a leaf without its keys would be a promise that cannot be kept; keys without a leaf are never handed out.
  await replaceFile(path, canonicalBytes(file));
  const index = await parts.book.write({
    // Without the pseudonym: sign-ups can be timed, and whoever timed one would know whom a later look concerns.
    public: { type: "enrol", mode },
    client: {
      signingKey: toHex(signingKey),
      keys: Object.fromEntries(certificates.map((each) => [each.class, toHex(each.publicKey)])),
    },
    of: client,
    fact: { kind: "client" },
  });
  return { certificates, index };
}

function keptClient(classKeys: ClassKeys, file: ClientFile): Promise<KeptClient> {
  const { client, account, mode, epoch } = file;
  const unwrap = (name: "bundle" | ClientClass, wrapped: string): Promise<Uint8Array> =>
    classKeys.unwrap(
      name === "bundle" ? "content" : name,
      epoch,
      about(client, account, name),
      bytesOf(wrapped),
    );
  return unwrap("bundle", file.bundle).then((bundle) => ({
    client,
    account,
    mode,
    signingKey: bytesOf(file.signingKey),
    pseudonym: pseudonymOf(bundle),
    bundle: async () => (decodeAccountKeys(bundle) === undefined ? undefined : bundle),
    async opener(dataClass) {
      if (dataClass === "content") {
        const keys = decodeAccountKeys(bundle);
        return keys === undefined ? undefined : openOpener(keys.boxSecret);
      }
      return openOpener(await unwrap(dataClass, file.keys[dataClass]));
    },
  }));
}

function readFile(client: string, bytes: Uint8Array): ClientFile {
  const file = parseCanonical(bytes) as ClientFile | undefined;
  if (file?.client !== client) throw new Broken("a client's file in the keystore is damaged");
  return file;
}

async function rewrapped(
  classKeys: ClassKeys,
  file: ClientFile,
  epoch: number,
): Promise<{ readonly [field: string]: Canonical }> {
  const { client, account } = file;
  const anew = async (name: "bundle" | ClientClass, wrapped: string): Promise<string> => {
    const dataClass = name === "bundle" ? "content" : name;
    const bound = about(client, account, name);
    const secret = await classKeys.unwrap(dataClass, file.epoch, bound, bytesOf(wrapped));
    return toHex(await classKeys.wrap(dataClass, epoch, bound, secret));
  };
  const keys: { [name: string]: string } = {};
  for (const name of clientClasses) keys[name] = await anew(name, file.keys[name]);
  return { ...file, epoch, bundle: await anew("bundle", file.bundle), keys };
}

function pseudonymOf(bundle: Uint8Array): string {
  return ledgerPseudonym(decodeAccountKeys(bundle)?.pseudonymKey ?? bundle);
}

function about(client: string, account: string, name: string): readonly string[] {
  return ["client", client, account, name];
}

function bytesOf(hex: string): Uint8Array {
  const bytes = fromHex(hex);
  if (bytes === undefined) throw new Broken("a client's file in the keystore is damaged");
  return bytes;
}
