import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isTryingOut, readConfig } from "#config";

test("without any setting everything has its default, on loopback", () => {
  const read = readConfig({});
  assert.ok(read.ok);
  assert.equal(read.config.bind, "127.0.0.1");
  assert.equal(read.config.webPort, 8080);
  assert.equal(read.config.lmtpPort, 2024);
  assert.ok(isTryingOut(read.config));
});

test("all mistakes are reported at once, a name that we do not know among them", () => {
  const read = readConfig({
    BAILEE_WEB_PORT: "eighty",
    BAILEE_BIND: "localhost",
    BAILEE_DOMAIN: "Not A Domain",
    BAILEE_DATABASE_URL: "mysql://x",
    BAILEE_SMPT_PORT: "25",
  });
  assert.ok(!read.ok);
  assert.equal(read.mistakes.length, 5);
  assert.ok(read.mistakes.some((mistake) => mistake.includes("BAILEE_SMPT_PORT is no setting")));
});

test("the settings file is read, and the environment goes over it", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "bailee-settings-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "settings");
  await writeFile(
    file,
    "# ours\nBAILEE_DOMAIN=mail.example\nBAILEE_WEB_PORT=8443\nBAILEE_ROLES=web\n",
  );
  const read = readConfig({ BAILEE_SETTINGS: file, BAILEE_WEB_PORT: "9000" });
  assert.ok(read.ok);
  assert.equal(read.config.domain, "mail.example");
  assert.equal(read.config.webPort, 9000);
  await writeFile(file, "BAILEE_DOMIAN=mail.example\nnonsense\n");
  const wrong = readConfig({ BAILEE_SETTINGS: file });
  assert.ok(!wrong.ok);
  assert.equal(wrong.mistakes.length, 2);
});

test("another domain or another address than loopback is no trying out", () => {
  const tries = (settings: NodeJS.ProcessEnv): boolean => {
    const read = readConfig(settings);
    return read.ok && isTryingOut(read.config);
  };
  assert.equal(tries({ BAILEE_BIND: "127.0.0.2" }), true);
  assert.equal(tries({ BAILEE_BIND: "::1" }), true);
  assert.equal(tries({ BAILEE_BIND: "0.0.0.0" }), false);
  assert.equal(tries({ BAILEE_BIND: "::" }), false);
  assert.equal(tries({ BAILEE_DOMAIN: "mail.example" }), false);
});

test("a filter on another machine is refused: it would be a processor, and the policy names none", () => {
  const isTaken = (BAILEE_RSPAMD: string): boolean => readConfig({ BAILEE_RSPAMD }).ok;
  for (const own of [
    "http://localhost:11333",
    "http://127.0.0.1:11333",
    "http://10.1.2.3",
    "http://[::1]:1",
  ])
    assert.ok(isTaken(own), own);
  for (const other of [
    "http://192.0.2.7:11333",
    "https://rspamd.example",
    "http://[2001:db8::1]",
    "ftp://localhost",
    "x",
  ])
    assert.ok(!isTaken(other), other);
});
