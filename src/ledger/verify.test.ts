import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assert as always, asyncProperty, integer, nat } from "fast-check";
import { fromUtf8 } from "#base/bytes";
import {
  type Entry,
  formatRemembered,
  formatReport,
  leafOf,
  newCover,
  newEntry,
  openLog,
  openPart,
  parseOpening,
  parseRemembered,
  type Verdict,
  verifyLog,
} from "#ledger";

type Site = ReadonlyMap<string, Uint8Array>;

const settings = { origin: "log.example/ledger", signingSecret: Buffer.alloc(32, 9) };
const sites: { early: Site; late: Site; forked: Site } = {
  early: new Map(),
  late: new Map(),
  forked: new Map(),
};
let verifierKey = "";
let folder = "";

// Two trees of one log, 288 and 560 leaves: with older partial tiles, full ones and two levels. And a third that forks from it.
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "bailee-verify-"));
  const out = join(folder, "site");
  await using log = await openLog(join(folder, "log"), settings);
  verifierKey = log.verifierKey;
  const entries = Array.from({ length: 270 }, (_, n) => entry(n));
  const covers: Entry[] = [];
  const cover = (count: number) => {
    const made = Array.from({ length: count }, () => newCover());
    covers.push(...made);
    return made.map((entry) => leafOf(entry));
  };
  await log.append(entries.map((entry) => leafOf(entry)));
  const openings = entries.slice(0, 40).map((entry, index) => openPart(entry, "public", index));
  await log.publish(out, openings, cover);
  sites.early = load(out);
  await cp(join(folder, "log"), join(folder, "fork"), { recursive: true });
  await cp(out, join(folder, "forked"), { recursive: true });
  await log.append(Array.from({ length: 260 }, (_, n) => leafOf(entry(n))));
  await log.publish(out, [], cover);
  await log.append([leafOf(entry(1))]);
  // Two covers filled the first tree up, the next twelve the second.
  const places = [270, 271, 532, 533, 534];
  const first = covers.slice(0, 5).map((entry, at) => openPart(entry, "public", places[at] ?? 0));
  const whole = entries[3];
  assert.ok(whole);
  await log.publish(out, [...first.reverse(), openPart(whole, "case", 3)], cover);
  sites.late = load(out);
  await using fork = await openLog(join(folder, "fork"), settings);
  await fork.append(Array.from({ length: 290 }, (_, n) => leafOf(entry(n))));
  await fork.publish(join(folder, "forked"), [], cover);
  sites.forked = load(join(folder, "forked"));
});

after(() => rm(folder, { recursive: true, force: true }));

function entry(n: number): Entry {
  const ground = ["E1", "E2", "A"][n % 3] ?? "";
  return newEntry({
    public: { type: n % 2 === 0 ? "look" : "order", ground },
    client: { n },
    case: {},
  });
}

function load(path: string): Site {
  return new Map(
    globSync("**/*", { cwd: path, withFileTypes: true })
      .filter((file) => file.isFile())
      .map((file) => join(file.parentPath, file.name))
      .map((file) => [file.slice(path.length + 1), readFileSync(file)]),
  );
}

function verify(site: Site, more: Partial<Parameters<typeof verifyLog>[0]> = {}): Promise<Verdict> {
  return verifyLog({ read: async (path) => site.get(path), verifierKey, settleMs: 0, ...more });
}

function bend(site: Site, file: string, at: number, bit: number): Site {
  const bytes = Buffer.from(site.get(file) ?? "");
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
  return new Map(site).set(file, bytes);
}

/** Where a byte stands, as a finding names it. */
function placeOf(site: Site, file: string, at: number): { index?: number; line?: number } {
  const [, level, group = "0"] = /^tile\/(\w+)\/(\d+)/.exec(file) ?? [];
  if (level !== undefined) {
    return { index: Number(group) * 256 + Math.floor(at / (level === "entries" ? 58 : 32)) };
  }
  if (!file.startsWith("openings/")) return {};
  const text = Buffer.from(site.get(file) ?? "").subarray(0, at);
  return { line: text.toString("latin1").split("\n").length };
}

test("a published log verifies, and every leaf is accounted for", async () => {
  const verdict = await verify(sites.late);
  assert.deepEqual(verdict.findings, []);
  assert.ok(verdict.ok);
  assert.equal(verdict.size, 560);
  assert.deepEqual([verdict.opened, verdict.covers, verdict.closed], [40, 5, 515]);
  assert.equal(verdict.key, "given");
  assert.deepEqual(verdict.report.types, { look: 20, order: 20 });
  assert.deepEqual(Buffer.from(formatReport(verdict.report)), sites.late.get("report.json"));
});

