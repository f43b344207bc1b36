// How much a client may send, counted, and the brake on a stolen password. Knows how many, to whom only as marks, and never a word of a
// letter. Receiving and reading have nothing to do with it.
import { networkPrefix } from "#base/network";
import { never } from "#base/errors";
import { log, logBroken } from "#base/log";
import { DAY, HOUR, MINUTE } from "#base/time";
import { invoke, type Room } from "#engine";
import {
  dropEnded,
  forget,
  giveBack,
  lift,
  noteNewPassword,
  noteRefusal,
  noteTold,
  stepsOf,
  take,
} from "./commands.ts";
import type {
  Answer,
  Brake,
  LiftedBy,
  LiftRefusal,
  Owner,
  Sending,
  SendingPorts,
  To,
  Used,
} from "./contract.ts";
import { firstStep, limitsOf, sumOf } from "./limits.ts";
import { migrations, type Tables } from "./tables.ts";
import { heldWords, laterWords, neverWords } from "./words.ts";

export type { Brake, LiftRefusal, Owner, Sending, To, Used } from "./contract.ts";
export { causeWords } from "./words.ts";

export const sendingRoom: Room = {
  name: "sending",
  migrations,
  commands: new URL("commands.ts", import.meta.url).href,
};

/** What came into the queue so long before the brake is held with it: a burst is noticed within the hour, mostly within minutes. */
const HELD_BEFORE = 30 * MINUTE;
/** The owner's word lifts a brake once in so long. Who says it every day is not the owner, or needs another plan. */
const CONFIRMED_FOR = 7 * DAY;

/** The engine must have run this room's migrations. */
export function openSending(ports: SendingPorts): Sending {
  const { engine, clock } = ports;
  const brakes = async (owner?: Owner): Promise<readonly Brake[]> => {
    let rows = engine.reader<Tables>().selectFrom("sending_brake").selectAll();
    rows = rows.where("since", ">", 0).orderBy("since");
    if (owner !== undefined)
      rows = rows.where("client_id", "=", owner.client).where("account_id", "=", owner.account);
    return (await rows.execute()).map((row) => asBrake(row, clock.now()));
  };
  const act = async (owner: Owner): Promise<void> => {
    for (const brake of await brakes(owner)) if (!brake.told) await carryOut(ports, brake);
  };
  return {
    mayTake: (owner, to) => mayTake(ports, owner, to, act),
    async refused({ client, account }, isSuppressed) {
      const noted = { client, account, now: clock.now(), isSuppressed };
      if (await engine.write(noteRefusal, noted)) await act({ client, account });
    },
    used: (owner) => used(ports, owner),
    brake: async (owner) => (await brakes(owner))[0],
    brakes: () => brakes(),
    async lift(owner, by, letters) {
      const [brake] = await brakes(owner);
      return brake === undefined ? "not-held" : liftBrake(ports, brake, by, letters);
    },
    async newPassword({ client, account }) {
      await engine.write(noteNewPassword, { client, account, now: clock.now() });
    },
    async tidy() {
      const all = await brakes();
      let told = 0;
      for (const brake of all) if (!brake.told && (await carryOut(ports, brake))) told += 1;
      return { told, ended: await engine.write(dropEnded, { now: clock.now() }), held: all.length };
    },
    async forget(client) {
      await engine.write(forget, { client });
    },
  };
}

function asBrake(row: Tables["sending_brake"], now: number): Brake {
  const { client_id: client, account_id: account, since, why, seen, usual } = row;
  return {
    client,
    account,
    since,
    cause: { why, seen, usual },
    told: row.told === 1,
    newPassword: row.new_password > since ? row.new_password : undefined,
    mayConfirm: row.confirmed === 0 || now - row.confirmed >= CONFIRMED_FOR,
  };
}

