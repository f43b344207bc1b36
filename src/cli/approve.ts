// `bailee approve …`: for people who act or approve. Talks to the keeper itself, so that what is signed is what the keeper
// holds and not what a server says it holds. Keys stay in their files.
import { join } from "node:path";
import { toHex } from "#base/bytes";
import {
  approvalBytes,
  connectKeeper,
  formatKeyFile,
  type Keeper,
  keyId,
  readKeyFile,
} from "#keeper";
import { newSigningKeyPair, signBytes } from "#vault";
import {
  type CliCommand,
  exits,
  UsageError,
  usage,
  readGiven,
  refusal,
  writeNew,
  report,
} from "./command.ts";
import { grantWords } from "./grantwords.ts";

export const approveInit: CliCommand = {
  summary: "make a key",
  help: `
bailee approve init --out FILE

Makes an Ed25519 key for a person who acts or approves, and prints its public half and key id for enrolment. The secret half is
in FILE, readable by you alone; it never travels. Make it on a machine of your own: keys on one machine are no separation.
`,
  options: { out: { type: "string" } },
  positionals: [0, 0],
  async run(call) {
    const out = call.option("out");
    if (out === undefined) return usage("approve init needs --out FILE");
    const pair = newSigningKeyPair();
    await writeNew(out, formatKeyFile("ed25519", pair.secretKey));
    const value = { key: toHex(pair.publicKey), id: keyId(pair.publicKey), file: out };
    process.stdout.write(
      call.json ? `${JSON.stringify(value)}\n` : `key id ${value.id}\npublic key ${value.key}\n`,
    );
    return exits.ok;
  },
};

const keeperOption = { keeper: { type: "string" } } as const;

export const approveShow: CliCommand = {
  summary: "show a grant",
  help: `
bailee approve show HASH [--keeper SOCKET] [--json]

Fetches a grant from the keeper and shows what you would sign: all of it, as it is hashed.
`,
  options: keeperOption,
  positionals: [1, 1],
  async run(call) {
    await using keeper = await reachKeeper(call.option("keeper") ?? keeperSocket(call.config.data));
    const shown = await keeper.showGrant(call.positionals[0] ?? "");
    if (shown === undefined) return report(call, unknownGrant);
    process.stdout.write(
      call.json ? `${Buffer.from(shown.grant).toString()}\n` : `${grantWords(shown)}\n`,
    );
    return exits.ok;
  },
};

export const approveSign: CliCommand = {
  summary: "approve a grant",
  help: `
bailee approve sign HASH --key FILE [--keeper SOCKET] [--json]

Fetches the grant from the keeper, shows it, signs its hash with the key in FILE and hands the signature to the keeper.
`,
  options: { ...keeperOption, key: { type: "string" } },
  positionals: [1, 1],
  async run(call) {
    const file = call.option("key");
    if (file === undefined) return usage("approve sign needs --key FILE");
    const key = readKeyFile("ed25519", readGiven(file).toString());
    if (key === undefined) throw new UsageError(`${file} is no Ed25519 key file`);
    await using keeper = await reachKeeper(call.option("keeper") ?? keeperSocket(call.config.data));
    const shown = await keeper.showGrant(call.positionals[0] ?? "");
    if (shown === undefined) return report(call, unknownGrant);
    if (!call.json) process.stdout.write(`${grantWords(shown)}\n\n`);
    const signature = signBytes(key.secretKey, approvalBytes(shown.hash));
    const ruled = await keeper.approveGrant(shown.hash, keyId(key.publicKey), signature);
    if (!ruled.ok) return report(call, refusal(ruled));
    const { approvals, approvalsNeeded, state } = ruled.value;
    const value = { hash: shown.hash, approvals: approvals.length, needed: approvalsNeeded, state };
    const text = `signed; ${approvals.length} of ${approvalsNeeded} approvals, ${state}`;
    return report(call, { ok: true, text, value });
  },
};

export function keeperSocket(data: string): string {
  return join(data, "keeper", "keeper.sock");
}

/** Connects, or says plainly that nothing answers. */
export async function reachKeeper(socket: string): Promise<Keeper> {
  try {
    return await connectKeeper(socket);
  } catch {
    throw new UsageError(`no keeper answers at ${socket}; is the server running?`);
  }
}

export const unknownGrant = refusal({
  refusal: "unknown-grant",
  why: "it holds no grant of that hash",
});