test("the site has the files that tlog-tiles asks for and no partial tile of a full one", () => {
  assert.deepEqual([...sites.late.keys()].toSorted(), [
    "checkpoint",
    "openings/000.jsonl",
    "openings/001.jsonl",
    "openings/002.jsonl",
    "report.json",
    "tile/0/000",
    "tile/0/001",
    "tile/0/002.p/32",
    "tile/0/002.p/48",
    "tile/1/000.p/1",
    "tile/1/000.p/2",
    "tile/entries/000",
    "tile/entries/001",
    "tile/entries/002.p/32",
    "tile/entries/002.p/48",
    "vkey",
  ]);
});

test("any flipped bit in anything published is found and named by file and place, and nothing else is blamed", async () => {
  const files = [...sites.late.keys()];
  await always(
    asyncProperty(
      nat(files.length - 1),
      nat(),
      integer({ min: 0, max: 7 }),
      async (which, n, bit) => {
        const file = files[which] ?? "";
        const at = n % (sites.late.get(file)?.byteLength ?? 1);
        for (const key of [verifierKey, undefined]) {
          const bent = bend(sites.late, file, at, bit);
          const { ok, findings } = await verify(bent, { verifierKey: key });
          assert.ok(!ok, `${file} byte ${at} bit ${bit}`);
          assert.deepEqual([...new Set(findings.map((finding) => finding.file))], [file]);
          const { index, line } = placeOf(sites.late, file, at);
          if (index !== undefined)
            assert.deepEqual(
              findings.map((finding) => finding.index),
              [index],
            );
          if (line !== undefined) assert.ok(findings.some((finding) => finding.line === line));
        }
      },
    ),
    { numRuns: 250 },
  );
});

test("every single bit of the checkpoint, the key and the last openings counts", async () => {
  // The smallest tree there is, so that every bit can be had.
  await using log = await openLog(join(folder, "small"), settings);
  const out = join(folder, "small-site");
  const kept = entry(1);
  await log.append([leafOf(kept)]);
  await log.publish(out, [openPart(kept, "public", 0)], (count) =>
    Array.from({ length: count }, () => leafOf(newCover())),
  );
  const small = load(out);
  assert.ok((await verify(small)).ok);
  for (const file of ["checkpoint", "vkey", "openings/000.jsonl", "report.json"]) {
    const length = small.get(file)?.byteLength ?? 0;
    assert.ok(length > 0);
    // Of the report, the longest of them, one bit of each byte.
    const step = file === "report.json" ? 9 : 1;
    for (let at = 0; at < length * 8; at += step) {
      const { findings } = await verify(bend(small, file, Math.floor(at / 8), at % 8));
      assert.equal(findings[0]?.file, file, `bit ${at} of ${file}`);
    }
  }
});

test("any file that is missing, cut or longer is found and named", async () => {
  const older = /\.p\/32$|tile\/1\/000\.p\/1$/;
  for (const [file, bytes] of sites.late) {
    const without = new Map(sites.late);
    without.delete(file);
    const { ok, findings } = await verify(without);
    // An old partial tile may go, and a given key needs no copy of it.
    if (older.test(file) || file === "vkey") assert.ok(ok, file);
    // A closed leaf has no opening; but the report counted those that are gone.
    else if (file.startsWith("openings/"))
      assert.deepEqual(
        findings.map(({ kind }) => kind),
        ["wrong-report"],
      );
    else
      assert.ok(
        findings.some((finding) => finding.file === file),
        file,
      );
    for (const other of [bytes.subarray(0, -1), Buffer.concat([bytes, Buffer.of(10)])]) {
      const verdict = await verify(new Map(sites.late).set(file, other));
      assert.deepEqual([...new Set(verdict.findings.map((finding) => finding.file))], [file]);
    }
  }
});

