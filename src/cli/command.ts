// The shape of a command line command, and what all of them need: options, the way to the server, output for people or scripts.
import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { type Config, readConfig } from "#config";
import { type Answer, callControl, isServed, type Plain } from "#control";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Exit codes: what a script can tell apart (sysexits.h has the names). */
export const exits = {
  ok: 0,
  refused: 1,
  usage: 64,
  unavailable: 69,
  broken: 70,
  config: 78,
} as const;

export interface CliCommand {
  readonly summary: string;
  /** Printed by --help; begins with the synopsis. */
  readonly help: string;
  readonly options: ParseArgsOptionsConfig;
  /** Fewest and most positional arguments. */
  readonly positionals: readonly [fewest: number, most: number];
  readonly run: (call: Call) => Promise<number>;
}

export interface Call {
  readonly positionals: readonly string[];
  /** The value of an option that takes one. */
  option(name: string): string | undefined;
  options(name: string): readonly string[];
  flag(name: string): boolean;
  readonly config: Config;
  readonly json: boolean;
}

/** Something about the call's words; the outside sees the message and exit code 64. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export async function runCommand(
  name: string,
  command: CliCommand,
  argv: readonly string[],
): Promise<number> {
  const options = {
    ...command.options,
    help: { type: "boolean" },
    json: { type: "boolean" },
  } as const;
  const parsed = tryParse(argv, options);
  if (typeof parsed === "string") return usage(`${parsed}; see: bailee ${name} --help`);
  const { values } = parsed;
  if (values["help"] === true) {
    process.stdout.write(`${command.help.trim()}\n`);
    return exits.ok;
  }
  const [fewest, most] = command.positionals;
  if (parsed.positionals.length < fewest || parsed.positionals.length > most) {
    const fault = parsed.positionals.length < fewest ? "something is missing" : "that is too much";
    return usage(`${fault}; the words are:\n${synopsis(command)}`);
  }
  const read = readConfig();
  if (!read.ok) {
    for (const mistake of read.mistakes) process.stderr.write(`bailee: ${mistake}\n`);
    return exits.config;
  }
  const call: Call = {
    positionals: parsed.positionals,
    option: (option) => (typeof values[option] === "string" ? values[option] : undefined),
    options: (option) => (Array.isArray(values[option]) ? (values[option] as string[]) : []),
    flag: (option) => values[option] === true,
    config: read.config,
    json: values["json"] === true,
  };
  try {
    return await command.run(call);
  } catch (error) {
    if (error instanceof UsageError) return usage(error.message);
    throw error;
  }
}

/** Asks the server that serves the data folder; where none does, opens the house without listeners for this one operation. */
export async function ask(
  call: Call,
  operation: string,
  args: { readonly [name: string]: Plain },
): Promise<Answer> {
  const path = join(call.config.data, "control.sock");
  const progress = (line: string): void => void process.stderr.write(`${line}\n`);
  if (await isServed(path)) return callControl(path, { operation, args }, progress);
  const { openHouse } = await import("#main");
  await using house = await openHouse(call.config);
  const known = house.operations[operation];
  if (known === undefined) throw new UsageError(`no operation ${operation}`);
  return await known(args, progress);
}

/** The first paragraph of the help. */
function synopsis({ help }: CliCommand): string {
  return help.trim().split("\n\n")[0] ?? "";
}

/** Prints an answer and gives its exit code. */
export function report(call: Call, answer: Answer): number {
  if (call.json) process.stdout.write(`${JSON.stringify(answer.value ?? null)}\n`);
  else (answer.ok ? process.stdout : process.stderr).write(`${answer.text}\n`);
  return answer.ok ? exits.ok : exits.refused;
}

/** The bytes of a file that the call names ("-" is standard input); one that cannot be read is a mistake in the call. */
export function readGiven(path: string): Buffer {
  try {
    return readFileSync(path === "-" ? 0 : path);
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${reason(error)}`);
  }
}

/** Writes a new file, readable by this user alone. One that is there already is kept, and that is a mistake in the call. */
export async function writeNew(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeFile(path, content, { mode: 0o600, flag: "wx" });
  } catch (error) {
    throw new UsageError(`${path} cannot be written: ${reason(error)}`);
  }
}

const reasons: { readonly [code: string]: string } = {
  ENOENT: "there is no such file or folder",
  EEXIST: "it is there already, and is not overwritten",
  EACCES: "this user may not",
  EISDIR: "it is a folder",
  ENOTDIR: "what should be a folder is none",
};

function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? "unknown";
  return reasons[code] ?? code;
}

/** The keeper's no, for `report`. */
export function refusal({ refusal: word, why }: { refusal: string; why: string }): Answer {
  return {
    ok: false,
    text: `the keeper refuses: ${word}: ${why}`,
    value: { refusal: word, why },
  };
}

export function usage(message: string): number {
  process.stderr.write(`bailee: ${message}\n`);
  return exits.usage;
}

function tryParse(
  argv: readonly string[],
  options: ParseArgsOptionsConfig,
):
  | { readonly values: { readonly [name: string]: unknown }; readonly positionals: string[] }
  | string {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    const [first = ""] = (error instanceof Error ? error.message : String(error)).split(". ");
    return first;
  }
}
