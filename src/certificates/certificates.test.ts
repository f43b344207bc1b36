import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, connect } from "node:tls";
import { test } from "node:test";
import { DAY } from "#base/time";
import { openCertificate } from "#certificates";

test("a first start makes a certificate that a TLS client accepts for the domain and for localhost", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "bailee-certificate-"));
  t.after(() => rm(folder, { recursive: true }));
  const made = await openCertificate(folder, "mail.example", Date.now());
  assert.equal((await stat(join(folder, "key.pem"))).mode & 0o777, 0o600);
  const parsed = new X509Certificate(made.cert);
  for (const name of ["mail.example", "localhost"]) assert.ok(parsed.checkHost(name), name);
  assert.ok(parsed.checkIP("127.0.0.1"));
  const server = createServer({ key: made.key, cert: made.cert }, (socket) => socket.end("hello"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const { port } = server.address() as { port: number };
  const text = await new Promise<string>((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", servername: "mail.example", ca: made.cert });
    socket.on("data", (bytes) => resolve(String(bytes))).on("error", reject);
  });
  assert.equal(text, "hello");
});

test("the same certificate is there at the second start, and a fresh one near its end", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "bailee-certificate-"));
  t.after(() => rm(folder, { recursive: true }));
  const now = Date.now();
  const first = await openCertificate(folder, "mail.example", now);
  assert.equal((await openCertificate(folder, "mail.example", now)).fingerprint, first.fingerprint);
  assert.notEqual(
    (await openCertificate(folder, "mail.example", now + 370 * DAY)).fingerprint,
    first.fingerprint,
  );
});
