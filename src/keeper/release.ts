// No entry, no key. A release goes: check, intent entry in journal and ledger (fsynced, under a signed checkpoint; the use
// counts from here), open exactly what was asked for within the scope, outcome entry, and only then the answer. If an entry
// cannot be written nothing is opened, or what was opened is not handed out. The plaintext lives as long as this call.
import { fromHex, toHex } from "#base/bytes";
import { seconds } from "#base/time";
import { type Ground, isDataClass, isGround } from "#policy";
import type { Context, Opener } from "#vault";
import type { Book } from "./book.ts";
import { isClientClass, type KeptClient, type Keystore } from "./clients.ts";
import type { DayKeys } from "./daykeys.ts";
import { type Grant, idsOf } from "./grant.ts";
import { manifestOf, type PackageItem, sealPackage } from "./package.ts";
import type { Keeper, Released, ReleaseRefusal, Ruled, SealedObject } from "./port.ts";
import { type Refused, refused } from "./rules.ts";
import type { FiledGrant } from "./state.ts";
import { sha256 } from "./statements.ts";
import type { Underway } from "./underway.ts";
import {
  awaitWitnesses,
  judgeUse,
  pendingUse,
  unavailable,
  unlessUnavailable,
  writeIntent,
  writeOutcome,
} from "./uses.ts";
import type { Witnesses } from "./witnesses.ts";

// One answer is one frame of at most 64 MiB; manifest and sealing need their share of it.
const MAX_BYTES = 48 * 1024 * 1024;
// A message has a handful of parts.
const MAX_OBJECTS = 4000;

interface Parts {
  readonly book: Book;
  readonly keystore: Keystore;
  readonly dayKeys: Pick<DayKeys, "opener">;
  readonly underway: Underway;
  readonly witnesses: Witnesses;
}

export function openReleases(parts: Parts): Keeper["release"] {
  const { book, keystore, underway, witnesses } = parts;
  return async (hash, objects) => {
    const filed = book.state.grants.get(hash);
    if (filed === undefined) return refused("unknown-grant", "no grant of that hash is filed");
    if (!("ids" in filed.grant.scope))
      return refused("out-of-scope", "this grant is about mail that is to come: it intercepts");
    // From here to the reservation nothing waits: of two that race for the last use, one is refused.
    const pending = pendingUse(filed, idsIn(objects), witnesses);
    const verdict =
      judgeUse(filed, book.state, seconds(book.now()), underway, { witnesses, pending }) ??
      judgeObjects(filed.grant, objects);
    if (verdict !== undefined) return verdict;
    using _ = underway.begin(hash, filed.grant.client);
    const client = await keystore.find(filed.grant.client);
    if (client === undefined) return refused("unknown-client", "the client is no longer held here");
    return await release(parts, filed, client, objects, pending?.index);
  };
}

/**
 * What a crash left between intent and outcome gets its outcome, on the ordinary path, before anything is released: whether the package
 * was ever handed out is not known, so it counts as failed and as a use.
 */
export async function settleReleases(book: Book, witnesses: Witnesses): Promise<void> {
  for (const filed of book.state.grants.values()) {
    // An interception goes on: its outcome comes after its end.
    if (!("ids" in filed.grant.scope)) continue;
    for (const { index: intent, outcome } of filed.releases) {
      if (outcome !== undefined) continue;
      // The key had not turned: the use goes on waiting.
      if (!witnesses.saw(intent)) {
        witnesses.waiting.add(intent);
        continue;
      }
      const said = { why: "the keeper stopped before the outcome was written" };
      await writeOutcome(book, filed, { what: "release", intent, failed: true, items: 0, said });
    }
  }
}

/** Those whose witnesses did not come before the grant expired get their outcome: nothing was opened. */
export async function endWaiting(
  book: Book,
  { waiting }: Witnesses,
  underway: Underway,
): Promise<void> {
  for (const filed of book.state.grants.values()) {
    if (!("ids" in filed.grant.scope) || underway.has(filed.hash)) continue;
    if (seconds(book.now()) < filed.grant.expires) continue;
    for (const { index: intent, outcome } of filed.releases) {
      if (outcome !== undefined || !waiting.has(intent)) continue;
      const said = { why: "no witnesses saw the entry before the grant expired" };
      await writeOutcome(book, filed, { what: "release", intent, failed: true, items: 0, said });
      waiting.delete(intent);
    }
  }
}

function idsIn(objects: readonly SealedObject[]): readonly string[] {
  return [...new Set(objects.map(({ context }) => context.object))].sort();
}

