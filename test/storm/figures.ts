// Where a storm leaves what it measured: one line per run in docs/figures/, with commit and date, and what stands under it.
import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");

export function writeFigure(name: string, text: string, details: readonly string[] = []): void {
  const folder = resolve(root, "docs/figures");
  mkdirSync(folder, { recursive: true });
  const path = resolve(folder, `${name}.md`);
  if (!existsSync(path)) writeFileSync(path, `# ${name}\n\nEach run of \`npm run storm\`.\n\n`);
  const commit = spawnSync("git", ["rev-parse", "--short", "HEAD"], {
    cwd: root,
    encoding: "utf8",
  }).stdout.trim();
  const line = [
    `- ${new Date().toISOString().slice(0, 16)}Z, commit ${commit}: ${text}`,
    ...details.map((detail) => `  - ${detail}`),
  ].join("\n");
  appendFileSync(path, `${line}\n`);
  process.stdout.write(`${line}\n`);
}
