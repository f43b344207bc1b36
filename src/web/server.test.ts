// The sockets: what the app is told of a connection comes from the connection, never from a header.
import assert from "node:assert/strict";
import { request as requestTls } from "node:https";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openCertificate } from "#certificates";
import { memorySite } from "./memory.ts";
import { openWebServer } from "./server.ts";

interface Answer {
  readonly status: number;
  readonly hsts: string | undefined;
  readonly text: string;
}

function askTls(port: number, path: string, cert: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    requestTls({ host: "127.0.0.1", port, path, ca: cert, servername: "localhost" }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (part: string) => (text += part));
      answer.on("end", () =>
        resolve({
          status: answer.statusCode ?? 0,
          hsts: answer.headers["strict-transport-security"],
          text,
        }),
      );
    })
      .on("error", reject)
      .end();
  });
}

test("a server with a certificate speaks TLS, takes passwords there and asks browsers to stay", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bailee-tls-"));
  const tls = await openCertificate(folder, "mail.example", Date.now());
  const site = memorySite({ tryingOut: false });
  await using server = await openWebServer({
    ...site,
    ports: site,
    bind: "127.0.0.1",
    port: 0,
    tls,
  });
  const answer = await askTls(server.port, "/sign-in", tls.cert);
  assert.equal(answer.status, 200);
  assert.equal(answer.hsts, "max-age=31536000");
  assert.match(answer.text, /name="password"/);
});

test("a server without one refuses passwords outside a trial, whatever a header says of TLS", async () => {
  const site = memorySite({ tryingOut: false });
  await using server = await openWebServer({ ...site, ports: site, bind: "127.0.0.1", port: 0 });
  const headers = { "x-forwarded-proto": "https", forwarded: "proto=https" };
  const answer = await fetch(`http://127.0.0.1:${server.port}/sign-in`, { headers });
  assert.equal(answer.status, 403);
  assert.equal(answer.headers.get("strict-transport-security"), null);
  assert.match(await answer.text(), /Not without TLS/);
});

test("a view is counted with the connection's own address, not with a forwarded one", async () => {
  const site = memorySite();
  const seen: string[] = [];
  Object.assign(site.visits, { count: ({ address }: { address: string }) => seen.push(address) });
  await using server = await openWebServer({ ...site, ports: site, bind: "127.0.0.1", port: 0 });
  await fetch(`http://127.0.0.1:${server.port}/`, { headers: { "x-forwarded-for": "192.0.2.9" } });
  assert.deepEqual(seen, ["127.0.0.1"]);
});

test("a port that is taken is said at once", async () => {
  const site = memorySite();
  await using server = await openWebServer({ ...site, ports: site, bind: "127.0.0.1", port: 0 });
  const again = openWebServer({ ...site, ports: site, bind: "127.0.0.1", port: server.port });
  await assert.rejects(again, /cannot listen on 127\.0\.0\.1 port/);
});