async function mayTake(
  ports: SendingPorts,
  { client, account, peer }: Owner & { readonly peer?: string | undefined },
  to: readonly To[],
  act: (owner: Owner) => Promise<void>,
): Promise<Answer> {
  const { engine, clock } = ports;
  const recipientsPerDay = await ports.recipientsPerDay(client);
  if (recipientsPerDay === undefined) return { refuse: neverWords("clientDay", 0) };
  // An address that is named twice gets the letter once.
  const once = [...new Map(to.map((one) => [one.address.toLowerCase(), one])).entries()];
  const outside = once.filter(([, { isOutside }]) => isOutside);
  const [marks, network] = await Promise.all([
    Promise.all(outside.map(([address]) => ports.mac(`sending to ${client} ${address}`))),
    peer === undefined ? null : ports.mac(`sending from ${account} ${networkPrefix(peer)}`),
  ]);
  const verdict = await engine.write(take, {
    client,
    account,
    now: clock.now(),
    recipientsPerDay,
    recipients: once.reduce((sum, [, { reach }]) => sum + reach, 0),
    outside: outside.length,
    marks,
    network,
  });
  switch (verdict.kind) {
    case "taken":
      return { giveBack: async () => void (await engine.write(giveBack, verdict.taken)) };
    case "later":
      return { later: laterWords(verdict.limit, verdict.most, verdict.at) };
    case "never":
      return { refuse: neverWords(verdict.limit, verdict.most) };
    case "held":
      if (verdict.isNew) await act({ client, account });
      return { refuse: heldWords };
    default:
      return never(verdict);
  }
}

/** Holds what waits and tells of it. What fails is logged and tried again by the job; the brake itself is set already. */
async function carryOut(ports: SendingPorts, brake: Brake): Promise<boolean> {
  const { client, account, since, cause } = brake;
  log("sending.held", { client, account, ...cause });
  try {
    await ports.hold(brake, since - HELD_BEFORE);
    await ports.tell(brake);
    await ports.engine.write(noteTold, { client, account, since });
    return true;
  } catch (error) {
    logBroken("sending.held", error);
    return false;
  }
}

const liftedWords: { readonly [by in LiftedBy]: string } = {
  confirmed: "you said that it was you",
  "new-password": "after a new password",
  operator: "by the operator",
};

async function liftBrake(
  ports: SendingPorts,
  brake: Brake,
  by: LiftedBy,
  letters: "send" | "destroy",
): Promise<"lifted" | LiftRefusal> {
  const { client, account } = brake;
  if (by === "new-password" && brake.newPassword === undefined) return "no-new-password";
  if (by === "confirmed" && !brake.mayConfirm) return "confirmed-lately";
  const waiting = letters === "send" ? "waiting letters go" : "waiting letters destroyed";
  const line = await ports.logged(brake, {
    what: "sending released",
    why: `${liftedWords[by]}; ${waiting}`,
  });
  const isOwn = letters === "send";
  const isConfirmed = by === "confirmed";
  const lifting = { client, account, now: ports.clock.now(), isOwn, isConfirmed };
  await ports.engine.writeTogether([ports.held(brake, letters), invoke(lift, lifting), line]);
  ports.released();
  log("sending.released", { client, account, by, letters });
  return "lifted";
}

async function used(ports: SendingPorts, { client, account }: Owner): Promise<Used | undefined> {
  const { engine, clock } = ports;
  const perDay = await ports.recipientsPerDay(client);
  if (perDay === undefined) return undefined;
  const now = clock.now();
  const reader = engine.reader<Tables>();
  const steps = await stepsOf(reader, client, now);
  const { count } = await reader
    .selectFrom("sending_mark")
    .select((expression) => expression.fn.countAll<number>().as("count"))
    .where("client_id", "=", client)
    .where("kind", "=", "recipient")
    .where("ends", ">", now)
    .executeTakeFirstOrThrow();
  const hour = firstStep(now, HOUR);
  const own = steps.filter((one) => one.account === account);
  return {
    limits: limitsOf(perDay),
    accountHour: sumOf(own, "recipients", hour),
    clientHour: sumOf(steps, "recipients", hour),
    clientDay: sumOf(steps, "recipients", firstStep(now, DAY)),
    distinctWeek: count,
  };
}
