// Strangers' code over our ledger: Go's sumdb packages, as Debian ships them, check what `publish` wrote; the transparency-dev project's
// library checks and makes cosignatures.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { toBase64 } from "#base/bytes";
import {
  cosignedAt,
  leafOf,
  newCover,
  newEntry,
  openCosigner,
  openLog,
  parseCosignerKey,
  parseNote,
} from "#ledger";
import { findProgram, requireOrSkip, requirePrograms } from "../require.ts";

const gopath = "/usr/share/gocode";
const sumdb = join(gopath, "src/golang.org/x/mod/sumdb/tlog");
const formats = join(gopath, "src/github.com/transparency-dev/formats/note");
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

/** Builds one of the Go programs beside this file with what Debian ships; its path. */
function build(name: string): string {
  const program = join(folder, name);
  const source = join(import.meta.dirname, name, "main.go");
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
  return program;
}

test("Go's checksum database code verifies a published ledger, and refuses each flipped byte", async (t) => {
  if (!requirePrograms(t, "go")) return;
  const reason = `golang-golang-x-mod-dev is not installed (${sumdb})`;
  if (!requireOrSkip(t, existsSync(sumdb), reason)) return;
  const program = build("ledger-go");
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

test("the transparency-dev project's library takes our witness's cosignature, and ours takes its", async (t) => {
  if (!requirePrograms(t, "go")) return;
  const reason = `golang-github-transparency-dev-formats-dev is not installed (${formats}); it is in Debian 13`;
  if (!requireOrSkip(t, existsSync(formats), reason)) return;
  const program = build("witness-go");
  const site = join(folder, "cosigned");
  await using log = await openLog(join(folder, "cosigned-log"), {
    origin: "log.example/ledger",
    signingSecret: Buffer.alloc(32, 5),
  });
  await log.append([leaf(1), leaf(2)]);
  await log.publish(site, [], covers);
  const note = log.published()?.note ?? Buffer.alloc(0);
  const [text = ""] = Buffer.from(note).toString().split("\n\n");

  const seed = Buffer.alloc(32, 7);
  const name = "witness.example/w1";
  const ours = openCosigner(name, "ed25519", seed);
  const key = parseCosignerKey(ours.verifierKey);
  assert.ok(key);
  const path = join(folder, "cosigned-checkpoint");
  await writeFile(
    path,
    Buffer.concat([note, Buffer.from(ours.cosign(`${text}\n`, 1_700_000_000))]),
  );
  const plain = (secret: Uint8Array): string => toBase64(Buffer.concat([Buffer.of(1), secret]));
  const vkey = `${name}+00000000+${plain(key.publicKey)}`;
  const check = (file: string) =>
    spawnSync(program, ["check", file, log.verifierKey, vkey], { encoding: "utf8" });
  const taken = check(path);
  assert.deepEqual([taken.stdout, taken.stderr], ["log.example/ledger 16 1700000000\n", ""]);
  await flip(path, 0.95);
  assert.equal(check(path).status, 1, "a flipped byte is refused");
  assert.equal(check(join(site, "checkpoint")).status, 1, "so is a checkpoint without it");

  const skey = `PRIVATE+KEY+${name}+00000000+${plain(seed)}`;
  const before = Math.floor(Date.now() / 1000);
  const theirs = spawnSync(program, ["cosign", join(site, "checkpoint"), skey], {
    encoding: "utf8",
  });
  assert.equal(theirs.status, 0, theirs.stderr);
  const cosigned = parseNote(Buffer.concat([note, Buffer.from(theirs.stdout)]));
  const at = cosigned === undefined ? "none" : cosignedAt(cosigned, key);
  assert.ok(typeof at === "number" && at >= before && at <= before + 60, String(at));
});
