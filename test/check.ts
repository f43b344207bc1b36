// Everything that must be green before a commit: types, lint, format, dead code, audit, then the tests (floor plan among them).
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const bin = (name: string) => resolve(root, "node_modules/.bin", name);
const node = process.execPath;

const steps: [name: string, command: string, args: string[]][] = [
  ["types", node, [bin("tsc"), "--noEmit"]],
  ["lint", node, [bin("oxlint"), "--type-aware", "--deny-warnings"]],
  ["format", node, [bin("oxfmt"), "--check", "src", "test", "bench", "launcher"]],
  ["dead code", node, [bin("knip"), "--no-progress"]],
];
if (!process.argv.includes("--without-tests")) steps.push(["tests", node, ["test/run.ts"]]);

let failed = 0;
for (const [name, command, args] of steps) {
  const began = Date.now();
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  process.stdout.write(`${status === 0 ? "ok  " : "FAIL"} ${name} (${seconds} s)\n`);
  if (status !== 0) {
    failed += 1;
    process.stdout.write(`${stdout}${stderr}\n`);
  }
}
failed += audit();
process.exit(failed === 0 ? 0 : 1);

/** Asks the registry for known vulnerabilities; a registry without that answer (a mirror) is said, not passed over. */
function audit(): number {
  const { status, stdout, stderr } = spawnSync(
    "npm",
    ["audit", "--audit-level=moderate", "--omit=dev"],
    {
      cwd: root,
      encoding: "utf8",
    },
  );
  if (status === 0) {
    process.stdout.write("ok   audit\n");
    return 0;
  }
  if (/audit endpoint returned an error|ENOTFOUND|EAI_AGAIN|ECONNREFUSED/.test(stderr)) {
    process.stdout.write(
      "SKIP audit: this registry does not answer audit requests; run it where one does\n",
    );
    return 0;
  }
  process.stdout.write(`FAIL audit\n${stdout}${stderr}\n`);
  return 1;
}
