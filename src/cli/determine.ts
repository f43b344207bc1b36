// `bailee approve determine`: the written determination that an instrument is valid and enforceable, signed by the person who made
// it. Not the one who handles the request: the keeper compares.
import { toHex } from "#base/bytes";
import { determinationBytes, keyId, scopeRoot } from "#keeper";
import { signBytes } from "#vault";
import { ask, type CliCommand, report } from "./command.ts";
import { idsOf, keyFrom, needed } from "./grant.ts";

export const approveDetermine: CliCommand = {
  summary: "determine that an instrument is valid",
  help: `
bailee approve determine --client ADDRESS (--id ID … | --newest N) --instrument WORDS --text WORDS --key FILE [--class CLASS] [--json]

Signs a determination for grounds D2 and E3: that the instrument, which must be named in the same words in the grant, is valid and
enforceable for these items. Prints one line for --demand determination=… of bailee grant draft.
`,
  options: {
    client: { type: "string" },
    class: { type: "string" },
    id: { type: "string", multiple: true },
    newest: { type: "string" },
    instrument: { type: "string" },
    text: { type: "string" },
    key: { type: "string" },
  },
  positionals: [0, 0],
  async run(call) {
    const address = needed(call, "client");
    const key = keyFrom("ed25519", needed(call, "key"));
    const text = needed(call, "text");
    const found = await ask(call, "grant.resolve", { address });
    if (!found.ok) return report(call, found);
    const { client } = found.value as { client: string };
    const ids = [...(await idsOf(call, address))].sort();
    const about = {
      client,
      class: call.option("class") ?? "content",
      root: scopeRoot(ids),
      instrument: needed(call, "instrument"),
      text,
    };
    const line = `${keyId(key.publicKey)} ${toHex(signBytes(key.secretKey, determinationBytes(about)))} ${text}`;
    return report(call, { ok: true, text: line, value: { determination: line, ids } });
  },
};
