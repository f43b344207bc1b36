// Strangers' code over our ledger: Go's sumdb packages, as Debian ships them, check what `publish` wrote.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { toBase64 } from "#base/bytes";
import { leafOf, newCover, newEntry, openLog } from "#ledger";
import { findProgram, requireOrSkip, requirePrograms } from "../require.ts";

const gopath = "/usr/share/gocode";
const sumdb = join(gopath, "src/golang.org/x/mod/sumdb/tlog");
const folder = await mkdtemp(join(tmpdir(), "bailee-ledger-go-"));
after(() => rm(folder, { recursive: true, force: true }));

const covers = (count: number) => Array.from({ length: count }, () => leafOf(newCover()));
const leaf = (n: number) => leafOf(newEntry({ public: { type: "note", n }, client: {}, case: {} }));

/** A log published at 288 and at 816 leaves, with a proof of every leaf. */
async function publishTwice(): Promise<{ site: string; more: string[]; verifierKey: string }> {
  const site = join(folder, "site");
  const earlier = join(folder, "earlier");
  const consistency = join(folder, "consistency");
  const proofs = join(folder, "proofs");
  await mkdir(proofs);
  await using log = await openLog(join(folder, "log"), {
    origin: "log.example/ledger",
    signingSecret: Buffer.alloc(32, 5),
  });
  await log.append(Array.from({ length: 280 }, (_, n) => leaf(n)));
  const first = await log.publish(site, [], covers);
  await cp(join(site, "checkpoint"), earlier);
  await log.append(Array.from({ length: 525 }, (_, n) => leaf(n)));
  const { size } = await log.publish(site, [], covers);
  assert.deepEqual([first.size, size], [288, 816]);
  await writeFile(
    consistency,
    log
      .consistencyProof(first.size, size)
      .map((hash) => `${toBase64(hash)}\n`)
      .join(""),
  );
  for (let index = 0; index < size; index += 1) {
    await writeFile(join(proofs, `${index}.tlog-proof`), log.tlogProof(index) ?? "");
  }
  return { site, more: [earlier, consistency, proofs], verifierKey: log.verifierKey };
}

async function flip(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  const place = Math.floor(bytes.byteLength * at);
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

test("Go's checksum database code verifies a published ledger, and refuses each flipped byte", async (t) => {
  if (!requirePrograms(t, "go")) return;
  const reason = `golang-golang-x-mod-dev is not installed (${sumdb})`;
  if (!requireOrSkip(t, existsSync(sumdb), reason)) return;
  const program = join(folder, "ledger-go");
  const source = join(import.meta.dirname, "ledger-go", "main.go");
  const built = spawnSync(findProgram("go") ?? "go", ["build", "-o", program, source], {
    encoding: "utf8",
    env: {
      PATH: process.env["PATH"],
      GO111MODULE: "off",
      GOPATH: gopath,
      GOFLAGS: "",
      GOCACHE: join(folder, "cache"),
    },
  });
  assert.equal(built.status, 0, built.stderr);
  const { site, more, verifierKey } = await publishTwice();
  const check = (...args: string[]) => spawnSync(program, args, { encoding: "utf8" });

  const good = check(verifierKey, site, ...more);
  assert.equal(good.status, 0, good.stderr);
  assert.match(good.stdout, /^816 leaves, /);

  for (const file of [
    "checkpoint",
    "tile/0/000",
    "tile/0/002",
    "tile/0/003.p/48",
    "tile/1/000.p/3",
    "tile/entries/001",
    "tile/entries/003.p/48",
  ]) {
    for (const at of [0, 0.4, 0.99]) {
      const bent = await mkdtemp(join(folder, "bent-"));
      await cp(site, bent, { recursive: true });
      await flip(join(bent, file), at);
      const bad = check(verifierKey, bent);
      assert.equal(bad.status, 1, `${file} at ${at}: ${bad.stdout}`);
      assert.notEqual(bad.stderr, "");
    }
  }
  const [earlier = "", consistency = "", proofs = ""] = more;
  for (const file of [earlier, consistency, join(proofs, "300.tlog-proof")]) {
    const whole = await readFile(file);
    await flip(file, 0.5);
    const bad = check(verifierKey, site, ...more);
    assert.equal(bad.status, 1, file);
    await writeFile(file, whole);
  }
  const other = `${verifierKey.slice(0, -2)}A=`;
  assert.equal(check(other, site).status, 1, "another key");
});
