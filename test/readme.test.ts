// What the README tells a newcomer to type is typed here, against a real house: every command under "Try", in order.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { root, startHouse } from "./house.ts";
import { requirePrograms } from "./require.ts";

const readme = readFileSync(join(root, "README.md"), "utf8");
const section = (name: string): string =>
  new RegExp(`\\n## ${name}\\n([^]*?)(?=\\n## |$)`).exec(readme)?.[1] ?? "";

/** The shell commands of a section's fenced blocks, with their continued lines. */
function commandsOf(text: string): string[] {
  return [...text.matchAll(/```sh\n([^]*?)```/g)]
    .flatMap(([, block = ""]) => block.replaceAll(/^ +/gm, "").replaceAll("\\\n", " ").split("\n"))
    .map((line) => line.replace(/\s+#.*$/, "").trim())
    .filter((line) => line !== "");
}

test("the commands of the README's evening work as they stand there", async (t) => {
  if (!requirePrograms(t, "bash", "swaks", "mutt", "git")) return;
  const folder = await mkdtemp(join(tmpdir(), "bailee-readme-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const house = await startHouse(t);
  let hash = "";
  const done: string[] = [];
  for (const command of commandsOf(section("Try"))) {
    // Only places differ: our data folder and ports, and a folder of our own instead of /tmp.
    const here = command
      .replaceAll("/tmp/", `${folder}/`)
      .replaceAll("data/example-keys", join(house.data, "example-keys"))
      .replaceAll("127.0.0.1:2525", `127.0.0.1:${house.ports.SMTP}`)
      .replaceAll("127.0.0.1:2143", `127.0.0.1:${house.ports.IMAP}`)
      .replaceAll("http://localhost:8080", house.url)
      .replaceAll("HASH", hash);
    if (here.startsWith("mutt")) continue; // a full-screen program: test/interop drives it
    const { code, output } = await bash(here, house.environment);
    assert.equal(code, 0, `${here}\n${output}`);
    hash = /filed ([0-9a-f]{64})/.exec(output)?.[1] ?? hash;
    done.push(here);
  }
  assert.ok(
    done.some((line) => line.includes("grant release")) &&
      done.some((line) => line.includes("verify")),
  );
  const opened = await bash(`cat ${folder}/opened/*.eml`, house.environment);
  assert.match(opened.output, /^Subject: Hello/m);
});

test("the npm scripts that the README names are there", () => {
  const scripts = (
    JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object }
  ).scripts;
  for (const [, name = ""] of readme.matchAll(/npm (?:run )?(start|test|check|storm|bench)\b/g)) {
    assert.ok(Object.hasOwn(scripts, name), name);
  }
});

test("the links of the README and of the documents lead somewhere", () => {
  for (const page of ["README.md", "ARCHITECTURE.md", "docs/security.md", "docs/keeper.md"]) {
    const text = readFileSync(join(root, page), "utf8");
    for (const [, target = ""] of text.matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      assert.doesNotThrow(
        () => readFileSyncOrFolder(join(root, page, "..", target)),
        `${page}: ${target}`,
      );
    }
  }
});

function readFileSyncOrFolder(path: string): void {
  try {
    readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EISDIR") throw error;
  }
}

function bash(
  command: string,
  environment: NodeJS.ProcessEnv,
): Promise<{ code: number | null; output: string }> {
  const { promise, resolve } = Promise.withResolvers<{ code: number | null; output: string }>();
  const child = spawn("bash", ["-c", command], {
    cwd: root,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (bytes: Buffer) => (output += bytes.toString()));
  child.stderr.on("data", (bytes: Buffer) => (output += bytes.toString()));
  child.on("close", (code) => resolve({ code, output }));
  return promise;
}
