// `bailee queue …` and `bailee suppression …`: what waits to leave, as far as it is anybody's business but the sender's.
import { ask, type CliCommand, report, UsageError } from "./command.ts";

const onItem = (
  what: "show" | "retry" | "hold" | "drop",
  summary: string,
  words: string,
): CliCommand => ({
  summary,
  help: `
bailee queue ${what} ITEM [--json]

${words}
`,
  options: {},
  positionals: [1, 1],
  run: async (call) =>
    report(call, await ask(call, `queue.${what}`, { item: call.positionals[0] ?? "" })),
});

export const queueList: CliCommand = {
  summary: "list what waits to leave",
  help: `
bailee queue list [--json]

Lists the oldest thousand letters that wait: id, age, size, recipients, states, the last verdicts as numbers (RFC 3463), client. Neither
addresses nor their domains: they are sealed with the letter.
`,
  options: {},
  positionals: [0, 0],
  run: async (call) => report(call, await ask(call, "queue.list", {})),
};

export const queueShow = onItem(
  "show",
  "show a waiting letter's attempts",
  "Shows each recipient's state, attempts, last verdict and next attempt; recipients have no names here.",
);

export const queueRetry = onItem(
  "retry",
  "try a waiting letter now",
  "Tries at once what waits, is held, or was set aside.",
);

export const queueHold = onItem(
  "hold",
  "keep a letter from being tried",
  "Keeps it where it is until `bailee queue retry`. After five days it is tried once more, so that its sender hears of the end.",
);

export const queueDrop = onItem(
  "drop",
  "take a letter out; its sender gets a report",
  "Takes the letter out. It is not lost in silence: its sender gets the report of a failure, with the letter's header or text.",
);

export const suppressionList: CliCommand = {
  summary: "count the addresses that a client's letters no longer go to",
  help: `
bailee suppression list ADDRESS [--json]

ADDRESS is the client's. An address that said twice within thirty days that it does not exist is not tried a third time; the letter comes
back at once and says so. What is kept is a mark that only who knows the address can find: this lists how many, why and since when.
`,
  options: {},
  positionals: [1, 1],
  run: async (call) =>
    report(call, await ask(call, "suppression.list", { address: call.positionals[0] ?? "" })),
};

export const suppressionLift: CliCommand = {
  summary: "let a client's letters go to an address again",
  help: `
bailee suppression lift ADDRESS (--recipient RECIPIENT | --all) [--json]

ADDRESS is the client's, RECIPIENT the address that they name: nobody can read it from the list.
`,
  options: { recipient: { type: "string" }, all: { type: "boolean" } },
  positionals: [1, 1],
  async run(call) {
    const recipient = call.option("recipient");
    const all = call.flag("all");
    if ((recipient === undefined) !== all) throw new UsageError("--recipient RECIPIENT, or --all");
    const address = call.positionals[0] ?? "";
    return report(
      call,
      await ask(call, "suppression.lift", { address, recipient: recipient ?? "", all }),
    );
  },
};
