// The clients' room with a real engine in a temporary folder, a clock that tests turn, and a folder maker in the store's place.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Engine, openEngine } from "#engine";
import type { Clock } from "#base/time";
import type { PasswordCost } from "#vault";
import { type Clients, clientsRoom, openClients, type Session } from "../clients.ts";
import {
  openTestKeeper,
  ownRequestBytes,
  type TestKeeper,
  verifyAddress,
  verifyCertificate,
} from "./keeper.ts";
import { tamperingRoom } from "./tampering.ts";

export const domain = "example.test";
export const password = "correct horse battery";

export interface TestRoom extends AsyncDisposable {
  readonly clients: Clients;
  readonly engine: Engine;
  readonly keeper: TestKeeper;
  readonly folder: string;
  readonly clock: Clock & { turn(milliseconds: number): void };
  /** A second server process on the same tables, with nothing in memory; `through` may stand before the engine. */
  reopen(through?: Engine): Promise<Clients>;
}

// Hashes that cost next to nothing: what they are made of is the same.
const cheap: PasswordCost = { memory: 1024, passes: 1 };

export async function openRoom(databaseUrl?: string, cost = cheap): Promise<TestRoom> {
  const folder = await mkdtemp(join(tmpdir(), "bailee-clients-"));
  const engine = await openEngine({ folder, databaseUrl, rooms: [clientsRoom, tamperingRoom] });
  let now = Date.parse("2026-11-23T12:00:00Z");
  const clock = {
    now: () => now,
    turn: (milliseconds: number) => {
      now += milliseconds;
    },
  };
  const keeper = openTestKeeper();
  const reopen = (through = engine): Promise<Clients> =>
    openClients({
      engine: through,
      clock,
      domain,
      keeper,
      verifyAddress,
      verifyCertificate,
      ownRequestBytes,
      eraseOrderBytes: ({ client, account, notBefore }) =>
        Buffer.from(`${client} ${account} ${notBefore}`),
      store: { newAccount: () => [] },
      passwordCost: cost,
    });
  return {
    clients: await reopen(),
    engine,
    keeper,
    folder,
    clock,
    reopen,
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Signs up and signs in; throws when either is refused. */
export async function newSession(room: TestRoom, address: string): Promise<Session> {
  const made = await room.clients.signUp({ address, password });
  if (!made.ok) throw new Error(made.refusal);
  room.clock.turn(1); // no two events of a log at the same millisecond
  const session = await room.clients.signIn({
    login: address,
    password,
    protocol: "imap",
    peer: "192.0.2.7",
  });
  if (!session.ok) throw new Error(session.refusal);
  room.clock.turn(1);
  return session.value;
}
