// `bailee receipt`: checks the receipt of an erasure against a published ledger, as somebody without a login does: that the entry which
// the receipt opens stands in the log, says what the receipt says, and was signed by the log's key.
import { fromUtf8 } from "#base/bytes";
import { type Canonical, parseCanonical } from "#base/canonical";
import {
  evidenceFor,
  leafOfOpening,
  type Opening,
  parseOpening,
  parseTlogProof,
  parseVerifierKey,
  type Read,
  verifyOpening,
  verifyTlogProof,
} from "#ledger";
import { type CliCommand, exits, readGiven, report } from "./command.ts";
import { readerOf } from "./published.ts";

// Two openings and short lists; the largest has some 4 KiB.
const MAX_RECEIPT = 64 * 1024;

export const receipt: CliCommand = {
  summary: "check the receipt of an erasure",
  help: `
bailee receipt FILE URL|FOLDER [--key VKEY] [--json]

Checks a receipt (receipt.json from its link) against the published ledger: the entry stands in the log under a signed checkpoint, and
its parts say what the receipt says. VKEY is the ledger's key as you have it from elsewhere; without it the receipt's own word
for it is taken. Exit code 0 when all is right, 1 when something is not, 69 when the log cannot be read or has not published it yet.
`,
  options: { key: { type: "string" } },
  positionals: [2, 2],
  async run(call) {
    const [file = "", place = ""] = call.positionals;
    const given = parseReceipt(readGiven(file));
    if (given === undefined)
      return report(call, { ok: false, text: `${file} is no receipt`, value: { ok: false } });
    let finding: string | undefined;
    try {
      finding = await check(given, readerOf(place), call.option("key") ?? given.key);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      process.stderr.write(`the ledger at ${place} cannot be read: ${why}\n`);
      return exits.unavailable;
    }
    if (finding === NOT_PUBLISHED) {
      process.stderr.write(`${finding}\n`);
      return exits.unavailable;
    }
    const { index, client, unreadableFrom } = given;
    return report(
      call,
      finding === undefined
        ? {
            ok: true,
            text: `The receipt is right: entry ${index} says that the keys of client ${client} were destroyed, the last copy unreadable from ${unreadableFrom}.`,
            value: { ok: true, index, client, unreadableFrom },
          }
        : {
            ok: false,
            text: `The receipt is NOT right: ${finding}`,
            value: { ok: false, finding },
          },
    );
  },
};

const NOT_PUBLISHED = "the entry is not published yet; try again in some minutes";

interface Receipt {
  readonly client: string;
  readonly account: string;
  readonly unreadableFrom: string;
  readonly index: number;
  readonly key: string;
  readonly openings: readonly Opening[];
}

function parseReceipt(bytes: Uint8Array): Receipt | undefined {
  const fields = objectOf(parseCanonical(bytes, MAX_RECEIPT));
  const { type, client, account, unreadableFrom } = fields;
  const { index, key, openings } = objectOf(fields["ledger"]);
  if (type !== "erasure-receipt" || typeof client !== "string" || typeof account !== "string")
    return undefined;
  if (typeof unreadableFrom !== "string" || typeof index !== "number") return undefined;
  if (typeof key !== "string" || !Array.isArray(openings)) return undefined;
  const parsed = (openings as readonly Canonical[]).map((line) =>
    typeof line === "string" ? parseOpening(fromUtf8(line)) : undefined,
  );
  const whole = parsed.filter((opening) => opening !== undefined);
  if (whole.length !== parsed.length) return undefined;
  return { client, account, unreadableFrom, index, key, openings: whole };
}

/** What is not right; undefined when all is. */
async function check(receipt: Receipt, read: Read, vkey: string): Promise<string | undefined> {
  const key = parseVerifierKey(vkey);
  if (key === undefined) return "the ledger's key is none";
  const opened = { public: undefined, client: undefined, case: undefined } as {
    [part in Opening["part"]]: Canonical | undefined;
  };
  const [first] = receipt.openings;
  const leaf = first && leafOfOpening(first);
  if (leaf === undefined) return "it opens nothing";
  for (const opening of receipt.openings) {
    const said = verifyOpening(opening, leaf);
    if (!said.ok || opening.index !== receipt.index) return "its openings are of different entries";
    opened[opening.part] = said.value;
  }
  if (objectOf(opened.public)["type"] !== "erasure") return "the entry is of no erasure";
  const { client, account, unreadableFrom } = objectOf(opened.client);
  if (client !== receipt.client || account !== receipt.account)
    return "the entry is of another client";
  if (unreadableFrom !== receipt.unreadableFrom) return "the entry names another day";
  const evidence = await evidenceFor(read, receipt.index);
  const proof = evidence && parseTlogProof(fromUtf8(evidence.proof));
  if (proof === undefined) return NOT_PUBLISHED;
  if (proof.index !== receipt.index) return "the log proves another entry";
  const verified = verifyTlogProof(proof, leaf, key);
  return verified.ok ? undefined : `the log does not hold it (${verified.refusal})`;
}

function objectOf(value: Canonical | undefined): { readonly [name: string]: Canonical } {
  return typeof value === "object" && !Array.isArray(value)
    ? (value as { readonly [name: string]: Canonical })
    : {};
}
