// Fits the counts and the brake of sending: to plans, to the queue, to notices and logs, to the client's page and the operator's hand.
import { logBroken } from "#base/log";
import type { Clock } from "#base/time";
import type { Clients, Forgetter } from "#clients";
import { type Operations, sendingOperations } from "#control";
import type { Engine } from "#engine";
import { openQueueBrake, type QueueBrake } from "#mail/queue";
import { causeWords, openSending, type Owner, type Sending } from "#mail/sending";
import type { SmtpPorts } from "#mail/smtp";
import type { Support } from "#support";
import type { SendingPort } from "#web";
import type { FindDoor } from "./doors.ts";
import type { Rules } from "./rules.ts";
import type { Job } from "./schedule.ts";

interface Rooms {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly clients: Clients;
  readonly support: Pick<Support, "notify">;
  readonly rules: Pick<Rules, "mac">;
}

export function fitSending({ engine, clock, clients, support, rules }: Rooms): Sending {
  const queue = openQueueBrake(engine, clock);
  return openSending({
    engine,
    clock,
    mac: (text) => rules.mac(text),
    recipientsPerDay: async (client) => (await clients.limits(client))?.recipientsPerDay,
    hold: (owner, since) => queue.hold(owner, since),
    held: (owner, what) => queue.held(owner, what),
    released: () => queue.released(),
    logged: ({ client, account }, fields) =>
      clients.logged(client, account, { kind: "change", at: clock.now(), fields }),
    async tell({ client, account, since, cause }) {
      const seen = causeWords(cause);
      const [address = ""] = await clients.addressesOf(client, account);
      const waiting = await queue.count({ client, account });
      const fields = { what: "sending held", why: seen };
      const line = await clients.logged(client, account, { kind: "change", at: since, fields });
      const key = `sending-held/${account}/${since}`;
      const told = await support.notify(client, "sending-held", { address, seen, waiting }, key, [
        line,
      ]);
      if (!told.ok) throw new Error(`the notice of a brake was refused: ${told.refusal}`);
    },
  });
}

/**
 * As submission asks. A letter to a mailing list counts as its members. What strangers write to a group is not counted on its owner, who
 * cannot help it: each of at most fifty members has said yes. Invitations have a limit of their own in the room of lists.
 */
export function fitMayTake(rooms: {
  readonly sending: Sending;
  readonly findDoor: FindDoor;
  readonly isOurs: (address: string) => boolean;
}): NonNullable<SmtpPorts["mayTake"]> {
  const { sending, findDoor, isOurs } = rooms;
  return async (submitter, { recipients }) => {
    const to = recipients.map(async (address) => {
      if (!isOurs(address)) return { address, isOutside: true, reach: 1 };
      const reach = await (await findDoor(address))?.reach?.();
      return { address, isOutside: false, reach: Math.max(1, reach ?? 1) };
    });
    return sending.mayTake(submitter, await Promise.all(to));
  };
}

/** Holds what was taken just before the brake and came into the queue just after it. It is in the queue whatever breaks here. */
export async function holdLate(sending: Sending, queue: QueueBrake, owner: Owner): Promise<void> {
  try {
    const brake = await sending.brake(owner);
    if (brake !== undefined) await queue.hold(owner, brake.since);
  } catch (error) {
    logBroken("sending.held", error);
  }
}

export function sendingJobs(sending: Sending): readonly Job[] {
  return [
    {
      name: "sending",
      words: "counts accounts whose sending is held, tells who was not told, and ends old counts",
      run: async () => ({ ...(await sending.tidy()) }),
    },
  ];
}

export function sendingForgetters(sending: Sending): readonly Forgetter[] {
  return [{ what: "counts of sending", forget: ({ client }) => sending.forget(client) }];
}

export function operationsOfSending(rooms: Rooms & { readonly sending: Sending }): Operations {
  const { engine, clock, clients, sending } = rooms;
  const queue = openQueueBrake(engine, clock);
  return sendingOperations({
    async held() {
      const brakes = await sending.brakes();
      return Promise.all(
        brakes.map(async ({ client, account, since, cause, told }) => {
          const [address = ""] = await clients.addressesOf(client, account);
          const waiting = await queue.count({ client, account });
          return { client, account, address, since, seen: causeWords(cause), told, waiting };
        }),
      );
    },
    async release(address, letters) {
      const owner = await clients.resolve(address);
      if (owner === undefined) return "unknown";
      return sending.lift(owner, "operator", letters);
    },
  });
}

export function fitSendingPage(
  rooms: Pick<Rooms, "engine" | "clock"> & { readonly sending: Sending },
): SendingPort {
  const { engine, clock, sending } = rooms;
  const queue = openQueueBrake(engine, clock);
  return {
    async view({ client, account }) {
      const owner = { client, account };
      const [used, brake] = await Promise.all([sending.used(owner), sending.brake(owner)]);
      if (used === undefined) return undefined;
      const held = brake && {
        since: brake.since,
        seen: causeWords(brake.cause),
        waiting: await queue.count(owner),
        hasNewPassword: brake.newPassword !== undefined,
        mayConfirm: brake.mayConfirm,
      };
      return { ...used, held };
    },
    lift: ({ client, account }, by, letters) => sending.lift({ client, account }, by, letters),
  };
}
