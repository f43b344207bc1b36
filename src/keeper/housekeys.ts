// Two key pairs of the house itself. The desk's: its public half is certified here and its secret half never comes here, so
// that what is sealed to it is the desk's alone. The rules': the server holds it while it runs, since delivery needs clients'
// blocks and forwards; each handing out is an entry.
import { toHex } from "#base/bytes";
import { newBoxKeyPair, publicHalf } from "#vault";
import type { Book } from "./book.ts";
import type { Certify } from "./certify.ts";
import { isBoxKey } from "./grant.ts";
import type { Keeper, KeyCertificate } from "./port.ts";
import { type Root } from "./root.ts";
import { refused } from "./rules.ts";
import { openTurns } from "./turns.ts";

export function openHouseKeys(parts: {
  readonly book: Book;
  readonly root: Root;
  readonly certify: Certify;
}): Pick<Keeper, "certifyDesk" | "ruleKey"> {
  const { book, root, certify } = parts;
  const certificateOf = (
    about: Pick<KeyCertificate, "class" | "part">,
    publicKey: Uint8Array,
  ): KeyCertificate =>
    // One pair for as long as the house stands: its epoch does not move.
    certify({ client: "", account: "", ...about, publicKey, epoch: 0 });
  // Between looking and writing nobody else may bring a key.
  const inTurn = openTurns();
  const certifyDesk: Keeper["certifyDesk"] = async (publicKey) => {
    if (!isBoxKey(publicKey)) return refused("malformed", "to this key nothing can be sealed");
    const key = toHex(publicKey);
    if (book.state.desk !== "" && book.state.desk !== key)
      return refused("exists", "the desk has another key already");
    if (book.state.desk === "")
      await book.write({ public: { type: "desk-key", key }, fact: { kind: "desk", key } });
    return { ok: true, value: certificateOf({ class: "case", part: "desk" }, publicKey) };
  };
  return {
    certifyDesk: (publicKey) => inTurn(() => certifyDesk(publicKey)),
    async ruleKey() {
      const secretKey = await root.secret("rule", () => newBoxKeyPair().secretKey);
      const publicKey = publicHalf("x25519", secretKey);
      await book.write({ public: { type: "rule-key", key: toHex(publicKey) } });
      const certificate = certificateOf({ class: "rule", part: "server" }, publicKey);
      return { publicKey, secretKey, certificate };
    },
  };
}
