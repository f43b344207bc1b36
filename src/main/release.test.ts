// The commit that runs is read from a clone's files in each form that git writes them.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { readRelease } from "./release.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";

test("the commit is read from a branch, a packed branch or a bare HEAD, and is unknown without a clone", async (t) => {
  const cases: readonly [files: { readonly [path: string]: string }, found: string | undefined][] =
    [
      [{}, undefined],
      [{ ".git/HEAD": `${commit}\n` }, commit],
      [{ ".git/HEAD": "ref: refs/heads/main\n", ".git/refs/heads/main": `${commit}\n` }, commit],
      [
        {
          ".git/HEAD": "ref: refs/heads/a/b\n",
          ".git/packed-refs": `# pack-refs with: peeled\n${commit} refs/heads/a/b\n`,
        },
        commit,
      ],
      [{ ".git/HEAD": "ref: refs/heads/none\n" }, undefined],
      [{ ".git/HEAD": "ref: refs/heads/main\n", ".git/refs/heads/main": "<b>\n" }, undefined],
    ];
  for (const [files, found] of cases) {
    const root = await mkdtemp(join(tmpdir(), "bailee-release-"));
    t.after(() => rm(root, { recursive: true }));
    for (const [path, text] of Object.entries({
      "package.json": '{"version":"1.2.3"}',
      ...files,
    })) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    }
    assert.deepEqual(readRelease(root), { version: "1.2.3", commit: found });
  }
});
