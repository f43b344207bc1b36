// The keeper's program: node src/keeper/process.ts FOLDER PUBLISHED_FOLDER --origin ORIGIN --publish-seconds N [--seen FOLDER]. It takes no
// secret from its arguments or environment. Standard input is its leash: when that closes, whoever started it is gone, and
// it closes down in order. So it does on SIGTERM. A terminal's ctrl-C reaches the whole group: the keeper leaves that to
// its parent, which may still need it for its last words, and follows by the leash.
import { parseArgs } from "node:util";
import { log, logBroken } from "#base/log";
import { openKeeper } from "./open.ts";
import { serveKeeper } from "./server.ts";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    origin: { type: "string" },
    "publish-seconds": { type: "string" },
    seen: { type: "string" },
  },
});
const [folder, publishedFolder] = positionals;
const publishSeconds = Number(values["publish-seconds"]);
if (!folder || !publishedFolder || !values.origin || !(publishSeconds >= 1)) {
  process.stderr.write(
    "usage: process.ts FOLDER PUBLISHED_FOLDER --origin ORIGIN --publish-seconds N\n",
  );
  process.exit(2);
}

process.on("SIGINT", () => undefined);
process.on("SIGUSR1", () => undefined); // the debugger is off (see client.ts); without this the signal would end us
const ending = Promise.withResolvers<void>();
process.on("SIGTERM", () => ending.resolve());
process.stdin.on("end", () => ending.resolve());
process.stdin.on("error", () => ending.resolve());
process.stdin.resume();

try {
  await using keeper = await openKeeper({
    folder,
    publishedFolder,
    origin: values.origin,
    publishSeconds,
    ...(values.seen !== undefined && { seenFolder: values.seen }),
  });
  await using _server = await serveKeeper(keeper, folder);
  process.stdout.write("keeper ready\n");
  await ending.promise;
} catch (error) {
  logBroken("keeper", error);
  process.exitCode = 1;
}
log("keeper-ended");
process.exit();
