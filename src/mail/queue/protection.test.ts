import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import { createServer, type Server } from "node:https";
import { test, type TestContext } from "node:test";
import * as fc from "fast-check";
import { DAY, HOUR, MINUTE } from "#base/time";
import { type Authority, openAuthority } from "../../../test/authority.ts";
import { startDns, type Zone } from "../../../test/dns.ts";
import { openPeer } from "../../../test/peer.ts";
import { letter, openQueueHouse, until } from "../../../test/queue.ts";
import type { TlsOutcome } from "./contract.ts";
import { isUsable, isVouchedFor } from "./dane.ts";
import { saysTlsOptional } from "./protection.ts";
import { isStsHost, parseStsPolicy, stsId } from "./sts.ts";

const policyText = (mode: string, mx: string, age = 86_400) =>
  `version: STSv1\r\nmode: ${mode}\r\nmx: ${mx}\r\nmax_age: ${age}\r\n`;

test("an MTA-STS record and policy are read as RFC 8461 has them, and anything else is none", () => {
  assert.equal(stsId(["v=STSv1; id=20160831085700Z;"]), "20160831085700Z");
  assert.equal(stsId(["v=spf1 -all", "v=STSv1;id=a1"]), "a1");
  assert.equal(stsId(["v=STSv1; id=a", "v=STSv1; id=b"]), undefined);
  assert.equal(stsId(["v=STSv1; id=not-allowed;"]), undefined);
  const policy = parseStsPolicy(
    "version: STSv1\nmode: enforce\nmx: mail.example.com\nmx: *.example.net\nunknown: x\nmax_age: 604800\n",
  );
  assert.deepEqual(policy?.mx, ["mail.example.com", "*.example.net"]);
  assert.equal(policy.maxAge, 604_800);
  assert.ok(isStsHost(policy, "MAIL.example.com."));
  assert.ok(isStsHost(policy, "a.example.net"));
  for (const other of ["example.net", "a.b.example.net", "mail.example.org", "xmail.example.com"])
    assert.ok(!isStsHost(policy, other), other);
  for (const wrong of [
    "",
    "version: STSv2\nmode: none\nmax_age: 1",
    "version: STSv1\nmode: maybe\nmx: a\nmax_age: 1",
    "version: STSv1\nmode: enforce\nmax_age: 1",
    "version: STSv1\nmode: enforce\nmx: a b\nmax_age: 1",
    "version: STSv1\nmode: enforce\nmx: a\nmax_age: x",
    "<html>",
  ])
    assert.equal(parseStsPolicy(wrong), undefined, wrong);
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), fc.string({ maxLength: 60 }), (text, host) => {
      stsId([text]);
      const parsed = parseStsPolicy(`version: STSv1\nmode: testing\nmx: ${text}\nmax_age: 1`);
      if (parsed !== undefined) isStsHost(parsed, host);
    }),
    { numRuns: 500 },
  );
});

test("TLSA records vouch for a key, a certificate or an authority, and for nothing else", async () => {
  const authority = await openAuthority();
  const other = await openAuthority("another authority");
  const issued = await authority.issue(["mx.far.example"]);
  const expired = await authority.issue(["mx.far.example"], { expired: true });
  const chainOf = (pem: string) =>
    (pem.match(/-----BEGIN[^]+?-----END CERTIFICATE-----/g) ?? []).map(
      (one) => new X509Certificate(one),
    );
  const chain = chainOf(issued.cert);
  const names = ["mx.far.example"];
  const sha = (bytes: Buffer, name = "sha256") => createHash(name).update(bytes).digest();
  const leaf = chain[0]?.raw ?? Buffer.alloc(0);
  const root = authority.certificate.raw;
  const rootKey = authority.certificate.publicKey.export({ type: "spki", format: "der" });
  const vouched = (
    usage: number,
    selector: number,
    matching: number,
    data: Uint8Array,
    what = chain,
    who = names,
  ) => isVouchedFor([{ usage, selector, matching, data }], what, who, Date.now());
  assert.ok(vouched(3, 1, 1, issued.spki));
  assert.ok(vouched(3, 0, 1, sha(leaf)));
  assert.ok(vouched(3, 0, 2, sha(leaf, "sha512")));
  assert.ok(vouched(3, 0, 0, leaf));
  assert.ok(vouched(3, 1, 1, issued.spki, chain, ["other.example"]), "no name counts for usage 3");
  assert.ok(vouched(3, 1, 1, expired.spki, chainOf(expired.cert)), "nor a date (RFC 7671 §5.1)");
  assert.ok(vouched(2, 0, 1, sha(root)));
  assert.ok(vouched(2, 1, 1, sha(rootKey)));
  assert.ok(vouched(2, 0, 0, root, chain.slice(0, 1)), "the anchor may come from the record");
  assert.ok(!vouched(2, 0, 1, sha(root), chain.slice(0, 1)), "a hash is not an anchor");
  assert.ok(!vouched(2, 0, 1, sha(root), chain, ["other.example"]));
  assert.ok(!vouched(2, 0, 1, sha(root), chainOf(expired.cert)));
  assert.ok(!vouched(2, 0, 1, sha(other.certificate.raw), [...chain, other.certificate]));
  assert.ok(!vouched(3, 1, 1, Buffer.alloc(32)));
  assert.ok(!vouched(1, 1, 1, issued.spki), "PKIX usages mean nothing here");
  assert.ok(!vouched(3, 1, 1, issued.spki, []));
  assert.ok(!isUsable({ usage: 3, selector: 1, matching: 1, data: Buffer.alloc(31) }));
  assert.ok(!isUsable({ usage: 3, selector: 2, matching: 1, data: Buffer.alloc(32) }));
});

