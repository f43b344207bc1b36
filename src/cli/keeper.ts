// `bailee keeper …`: what the operator does with the root key. Rotation asks the running keeper; the rest opens the keeper's folder
// while nothing runs, as the user whose folder it is.
import { mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Broken } from "#base/errors";
import { replaceFile } from "#base/files";
import type { RootName } from "#keeper/custody";
import { parseTrustPolicy, takeLock } from "#ledger";
import { keeperSocket, reachKeeper } from "./approve.ts";
import {
  type Call,
  type CliCommand,
  exits,
  readGiven,
  report,
  UsageError,
  usage,
  writeNew,
} from "./command.ts";

export const keeperRotate: CliCommand = {
  summary: "make the root key anew while the server runs",
  help: `
bailee keeper rotate [--keeper SOCKET] [--json]

The running keeper makes a new root key, wraps every secret of its own under it and destroys the old one; an entry in the ledger says
so. Nothing stops meanwhile. Shares of the old root key open nothing any more: print new ones (bailee keeper shares).
`,
  options: { keeper: { type: "string" } },
  positionals: [0, 0],
  async run(call) {
    await using keeper = await reachKeeper(call.option("keeper") ?? keeperSocket(call.config.data));
    const value = await keeper.rotateRoot();
    const text = `the root key is new, generation ${value.generation}; shares of earlier ones open nothing any more`;
    return report(call, { ok: true, text, value });
  },
};

export const keeperShares: CliCommand = {
  summary: "write the root key as shares, some of which give it back",
  help: `
bailee keeper shares --need N --of M --out FOLDER [--json]

Writes M files of one line each to a new FOLDER; any N of them give the root key back when its passphrase or token is lost, fewer say
nothing about it. Print them, give each to another person, and remove the files. The server has to be stopped.
`,
  options: { need: { type: "string" }, of: { type: "string" }, out: { type: "string" } },
  positionals: [0, 0],
  async run(call) {
    const out = call.option("out");
    const [need, count] = [Number(call.option("need")), Number(call.option("of"))];
    if (out === undefined || Number.isNaN(need) || Number.isNaN(count))
      return usage("keeper shares needs --need N --of M --out FOLDER");
    const { shareRoot } = await import("#keeper/custody");
    return offline(call, async (folder) => {
      const { lines, ...root } = await shareRoot(folder, need, count);
      await newFolder(out);
      const files = lines.map((_, index) => join(out, `share-${index + 1}.txt`));
      for (const [index, line] of lines.entries()) await writeNew(files[index] ?? "", `${line}\n`);
      const text = `${count} shares of ${nameOf(root)} in ${out}, of which any ${need} give it back; print them and remove the files`;
      return { text, value: { ...root, need, files } };
    });
  },
};

export const keeperRecover: CliCommand = {
  summary: "put the root key together from shares, under a new passphrase",
  help: `
bailee keeper recover FILE… [--json]

Reads shares from files ("-" is standard input, a line each), and when they give the root key of this folder, writes it under a new
passphrase. Otherwise nothing is touched. The server has to be stopped.
`,
  options: {},
  positionals: [1, 32],
  async run(call) {
    const lines = call.positionals
      .flatMap((path) => readGiven(path).toString().split("\n"))
      .filter((line) => line.trim() !== "");
    const { recoverRoot } = await import("#keeper/custody");
    return offline(call, async (folder) => {
      const recovered = await recoverRoot(folder, lines);
      if (!recovered.ok) throw new Broken(recovered.why);
      return { text: underPassphrase(recovered.value, folder), value: { ...recovered.value } };
    });
  },
};

export const keeperPassphrase: CliCommand = {
  summary: "put the root key under a new passphrase",
  help: `
bailee keeper passphrase [--json]

Makes a new passphrase, puts the root key under it and destroys the old one; or comes back from a token. The passphrase stands in
the keeper's folder, in the file "passphrase": keep a copy elsewhere. The server has to be stopped.
`,
  options: {},
  positionals: [0, 0],
  async run(call) {
    const { changePassphrase } = await import("#keeper/custody");
    return offline(call, async (folder) => {
      const root = await changePassphrase(folder);
      return { text: underPassphrase(root, folder), value: { ...root } };
    });
  },
};

