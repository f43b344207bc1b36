// Fits the plans' room for mail to the store, which counts it, and to the doors through which mail comes.
import type { Clients } from "#clients";
import type { Allowance, Owner, Store } from "#store";

// Fifty letters a day for fifty years; a folder of so many takes some hundred megabytes of a session that selects it.
const MOST_MESSAGES = 1_000_000;

/** Undefined for who has no plan: nothing is kept for nobody, and doors that are no mailbox keep to limits of their own. */
export function allowanceOf(limits: Awaited<ReturnType<Clients["limits"]>>): Allowance | undefined {
  return limits && { octets: limits.storage, messages: MOST_MESSAGES };
}

/** Whether a mailbox has room for so many octets in one message more. */
export function roomIn(
  store: Pick<Store, "usage">,
): (mailbox: Owner, octets: number) => Promise<boolean> {
  return async ({ client, account }, octets) => {
    const { octets: used, messages, allowance } = await store.usage({ client, account });
    return (
      allowance === undefined ||
      (used + octets <= allowance.octets && messages < allowance.messages)
    );
  };
}