test("a letter may say that arriving matters more than secrecy, in its header only", () => {
  const says = (text: string) => saysTlsOptional(Buffer.from(text));
  assert.ok(says("From: a@b\r\nTLS-Required: No\r\n\r\nbody\r\n"));
  assert.ok(says("tls-required:no \r\n\r\n"));
  assert.ok(!says("From: a@b\r\n\r\nTLS-Required: No\r\n"));
  assert.ok(!says("TLS-Required: Nothing\r\n\r\n"));
});

/** An HTTPS server for policies, told what to answer. */
async function policyServer(t: TestContext, authority: Authority, names: readonly string[]) {
  const { key, cert } = await authority.issue(names);
  const state = { text: "", status: 200, asked: 0 };
  const server: Server = createServer({ key, cert }, (request, response) => {
    state.asked += request.url === "/.well-known/mta-sts.txt" ? 1 : 0;
    response.writeHead(state.status, { "content-type": "text/plain" }).end(state.text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return { state, port: typeof address === "object" && address !== null ? address.port : 0 };
}

test("MTA-STS: delivered to the hosts of the policy with a right certificate only, watched in testing mode, remembered when its server is gone", async (t) => {
  const authority = await openAuthority();
  const { key, cert } = await authority.issue(["mx.far.example"]);
  const peer = await openPeer(t, { tls: { key, cert } });
  const { state, port: policyPort } = await policyServer(t, authority, ["mta-sts.far.example"]);
  const mx = (exchange: string) => [{ preference: 10, exchange }];
  const zone: Zone = {
    "far.example": { mx: mx("mx.far.example") },
    "mx.far.example": { a: ["127.0.0.1"] },
    "other.far.example": { a: ["127.0.0.1"] },
    "_mta-sts.far.example": { txt: ["v=STSv1; id=1;"] },
    "mta-sts.far.example": { a: ["127.0.0.1"] },
  };
  const outcomes: TlsOutcome[] = [];
  const house = await openQueueHouse(t, {
    dns: await startDns(t, zone),
    mxPort: peer.port,
    policyPort,
    authorities: [authority.pem],
    recordTls: async (outcome) => void outcomes.push(outcome),
  });
  const send = async (to = "friend@far.example") => {
    const [arrived, tried] = [peer.arrived.length, outcomes.length];
    await house.queue.enqueue(letter([to]));
    await until(() => outcomes.length > tried);
    await house.settled();
    return peer.arrived.length > arrived ? "sent" : "not sent";
  };
  state.text = policyText("enforce", "*.far.example");
  assert.equal(await send(), "sent");
  assert.equal(peer.arrived[0]?.secure, true);
  const last = () => {
    const { policy, result } = outcomes.at(-1) ?? assert.fail("nothing was recorded");
    return `${policy.type} ${result}`;
  };
  assert.equal(last(), "sts success");
  assert.deepEqual(outcomes[0]?.policy.strings[1], "mode: enforce");

  // The name of the exchanger is in the policy, and not in its certificate.
  zone["far.example"] = { mx: mx("other.far.example") };
  assert.equal(await send(), "not sent");
  assert.equal(last(), "sts certificate-host-mismatch");
  assert.equal((await house.status()).at(-1), "4.7.5");
  assert.equal(state.asked, 1, "the policy is kept");

  // A policy that does not know the exchanger, under a new id.
  state.text = policyText("enforce", "mx.far.example");
  zone["_mta-sts.far.example"] = { txt: ["v=STSv1; id=2;"] };
  assert.equal(await send(), "not sent");
  assert.equal(last(), "sts validation-failure");

  // RFC 8689: the sender may say that it does not matter.
  const raw = Buffer.from("TLS-Required: No\r\nSubject: x\r\n\r\nx\r\n");
  await house.queue.enqueue(letter(["friend@far.example"], { raw }));
  await until(() => peer.arrived.length === 2);

  // Testing mode sends and tells.
  state.text = policyText("testing", "mx.far.example");
  zone["_mta-sts.far.example"] = { txt: ["v=STSv1; id=3;"] };
  assert.equal(await send(), "sent");
  assert.equal(last(), "sts certificate-host-mismatch");

  // Policy and record gone: what is kept holds, also over a restart, until its age is over.
  state.text = policyText("enforce", "mx.far.example", 3600);
  zone["_mta-sts.far.example"] = { txt: ["v=STSv1; id=4;"] };
  assert.equal(await send(), "not sent");
  const asked = state.asked;
  state.status = 500;
  zone["_mta-sts.far.example"] = { txt: [] };
  await house.reopen();
  assert.equal(await send(), "not sent", "the policy on disk holds");
  assert.equal(state.asked, asked);
  house.pass(2 * HOUR);
  // All four that waited; the outcome of one still under way would be read below as the next letter's.
  await until(() => peer.arrived.length === 7);
  await house.settled();

  // A broken policy server with no policy kept: sent as ever, and told.
  zone["_mta-sts.far.example"] = { txt: ["v=STSv1; id=5;"] };
  assert.equal(await send(), "sent");
  assert.equal(last(), "sts sts-policy-fetch-error");
  const file = await house.databaseBytes();
  assert.ok(!file.includes("far.example"), "a policy that is kept names no domain in clear");
  house.pass(DAY);
});

test("REQUIRETLS: sent on only where name, certificate and the peer's promise are right; else it comes back", async (t) => {
  const authority = await openAuthority();
  const { key, cert, spki } = await authority.issue(["mx.far.example"]);
  const peer = await openPeer(t, { tls: { key, cert } });
  const plain = await openPeer(t, {});
  const secured = (port: number, exchange: string): Zone => ({
    [exchange]: { a: ["127.0.0.1"], secure: true },
    [`_${port}._tcp.${exchange}`]: {
      tlsa: [{ usage: 3, selector: 1, matching: 1, data: spki }],
      secure: true,
    },
  });
  const zone: Zone = {
    "far.example": { mx: [{ preference: 1, exchange: "mx.far.example" }], secure: true },
    ...secured(peer.port, "mx.far.example"),
    "unsigned.far.example": { mx: [{ preference: 1, exchange: "mx.far.example" }] },
  };
  const house = await openQueueHouse(t, {
    dns: await startDns(t, zone),
    mxPort: peer.port,
    authorities: [authority.pem],
  });
  await house.queue.enqueue(letter(["friend@far.example"], { requireTls: true }));
  await until(() => peer.arrived.length === 1);
  assert.equal(peer.arrived[0]?.secure, true);
  // Nobody vouches for this domain's exchanger.
  await house.queue.enqueue(letter(["a@unsigned.far.example"], { requireTls: true }));
  await until(() => house.local.length === 1);
  assert.match(house.local[0]?.text ?? "", /Status: 5\.7\.10/);
  assert.match(house.local[0]?.text ?? "", /text\/rfc822-headers/, "RFC 8689 §5: no body in clear");
  // Without the flag it is sent.
  await house.queue.enqueue(letter(["a@unsigned.far.example"]));
  await until(() => peer.arrived.length === 2);
  await until(async () => (await house.queue.counts()).items === 0);
  // An exchanger that has no TLS at all.
  const bare = await openQueueHouse(t, {
    dns: await startDns(t, {
      "far.example": { mx: [{ preference: 1, exchange: "mx.far.example" }], secure: true },
      "mx.far.example": { a: ["127.0.0.1"], secure: true },
    }),
    mxPort: plain.port,
  });
  await bare.queue.enqueue(letter(["friend@far.example"], { requireTls: true }));
  await until(() => bare.local.length === 1);
  assert.match(bare.local[0]?.text ?? "", /Status: 5\.7\.10/);
  assert.equal(plain.arrived.length, 0);
  bare.pass(MINUTE);
});
