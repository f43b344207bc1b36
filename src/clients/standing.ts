// A client's standing: read, moved, held. The one module that moves a status, and every move is a line of the client's log.
import { type Engine, invoke } from "#engine";
import { no, yes } from "#base/errors";
import { logBroken } from "#base/log";
import type { Clock } from "#base/time";
import { endQuietHold, moveStatus, setHold } from "./commands.ts";
import type { Because, Clients, ClientStatus, Hold, HoldKind, Standing } from "./contract.ts";
import { inForce, levelOf, levels, nextLevel, servingOf, type StandingFacts } from "./levels.ts";
import type { ClientLog } from "./log.ts";
import { mayMove } from "./status.ts";
import type { Tables } from "./tables.ts";

export interface Standings extends Pick<
  Clients,
  | "moveStatus"
  | "standing"
  | "wholeStanding"
  | "serving"
  | "setHold"
  | "liftHold"
  | "tellEndedHolds"
> {
  facts(client: string): Promise<(StandingFacts & { readonly account: string }) | undefined>;
}

interface Parts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Pick<ClientLog, "logged">;
}

const QUIET = "quiet-legal-hold";
// A run of the job tells an hour's share; the rest waits for the next.
const TOLD_AT_ONCE = 500;

/** The holds of a client, ended and quiet ones too. */
export async function readHolds(engine: Engine, client: string): Promise<readonly Hold[]> {
  const rows = await engine
    .reader<Tables>()
    .selectFrom("client_hold")
    .select(["kind", "since", "until"])
    .where("client_id", "=", client)
    .orderBy("kind")
    .execute();
  return rows.map(({ kind, since, until }) => ({
    since,
    until: until ?? undefined,
    ...(kind === QUIET ? ({ kind: "legal-hold", quiet: true } as const) : { kind }),
  }));
}

export function openStandings({ engine, clock, log }: Parts): Standings {
  const reader = engine.reader<Tables>();

  const facts: Standings["facts"] = async (client) => {
    const row = await reader
      .selectFrom("client")
      .innerJoin("client_account", "client_account.client_id", "client.client_id")
      .select(["client.status", "client.status_since", "client_account.account_id"])
      .where("client.client_id", "=", client)
      .executeTakeFirst();
    return (
      row && {
        status: row.status,
        since: row.status_since,
        account: row.account_id,
        holds: await readHolds(engine, client),
      }
    );
  };

  const keepHold = async (
    client: string,
    account: string,
    hold: { readonly kind: HoldKind; readonly since: number; readonly until: number | null },
    what: string,
    because: Because,
  ): Promise<void> => {
    const event = await log.logged(client, account, {
      kind: "change",
      at: clock.now(),
      fields: {
        what,
        hold: hold.kind,
        ...(hold.until === null ? {} : { until: new Date(hold.until).toISOString() }),
        ...because,
      },
    });
    await engine.writeTogether([invoke(setHold, { client_id: client, ...hold }), event]);
  };

  /** The one line of a quiet hold: from when to when it was there. */
  const tellQuiet = async (
    { client, account, since, end }: QuietEnd,
    what: string,
    because: Because,
  ): Promise<void> => {
    const event = await log.logged(client, account, {
      kind: "change",
      at: clock.now(),
      fields: {
        what,
        hold: "legal-hold",
        since: new Date(since).toISOString(),
        until: new Date(end).toISOString(),
        ...because,
      },
    });
    await engine.writeTogether([invoke(endQuietHold, { client_id: client }), event]);
  };

  return {
    facts,
    async serving(client) {
      const known = await facts(client);
      return servingOf(known ?? { status: "erased", since: 0, holds: [] }, clock.now());
    },

    async moveStatus(client, to, because = { reason: "not said", by: "operator" }) {
      const known = await facts(client);
      if (known === undefined) return no("unknown");
      const { status: from, account, holds } = known;
      const now = clock.now();
      // Closing and erasing bring more than a status: they have their own ways in closing.ts and erasing.ts.
      const isOwnWay = to === "closed" || to === "erased" || from === "closed";
      if (isOwnWay || !mayMove(from, to, because.by)) return no("not-allowed");
      if (to === "suspended" && because.by === "ladder" && inForce(holds, "do-not-suspend", now))
        return no("held");
      const move = { client_id: client, from, to, by: because.by, since: now };
      const event = await log.logged(client, account, moved(now, from, to, because));
      await engine.writeTogether([invoke(moveStatus, move), event]);
      return yes(true);
    },

    async setHold(client, kind, until, because, { quiet = false } = {}) {
      if (quiet && kind !== "legal-hold") return no("not-quiet");
      const known = await facts(client);
      if (known === undefined) return no("unknown");
      const now = clock.now();
      if (until !== undefined && until <= now) return no("over-already");
      const before = holdOf(known.holds, kind, quiet);
      if (quiet) {
        // What the client was not told of yet stays part of what they will be told.
        const since = before?.since ?? now;
        // Two cases may need it: the later end counts.
        const ends = [until, before === undefined ? 0 : before.until];
        const end = ends.includes(undefined) ? null : Math.max(...ends.map((at) => at ?? 0));
        await engine.write(setHold, { client_id: client, kind: QUIET, since, until: end });
        return yes(true);
      }
      const since = before !== undefined && inForce([before], kind, now) ? before.since : now;
      const hold = { kind, since, until: until ?? null };
      await keepHold(client, known.account, hold, "hold set", because);
      return yes(true);
    },

    async liftHold(client, kind, because, { quiet = false } = {}) {
      const known = await facts(client);
      if (known === undefined) return no("unknown");
      const now = clock.now();
      const [open, silent] = [false, true].map((which) => {
        const found = holdOf(known.holds, kind, which);
        return found !== undefined && inForce([found], kind, now) ? found : undefined;
      });
      const before = quiet ? silent : (open ?? silent);
      if (before === undefined) return no("no-such-hold");
      if (before.quiet) {
        const ended = { client, account: known.account, since: before.since, end: now };
        await tellQuiet(ended, "hold lifted", because);
        return yes(true);
      }
      // Kept with its end: the ladder of suspension counts from the end of a promise.
      const hold = { kind, since: before.since, until: now };
      await keepHold(client, known.account, hold, "hold lifted", because);
      return yes(true);
    },

    async tellEndedHolds() {
      const over = await reader
        .selectFrom("client_hold")
        .innerJoin("client_account", "client_account.client_id", "client_hold.client_id")
        .select(["client_hold.client_id", "account_id", "since", "until"])
        .where("kind", "=", QUIET)
        .where("until", "<=", clock.now())
        .orderBy("until")
        .limit(TOLD_AT_ONCE)
        .execute();
      let told = 0;
      for (const { client_id: client, account_id: account, since, until } of over) {
        const ended = { client, account, since, end: until ?? clock.now() };
        try {
          await tellQuiet(ended, "hold ended", toldLate);
          told += 1;
        } catch (error) {
          // The row is still there: the next run tells.
          logBroken("clients.quiet-hold", error);
        }
      }
      return told;
    },

    async standing(client) {
      const whole = await readStanding(engine, clock, client);
      return whole && { ...whole, holds: whole.holds.filter(({ quiet }) => quiet !== true) };
    },
    wholeStanding: (client) => readStanding(engine, clock, client),
  };
}

