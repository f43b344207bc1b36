import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";
import { encode } from "dns-packet";
import * as fc from "fast-check";
import { startWatchedDns, type Zone } from "../../test/dns.ts";
import { openDns } from "./dns.ts";
import { canonicalName, readReply } from "./packet.ts";
import { parseResolvConf, parseServer } from "./resolvers.ts";

const zone: Zone = {
  "far.example": {
    mx: [{ preference: 10, exchange: "MX.far.example" }],
    txt: ["v=spf1 -all", "x".repeat(600)],
    ns: ["ns.far.example"],
    srv: [{ priority: 1, weight: 2, port: 993, target: "imap.far.example" }],
    secure: true,
  },
  "mx.far.example": { a: ["192.0.2.1", "192.0.2.2"], aaaa: ["2001:db8::1"], ttl: 60, secure: true },
  "www.far.example": { cname: "mx.far.example", secure: true },
  "unsigned.far.example": { cname: "mx.far.example" },
  "dangling.far.example": { cname: "nowhere.far.example" },
  "round.far.example": { cname: "round.far.example" },
  "_25._tcp.mx.far.example": {
    tlsa: [{ usage: 3, selector: 1, matching: 1, data: Buffer.alloc(32, 7) }],
    secure: true,
  },
  "long.far.example": {
    a: Array.from({ length: 200 }, (_, index) => `192.0.2.${index}`),
    secure: true,
  },
  "1.2.0.192.in-addr.arpa": { ptr: "mx.far.example" },
  "broken.far.example": { broken: true },
  "silent.far.example": { silent: true },
};

test("every type that mail needs is read, with the resolver's word on DNSSEC", async (t) => {
  const { server } = await startWatchedDns(t, zone);
  const dns = openDns(server);
  assert.deepEqual(await dns.lookup("Far.Example.", "MX"), {
    ok: true,
    records: [{ preference: 10, exchange: "mx.far.example" }],
    name: "far.example",
    authenticated: true,
  });
  const records = async (...[name, type]: Parameters<typeof dns.lookup>) => {
    const answer = await dns.lookup(name, type);
    return answer.ok ? answer.records : answer;
  };
  assert.deepEqual(await records("far.example", "TXT"), ["v=spf1 -all", "x".repeat(600)]);
  assert.deepEqual(await records("far.example", "NS"), ["ns.far.example"]);
  assert.deepEqual(await records("far.example", "SRV"), [
    { priority: 1, weight: 2, port: 993, target: "imap.far.example" },
  ]);
  assert.deepEqual(await records("mx.far.example", "AAAA"), ["2001:db8::1"]);
  assert.deepEqual(await records("1.2.0.192.in-addr.arpa", "PTR"), ["mx.far.example"]);
  assert.deepEqual(await records("_25._tcp.mx.far.example", "TLSA"), [
    { usage: 3, selector: 1, matching: 1, data: new Uint8Array(32).fill(7) },
  ]);
});

test("an alias is followed, and vouched for only when each of its steps is", async (t) => {
  const { server } = await startWatchedDns(t, zone);
  const dns = openDns(server);
  const at = { ok: true, records: ["192.0.2.1", "192.0.2.2"], name: "mx.far.example" };
  assert.deepEqual(await dns.lookup("www.far.example", "A"), { ...at, authenticated: true });
  assert.deepEqual(await dns.lookup("unsigned.far.example", "A"), { ...at, authenticated: false });
  const dangling = await dns.lookup("dangling.far.example", "A");
  assert.deepEqual(dangling, { ok: false, why: "nxdomain", authenticated: false });
  const round = await dns.lookup("round.far.example", "A");
  assert.ok(!round.ok && round.why === "trouble");
});

test("no such name, no such record and trouble are three things", async (t) => {
  const { server } = await startWatchedDns(t, zone);
  const dns = openDns(server, { timeout: 100 });
  const why = async (name: string) => {
    const answer = await dns.lookup(name, "A");
    return answer.ok ? "ok" : answer.why === "trouble" ? answer.reason : answer.why;
  };
  assert.equal(await why("no.far.example"), "nxdomain");
  assert.equal(await why("far.example"), "nodata");
  assert.equal(await why("broken.far.example"), "the resolver answered SERVFAIL");
  assert.equal(await why("silent.far.example"), "no answer in time");
  for (const name of ["", "a..b", `${"x".repeat(64)}.example`, `${"x.".repeat(130)}example`])
    assert.equal(await why(name), "nxdomain");
  const nobody = await openDns("127.0.0.1:1", { timeout: 300 }).lookup("far.example", "A");
  assert.deepEqual(nobody, {
    ok: false,
    why: "trouble",
    reason: "the resolver cannot be reached",
  });
});

