// Which version runs, and from a clone which commit: read from files, so that no other program is asked.
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Release {
  readonly version: string;
  /** Undefined where the program does not run from a clone. */
  readonly commit: string | undefined;
}

export function readRelease(root: string = join(import.meta.dirname, "..", "..")): Release {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    version: string;
  };
  return { version, commit: commitOf(join(root, ".git")) };
}

/** What HEAD points at (gitrepository-layout): a commit, or a branch whose commit lies in a file of its own or packed. */
function commitOf(git: string): string | undefined {
  const head = textOf(join(git, "HEAD"));
  const branch = /^ref: (refs\/heads\/[\w./-]+)$/.exec(head)?.[1];
  if (branch === undefined) return commitIn(head);
  const packed = textOf(join(git, "packed-refs")).split("\n");
  return (
    commitIn(textOf(join(git, branch))) ??
    commitIn(packed.find((line) => line.endsWith(` ${branch}`))?.split(" ")[0] ?? "")
  );
}

function commitIn(text: string): string | undefined {
  return /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(text) ? text : undefined;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return ""; // no clone, or a branch that is packed
  }
}