export const keeperToken: CliCommand = {
  summary: "put the root key under a key pair in a PKCS #11 token",
  help: `
bailee keeper token --module LIBRARY --id HEX --pin-file FILE [--tool PATH] [--env NAME=VALUE]… [--json]

Puts the root key under an RSA key pair that never leaves its token, through OpenSC's pkcs11-tool, and destroys the passphrase. From
then on the keeper asks the token at each start. The pair is tried first. LIBRARY is the vendor's, HEX the pair's id, FILE holds the PIN and is read
at each start, --env is what the library wants of its environment. The server has to be stopped. Write shares first: a token breaks.
`,
  options: {
    module: { type: "string" },
    id: { type: "string" },
    "pin-file": { type: "string" },
    tool: { type: "string" },
    env: { type: "string", multiple: true },
  },
  positionals: [0, 0],
  async run(call) {
    const [module, id, pin] = ["module", "id", "pin-file"].map((name) => call.option(name));
    if (module === undefined || id === undefined || pin === undefined)
      return usage("keeper token needs --module LIBRARY --id HEX --pin-file FILE");
    if (!/^(?:[0-9a-f]{2}){1,32}$/i.test(id)) return usage(`--id ${id} is no key id in hex`);
    const environment = call.options("env");
    const wrong = environment.find((line) => !/^[A-Za-z_][A-Za-z0-9_]*=/.test(line));
    if (wrong !== undefined) return usage(`--env ${wrong} is not NAME=VALUE`);
    const tool = call.option("tool") ?? "/usr/bin/pkcs11-tool";
    const token = {
      module: resolve(module),
      id,
      pin: resolve(pin),
      tool: resolve(tool),
      environment,
    };
    const { changeToToken } = await import("#keeper/custody");
    return offline(call, async (folder) => {
      const root = await changeToToken(folder, token);
      const text = `${nameOf(root)} is under the token's key ${id}; its passphrase is destroyed`;
      return { text, value: { ...root } };
    });
  },
};

export const keeperWitnesses: CliCommand = {
  summary: "say which witnesses must have seen an entry before a key turns",
  help: `
bailee keeper witnesses FILE|none [--json]

FILE is a trust policy (C2SP tlog-policy): witnesses with their keys and URLs, and the quorum. From the next start on the server has them
cosign the ledger, and no person is shown anything before a quorum has seen the entry about it. "none" ends that. Both are public entries in the
ledger, and the list is published beside it. The server has to be stopped.
`,
  options: {},
  positionals: [1, 1],
  async run(call) {
    const [path = ""] = call.positionals;
    const bytes = path === "none" ? undefined : readGiven(path);
    const policy = bytes === undefined ? undefined : parseTrustPolicy(bytes);
    if (policy?.ok === false) return usage(`${path}: ${policy.refusal}`);
    const silent = policy?.value.witnesses.filter(({ url }) => url === undefined) ?? [];
    if (silent.length > 0) return usage(`${path}: ${silent[0]?.name} has no URL to ask it at`);
    return offline(call, async (folder) => {
      using _ = takeLock(join(folder, "ledger", "lock"));
      const list = join(folder, "witnesses");
      if (bytes === undefined) await rm(list, { force: true });
      else await replaceFile(list, bytes);
      const names = policy?.value.witnesses.map(({ key }) => key.name) ?? [];
      const words = `${names.join(", ")}; the quorum is ${policy?.value.quorum}`;
      const text = `from the next start on the ledger asks ${bytes === undefined ? "no witnesses" : words}`;
      return { text, value: { witnesses: names } };
    });
  },
};

/** What does not go is the operator's to mend (a server that runs, a token that is not there), and is said without a stack. */
async function offline(
  call: Call,
  work: (
    folder: string,
  ) => Promise<{ text: string; value: { [name: string]: string | number | string[] } }>,
): Promise<number> {
  try {
    const done = await work(join(call.config.data, "keeper"));
    return report(call, { ok: true, ...done });
  } catch (error) {
    if (!(error instanceof Broken || error instanceof RangeError)) throw error;
    process.stderr.write(`bailee: ${error.message}\n`);
    return exits.refused;
  }
}

async function newFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch {
    throw new UsageError(`${path} cannot be made; it must not be there yet`);
  }
}

function underPassphrase(root: RootName, folder: string): string {
  return `${nameOf(root)} is under a new passphrase, in ${join(folder, "passphrase")}: keep a copy elsewhere`;
}

function nameOf({ mark, generation }: RootName): string {
  return `root key ${mark} (generation ${generation})`;
}
