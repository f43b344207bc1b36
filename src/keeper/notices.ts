// Who is to be told: each look whose outcome stands and whose notice is due, once; an interception when it is begun, since its
// outcome is a month away. The keeper says what is due and remembers what
// was done; the letter is written by the server.
import { seconds } from "#base/time";
import { isDataClass, isGround } from "#policy";
import type { Book } from "./book.ts";
import type { Keystore } from "./clients.ts";
import type { DueNotice, Keeper } from "./port.ts";

// A record of the journal is bounded; told are a few at a time.
const MOST_IN_RECORD = 1000;

export function openNotices(
  book: Book,
  keystore: Keystore,
): Pick<Keeper, "dueNotices" | "noticed"> {
  const dueNotices: Keeper["dueNotices"] = async () => {
    const now = seconds(book.now());
    const due: DueNotice[] = [];
    for (const { grant, releases } of book.state.grants.values()) {
      const { ground, class: dataClass, notice, scope } = grant;
      if (notice !== "now" && notice.until > now) continue;
      const untold = releases.filter(
        (each) => !each.wasNoticed && (each.outcome !== undefined || !("ids" in scope)),
      );
      if (untold.length === 0 || !isGround(ground) || !isDataClass(dataClass)) continue;
      const client = await keystore.find(grant.client);
      if (client === undefined) continue; // erased: there is nobody to tell
      for (const { index, at, outcome } of untold)
        due.push({
          what: "ids" in scope ? "release" : "interception",
          client: client.client,
          account: client.account,
          index,
          ground,
          class: dataClass,
          items: outcome?.items ?? 0,
          at,
          wasDelayed: notice !== "now",
        });
    }
    return due;
  };
  return {
    dueNotices,
    async noticed(indexes) {
      // What is not due cannot have been told.
      const due = await dueNotices();
      const said = new Set(indexes);
      const told = due.map(({ index }) => index).filter((index) => said.has(index));
      for (let at = 0; at < told.length; at += MOST_IN_RECORD)
        await book.note({ kind: "noticed", indexes: told.slice(at, at + MOST_IN_RECORD) });
    },
  };
}
