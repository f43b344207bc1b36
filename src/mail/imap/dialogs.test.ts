// The conversations in test/dialogs/imap, each replayed in pieces of 1, 7 and all octets against the real server and store.
import { test } from "node:test";
import { readDialogs, replay } from "../../../test/dialogs.ts";
import { openImapHouse } from "../../../test/imap-house.ts";

for (const dialog of readDialogs("imap")) {
  for (const size of [1, 7, 1_000_000]) {
    test(`${dialog.name} goes as written, in pieces of ${size}`, async (t) => {
      // Three messages of a kilobyte, and no octet more.
      const room = dialog.name === "quota" ? { octets: 3072, messages: 5 } : undefined;
      const house = await openImapHouse(t, {}, room);
      await replay(dialog, house.connect(), size);
    });
  }
}
