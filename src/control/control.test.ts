import assert from "node:assert/strict";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { callControl, isServed, openControl, type Operations } from "#control";

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bailee-control-"));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

const operations: Operations = {
  count: (args, progress) => {
    for (let n = 1; n <= Number(args["to"]); n += 1) progress(`${n}`);
    return Promise.resolve({ ok: true, text: "counted", value: { to: Number(args["to"]) } });
  },
  break: () => Promise.reject(new Error("it broke")),
};

test("an operation's progress and answer come over the socket, which only its owner may open", async (t) => {
  const path = join(await folderOf(t), "control.sock");
  await using _control = await openControl(path, operations);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  const lines: string[] = [];
  const answer = await callControl(path, { operation: "count", args: { to: 3 } }, (line) =>
    lines.push(line),
  );
  assert.deepEqual(answer, { ok: true, text: "counted", value: { to: 3 } });
  assert.deepEqual(lines, ["1", "2", "3"]);
  assert.equal((await callControl(path, { operation: "toString", args: {} }, () => {})).ok, false);
  const broken = await callControl(path, { operation: "break", args: {} }, () => {});
  assert.match(broken.text, /it broke/);
});

test("a second server on one data folder is refused, and a dead one's socket is not in the way", async (t) => {
  const path = join(await folderOf(t), "control.sock");
  await writeFile(path, "");
  assert.equal(await isServed(path), false);
  await using _first = await openControl(path, operations);
  await assert.rejects(openControl(path, operations), /another Bailee/);
});
