// DANE with Debian's unbound as validating resolver over zones signed for the test: which letters go, and over what.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { openDns } from "#dns";
import type { TlsOutcome } from "#mail/queue";
import { openAuthority } from "../authority.ts";
import { openPeer } from "../peer.ts";
import { letter, openQueueHouse, until } from "../queue.ts";
import { requireUnbound, startUnbound } from "../unbound.ts";

test("with a validating resolver, TLSA records decide: right, wrong, missing, unusable, forged, unsigned", async (t) => {
  if (!requireUnbound(t)) return;
  const authority = await openAuthority();
  const { key, cert, spki } = await authority.issue(["mx-ta.good.example"]);
  const peer = await openPeer(t, { tls: { key, cert }, anyDomain: true });
  const bare = await openPeer(t, { anyDomain: true });
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
  const root = hex(createHash("sha256").update(authority.certificate.raw).digest());
  const at = (name: string, port: number, ...records: readonly string[]) => [
    `${name} IN MX 10 mx-${name}`,
    `mx-${name} IN A 127.0.0.1`,
    ...records.map((record) => `_${port}._tcp.mx-${name} IN TLSA ${record}`),
  ];
  const wrong = "00".repeat(32);
  const right = `3 1 1 ${hex(spki)}`;
  const server = await startUnbound(t, [
    {
      name: "good.example",
      records: [
        ...at("ee", peer.port, right),
        ...at("roll", peer.port, `3 1 1 ${wrong}`, right),
        ...at("ta", peer.port, `2 0 1 ${root}`),
        ...at("misnamed", peer.port, `2 0 1 ${root}`),
        ...at("wrong", peer.port, `3 1 1 ${wrong}`),
        ...at("unusable", peer.port, `1 1 1 ${wrong}`),
        ...at("missing", peer.port),
        ...at("downgraded", bare.port, right),
        "alias IN MX 10 mx-alias",
        "mx-alias IN CNAME mx-ee",
      ],
    },
    {
      name: "bogus.example",
      records: at("all", peer.port, right),
      // Every address and key replaced, the signatures left as they were.
      forge: (signed) => signed.replaceAll(/(\sTLSA\s+3 1 1 )[0-9a-f]+/gi, `$1${wrong}`),
    },
    { name: "plain.example", unsigned: true, records: at("un", peer.port, `3 1 1 ${wrong}`) },
  ]);

  const dns = openDns(server);
  const secure = await dns.lookup(`_${peer.port}._tcp.mx-ee.good.example`, "TLSA");
  assert.ok(secure.ok && secure.authenticated);
  const insecure = await dns.lookup("un.plain.example", "MX");
  assert.ok(insecure.ok && !insecure.authenticated);
  const none = await dns.lookup("nobody.good.example", "MX");
  assert.deepEqual(none, { ok: false, why: "nxdomain", authenticated: true });
  const bogus = await dns.lookup(`_${peer.port}._tcp.mx-all.bogus.example`, "TLSA");
  assert.deepEqual(bogus, {
    ok: false,
    why: "trouble",
    reason: "the resolver answered SERVFAIL",
  });

  const outcomes: TlsOutcome[] = [];
  const recordTls = async (outcome: TlsOutcome) => void outcomes.push(outcome);
  const house = await openQueueHouse(t, { dns: server, mxPort: peer.port, recordTls });
  const toPlain = await openQueueHouse(t, { dns: server, mxPort: bare.port, recordTls });
  const tried = async (which: typeof house, domain: string): Promise<string> => {
    const [arrived, before] = [peer.arrived.length + bare.arrived.length, outcomes.length];
    await which.queue.enqueue(letter([`friend@${domain}`]));
    await until(() => outcomes.length > before);
    await which.settled();
    const sent = peer.arrived.length + bare.arrived.length > arrived;
    const { policy, result } = outcomes.at(-1) ?? assert.fail("nothing was recorded");
    return `${sent ? "sent" : "kept"}: ${policy.type} ${result}`;
  };
  assert.equal(await tried(house, "ee.good.example"), "sent: tlsa success");
  assert.equal(outcomes[0]?.policy.strings[0], `3 1 1 ${hex(spki)}`);
  assert.equal(await tried(house, "roll.good.example"), "sent: tlsa success");
  assert.equal(await tried(house, "ta.good.example"), "sent: tlsa success");
  assert.equal(await tried(house, "alias.good.example"), "sent: tlsa success");
  assert.equal(await tried(house, "misnamed.good.example"), "kept: tlsa tlsa-invalid");
  assert.equal(await tried(house, "wrong.good.example"), "kept: tlsa tlsa-invalid");
  assert.equal(await tried(house, "unusable.good.example"), "sent: tlsa success");
  assert.equal(await tried(house, "missing.good.example"), "sent: no-policy-found success");
  assert.equal(await tried(house, "all.bogus.example"), "kept: tlsa dnssec-invalid");
  assert.equal(await tried(house, "un.plain.example"), "sent: no-policy-found success");
  const downgraded = await tried(toPlain, "downgraded.good.example");
  assert.equal(downgraded, "kept: tlsa starttls-not-supported");
  assert.ok(peer.arrived.every((letterThere) => letterThere.secure));
  assert.deepEqual([...new Set(await house.status())].sort(), ["4.7.5"]);
  assert.deepEqual(await toPlain.status(), ["4.7.4"]);
  assert.equal(
    house.local.length + toPlain.local.length,
    0,
    "kept for a later attempt, not refused",
  );
});
