// Whole conversations from test/dialogs/smtp, with their octets in one piece and cut into pieces of 1 and 7. The name of a file says
// the role and, with "tls", that STARTTLS is offered (the stream stays the same) or, with "under-tls", that TLS is on.
import assert from "node:assert/strict";
import { duplexPair } from "node:stream";
import { test } from "node:test";
import { systemClock } from "#base/time";
import { type Dialog, readDialogs, replay } from "../../../test/dialogs.ts";
import { hosts, rememberingPorts } from "../../../test/smtp.ts";
import { converse } from "./connection.ts";
import { TIMEOUTS } from "./limits.ts";

const dialogs = readDialogs("smtp");

test("there are dialogs to replay", () => assert.ok(dialogs.length >= 19));

for (const dialog of dialogs) {
  test(`the conversation ${dialog.name} goes as written, however its octets arrive`, async () => {
    for (const size of [1, 7, 1 << 20]) await play(dialog, size);
  });
}

async function play(dialog: Dialog, size: number): Promise<void> {
  const [near, far] = duplexPair();
  const { done } = converse(far, {
    rules: {
      role: /^(?:mx|lmtp)/.test(dialog.name)
        ? dialog.name.startsWith("mx")
          ? "mx"
          : "lmtp"
        : "submission",
      ...hosts,
      offersTls: dialog.name.includes("tls"),
      allowPlaintextAuth: !dialog.name.includes("tls"),
    },
    ports: rememberingPorts().ports,
    clock: systemClock,
    peer: "192.0.2.1",
    implicitTls: dialog.name.includes("under-tls"),
    timeouts: TIMEOUTS,
    startTls: async (plain) => plain,
  });
  await replay(dialog, near, size);
  far.destroy();
  await done;
}
