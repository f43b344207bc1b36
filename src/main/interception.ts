// Interception orders at work: for as long as the keeper's signature says, each letter of one account is sealed to a second key as
// well, in the same transaction. No row of the database can begin one: orders come from the keeper and are checked by its signature,
// at each start, after each command and every hour. They end by the clock.
import { createHmac, randomBytes } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { base32 } from "#base/ids";
import { Broken } from "#base/errors";
import { log, logBroken } from "#base/log";
import { type Clock, DAY, seconds } from "#base/time";
import { interceptionOperations, type OperatedInterceptions, type Operations } from "#control";
import { copiesHeader, type Disclosure } from "#disclosure";
import type { Engine, Invocation } from "#engine";
import { type Grant, type Interception, type Keeper, verifyInterception } from "#keeper";
import type { DeliveryPorts } from "#mail/delivery";
import type { Store } from "#store";
import { type Context, openSealer, type Sealer } from "#vault";
import type { Job } from "./schedule.ts";

type Owner = { readonly client: string; readonly account: string };

interface Order extends Interception {
  readonly sealer: Sealer;
  /** The most messages that the grant allows. */
  readonly most: number;
  sealed: number;
}

export interface Interceptor {
  /** For the delivery's port of that name: undefined unless an order is about the letter. */
  readonly intercepted: NonNullable<DeliveryPorts["intercepted"]>;
  /** Whether an order is about letters of this account at all. */
  isAbout(account: string): boolean;
  /** The same for a letter that a client sends elsewhere. */
  submitted(owner: Owner, raw: Uint8Array): Promise<readonly Invocation[]> | undefined;
  /** Asks the keeper which orders there are; returns how many hold. One that it did not sign is passed over and told of in the log. */
  refresh(): Promise<number>;
}

interface Rooms {
  readonly engine: Engine;
  readonly keeper: Keeper;
  readonly store: Pick<Store, "copies">;
  readonly clock: Clock;
}

// What was not fetched by then is destroyed: the order is over, and nobody asked for it.
const KEPT_AFTER_END_S = (30 * DAY) / 1000;

export async function openInterceptor(rooms: Omit<Rooms, "engine">): Promise<Interceptor> {
  const { keeper, store, clock } = rooms;
  const { certificateKey } = await keeper.hello();
  // Names copies, so that one letter to several mailboxes of ours is one copy of its sender's; dies with the process.
  const naming = randomBytes(32);
  let orders: ReadonlyMap<string, readonly Order[]> = new Map();

  const orderOf = async (each: Interception): Promise<Order> => {
    const shown = await keeper.showGrant(each.grant);
    if (shown === undefined) throw new Broken("an interception without its grant");
    const { maxItems: most } = JSON.parse(Buffer.from(shown.grant).toString()) as Grant;
    const sealed = await store.copies.count(each.grant);
    return { ...each, most, sealed, sealer: openSealer(each.publicKey, clock) };
  };

  const copyOf = async (
    order: Order,
    direction: "in" | "out",
    letter: Uint8Array,
    name: Uint8Array,
  ): Promise<Invocation | undefined> => {
    const at = clock.now();
    if (seconds(at) < order.from || seconds(at) >= order.until) return undefined;
    if (order.sealed >= order.most) {
      log("interception.full", { grant: order.grant, most: order.most });
      return undefined;
    }
    order.sealed += 1;
    const mac = createHmac("sha256", naming).update(order.grant).update(direction).update(name);
    const id = base32(mac.digest().subarray(0, 16));
    const sealed = order.sealer.seal(copyContext(order.grant, id), letter);
    return store.copies.keep({ grant: order.grant, id, at, direction, sealed });
  };

  const copies = async (
    wanted: readonly Promise<Invocation | undefined>[],
  ): Promise<readonly Invocation[]> =>
    (await Promise.all(wanted)).filter((each) => each !== undefined);

  const submitted: Interceptor["submitted"] = ({ account }, raw) => {
    const held = orders.get(account);
    return held && copies(held.map((order) => copyOf(order, "out", raw, raw)));
  };

  return {
    isAbout: (account) => orders.has(account),
    submitted,
    intercepted({ owner, submitter, whole, raw }) {
      const [into, from] = [
        orders.get(owner.account),
        submitter === undefined ? undefined : orders.get(submitter.account),
      ];
      if (into === undefined && from === undefined) return undefined;
      return copies([
        ...(into ?? []).map((order) => copyOf(order, "in", whole, whole)),
        ...(from ?? []).map((order) => copyOf(order, "out", raw, raw)),
      ]);
    },
    async refresh() {
      const found = new Map<string, Order[]>();
      for (const each of await keeper.interceptions()) {
        if (!verifyInterception(certificateKey, each)) {
          logBroken("interception.not-signed", new Broken("an order that the keeper did not sign"));
          continue;
        }
        found.set(each.account, [...(found.get(each.account) ?? []), await orderOf(each)]);
      }
      orders = found;
      return [...found.values()].flat().length;
    },
  };
}

