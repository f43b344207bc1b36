// The client's own log: events sealed to a key of their kind and day, so that destroying the key ends them. Only the
// keeper opens it, for the client themselves.
import { type Engine, type Invocation, invoke } from "#engine";
import { type Canonical, canonicalBytes, parseCanonical } from "#base/canonical";
import { Broken } from "#base/errors";
import { newId } from "#base/ids";
import { logBroken } from "#base/log";
import { type Clock, DAY, dayOf, MINUTE } from "#base/time";
import { logKinds, type LogKind } from "#policy";
import type { Sealer } from "#vault";
import type { Certificates } from "./certificates.ts";
import { appendLog, expireLog, keepLogKeys } from "./commands.ts";
import { logContext } from "./contexts.ts";
import type { LogEvent, LogExpiry, LogPage, LogPart, Session } from "./contract.ts";
import type { AskOwn } from "./own.ts";
import type { CertifiedKey, KeeperPort, Sealed } from "./ports.ts";
import type { Tables } from "./tables.ts";

export interface ClientLog {
  logged(client: string, account: string, event: LogEvent): Promise<Invocation>;
  readPage(session: Session, limit: number, part?: LogPart): Promise<LogPage>;
  expire(keeper: { expireKeys(): Promise<readonly string[]> }): Promise<LogExpiry>;
}

interface Parts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly keeper: KeeperPort;
  readonly certificates: Certificates;
  readonly askOwn: AskOwn;
}

// A page that a person reads; at some 400 bytes each, the request stays far below the keeper's frame.
const MAX_PAGE = 1000;
// Days whose sealers are held: today, and tomorrow near midnight. Older ones are asked for by nobody.
const MAX_DAYS = 4;
// While the keeper is away: often enough to catch it before midnight, seldom enough not to fill the operator's log.
const PREFETCH_PAUSE = 10 * MINUTE;

export function openClientLog(parts: Parts): ClientLog {
  const { engine, clock } = parts;
  const reader = engine.reader<Tables>();
  const days = openLogDays(parts);

  return {
    async logged(client, account, event) {
      // The day of writing, not of the event: what ended just before midnight needs no key of yesterday.
      const day = dayOf(clock.now());
      const sealer = await days.sealer(day, event.kind);
      const id = newId();
      const context = logContext(client, account, id, event.kind, day);
      return invoke(appendLog, {
        client_id: client,
        account_id: account,
        event_id: id,
        kind: event.kind,
        day,
        at: event.at,
        sealed: sealer.seal(context, encodeEvent(event)),
      });
    },

    async readPage(session, limit, part = {}) {
      const wanted = Math.min(limit, MAX_PAGE);
      const { kind } = part;
      const before = parsePlace(part.before);
      let query = reader
        .selectFrom("client_log")
        .select(["event_id", "kind", "day", "at", "sealed"])
        .where("client_id", "=", session.client)
        .where("account_id", "=", session.account);
      if (kind !== undefined) query = query.where("kind", "=", kind);
      if (before !== undefined)
        query = query.where((eb) =>
          eb.or([
            eb("at", "<", before.at),
            eb.and([eb("at", "=", before.at), eb("event_id", ">", before.id)]),
          ]),
        );
      // One more than asked for tells whether there are older ones.
      const found = await query
        .orderBy("at", "desc")
        .orderBy("event_id")
        .limit(wanted + 1)
        .execute();
      const rows = found.slice(0, wanted);
      const last = rows.at(-1);
      if (last === undefined) return { events: [], destroyed: 0, older: undefined };
      const objects = rows.map(({ event_id, kind, day, sealed }) => ({
        context: logContext(session.client, session.account, event_id, kind, day),
        sealed,
      }));
      const opened = await openThoseWithKeys(parts.askOwn, session, objects);
      const events = opened.filter((bytes) => bytes !== undefined).map(decodeEvent);
      const older = found.length > wanted ? `${last.at}.${last.event_id}` : undefined;
      return { events, destroyed: opened.filter((bytes) => bytes === undefined).length, older };
    },

    async expire(keeper) {
      const destroyed = await keeper.expireKeys();
      let events = 0;
      for (const part of destroyed) {
        const [kind = "", day = ""] = part.split("/");
        events += await engine.write(expireLog, { kind, day, upTo: false });
      }
      // What a crash between the keeper's act and ours left behind: its key is gone for a day at least.
      for (const [kind, { days }] of Object.entries(logKinds)) {
        if (days === undefined) continue;
        const day = dayOf(clock.now() - (days + 2) * DAY);
        events += await engine.write(expireLog, { kind, day, upTo: true });
      }
      return { keys: destroyed.length, events };
    },
  };
}

/** Where a page ended: time and id of its last event. Anything else means the beginning. */
function parsePlace(
  text: string | undefined,
): { readonly at: number; readonly id: string } | undefined {
  const [, at, id] = /^(\d{1,15})\.([a-z2-7]{26})$/.exec(text ?? "") ?? [];
  return at === undefined || id === undefined ? undefined : { at: Number(at), id };
}

/**
 * Opens all at once; where the keeper says that a key is destroyed, day by day, leaving that day's out as undefined.
 * Throws when it refuses for any other reason: then something of the client's was tampered with.
 */