test("what is remembered shows a fork, a log set back, and openings withdrawn", async () => {
  const { remembered } = await verify(sites.early);
  assert.ok(remembered);
  assert.deepEqual(parseRemembered(formatRemembered(remembered)), remembered);
  assert.ok((await verify(sites.late, { remembered })).ok);
  assert.ok((await verify(sites.forked, { remembered })).ok, "the fork begins after it");
  const late = (await verify(sites.late)).remembered;
  assert.ok(late);
  const kinds = async (site: Site) =>
    (await verify(site, { remembered: late })).findings.map(({ kind, file }) => `${kind} ${file}`);
  assert.deepEqual(await kinds(sites.early), ["shrunk checkpoint"]);
  assert.deepEqual(await kinds(sites.forked), [
    "forked checkpoint",
    "withdrawn openings/000.jsonl",
    "withdrawn openings/001.jsonl",
    "withdrawn openings/002.jsonl",
  ]);
  const without = new Map(sites.late);
  without.delete("openings/001.jsonl");
  assert.deepEqual(await kinds(without), ["withdrawn openings/001.jsonl"]);
  const [known, ...more] = Buffer.from(sites.early.get("openings/000.jsonl") ?? "")
    .toString()
    .split("\n")
    .slice(0, -1);
  assert.ok(known !== undefined && more.length > 0);
  const swapped = Buffer.from(sites.late.get("openings/000.jsonl") ?? "").toString();
  const masked = new Map(sites.late).set(
    "openings/000.jsonl",
    fromUtf8(swapped.replace(`${known}\n`, "")),
  );
  assert.ok(swapped.split("\n").length - 1 > more.length + 1, "more was opened than is taken back");
  const { findings } = await verify(masked, { remembered });
  assert.deepEqual(
    findings.filter(({ kind }) => kind === "withdrawn").map(({ index }) => index),
    [parseOpening(fromUtf8(known))?.index],
    "as many or more are open as before, and one of those is not",
  );
  const bad = await verify(sites.early, { remembered: late });
  assert.equal(bad.remembered, late, "a log that is wrong does not replace what was remembered");
});

test("a log that is published while it is read verifies all the same", async () => {
  let reads = 0;
  const verdict = await verifyLog({
    verifierKey,
    settleMs: 0,
    read: async (path) => (reads++ < 3 ? sites.early : sites.late).get(path),
  });
  assert.deepEqual(verdict.findings, []);
  assert.ok(verdict.ok);
});

test("a verifier that takes the key from the log says that it proves less", async () => {
  const verdict = await verify(sites.late, { verifierKey: undefined });
  assert.ok(verdict.ok);
  assert.equal(verdict.key, "from-the-log");
  assert.match(verdict.caveats.join(" "), /whose log it is was not checked/);
});

test("a log signed by another key, or of another name, does not verify", async () => {
  const kinds = async (origin: string, seed: number) => {
    await using log = await openLog(await mkdtemp(join(folder, "other-")), {
      origin,
      signingSecret: Buffer.alloc(32, seed),
    });
    const { findings } = await verify(sites.late, { verifierKey: log.verifierKey });
    return findings.map(({ kind, file }) => `${kind} ${file}`);
  };
  assert.deepEqual(await kinds(settings.origin, 10), ["other-key vkey", "other-key checkpoint"]);
  assert.deepEqual(await kinds("log.example/other", 9), ["other-key vkey", "other-key checkpoint"]);
  const { findings } = await verify(sites.late, { verifierKey: "no key" });
  assert.deepEqual(
    findings.map(({ kind }) => kind),
    ["malformed"],
  );
});

test("openings moved to another index, swapped, repeated or from another entry are found", async () => {
  const file = "openings/000.jsonl";
  const lines = Buffer.from(sites.late.get(file) ?? "")
    .toString()
    .split("\n")
    .slice(0, -1);
  const [first = "", second = ""] = lines;
  const bent = [
    [second, first, ...lines.slice(2)],
    [first, first, ...lines.slice(1)],
    [first.replace('"index":0', '"index":1'), ...lines.slice(2)],
    [...lines, first.replace('"index":0', '"index":300')],
    [first.replace('"E1"', '"E2"'), ...lines.slice(1)],
    [first.replace('{"case"', '{ "case"'), ...lines.slice(1)],
  ];
  for (const lines of bent) {
    const { findings } = await verify(
      new Map(sites.late).set(file, fromUtf8(`${lines.join("\n")}\n`)),
    );
    assert.equal(findings[0]?.file, file, lines.join("\n"));
  }
});

test("a leaf that stays closed for longer than any may is named, as soon as what follows it tells its age", async () => {
  await using log = await openLog(join(folder, "overdue"), settings);
  const out = join(folder, "overdue-site");
  const days = ["2025-01-01", "2025-01-01", "2025-01-02", "2026-02-09", "2026-02-10"];
  const entries = days.map((day) =>
    newEntry({ public: { type: "look", day }, client: {}, case: {} }),
  );
  await log.append(entries.map((entry) => leafOf(entry)));
  const covers = (count: number) => Array.from({ length: count }, () => leafOf(newCover()));
  const opened = (...indexes: readonly number[]) =>
    indexes.map((index) => openPart(entries[index] ?? entry(0), "public", index));
  await log.publish(out, opened(0, 2, 3), covers);
  assert.ok((await verify(load(out))).ok, "403 days are not too long");
  await log.publish(out, opened(4), covers);
  const { findings } = await verify(load(out));
  assert.deepEqual(
    findings.map(({ kind, file, index }) => [kind, file, index]),
    [["overdue", "openings/000.jsonl", 1]],
  );
  await log.publish(out, opened(1), covers);
  assert.ok((await verify(load(out))).ok);
});
