// No entry, no key. A release goes: check, intent entry in journal and ledger (fsynced, under a signed checkpoint; the use
// counts from here), open exactly what was asked for within the scope, outcome entry, and only then the answer. If an entry
// cannot be written nothing is opened, or what was opened is not handed out. The plaintext lives as long as this call.
import { fromHex, toHex } from "#base/bytes";
import type { Canonical } from "#base/canonical";
import { Broken } from "#base/errors";
import { logBroken } from "#base/log";
import { seconds } from "#base/time";
import { type Ground, isDataClass, isGround, policyDigest } from "#policy";
import type { Context, Opener } from "#vault";
import type { Book } from "./book.ts";
import { isClientClass, type KeptClient, type Keystore } from "./clients.ts";
import type { DayKeys } from "./daykeys.ts";
import type { Grant } from "./grant.ts";
import { approvalsNeeded, usesAllowed } from "./grants.ts";
import { manifestOf, type PackageItem, sealPackage } from "./package.ts";
import type { Keeper, Released, ReleaseRefusal, Ruled, SealedObject } from "./port.ts";
import { type Refused, refused } from "./rules.ts";
import type { FiledGrant, State } from "./state.ts";
import { sha256 } from "./statements.ts";
import type { Underway } from "./underway.ts";

// One answer is one frame of at most 64 MiB; manifest and sealing need their share of it.
const MAX_BYTES = 48 * 1024 * 1024;
// A message has a handful of parts.
const MAX_OBJECTS = 4000;

interface Parts {
  readonly book: Book;
  readonly keystore: Keystore;
  readonly dayKeys: Pick<DayKeys, "opener">;
  readonly underway: Underway;
}

export function openReleases(parts: Parts): Keeper["release"] {
  const { book, keystore, underway } = parts;
  return async (hash, objects) => {
    const filed = book.state.grants.get(hash);
    if (filed === undefined) return refused("unknown-grant", "no grant of that hash is filed");
    // From here to the reservation nothing waits: of two that race for the last use, one is refused.
    const verdict =
      judgeRelease(filed, book.state, seconds(book.now()), underway) ??
      judgeObjects(filed.grant, objects);
    if (verdict !== undefined) return verdict;
    using _ = underway.begin(hash, filed.grant.client);
    const client = await keystore.find(filed.grant.client);
    if (client === undefined) return refused("unknown-client", "the client is no longer held here");
    return await release(parts, filed, client, objects);
  };
}

/**
 * What a crash left between intent and outcome gets its outcome, on the ordinary path, before anything is released: whether the package
 * was ever handed out is not known, so it counts as failed and as a use.
 */
export async function settleReleases(book: Book, keystore: Keystore): Promise<void> {
  for (const { hash, grant, releases } of book.state.grants.values()) {
    for (const { index, outcome } of releases) {
      if (outcome !== undefined) continue;
      const client = await keystore.find(grant.client);
      await writeOutcome(book, { hash, grant }, client?.pseudonym ?? "", {
        intent: index,
        failed: true,
        said: { why: "the keeper stopped before the outcome was written" },
      });
    }
  }
}

function judgeRelease(
  { hash, grant, approvals, releases }: FiledGrant,
  state: State,
  now: number,
  underway: Underway,
): Refused<ReleaseRefusal> | undefined {
  if (grant.policy !== policyDigest)
    return refused("old-policy", "it was approved under a policy that is no longer in force");
  if (now < grant.notBefore) return refused("not-yet", "the grant has not begun");
  if (now >= grant.expires) return refused("expired", "the grant has expired");
  const needed = approvalsNeeded(grant, state);
  if (approvals.length < needed)
    return refused("too-few-approvals", `${approvals.length} of ${needed} approvals`);
  if (underway.isLeaving(grant.client))
    return refused("unknown-client", "the client is being erased");
  if (underway.has(hash) || releases.some(({ outcome }) => outcome === undefined))
    return refused("outcome-pending", "an earlier release of it has no durable outcome yet");
  if (releases.length >= usesAllowed(grant))
    return refused("used-up", `it was good for ${usesAllowed(grant)} use`);
  return undefined;
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
    grant.scope.ids.includes(context.object)
  );
}

async function release(
  parts: Parts,
  filed: FiledGrant,
  client: KeptClient,
  objects: readonly SealedObject[],
): Promise<Ruled<Released, ReleaseRefusal>> {
  const { book } = parts;
  const { hash, grant } = filed;
  const ids = [...new Set(objects.map(({ context }) => context.object))].sort();
  const intent = await unlessUnavailable(() => writeIntent(book, filed, client, ids));
  if (intent === undefined) return unavailable;
  const items = await openAll(parts, grant, client, objects);
  if (items === undefined) {
    const said = { why: "an object did not open as what it was said to be" };
    const failed = { intent, failed: true, said };
    const written = await unlessUnavailable(() =>
      writeOutcome(book, filed, client.pseudonym, failed),
    );
    if (written === undefined) return unavailable;
    return refused("does-not-open", "an object did not open; the use is spent");
  }
  const missing = grant.scope.ids.filter((id) => !ids.includes(id));
  const manifest = manifestOf({ grant: hash, intent, items, missing });
  const sealed = sealPackage(fromHex(grant.recipient) ?? new Uint8Array(), hash, manifest, items);
  const bytes = items.reduce((sum, item) => sum + item.bytes.byteLength, 0);
  const outcomeIndex = await unlessUnavailable(() =>
    writeOutcome(book, filed, client.pseudonym, {
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

const unavailable = refused(
  "ledger-unavailable",
  "the ledger cannot be written, so nothing is opened",
);

async function unlessUnavailable(write: () => Promise<number>): Promise<number | undefined> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    logBroken("keeper-ledger", error);
    return undefined;
  }
}

function writeIntent(
  book: Book,
  { hash, grant }: FiledGrant,
  { pseudonym }: KeptClient,
  ids: readonly string[],
): Promise<number> {
  const { purpose, reason, requester, actor } = grant;
  const role = book.state.people.get(actor)?.role ?? "";
  const instrument = grant.demands.instrument;
  return book.write({
    public: { ...publicOf(grant, pseudonym), type: "release-intent", role, items: ids.length },
    client: { ids, reason, purpose },
    case: { grant: hash, actor, requester, ...(instrument !== undefined && { instrument }) },
    of: grant.client,
    revealBy: revealBy(grant),
    fact: { kind: "intent", hash, ids },
  });
}

function writeOutcome(
  book: Book,
  { hash, grant }: Pick<FiledGrant, "hash" | "grant">,
  pseudonym: string,
  outcome: {
    readonly intent: number;
    readonly failed: boolean;
    readonly items?: number;
    readonly said: { readonly [field: string]: Canonical };
  },
): Promise<number> {
  const { intent, failed, items = 0 } = outcome;
  return book.write({
    public: { ...publicOf(grant, pseudonym), type: "release-outcome", intent, items, failed },
    client: outcome.said,
    case: { grant: hash },
    of: grant.client,
    revealBy: revealBy(grant),
    fact: { kind: "outcome", hash, intent, items, failed },
  });
}

function publicOf(grant: Grant, pseudonym: string): { readonly [field: string]: Canonical } {
  return { ground: grant.ground, purpose: grant.purpose, class: grant.class, pseudonym };
}

function revealBy({ notice }: Grant): number | undefined {
  return notice === "now" ? undefined : notice.until;
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
