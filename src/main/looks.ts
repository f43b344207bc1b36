// Tells clients of looks whose notice is due: one letter and one line of their log, in one transaction, and only then the
// keeper hears that they were told. A crash in between tells nobody twice: the letter's key is the entry's index.
import type { Clock } from "#base/time";
import { type Clients, lookEvent } from "#clients";
import type { DueNotice, Keeper } from "#keeper";
import type { Support } from "#support";
import type { Job } from "./schedule.ts";

interface Rooms {
  readonly clock: Clock;
  readonly keeper: Keeper;
  readonly clients: Clients;
  readonly support: Support;
}

export function lookJob(rooms: Rooms): Job {
  return {
    name: "look-notices",
    words: "tells clients of looks at what is theirs, once nothing forbids it",
    run: () => tellOfLooks(rooms),
  };
}

async function tellOfLooks(
  rooms: Rooms,
): Promise<{ readonly told: number; readonly later: number }> {
  let [told, later] = [0, 0];
  for (const due of await rooms.keeper.dueNotices()) {
    if (await tell(rooms, due)) {
      // One by one: what comes after may break, and this client has been told.
      await rooms.keeper.noticed([due.index]);
      told += 1;
    } else later += 1;
  }
  return { told, later };
}

/** False while the letter has to wait; the log's line is then not written either. */
async function tell({ clients, support }: Rooms, due: DueNotice): Promise<boolean> {
  const { what, client, account, index, ground, class: dataClass, items, at, wasDelayed } = due;
  const line = await clients.logged(client, account, lookEvent(due));
  const when = `${new Date(at * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  const key = `look ${index}`;
  const given =
    what === "interception"
      ? await support.notify(
          client,
          wasDelayed ? "interception-revealed" : "interception-begun",
          { index, ground, at: when },
          key,
          [line],
        )
      : await support.notify(
          client,
          wasDelayed ? "look-revealed" : "look",
          { index, ground, class: dataClass, items, at: when },
          key,
          [line],
        );
  if (given.ok) return true;
  // Whose mailbox is no more, or takes nothing for good, has the page and this line.
  if (given.refusal !== "no-such-user" && given.refusal !== "refused-for-good") return false;
  await clients.log(client, account, lookEvent(due));
  return true;
}
