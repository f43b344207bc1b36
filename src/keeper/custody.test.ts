import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { copyFile, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { findProgram, requireOrSkip, requirePrograms } from "../../test/require.ts";
import { changePassphrase, changeToToken, recoverRoot, shareRoot } from "./custody.ts";
import { enrolClient, newWorld, type World } from "./testing/world.ts";

/** A house with a client, closed. */
async function closedHouse(t: TestContext) {
  const world = await newWorld(t);
  await using keeper = await world.open();
  await enrolClient(keeper);
  return { world, folder: world.place.folder, key: (await keeper.hello()).logVerifierKey };
}

async function opens(world: World, key: string): Promise<void> {
  await using keeper = await world.open();
  assert.equal((await keeper.hello()).logVerifierKey, key);
  await enrolClient(keeper);
}

const passphraseOf = (folder: string): string =>
  readFileSync(join(folder, "passphrase"), "utf8").trim();

test("a lost passphrase: two of three shares give the root back under a new one, one or a stranger's do not", async (t) => {
  const { world, folder, key } = await closedHouse(t);
  const stranger = await closedHouse(t);
  const { lines, mark } = await shareRoot(folder, 2, 3);
  const other = await shareRoot(stranger.folder, 2, 3);
  const lost = passphraseOf(folder);
  await rm(join(folder, "passphrase"));
  await assert.rejects(world.open(), /passphrase file is missing/);
  const root = readFileSync(join(folder, "root"));
  const [first = "", , third = ""] = lines;
  for (const [given, why] of [
    [[first], /it takes 2 different shares/],
    [other.lines, /another root key than this folder's/],
    [[first, other.lines[1] ?? ""], /not all of one root key/],
  ] as const) {
    const refused = await recoverRoot(folder, given);
    assert.match(refused.ok ? "" : refused.why, why);
    assert.deepEqual(readFileSync(join(folder, "root")), root, "nothing is touched");
  }
  const recovered = await recoverRoot(folder, [third, first]);
  assert.deepEqual(recovered, { ok: true, value: { mark, generation: 1 } });
  assert.notEqual(passphraseOf(folder), lost);
  await opens(world, key);
});

test("shares from before a rotation open nothing, and who asks for shares that make no sense is told so", async (t) => {
  const { world, folder } = await closedHouse(t);
  const { lines } = await shareRoot(folder, 2, 2);
  {
    await using keeper = await world.open();
    await keeper.rotateRoot();
    await assert.rejects(shareRoot(folder, 2, 2), /the keeper runs/);
    await assert.rejects(changePassphrase(folder), /the keeper runs/);
    await assert.rejects(recoverRoot(folder, lines), /the keeper runs/);
  }
  const refused = await recoverRoot(folder, lines);
  assert.match(refused.ok ? "" : refused.why, /from before a rotation/);
  await assert.rejects(shareRoot(folder, 1, 2), RangeError);
  await assert.rejects(shareRoot(folder, 3, 2), RangeError);
  await assert.rejects(shareRoot(folder, 2, 33), RangeError);
  await assert.rejects(shareRoot(join(folder, "elsewhere"), 2, 2), /no keeper's folder/);
});

test("a changed passphrase opens, the old one does not, and a change that was cut short anywhere still opens", async (t) => {
  const { world, folder, key } = await closedHouse(t);
  const file = (name: string): string => join(folder, name);
  await copyFile(file("passphrase"), file("was"));
  await changePassphrase(folder);
  assert.notEqual(passphraseOf(folder), readFileSync(file("was"), "utf8").trim());
  await opens(world, key);
  // Cut short after the root was put under the new one: that stands in passphrase.next still.
  await rename(file("passphrase"), file("passphrase.next"));
  await copyFile(file("was"), file("passphrase"));
  await opens(world, key);
  assert.ok(!existsSync(file("passphrase.next")));
  await opens(world, key);
  // Cut short before that: what stands in passphrase.next opens nothing, and does no harm.
  await writeFile(file("passphrase.next"), "of a change that never came\n");
  await opens(world, key);
  await copyFile(file("was"), file("passphrase"));
  await assert.rejects(world.open(), /the keeper's passphrase does not open/);
});

test("a token that speaks PKCS #11 guards the root: no passphrase is left, its PIN is in no argument, and shares outlive it", async (t) => {
  if (!requirePrograms(t, "softhsm2-util", "pkcs11-tool")) return;
  const module = "/usr/lib/softhsm/libsofthsm2.so";
  if (!requireOrSkip(t, existsSync(module), `no SoftHSM at ${module}`)) return;
  const { world, folder, key } = await closedHouse(t);
  const place = join(dirname(folder), "token");
  await mkdir(join(place, "tokens"), { recursive: true });
  const settings = join(place, "softhsm2.conf");
  await writeFile(settings, `directories.tokendir = ${join(place, "tokens")}\n`);
  await writeFile(join(place, "pin"), "271828\n", { mode: 0o600 });
  const run = promisify(execFile);
  const env = { ...process.env, SOFTHSM2_CONF: settings };
  const label = ["--token-label", "house"];
  await run(
    findProgram("softhsm2-util") ?? "",
    ["--init-token", "--free", "--label", "house", "--pin", "271828", "--so-pin", "314159"],
    { env },
  );
  const tool = findProgram("pkcs11-tool") ?? "";
  const newPair = (id: string, ...more: string[]) =>
    run(
      tool,
      ["--module", module, ...label, "--login", "--pin", "271828", "--keypairgen"].concat(
        ["--key-type", "rsa:2048", "--id", id, "--label", `bailee ${id}`],
        more,
      ),
      { env },
    );
  await newPair("0a", "--usage-decrypt");
  const environment = [`SOFTHSM2_CONF=${settings}`];
  const token = { module, id: "0a", pin: join(place, "pin"), tool, environment };
  const before = readFileSync(join(folder, "root"));
  await assert.rejects(changeToToken(folder, { ...token, id: "0b" }), /the token does not answer/);
  await assert.rejects(changeToToken(folder, { ...token, pin: settings }), /the token/);
  assert.deepEqual(
    readFileSync(join(folder, "root")),
    before,
    "a token that does not open is not taken",
  );
  const { lines } = await shareRoot(folder, 2, 2);
  await changeToToken(folder, token);
  assert.ok(!existsSync(join(folder, "passphrase")));
  await opens(world, key);
  {
    await using keeper = await world.open();
    assert.equal((await keeper.rotateRoot()).generation, 2, "rotation asks the token as well");
  }
  await opens(world, key);
  assert.ok(!existsSync(join(folder, "passphrase")), "no start makes one");
  const later = await shareRoot(folder, 2, 2);
  await rename(join(place, "tokens"), join(place, "gone"));
  await assert.rejects(world.open(), /the token does not answer/);
  assert.equal((await recoverRoot(folder, lines)).ok, false, "those were of the first generation");
  assert.ok((await recoverRoot(folder, later.lines)).ok);
  await opens(world, key);
});
