// Runs every claim, or those named, one after the other, and writes what they print with commit and date to docs/figures/bench.md.
import { spawnSync } from "node:child_process";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { basename, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const wanted = process.argv.slice(2);
const claims = globSync("bench/*.bench.ts", { cwd: root })
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort();
const lines: string[] = [];
let failed = 0;
for (const claim of claims) {
  const { status, stdout } = spawnSync(process.execPath, [claim], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  const line = `${basename(claim, ".bench.ts")}: ${status === 0 ? stdout.trim() : "failed"}`;
  process.stdout.write(`${line}\n`);
  lines.push(line);
  if (status !== 0) failed += 1;
}
const commit = spawnSync("git", ["rev-parse", "--short", "HEAD"], {
  cwd: root,
  encoding: "utf8",
}).stdout.trim();
const path = resolve(root, "docs/figures/bench.md");
const heading = `## ${new Date().toISOString().slice(0, 16)}Z, commit ${commit}, ${cpus().length} cores, Node ${process.versions.node}`;
const before =
  readIfThere(path) || "# Bench figures\n\nEach run of `npm run bench`, newest first.\n";
const intro = before.indexOf("\n## ");
const top = intro < 0 ? before : before.slice(0, intro);
const rest = intro < 0 ? "" : before.slice(intro);
writeFileSync(
  path,
  `${top.trimEnd()}\n\n${heading}\n\n${lines.map((line) => `- ${line}\n`).join("")}${rest}`,
);
process.exit(failed === 0 ? 0 : 1);

function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
