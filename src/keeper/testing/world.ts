// A keeper in a temporary folder with the example's people, for tests: real keys, real files, a clock that can be turned.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fromUtf8, toHex } from "#base/bytes";
import { type Canonical, canonicalBytes, parseCanonical } from "#base/canonical";
import { newId } from "#base/ids";
import { DAY, SECOND, seconds } from "#base/time";
import { parseOpening } from "#ledger";
import { type Ground, groundRow, policyDigest } from "#policy";
import {
  type AccountKeys,
  type Context,
  encodeAccountKeys,
  newAccountKeys,
  openSealer,
  signBytes,
} from "#vault";
import {
  approvalBytes,
  clientCaseBytes,
  determinationBytes,
  eraseBytes,
  type EraseOrder,
  exampleGenesis,
  exampleKeys,
  grantBytes,
  grantHash,
  type Keeper,
  type KeeperPlace,
  keyId,
  type KeyFile,
  type KeyKind,
  ownRequestBytes,
  readKeyFile,
  recordBytes,
  type RecordType,
  type RecoveryMode,
  type Scope,
  scopeRoot,
  scopeRootOf,
  type SealedObject,
} from "#keeper";
import { openKeeper } from "../open.ts";
import type { CarriedPolicy } from "../amend.ts";

export interface World {
  readonly place: KeeperPlace;
  /** Run before the folder goes: what a test has running in it. */
  readonly endings: (() => Promise<void>)[];
  readonly clock: { time: number; now(): number };
  readonly operator: KeyFile;
  readonly approvers: readonly [KeyFile, KeyFile];
  readonly recipient: KeyFile;
  /** `policy` is what the program carries; its own when absent. */
  open(policy?: CarriedPolicy): Promise<Keeper>;
}

/** A folder with the example's genesis; nothing runs yet. */
export async function newWorld(t: TestContext): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "bailee-keeper-"));
  const endings: (() => Promise<void>)[] = [];
  t.after(async () => {
    for (const end of endings) await end();
    await rm(folder, { recursive: true, force: true });
  });
  const place = {
    folder: join(folder, "keeper"),
    publishedFolder: join(folder, "published"),
    origin: "bailee.example/ledger",
    publishSeconds: 300,
  };
  const keysFolder = join(folder, "keys");
  await exampleGenesis({ keysFolder, keeperFolder: place.folder, origin: place.origin });
  const files = exampleKeys(keysFolder);
  const read = (kind: KeyKind, path: string): KeyFile => {
    const file = readKeyFile(kind, readFileSync(path, "utf8"));
    assert.ok(file, path);
    return file;
  };
  const clock = { time: Date.now(), now: () => clock.time };
  return {
    place,
    endings,
    clock,
    operator: read("ed25519", files.operator),
    approvers: [read("ed25519", files.approvers[0]), read("ed25519", files.approvers[1])],
    recipient: read("x25519", files.recipient),
    open: (policy) => openKeeper({ ...place, clock, ...(policy && { policy }) }),
  };
}

export interface EnrolledClient {
  readonly client: string;
  readonly account: string;
  readonly keys: AccountKeys;
  readonly contactKey: Uint8Array;
  readonly paymentKey: Uint8Array;
  readonly standingKey: Uint8Array;
}

export async function enrolClient(
  keeper: Keeper,
  mode: RecoveryMode = "quorum",
): Promise<EnrolledClient> {
  const keys = newAccountKeys();
  const [client, account] = [newId(), newId()];
  const { enrolKey } = await keeper.hello();
  const about = { class: "credential", client, account, object: account, part: "bundle" } as const;
  const bundle = mode === "client-only" ? keys.pseudonymKey : encodeAccountKeys(keys);
  const enrolled = await keeper.enrol({
    client,
    account,
    mode,
    contentKey: keys.boxPublic,
    signingKey: keys.signingPublic,
    bundle: openSealer(enrolKey).seal(about, bundle),
  });
  assert.ok(enrolled.ok, JSON.stringify(enrolled));
  const [, contact, payment, standing] = enrolled.value.certificates;
  assert.ok(contact && payment && standing);
  return {
    client,
    account,
    keys,
    contactKey: contact.publicKey,
    paymentKey: payment.publicKey,
    standingKey: standing.publicKey,
  };
}

export function sealObject(key: Uint8Array, context: Context, text: string): SealedObject {
  return { context, sealed: openSealer(key).seal(context, fromUtf8(text)) };
}