async function openThoseWithKeys(
  askOwn: AskOwn,
  session: Session,
  objects: readonly Sealed[],
): Promise<readonly (Uint8Array | undefined)[]> {
  const all = await askOwn(session, objects);
  if (all.ok) return all.value;
  if (all.refusal !== "key-destroyed") throw new Broken(`the keeper refused: ${all.refusal}`);
  const opened = new Map<Sealed, Uint8Array>();
  const byPart = Map.groupBy(objects, (object) => object.context.part);
  for (const group of byPart.values()) {
    const answer = await askOwn(session, group);
    if (!answer.ok && answer.refusal !== "key-destroyed")
      throw new Broken(`the keeper refused: ${answer.refusal}`);
    if (!answer.ok) continue;
    for (const [index, object] of group.entries()) {
      const bytes = answer.value[index];
      if (bytes !== undefined) opened.set(object, bytes);
    }
  }
  return objects.map((object) => opened.get(object));
}

interface LogDays {
  sealer(day: string, kind: LogKind): Promise<Sealer>;
}

/** The certified keys of days: from memory, else from our table, else from the keeper. Each is verified wherever it came from. */
function openLogDays(parts: Parts): LogDays {
  const { engine, clock, keeper, certificates } = parts;
  const reader = engine.reader<Tables>();
  const held = new Map<string, Promise<ReadonlyMap<string, Sealer>>>();

  const verified = async (
    day: string,
    keys: readonly (CertifiedKey & { readonly kind: string })[],
  ): Promise<ReadonlyMap<string, Sealer>> => {
    const sealers = new Map<string, Sealer>();
    for (const key of keys) {
      const named = key.class === "clientlog" && key.part === `${key.kind}/${day}`;
      const sealer = named ? await certificates.sealerTo(key) : undefined;
      if (sealer !== undefined) sealers.set(key.kind, sealer);
    }
    return sealers;
  };

  const load = async (day: string): Promise<ReadonlyMap<string, Sealer>> => {
    const rows = await reader
      .selectFrom("client_log_key")
      .selectAll()
      .where("day", "=", day)
      .execute();
    const kept = await verified(day, rows.map(certifiedRow));
    if (kept.size === Object.keys(logKinds).length) return kept;
    const keys = await keeper.dayKeys(day);
    const sealers = await verified(day, keys);
    await engine.write(keepLogKeys, { rows: keys.map((key) => logKeyRow(day, key)) });
    return sealers;
  };

  const get = (day: string): Promise<ReadonlyMap<string, Sealer>> => {
    const known = held.get(day);
    if (known !== undefined) return known;
    const loading = load(day);
    held.set(day, loading);
    // A failure is not remembered: the next event asks again.
    loading.catch(() => held.delete(day));
    for (const old of [...held.keys()].slice(0, -MAX_DAYS)) held.delete(old);
    return loading;
  };

  let prefetchAfter = 0;
  // Tomorrow's key is fetched today, so that midnight does not need the keeper.
  const prefetch = (): void => {
    const now = clock.now();
    const tomorrow = dayOf(now + DAY);
    if (held.has(tomorrow) || now < prefetchAfter) return;
    prefetchAfter = now + PREFETCH_PAUSE;
    get(tomorrow).catch((error: unknown) => logBroken("clients.log-key", error));
  };

  return {
    async sealer(day, kind) {
      const sealer = (await get(day)).get(kind);
      if (sealer === undefined) {
        held.delete(day);
        throw new Broken("the keeper's key for the client log does not verify");
      }
      prefetch();
      return sealer;
    },
  };
}

function logKeyRow(
  day: string,
  key: CertifiedKey & { readonly kind: string },
): Tables["client_log_key"] {
  return {
    day,
    kind: key.kind,
    client_id: key.client,
    account_id: key.account,
    epoch: key.epoch,
    public_key: key.publicKey,
    signature: key.signature,
  };
}

function certifiedRow(row: Tables["client_log_key"]): CertifiedKey & { readonly kind: string } {
  return {
    kind: row.kind,
    client: row.client_id,
    account: row.account_id,
    class: "clientlog",
    part: `${row.kind}/${row.day}`,
    publicKey: row.public_key,
    epoch: row.epoch,
    signature: row.signature,
  };
}

function encodeEvent(event: LogEvent): Uint8Array {
  const fields = Object.entries(event.fields).map(([name, value]) => [
    name,
    // What came from a peer may be any text; canonical JSON takes NFC only.
    typeof value === "string" ? value.toWellFormed().normalize("NFC") : value,
  ]);
  return canonicalBytes({
    kind: event.kind,
    at: event.at,
    fields: Object.fromEntries(fields) as { [name: string]: Canonical },
  });
}

/** What we sealed ourselves has this form; anything else is broken. */
function decodeEvent(bytes: Uint8Array): LogEvent {
  const { kind, at, fields } = Object(parseCanonical(bytes)) as {
    readonly [name: string]: unknown;
  };
  if (typeof kind !== "string" || typeof at !== "number" || typeof fields !== "object")
    throw new Broken("an opened log event has another form");
  return { kind: kind as LogKind, at, fields: fields as LogEvent["fields"] };
}
