// Whole conversations from test/dialogs/smtp, over real sockets, cut into pieces of 1, 7 and very many octets.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readDialogs, replay } from "../../../test/dialogs.ts";
import { openSmtpHouse } from "../../../test/smtp.ts";

const dialogs = readDialogs("smtp");

test("there are dialogs to replay", () => assert.ok(dialogs.length >= 6));

for (const dialog of dialogs) {
  test(`the conversation ${dialog.name} goes as written, however its octets arrive`, async (t) => {
    const role = dialog.name.startsWith("mx")
      ? "mx"
      : dialog.name.startsWith("lmtp")
        ? "lmtp"
        : "submission";
    const house = await openSmtpHouse(t, role);
    for (const size of [1, 7, 1 << 20]) await replay(dialog, house.connect(), size);
  });
}
