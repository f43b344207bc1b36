// `bailee approve determine`: the written determination that an instrument is valid and enforceable, signed by the person who made
// it. Not the one who handles the request: the keeper compares.
import { toHex } from "#base/bytes";
import { determinationBytes, keyId, scopeRootOf } from "#keeper";
import { signBytes } from "#vault";
import { ask, type CliCommand, report } from "./command.ts";
import { keyFrom, needed } from "./grant.ts";
import { scopeFrom, scopeHelp, scopeOptions } from "./scope.ts";

export const approveDetermine: CliCommand = {
  summary: "determine that an instrument is valid",
  help: `
bailee approve determine --client ADDRESS SCOPE --instrument WORDS --text WORDS --key FILE [--class CLASS] [--json]

Signs a determination for grounds D2 and E3: that the instrument, which must be named in the same words in the grant, is valid and
enforceable for these items. Prints one line for --demand determination=… of bailee grant draft.

${scopeHelp}
It must come to the same as the grant's: with --from, give instants, since "now" is another moment for each.
`,
  options: {
    client: { type: "string" },
    class: { type: "string" },
    ...scopeOptions,
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
    const dataClass = call.option("class") ?? "content";
    const scope = await scopeFrom(call, address, dataClass);
    const ids = [...scope.ids].sort();
    const about = {
      client,
      class: dataClass,
      root: scopeRootOf(
        scope.time === undefined
          ? { ids, root: "" }
          : { from: scope.time.from, until: scope.time.until },
      ),
      instrument: needed(call, "instrument"),
      text,
    };
    const line = `${keyId(key.publicKey)} ${toHex(signBytes(key.secretKey, determinationBytes(about)))} ${text}`;
    return report(call, { ok: true, text: line, value: { determination: line, ids } });
  },
};