test("an answer too long for a datagram comes over TCP; what is known is not asked again until its time is over", async (t) => {
  const { server, questions } = await startWatchedDns(t, zone);
  let now = 0;
  const dns = openDns(server, { clock: { now: () => now } });
  const long = await dns.lookup("long.far.example", "A");
  assert.equal(long.ok && long.records.length, 200);
  assert.deepEqual(questions, ["A long.far.example", "TCP A long.far.example"]);
  const ask = () => dns.lookup("mx.far.example", "A");
  await Promise.all([ask(), ask(), ask()]);
  now += 59_999;
  await ask();
  assert.equal(questions.length, 3);
  now += 1;
  await ask();
  assert.equal(questions.length, 4);
});

test("a guess with another id, name or from another port is not the answer", async (t) => {
  const far = createSocket("udp4");
  const other = createSocket("udp4");
  far.bind(0, "127.0.0.1");
  await once(far, "listening");
  t.after(() => {
    far.close();
    other.close();
  });
  far.on("message", (query, from) => {
    const id = query.readUInt16BE(0);
    const reply = (number: number, name: string, data: string) =>
      encode({
        type: "response",
        id: number & 65_535,
        questions: [{ type: "A", name }],
        answers: [{ type: "A", name, ttl: 0, data }],
      });
    other.send(reply(id, "a.example", "192.0.2.66"), from.port, from.address);
    far.send(Buffer.from("noise"), from.port, from.address);
    far.send(reply(id + 1, "a.example", "192.0.2.66"), from.port, from.address);
    far.send(reply(id, "b.example", "192.0.2.66"), from.port, from.address);
    far.send(reply(id, "a.example", "192.0.2.1"), from.port, from.address);
  });
  const answer = await openDns(`127.0.0.1:${far.address().port}`).lookup("a.example", "A");
  assert.deepEqual(answer.ok && answer.records, ["192.0.2.1"]);
});

test("the AD bit is believed from this machine and from the resolver that is set, from no other", () => {
  const file = "# comment\nsearch example\nnameserver 192.0.2.53\n nameserver ::1\nnameserver x\n";
  assert.deepEqual(parseResolvConf(file), [
    { address: "192.0.2.53", port: 53, trusted: false },
    { address: "::1", port: 53, trusted: true },
  ]);
  assert.deepEqual(parseResolvConf(""), [{ address: "127.0.0.1", port: 53, trusted: true }]);
  assert.deepEqual(parseServer("[2001:db8::1]:5353"), { address: "2001:db8::1", port: 5353 });
  assert.deepEqual(parseServer("192.0.2.1"), { address: "192.0.2.1", port: 53 });
  for (const wrong of ["", "example", "192.0.2.1:70000", "[192.0.2.1", "300.1.1.1:53"])
    assert.equal(parseServer(wrong), undefined);
});

test("whatever bytes a resolver sends, reading them ends and does not throw", () => {
  const good = encode({
    type: "response",
    id: 7,
    questions: [{ type: "MX", name: "far.example" }],
    answers: [
      {
        type: "MX",
        name: "far.example",
        ttl: 5,
        data: { preference: 1, exchange: "mx.far.example" },
      },
      { type: "TXT", name: "far.example", ttl: 5, data: ["a", "b"] },
    ],
  });
  assert.equal(readReply(good)?.answers.length, 2);
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 })
      .map((changes) => {
        const bent = Uint8Array.from(good);
        for (const [at, octet] of changes) bent[at] = octet;
        return bent;
      }),
    fc.nat(good.length).map((length) => good.subarray(0, length)),
  );
  fc.assert(
    fc.property(bytes, (sent) => {
      readReply(sent);
    }),
    { numRuns: 1000 },
  );
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (name) => {
      const canonical = canonicalName(name);
      if (canonical !== undefined) assert.equal(canonicalName(canonical), canonical);
    }),
  );
});