/** A letter of the client's, sealed as delivery does. */
export function sealLetter(of: EnrolledClient, object: string, text: string): SealedObject {
  const { client, account, keys } = of;
  return sealObject(
    keys.boxPublic,
    { class: "content", client, account, object, part: "body" },
    text,
  );
}

/** The fingerprint of a letter, sealed at its receipt; 32 bytes. */
export function sealFingerprint(
  { client, account, keys }: EnrolledClient,
  object: string,
  fingerprint: Uint8Array,
): SealedObject {
  const context = { class: "content", client, account, object, part: "fingerprint" } as const;
  return { context, sealed: openSealer(keys.boxPublic).seal(context, fingerprint) };
}

export function sealContact(of: EnrolledClient, object: string, text: string): SealedObject {
  const context = {
    class: "contact",
    client: of.client,
    account: "",
    object,
    part: "contact",
  } as const;
  return sealObject(of.contactKey, context, text);
}

/** What the keeper opens of a client's own when the client asks, as texts; or why it does not. */
export async function askOwn(
  world: World,
  keeper: Keeper,
  of: EnrolledClient,
  objects: readonly SealedObject[],
  bent: { at?: number; account?: string; signedBy?: EnrolledClient } = {},
) {
  const about = {
    client: of.client,
    account: bent.account ?? of.account,
    at: bent.at ?? seconds(world.clock.time),
    nonce: newId(),
  };
  const { signingSecret } = (bent.signedBy ?? of).keys;
  const request = {
    ...about,
    signature: signBytes(signingSecret, ownRequestBytes(about, objects)),
  };
  const opened = await keeper.own(request, objects);
  return opened.ok ? opened.value.map((each) => Buffer.from(each).toString()) : opened.refusal;
}

export type GrantFields = { readonly [field: string]: Canonical };

/** A grant that is right for its ground, to be bent by a test. */
export function draftGrant(
  world: World,
  of: EnrolledClient,
  ground: Ground,
  ids: readonly string[],
  bent: GrantFields = {},
): GrantFields {
  const row = groundRow(ground);
  const now = seconds(world.clock.time);
  const dataClass = typeof bent["class"] === "string" ? bent["class"] : (row.classes[0] ?? "");
  const scope = { ids: [...ids].sort(), root: scopeRoot([...ids].sort()) };
  const isContent = dataClass === "content";
  const fields = {
    version: 1,
    ground,
    purpose: row.purpose,
    class: dataClass,
    client: of.client,
    account: isContent ? of.account : "",
    scope,
    asked: "what was asked for",
    reason: "a reason in words",
    actor: keyId(world.operator.publicKey),
    requester: { name: "The Court of Example", kind: "authority" },
    recipient: toHex(world.recipient.publicKey),
    policy: policyDigest,
    notBefore: now,
    expires: now + row.lifeMs / 1000,
    notice: "now",
    maxItems: scope.ids.length,
    nonce: newId(),
    ...bent,
  };
  const demands: { [name: string]: Canonical } = {};
  for (const demand of row.demands) demands[demand] = `the ${demand}`;
  const root = scopeRootOf((bent["scope"] ?? scope) as Scope);
  const about = { client: of.client, root };
  const instrument = "warrant 7 of the Court, which names payment";
  if (row.demands.includes("instrument")) demands["instrument"] = instrument;
  if (row.demands.includes("determination"))
    demands["determination"] = determine(world.approvers[0], {
      ...about,
      class: dataClass,
      instrument,
    });
  if (row.demands.includes("clientSignature")) {
    const until = fields.expires;
    const signed = clientCaseBytes({ ...about, account: of.account, until });
    demands["clientSignature"] = `${until} ${toHex(signBytes(of.keys.signingSecret, signed))}`;
  }
  return { demands, ...fields };
}

/** A right order for the mail of the coming days (30, from now on), to be bent by a test. */
export function draftInterception(
  world: World,
  of: EnrolledClient,
  bent: GrantFields = {},
): GrantFields {
  const from = seconds(world.clock.time);
  const scope = { from, until: from + (30 * DAY) / SECOND };
  return draftGrant(world, of, "E3", [], { scope, maxItems: 1000, ...bent });
}

export function determine(
  by: KeyFile,
  about: { client: string; class: string; root: string; instrument: string },
): string {
  const text = "valid and enforceable";
  const signature = signBytes(by.secretKey, determinationBytes({ ...about, text }));
  return `${keyId(by.publicKey)} ${toHex(signature)} ${text}`;
}

