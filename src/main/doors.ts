// Addresses of ours that are nobody's mailbox: the provider's own (postmaster@, support@, abuse@) and mailing lists. Each is a door
// with somebody behind it who takes the letter; mail for clients goes past all of them.
import type { Deliver } from "#mail/delivery";

/** Who takes what is sent to an address: as a delivery, so that its ok means durable. */
interface Door {
  /** Whose it is for the queue and for logs; empty ids for the provider's own. */
  readonly owner: { readonly client: string; readonly account: string };
  readonly take: Deliver;
  /** How many people a letter goes to; one where it is absent. */
  readonly reach?: () => Promise<number>;
}

/** Undefined where an address leads to no such door. Any case, with or without a tag. */
export type FindDoor = (address: string) => Door | undefined | Promise<Door | undefined>;

/** By local part, without its tag, of an address of the provider; undefined for a name that nobody here answers. */
export type ProviderMail = (local: string) => Deliver | undefined;

/** The doors of the provider's own addresses: each of several desks answers the names that are its own. */
export function providerDoors(
  isOurDomain: (domain: string) => boolean,
  desks: readonly ProviderMail[],
): FindDoor {
  return (address) => {
    const at = address.lastIndexOf("@");
    if (!isOurDomain(address.slice(at + 1))) return undefined;
    const local = address.slice(0, Math.max(0, at)).toLowerCase().replace(/\+.*$/, "");
    for (const desk of desks) {
      const take = desk(local);
      if (take !== undefined) return { owner: { client: "", account: "" }, take };
    }
    return undefined;
  };
}

/** The first door that an address leads to. */
export function firstDoor(doors: readonly FindDoor[]): FindDoor {
  return async (address) => {
    for (const find of doors) {
      const door = await find(address);
      if (door !== undefined) return door;
    }
    return undefined;
  };
}

/** Delivers through the door of an address where it has one, and into the mailbox everywhere else. */
export function deliverByDoors(find: FindDoor, deliver: Deliver): Deliver {
  return async (envelope, raw, alongside) => {
    const door = await find(envelope.recipient);
    return (door?.take ?? deliver)(envelope, raw, alongside);
  };
}
