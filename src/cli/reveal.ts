// `bailee reveal contact`: one command for what support needs most: draft, file, release and open a grant on the ground support, for a
// ticket of the client's own. The package is sealed to a key that lives as long as the command; the keeper decides.
import { randomBytes } from "node:crypto";
import { fromBase64, toBase64Url, toHex, toUtf8 } from "#base/bytes";
import { draftGrant } from "#disclosure";
import { grantBytes, grantHash, keyId, openPackage } from "#keeper";
import { newBoxKeyPair, signBytes } from "#vault";
import { keeperSocket, reachKeeper } from "./approve.ts";
import { ask, type Call, type CliCommand, refusal, report } from "./command.ts";
import { keyFrom, needed } from "./grant.ts";

export const revealContact: CliCommand = {
  summary: "show a client's contact data for a ticket of theirs",
  help: `
bailee reveal contact ADDRESS --ticket N --key KEYFILE [--reason WORDS] [--keeper SOCKET] [--json]

Opens the contact card of the client with that address, on the ground support. N is the number of a ticket that the client has; KEYFILE
is the Ed25519 key of an enrolled actor. The entry in the public ledger is written first, and the client reads who looked, when, and for
which ticket.
`,
  options: {
    ticket: { type: "string" },
    key: { type: "string" },
    reason: { type: "string" },
    keeper: { type: "string" },
  },
  positionals: [1, 1],
  async run(call) {
    const address = call.positionals[0] ?? "";
    const key = keyFrom("ed25519", needed(call, "key"));
    const ticket = call.option("ticket") ?? "";
    const found = await ask(call, "reveal.check", { address, ticket });
    if (!found.ok) return report(call, found);
    const { client, account } = found.value as { client: string; account: string };
    const recipient = newBoxKeyPair();
    const actor = keyId(key.publicKey);
    const drafted = draft(call, { client, account }, ticket, actor, toHex(recipient.publicKey));
    if (!drafted.ok) {
      const text = Object.values(drafted.mistakes).join("\n");
      return report(call, { ok: false, text, value: { mistakes: { ...drafted.mistakes } } });
    }
    const hash = grantHash(drafted.value);
    {
      await using keeper = await reachKeeper(
        call.option("keeper") ?? keeperSocket(call.config.data),
      );
      const signature = signBytes(key.secretKey, grantBytes(hash));
      const filed = await keeper.fileGrant(drafted.value, signature);
      if (!filed.ok) return report(call, refusal(filed));
    }
    const released = await ask(call, "reveal.release", { hash });
    if (!released.ok) return report(call, released);
    const { package: sealed, intentIndex } = released.value as {
      package: string;
      intentIndex: number;
    };
    const opened = openPackage(recipient.secretKey, hash, fromBase64(sealed) ?? new Uint8Array());
    const [card] = opened?.items ?? [];
    if (card === undefined) {
      const text = `entry ${intentIndex} is written, and there is no contact card: this client signed up without a name`;
      return report(call, { ok: true, text, value: { entry: intentIndex, contact: null } });
    }
    const contact = JSON.parse(toUtf8(card.bytes) ?? "{}") as { [name: string]: string };
    const lines = Object.entries(contact).map(([name, value]) => `${name}: ${value}`);
    const text = `${lines.join("\n")}\n\nledger entry ${intentIndex}; the client sees this look, with ticket ${ticket}`;
    return report(call, { ok: true, text, value: { entry: intentIndex, ticket, contact } });
  },
};

function draft(
  call: Call,
  { client, account }: { readonly client: string; readonly account: string },
  ticket: string,
  actor: string,
  recipient: string,
): ReturnType<typeof draftGrant> {
  const more = call.option("reason");
  return draftGrant(
    {
      ground: "support",
      class: "contact",
      client,
      account,
      ids: ["contact"],
      asked: `contact data, for ticket ${ticket}`,
      reason: more === undefined ? `ticket ${ticket}` : `ticket ${ticket}: ${more}`,
      actor,
      requesterName: "support",
      requesterKind: "staff",
      recipient,
      demands: { ticket },
      hours: "1",
      noticeUntil: "",
      noticeDocument: "",
    },
    Date.now(),
    toBase64Url(randomBytes(16)),
  );
}
