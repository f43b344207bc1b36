// The queue against Postfix: delivered after it was down, refused for good, deferred; and Postfix's own load against us.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { MINUTE } from "#base/time";
import { openAuthority } from "../authority.ts";
import { startDns } from "../dns.ts";
import { openPeer } from "../peer.ts";
import { freePorts } from "../ports.ts";
import { requirePostfix, startPostfix } from "../postfix.ts";
import { letter, openQueueHouse, until } from "../queue.ts";
import { findProgram, requirePrograms } from "../require.ts";
import { openSmtpHouse } from "../smtp.ts";

test("a letter reaches Postfix once it is up; who it refuses comes back; who it defers waits", async (t) => {
  if (!requirePostfix(t)) return;
  const [port = 0] = await freePorts(1);
  const house = await openQueueHouse(t, { smarthost: { host: "127.0.0.1", port } });
  const raw = Buffer.from("Subject: dots\r\n\r\n.\r\n..\r\nmarker-for-postfix\r\n");
  const to = ["friend@far.example", "gone@far.example", "later@far.example"];
  await house.queue.enqueue({ ...letter(to), raw });
  await until(async () => (await house.queue.counts()).waiting === 3);
  const postfix = await startPostfix(t, port);
  await until(async () => {
    house.pass(10 * MINUTE);
    return (await postfix.mailbox()).includes("marker-for-postfix");
  });
  const mailbox = await postfix.mailbox();
  assert.match(mailbox, /\n\.\n\.\.\nmarker-for-postfix\n/, "dots are as they were");
  await until(() => house.local.some(({ text }) => text.includes("Action: failed")));
  const report = house.local.find(({ text }) => text.includes("Action: failed"))?.text ?? "";
  assert.match(
    report,
    /Final-Recipient: rfc822; gone@far\.example\r\nAction: failed\r\nStatus: 5\.1\.1/,
  );
  assert.ok(!report.includes("friend@far.example"));
  await until(async () => (await house.queue.counts()).waiting === 1);
  assert.equal(mailbox.match(/marker-for-postfix/g)?.length, 1, "once");
});

test("Postfix, known by DANE, takes a letter under TLS with all that its sender asked, and reports the delivery itself", async (t) => {
  if (!requirePostfix(t)) return;
  const authority = await openAuthority();
  const { key, cert, spki } = await authority.issue(["mx.far.example"]);
  const ours = await openPeer(t, { tls: { key, cert }, anyDomain: true });
  const [port = 0] = await freePorts(1);
  const postfix = await startPostfix(t, port, { tls: { key, cert }, handsOnTo: ours.port });
  const dns = await startDns(t, {
    "far.example": { mx: [{ preference: 1, exchange: "mx.far.example" }], secure: true },
    "mx.far.example": { a: ["127.0.0.1"], secure: true },
    [`_${port}._tcp.mx.far.example`]: {
      tlsa: [{ usage: 3, selector: 1, matching: 1, data: spki }],
      secure: true,
    },
  });
  const house = await openQueueHouse(t, { dns, mxPort: port });
  await house.queue.enqueue({
    ...letter([], {
      recipients: [
        {
          address: "friend@far.example",
          notify: ["success", "failure"],
          orcpt: "rfc822;First+2BName@old.example",
        },
      ],
    }),
    ret: "headers",
    envid: "QQ+2B7",
  });
  await until(() => ours.arrived.length === 1);
  assert.match(await postfix.mailbox(), /with ESMTPS[^]*marker-of-the-body/);
  const report = ours.arrived[0]?.raw ?? "";
  assert.match(report, /Original-Envelope-Id: QQ\+7/);
  assert.match(report, /Original-Recipient: rfc822;First\+Name@old\.example/);
  assert.match(report, /Action: delivered/);
  assert.match(report, /text\/rfc822-headers/);
  await until(async () => (await house.queue.counts()).items === 0);
  assert.equal(house.local.length, 0, "the duty to report was Postfix's");
  // In UTF-8 from the header on: announced as such, and as it was.
  const text = "Subject: Grüße\r\n\r\nschöne 8-Bit-Zeile\r\n";
  await house.queue.enqueue(letter(["friend@far.example"], { raw: Buffer.from(text) }));
  await until(async () => (await postfix.mailbox()).includes("8-Bit-Zeile"));
  assert.match(
    await postfix.mailbox(),
    /with UTF8SMTPS[^]*\nSubject: Grüße\n[^]*\n\nschöne 8-Bit-Zeile\n/,
  );
  // It knows no REQUIRETLS (RFC 8689 §4.2.1): the letter comes back, without its text.
  await house.queue.enqueue(letter(["friend@far.example"], { requireTls: true }));
  await until(() => house.local.length === 1);
  assert.match(house.local[0]?.text ?? "", /Action: failed\r\nStatus: 5\.7\.30\r\n/);
  assert.ok(!(house.local[0]?.text ?? "").includes("marker-of-the-body"));
});

test("Postfix's smtp-source gets every letter through, by SMTP and LMTP, over several connections", async (t) => {
  if (!requirePrograms(t, "smtp-source")) return;
  for (const role of ["mx", "lmtp"] as const) {
    const house = await openSmtpHouse(t, role);
    const options = ["-s", "5", "-m", "200", "-l", "4000", "-f", "a@far.example"];
    const target = ["-t", "ada@bailee.example", `inet:127.0.0.1:${house.port}`];
    const lmtp = role === "lmtp" ? ["-L"] : [];
    await promisify(execFile)(findProgram("smtp-source") ?? "", [...lmtp, ...options, ...target]);
    assert.equal(house.stored.length, 200);
    assert.ok(house.stored.every(({ raw }) => raw.byteLength >= 4000));
  }
});
