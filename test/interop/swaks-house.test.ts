// swaks and Postfix's smtp-source against the whole house: what they are told is accepted is then in the mailbox, and nothing else.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { addClient, type TestClient } from "../client.ts";
import { type House, type PortName, type Ran, runProgram, startHouse } from "../house.ts";
import { findProgram, requireOrSkip, requirePrograms } from "../require.ts";

function swaks(house: House, port: PortName, ...options: readonly string[]): Promise<Ran> {
  const server = ["--server", "127.0.0.1", "--port", String(house.ports[port])];
  return runProgram("swaks", [...server, "--helo", "far.example", ...options]);
}

function requireSwaks(t: TestContext): boolean {
  if (!requirePrograms(t, "swaks", "perl")) return false;
  const { status } = spawnSync("perl", ["-MNet::SSLeay", "-e", "1"]);
  const missing = "not installed: libnet-ssleay-perl, which swaks needs for TLS";
  return requireOrSkip(t, status === 0, missing);
}

const from = (address: string): string[] => ["--from", address];
const to = (...addresses: readonly string[]): string[] => ["--to", addresses.join(",")];
const about = (subject: string): string[] => ["--h-Subject", subject];
const signedIn = ({ address, password }: TestClient, kind = "PLAIN"): string[] => [
  "--auth",
  kind,
  "--auth-user",
  address,
  "--auth-password",
  password,
];

test("swaks hands in letters by every door, and each is in the mailbox at once", async (t) => {
  if (!requireSwaks(t)) return;
  const house = await startHouse(t);
  const ada = await addClient(house, "ada");
  const bob = await addClient(house, "bob");
  const own = [...from(ada.address), ...to(bob.address)];
  const foreign = [...from("friend@example.org"), ...to(bob.address)];
  const doors: [subject: string, PortName, trace: RegExp, options: string[]][] = [
    ["mx", "SMTP", /with ESMTP id/, foreign],
    ["mx-pipelined", "SMTP", /with ESMTP id/, [...foreign, "--pipeline"]],
    ["mx-starttls", "SMTP", /with ESMTPS id/, [...foreign, "-tls"]],
    ["lmtp", "LMTP", /with LMTP id/, [...foreign, "--protocol", "LMTP"]],
    ["starttls", "SUBMISSION", /with ESMTPSA id/, [...own, "-tls", ...signedIn(ada)]],
    ["login", "SUBMISSION", /with ESMTPSA id/, [...own, "-tls", ...signedIn(ada, "LOGIN")]],
    ["tls", "SUBMISSIONS", /with ESMTPSA id/, [...own, "--tls-on-connect", ...signedIn(ada)]],
  ];
  for (const [index, [subject, port, trace, options]] of doors.entries()) {
    const ran = await swaks(house, port, ...options, ...about(subject));
    assert.equal(ran.code, 0, ran.stdout + ran.stderr);
    const letters = await bob.letters("INBOX");
    assert.equal(letters.length, index + 1, `${subject} is there when swaks has ended`);
    const text = letters.at(-1)?.toString() ?? "";
    assert.ok(text.includes(`\r\nSubject: ${subject}\r\n`) && text.includes("This is a test mail"));
    assert.match(text, trace);
  }
  const ran = await swaks(
    house,
    "LMTP",
    ...from(""),
    ...to(ada.address, bob.address),
    "--protocol",
    "LMTP",
  );
  assert.equal(ran.code, 0, ran.stdout);
  assert.equal((await bob.letters("INBOX")).length, doors.length + 1);
  assert.equal((await ada.letters("INBOX")).length, 1);
});

test("swaks is refused with the right codes, and nothing of it is kept", async (t) => {
  if (!requireSwaks(t)) return;
  const house = await startHouse(t);
  const ada = await addClient(house, "ada");
  const bob = await addClient(house, "bob");
  // swaks marks a reply that it did not hope for by "<**", under TLS by "<~*".
  const refused = async (reply: string, port: PortName, ...options: string[]): Promise<void> => {
    const ran = await swaks(house, port, ...options);
    assert.notEqual(ran.code, 0);
    const marked = ran.stdout.split("\n").find((line) => /^<[*~]\* /.test(line));
    assert.equal(marked?.slice(4, 4 + reply.length), reply, ran.stdout.slice(0, 4000));
  };
  const friend = from("friend@example.org");
  const nobody = to("nobody@bailee.localhost");
  const own = [...from(ada.address), ...to(bob.address)];
  await refused("530 5.7.0 ", "SUBMISSION", ...own);
  await refused("530 5.7.0 ", "SUBMISSION", "-tls", ...own);
  const signed = ["-tls", ...signedIn(ada)];
  for (const sender of [from(bob.address), friend, from("nobody@bailee.localhost")])
    await refused("550 5.7.1 ", "SUBMISSION", ...signed, ...sender, ...to(bob.address));
  await refused("550 5.1.1 ", "SUBMISSION", ...signed, ...from(ada.address), ...nobody);
  await refused("550 5.1.1 ", "SMTP", ...friend, ...nobody);
  await refused("550 5.1.1 ", "LMTP", ...friend, ...nobody, "--protocol", "LMTP");
  await refused("550 5.7.1 ", "SMTP", ...friend, ...to("someone@example.net"));
  const wrong = signedIn({ ...ada, password: "not the password" });
  await refused("535 5.7.8 ", "SUBMISSIONS", "--tls-on-connect", ...wrong, ...own);
  const folder = await mkdtemp(join(tmpdir(), "bailee-large-"));
  t.after(() => rm(folder, { recursive: true }));
  const line = `${"x".repeat(70)}\n`;
  await writeFile(join(folder, "large"), `Subject: large\n\n${line.repeat(400_000)}`);
  const large = ["--data", `@${join(folder, "large")}`];
  await refused("552 5.3.4 ", "SMTP", ...friend, ...to(bob.address), ...large);
  assert.deepEqual([await ada.letters("INBOX"), await bob.letters("INBOX")], [[], []]);
});

test("Postfix's smtp-source sends 500 letters in 20 sessions, and all are in the mailbox, each once", async (t) => {
  if (!requirePrograms(t, "smtp-source")) return;
  const house = await startHouse(t);
  const ada = await addClient(house, "ada");
  const load = ["-l", "4000", "-f", "load@example.org", "-t", ada.address];
  for (const [port, sessions, count, lmtp] of [
    ["SMTP", 20, 500, []],
    ["LMTP", 10, 100, ["-L"]],
  ] as const) {
    const before = (await ada.letters("INBOX")).length;
    const began = performance.now();
    const ran = await runProgram(findProgram("smtp-source") ?? "", [
      ...lmtp,
      ...load,
      "-s",
      `${sessions}`,
      "-m",
      `${count}`,
      `inet:127.0.0.1:${house.ports[port]}`,
    ]);
    const seconds = (performance.now() - began) / 1000;
    assert.equal(ran.code, 0, ran.stdout + ran.stderr);
    t.diagnostic(
      `${port}: ${count} in ${sessions} sessions, ${(count / seconds).toFixed(0)} per second`,
    );
    const letters = (await ada.letters("INBOX")).slice(before);
    const ids = letters.map((each) => /^Message-Id: (.*)\r$/im.exec(each.toString())?.[1]);
    assert.equal(letters.length, count);
    assert.equal(new Set(ids).size, count);
  }
});