/** What a second copy is sealed as; the recipient opens it under the same. */
function copyContext(grant: string, id: string): Context<"case"> {
  return { class: "case", client: "", account: "", object: grant, part: `copy/${id}` };
}

/** Reports the end of orders whose time is over, and destroys what nobody fetched. */
export function interceptionJobs(
  rooms: Omit<Rooms, "engine"> & { readonly interceptor: Interceptor },
): readonly Job[] {
  const { interceptor } = rooms;
  return [
    {
      name: "interceptions",
      words: "ends interception orders whose time is over, and reports how much they took",
      run: async () => ({ ended: await endOver(rooms), running: await interceptor.refresh() }),
    },
  ];
}

async function endOver({ keeper, store, clock }: Omit<Rooms, "engine">): Promise<number> {
  const now = seconds(clock.now());
  let ended = 0;
  for (const { hash, grant, uses } of await keeper.listGrants()) {
    const { scope } = JSON.parse(Buffer.from(grant).toString()) as Grant;
    if ("ids" in scope || uses === 0 || scope.until > now) continue;
    const said = await keeper.endInterception(hash, await store.copies.count(hash));
    if (said.ok) ended += 1;
    if (now >= scope.until + KEPT_AFTER_END_S) await store.copies.forget(hash);
  }
  return ended;
}

export function operationsOfInterception(
  rooms: Omit<Rooms, "engine"> & {
    readonly interceptor: Interceptor;
    readonly disclosure: Disclosure;
  },
): Operations {
  const { keeper, interceptor, disclosure } = rooms;
  const work: OperatedInterceptions = {
    async intercept(hash) {
      const begun = await keeper.intercept(hash);
      if (!begun.ok) return begun;
      await interceptor.refresh();
      const found = await disclosure.cases.ofGrant(hash);
      if (found !== undefined)
        await disclosure.cases.step(found.id, "produced", {
          words: "the interception has begun; it ends by itself",
        });
      return begun;
    },
    intercepted: (hash, out) => handOut(rooms.store, hash, out),
  };
  return interceptionOperations(work);
}

async function handOut(
  { copies }: Pick<Store, "copies">,
  hash: string,
  out: string,
): ReturnType<OperatedInterceptions["intercepted"]> {
  const listed = await copies.list(hash);
  if (listed.length === 0)
    return { ok: false, refusal: "nothing-held", why: "no copy on this grant is here" };
  const file = await open(out, "wx", 0o600).catch(() => undefined);
  if (file === undefined)
    return { ok: false, refusal: "no-file", why: `${out} cannot be written, or is there already` };
  let isWhole = false;
  try {
    await file.writeFile(copiesHeader(hash, listed));
    for (const { id } of listed) {
      const sealed = await copies.sealed(hash, id);
      if (sealed === undefined) throw new Broken("a second copy has lost its body");
      await file.writeFile(sealed);
    }
    await file.sync();
    isWhole = true;
  } finally {
    await file.close();
    if (!isWhole) await rm(out, { force: true });
  }
  const ids = listed.map(({ id }) => id);
  await copies.destroy(hash, ids);
  return { ok: true, value: { copies: ids.length } };
}