interface QuietEnd {
  readonly client: string;
  readonly account: string;
  readonly since: number;
  readonly end: number;
}

const toldLate: Because = {
  reason: "a request to keep what is there, which we were not to tell of before",
  by: "operator",
};

function holdOf(holds: readonly Hold[], kind: HoldKind, quiet: boolean): Hold | undefined {
  return holds.find((hold) => hold.kind === kind && (hold.quiet ?? false) === quiet);
}

/** The line that every move of a status leaves. */
export function moved(at: number, from: ClientStatus, to: ClientStatus, because: Because) {
  const fields = { what: "status", from, to, ...because };
  return { kind: "change", at, fields } as const;
}

async function readStanding(
  engine: Engine,
  clock: Clock,
  client: string,
): Promise<Standing | undefined> {
  const row = await engine
    .reader<Tables>()
    .selectFrom("client")
    .innerJoin("address", "address.client_id", "client.client_id")
    .where("address.kind", "=", "main")
    .leftJoin("client_closing", "client_closing.client_id", "client.client_id")
    .select([
      "client.status",
      "client.status_since",
      "client.plan",
      "client.plan_version",
      "client.mode",
      "client.created",
      "address.account_id",
      "address.address",
      "client_closing.closed_at",
      "client_closing.erase_after",
    ])
    .where("client.client_id", "=", client)
    .orderBy("address.created")
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const now = clock.now();
  const holds = await readHolds(engine, client);
  const facts = { status: row.status, since: row.status_since, holds };
  const level = levelOf(facts, now);
  const { closed_at: closedAt, erase_after: eraseAfter } = row;
  return {
    client,
    account: row.account_id,
    address: row.address,
    ...facts,
    level,
    words: levels[level].words,
    serving: servingOf(facts, now),
    next: nextLevel(facts, now),
    holds: holds.map((hold) => ({ ...hold, inForce: inForce([hold], hold.kind, now) })),
    plan: row.plan,
    planVersion: row.plan_version,
    mode: row.mode,
    clientSince: row.created,
    closing:
      closedAt === null || eraseAfter === null
        ? undefined
        : { closedAt, eraseAfter, mayComeBack: now < eraseAfter },
  };
}
