// swaks, the mail administrator's tool, against the three roles: plain, STARTTLS, implicit TLS, AUTH, LMTP, refusals.
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { test, type TestContext } from "node:test";
import { requireOrSkip, requirePrograms } from "../require.ts";
import { openSmtpHouse, selfSigned, type SmtpHouse } from "../smtp.ts";

interface Ran {
  readonly code: number;
  readonly said: string;
}

function swaks(house: SmtpHouse, ...options: readonly string[]): Promise<Ran> {
  const server = ["--server", "127.0.0.1", "--port", String(house.port), "--helo", "far.example"];
  return new Promise((resolve) => {
    execFile("swaks", [...server, ...options], { timeout: 20_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, said: stdout + stderr });
    });
  });
}

const to = (address: string) => ["--from", "a@far.example", "--to", address];
const ready = (t: TestContext) => requirePrograms(t, "swaks");

function readyForTls(t: TestContext): boolean {
  if (!requirePrograms(t, "swaks", "openssl", "perl")) return false;
  const { status } = spawnSync("perl", ["-MNet::SSLeay", "-e", "1"]);
  return requireOrSkip(
    t,
    status === 0,
    "not installed: libnet-ssleay-perl, which swaks needs for TLS",
  );
}

test("swaks sends to the MX, line by line and pipelined", async (t) => {
  if (!ready(t)) return;
  const house = await openSmtpHouse(t, "mx");
  for (const options of [[], ["--pipeline"]]) {
    const { code, said } = await swaks(house, ...to("ada@bailee.example"), ...options);
    assert.equal(code, 0, said);
  }
  assert.equal(house.stored.length, 2);
  assert.ok(house.stored.every(({ raw }) => raw.includes("This is a test mailing")));
});

test("swaks sends to the MX under STARTTLS", async (t) => {
  if (!readyForTls(t)) return;
  const house = await openSmtpHouse(t, "mx", { tls: await selfSigned(t) });
  const { code, said } = await swaks(house, ...to("ada@bailee.example"), "-tls", "--pipeline");
  assert.equal(code, 0, said);
  assert.match(Buffer.from(house.stored[0]?.envelope.prefix ?? []).toString(), /with ESMTPS id/);
});

test("swaks hears the right codes: unknown address, relaying, too large", async (t) => {
  if (!ready(t)) return;
  const house = await openSmtpHouse(t, "mx");
  const unknown = await swaks(house, ...to("nobody@bailee.example"));
  assert.match(unknown.said, /<\*\* 550 5\.1\.1 /);
  const relay = await swaks(house, ...to("someone@elsewhere.example"));
  assert.match(relay.said, /<\*\* 550 5\.7\.1 /);
  const large = await swaks(house, ...to("ada@bailee.example"), "--body", "x".repeat(110_000));
  assert.match(large.said, /<\*\* 552 5\.3\.4 /);
  assert.equal(house.stored.length, 0);
});

const own = ["--from", "ada@bailee.example", "--to", "friend@far.example"];
const auth = (kind: string) => [
  "--auth",
  kind,
  "--auth-user",
  "ada@bailee.example",
  "--auth-password",
  "right",
];

test("swaks signs in by PLAIN and LOGIN and sends as itself only", async (t) => {
  if (!ready(t)) return;
  const house = await openSmtpHouse(t, "submission");
  for (const kind of ["PLAIN", "LOGIN"]) {
    const { code, said } = await swaks(house, ...own, ...auth(kind));
    assert.equal(code, 0, said);
  }
  assert.equal(house.queued.length, 2);
  assert.match((await swaks(house, ...own)).said, /<\*\* 530 5\.7\.0 /);
  const others = ["--from", "eve@bailee.example", "--to", "friend@far.example"];
  const refused = await swaks(house, ...others, ...auth("PLAIN"));
  assert.match(refused.said, /<\*\* 550 5\.7\.1 sender is not yours/);
});

test("swaks signs in under STARTTLS and implicit TLS, and is not asked for a password in the clear", async (t) => {
  if (!readyForTls(t)) return;
  const more = { tls: await selfSigned(t), allowPlaintextAuth: false };
  const submission = await openSmtpHouse(t, "submission", more);
  const implicit = await openSmtpHouse(t, "submission", { ...more, implicitTls: true });
  assert.equal((await swaks(submission, ...own, "-tls", ...auth("PLAIN"))).code, 0);
  assert.equal((await swaks(implicit, ...own, "--tls-on-connect", ...auth("LOGIN"))).code, 0);
  assert.equal(submission.queued.length + implicit.queued.length, 2);
  assert.notEqual((await swaks(submission, ...own, ...auth("PLAIN"))).code, 0);
});

test("swaks speaks LMTP", async (t) => {
  if (!ready(t)) return;
  const house = await openSmtpHouse(t, "lmtp");
  const { code, said } = await swaks(house, ...to("ada@bailee.example"), "--protocol", "LMTP");
  assert.equal(code, 0, said);
  assert.equal(house.stored.length, 1);
});
