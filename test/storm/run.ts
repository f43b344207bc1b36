// Runs the storms: what is too long for `npm test`. Each writes its figures, with commit and date, to docs/figures/.
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const options = process.argv.slice(2).filter((argument) => argument.startsWith("--"));
const storms = globSync("test/storm/*.storm.ts", { cwd: root })
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort();
let failed = 0;
for (const storm of storms) {
  process.stdout.write(`${storm}\n`);
  const { status } = spawnSync(process.execPath, [storm, ...options], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0) failed += 1;
}
process.stdout.write(
  failed === 0
    ? "every storm was weathered\n"
    : `${failed} of ${storms.length} storms were not weathered\n`,
);
process.exit(failed === 0 && storms.length > 0 ? 0 : 1);
