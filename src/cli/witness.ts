// `bailee witness`: stands witness to the ledgers of others. Needs no server and no keeper, and none of their data: a folder of its
// own, and an address that the logs can reach.
import { join } from "node:path";
import { Broken } from "#base/errors";
import { followLog, makeWitness, openWitness, serveWitness } from "#witness";
import { type Call, type CliCommand, exits, report, UsageError } from "./command.ts";

const PORT = 8090;

export const witness: CliCommand = {
  summary: "stand witness to other ledgers",
  help: `
bailee witness init NAME | follow VKEY | show | start  [--folder FOLDER] [--bind ADDRESS] [--port PORT] [--json]

Remembers the latest checkpoint of each log that it follows, and cosigns a new one only when it is shown to continue that one, so
that a log cannot show different pasts to different readers (C2SP tlog-witness). Run it where the log's provider has no hand.

init    makes a witness: NAME is a host name and path of yours, like witness.example/w1
follow  adds a log by its key, as its provider printed it; takes effect at the next start
show    the witness's own keys, for the trust policies of others, and the logs that it follows
start   answers POST /add-checkpoint and GET /<SHA-256 of the origin>/checkpoint until it is stopped; port ${PORT} unless told,
        on 127.0.0.1: put a proxy with TLS before it

FOLDER is "witness" in the data folder unless told. Exit code 0 when done, 1 when there is no such witness or one already.
`,
  options: {
    folder: { type: "string" },
    bind: { type: "string" },
    port: { type: "string" },
  },
  positionals: [1, 2],
  async run(call) {
    const [verb = "", argument] = call.positionals;
    const act = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
    const wants = verb === "init" || verb === "follow";
    if (act === undefined || (argument !== undefined) !== wants)
      throw new UsageError("the words are: witness init NAME | follow VKEY | show | start");
    try {
      return await act(call.option("folder") ?? join(call.config.data, "witness"), call);
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      return report(call, { ok: false, text: error.message, value: { why: error.message } });
    }
  },
};

const verbs: { readonly [verb: string]: (folder: string, call: Call) => Promise<number> } = {
  async init(folder, call) {
    const [, name = ""] = call.positionals;
    try {
      await makeWitness(folder, name);
    } catch (error) {
      if (error instanceof TypeError) throw new UsageError(`${name} cannot be a witness's name`);
      throw error;
    }
    return show(folder, call);
  },
  async follow(folder, call) {
    const [, key = ""] = call.positionals;
    if (!(await followLog(folder, key))) throw new UsageError("this is no log's key (vkey)");
    return show(folder, call);
  },
  show,
  async start(folder, call) {
    const bind = call.option("bind") ?? "127.0.0.1";
    const given = call.option("port") ?? String(PORT);
    const port = /^\d{1,5}$/.test(given) ? Number(given) : 65_536;
    if (port > 65_535) throw new UsageError(`${given} is no port`);
    using opened = await openWitness(folder);
    const ending = Promise.withResolvers<void>();
    for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => ending.resolve());
    try {
      await using server = await serveWitness(opened, { bind, port });
      const logs = opened.origins.length === 1 ? "1 log" : `${opened.origins.length} logs`;
      process.stdout.write(`witness to ${logs} at http://${bind}:${server.port}\n`);
      await ending.promise;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      process.stderr.write(`bailee: ${bind}:${port} cannot be listened on: ${code}\n`);
      return exits.unavailable;
    }
    return exits.ok;
  },
};

async function show(folder: string, call: Call): Promise<number> {
  using opened = await openWitness(folder);
  const { verifierKeys, origins } = opened;
  const follows = origins.length === 0 ? "no log yet" : origins.join(", ");
  return report(call, {
    ok: true,
    text: `${verifierKeys.map((key) => `key: ${key}`).join("\n")}\nfollows: ${follows}`,
    value: { keys: verifierKeys, logs: origins },
  });
}