function judgeObjects(
  grant: Grant,
  objects: readonly SealedObject[],
): Refused<ReleaseRefusal> | undefined {
  if (objects.length === 0) return refused("out-of-scope", "nothing was given to open");
  if (objects.length > MAX_OBJECTS) return refused("out-of-scope", `over ${MAX_OBJECTS} objects`);
  const size = objects.reduce((sum, { sealed }) => sum + sealed.byteLength, 0);
  if (size > MAX_BYTES) return refused("out-of-scope", "over 48 MiB in one release");
  const seen = new Set<string>();
  for (const { context } of objects) {
    const { object, part } = context;
    // Whatever else a part were called, the manifest could not name it, and the use would be spent for nothing.
    if (!/^[\w./:-]{1,128}$/.test(part)) return refused("out-of-scope", "no part has that name");
    if (!isInScope(grant, context))
      return refused(
        "out-of-scope",
        "an object is not of the grant's ids, client, account and class",
      );
    if (seen.has(`${object} ${part}`)) return refused("out-of-scope", "an object was given twice");
    seen.add(`${object} ${part}`);
  }
  return undefined;
}

function isInScope(grant: Grant, context: Context): boolean {
  const accounts = grant.class === "content" ? [grant.account] : ["", grant.account];
  return (
    context.class === grant.class &&
    context.client === grant.client &&
    accounts.includes(context.account) &&
    idsOf(grant.scope).includes(context.object)
  );
}

async function release(
  parts: Parts,
  filed: FiledGrant,
  client: KeptClient,
  objects: readonly SealedObject[],
  pending: number | undefined,
): Promise<Ruled<Released, ReleaseRefusal>> {
  const { book } = parts;
  const { hash, grant } = filed;
  const ids = idsIn(objects);
  const { pseudonym } = client;
  const use = { what: "release", pseudonym, ids, open: { items: ids.length }, ofClient: { ids } };
  const intent = pending ?? (await unlessUnavailable(() => writeIntent(book, filed, use)));
  if (intent === undefined) return unavailable;
  const wait = awaitWitnesses(intent, parts.witnesses);
  if (wait !== undefined) return wait;
  const items = await openAll(parts, grant, client, objects);
  if (items === undefined) {
    const said = { why: "an object did not open as what it was said to be" };
    const failed = { what: "release", intent, failed: true, items: 0, said };
    const written = await unlessUnavailable(() => writeOutcome(book, filed, failed));
    if (written === undefined) return unavailable;
    return refused("does-not-open", "an object did not open; the use is spent");
  }
  const missing = idsOf(grant.scope).filter((id) => !ids.includes(id));
  const manifest = manifestOf({ grant: hash, intent, items, missing });
  const sealed = sealPackage(fromHex(grant.recipient) ?? new Uint8Array(), hash, manifest, items);
  const bytes = items.reduce((sum, item) => sum + item.bytes.byteLength, 0);
  const outcomeIndex = await unlessUnavailable(() =>
    writeOutcome(book, filed, {
      what: "release",
      intent,
      failed: false,
      items: ids.length,
      said: { bytes, manifest: toHex(sha256(manifest)), ids },
    }),
  );
  if (outcomeIndex === undefined) return unavailable;
  const value = { package: sealed, items: ids.length, intentIndex: intent, outcomeIndex };
  return { ok: true, value };
}

/** All of them or undefined. Keys are fetched only now, after the entry. */
async function openAll(
  parts: Parts,
  grant: Grant,
  client: KeptClient,
  objects: readonly SealedObject[],
): Promise<readonly PackageItem[] | undefined> {
  const openers = new Map<string, Opener>();
  const items: PackageItem[] = [];
  for (const { context, sealed } of objects) {
    const name = context.class === "clientlog" ? context.part : context.class;
    const opener = openers.get(name) ?? (await openerFor(parts.dayKeys, client, context));
    if (opener === undefined || !isGround(grant.ground) || !isDataClass(context.class))
      return undefined;
    openers.set(name, opener);
    const opened = openOnGround(opener, context, grant.ground, sealed);
    if (opened === undefined) return undefined;
    items.push({ context, bytes: opened });
  }
  return items;
}

async function openerFor(
  dayKeys: Pick<DayKeys, "opener">,
  client: KeptClient,
  { class: dataClass, part }: Context,
): Promise<Opener | undefined> {
  if (dataClass === "content" || isClientClass(dataClass)) return client.opener(dataClass);
  if (dataClass !== "clientlog") return undefined;
  const opener = await dayKeys.opener(part);
  return opener === "destroyed" ? undefined : opener;
}

/** The vault asks its own table whether the ground reaches the class: the types cannot know it here, the check is at run time. */
function openOnGround(
  opener: Opener,
  context: Context,
  ground: Ground,
  sealed: Uint8Array,
): Uint8Array | undefined {
  const opened = opener.openOnGround(context as Context<"contact">, ground as "support", sealed);
  return opened.ok ? opened.value : undefined;
}