export function file(world: World, keeper: Keeper, fields: GrantFields, by = world.operator) {
  const bytes = canonicalBytes(fields);
  return keeper.fileGrant(bytes, signBytes(by.secretKey, grantBytes(grantHash(bytes))));
}

export function approve(keeper: Keeper, hash: string, by: KeyFile) {
  return keeper.approveGrant(
    hash,
    keyId(by.publicKey),
    signBytes(by.secretKey, approvalBytes(hash)),
  );
}

/** Files and approves; asserts that both went well. Returns the grant's hash. */
export async function granted(world: World, keeper: Keeper, fields: GrantFields): Promise<string> {
  const filed = await file(world, keeper, fields);
  assert.ok(filed.ok, JSON.stringify(filed));
  const { hash } = filed.value;
  const shown = await keeper.showGrant(hash);
  for (const approver of world.approvers.slice(0, shown?.approvalsNeeded)) {
    const ruled = await approve(keeper, hash, approver);
    assert.ok(ruled.ok, JSON.stringify(ruled));
  }
  return hash;
}

export async function looksOf(world: World, keeper: Keeper, of: EnrolledClient) {
  const { client, account, keys } = of;
  const ask = { client, account, at: seconds(world.clock.time), nonce: newId() };
  const signature = signBytes(keys.signingSecret, ownRequestBytes(ask, []));
  const looks = await keeper.looks({ ...ask, signature });
  assert.ok(looks.ok, JSON.stringify(looks));
  return looks.value;
}

/** The client's order to be erased, signed with the account's key. */
export function eraseOrder(of: EnrolledClient, notBefore = 0): EraseOrder {
  const order = { client: of.client, account: of.account, notBefore };
  return { ...order, signature: signBytes(of.keys.signingSecret, eraseBytes(order)) };
}

/** A right record of a case, to be bent by a test; `of` is the client of decisions and appeals. */
export function draftRecord(
  world: World,
  type: RecordType,
  bent: GrantFields = {},
  of?: EnrolledClient,
): GrantFields {
  const client = of?.client ?? "";
  const forms: { readonly [type in RecordType]: GrantFields } = {
    "request-received": { requester: { name: "The Court", kind: "court" }, asks: "content" },
    "request-determined": { verdict: "valid" },
    "request-closed": { outcome: "fulfilled", because: "as-asked" },
    decision: {
      measure: "delete",
      basis: "report",
      clause: "3.2",
      client,
      ids: ["letter1"],
      statement: "what was reported breaks the terms",
      until: 0,
    },
    "appeal-decided": { of: 0, result: "reversed", client, statement: "it does not" },
  };
  return {
    version: 1,
    type,
    case: "case-1",
    policy: policyDigest,
    at: seconds(world.clock.time),
    nonce: newId(),
    actor: keyId(world.operator.publicKey),
    ...forms[type],
    ...bent,
  };
}

/** Hands in a record signed by `by`, whose key id it then names. */
export function handIn(keeper: Keeper, fields: GrantFields, by: KeyFile) {
  const bytes = canonicalBytes({ ...fields, actor: keyId(by.publicKey) });
  return keeper.recordCase(bytes, signBytes(by.secretKey, recordBytes(bytes)));
}

export interface PublishedEntry {
  readonly index: number;
  readonly type: string;
  readonly [field: string]: Canonical;
}

/** Publishes, and reads what everybody may read: public parts in the order of the log, without covers. */
export async function publishedEntries(
  world: World,
  keeper: Keeper,
): Promise<readonly PublishedEntry[]> {
  await keeper.publish();
  const folder = world.place.publishedFolder;
  const lines = globSync("openings/**/*.jsonl", { cwd: folder })
    .sort()
    .flatMap((name) => readFileSync(join(folder, name), "utf8").trimEnd().split("\n"));
  return lines.flatMap((line) => {
    const opening = parseOpening(Buffer.from(line));
    const said = opening?.part === "public" ? parseCanonical(opening.bytes) : undefined;
    const entry = { ...(said as object), index: opening?.index } as PublishedEntry;
    return said === undefined || entry.type === "cover" ? [] : [entry];
  });
}

/** "ok" or the refusal, for comparing. */
export function refusalOf(ruled: { ok: true } | { ok: false; refusal: string }): string {
  return ruled.ok ? "ok" : ruled.refusal;
}
