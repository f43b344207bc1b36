// Asking rspamd: against a scripted one that says what it heard, and against silence and nonsense.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { assert as always, property, string, uint8Array } from "fast-check";
import { askRspamd } from "#mail/transit";
import { opinionIn } from "./outbound.ts";

interface Heard {
  readonly url: string | undefined;
  readonly headers: { readonly [name: string]: unknown };
  readonly body: string;
}

async function scripted(
  t: TestContext,
  answer: () => { readonly status?: number; readonly body: string; readonly hang?: boolean },
): Promise<{ readonly base: string; readonly heard: Heard[] }> {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      heard.push({ url: request.url, headers: request.headers, body });
      const { status = 200, body: said, hang } = answer();
      if (hang !== true) response.writeHead(status).end(said);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard };
}

const letter = {
  peer: { address: "192.0.2.7", name: "out.elsewhere.example" },
  helo: "elsewhere.example",
  sender: "blüm@elsewhere.example",
  recipients: [],
  raw: Buffer.from("Subject: hello\r\n\r\nwords\r\n"),
};

test("rspamd gets the letter with its envelope, and its action becomes an opinion", async (t) => {
  let action = "no action";
  const { base, heard } = await scripted(t, () => ({ body: JSON.stringify({ action, score: 1 }) }));
  const ask = askRspamd(base);
  const opinions: { [action: string]: unknown } = {};
  for (action of [
    "no action",
    "greylist",
    "add header",
    "rewrite subject",
    "soft reject",
    "reject",
  ])
    opinions[action] = await ask(letter, ["ada@here.example", "bo@here.example"]);
  assert.deepEqual(opinions, {
    "no action": "clean",
    greylist: "clean",
    "add header": "junk",
    "rewrite subject": "junk",
    "soft reject": "later",
    reject: "refuse",
  });
  const [first] = heard;
  assert.equal(first?.url, "/checkv2");
  assert.equal(first?.body, letter.raw.toString());
  const { ip, helo, hostname, from, rcpt } = first?.headers ?? {};
  assert.deepEqual(
    { ip, helo, hostname, rcpt },
    {
      ip: "192.0.2.7",
      helo: "elsewhere.example",
      hostname: "out.elsewhere.example",
      rcpt: "ada@here.example, bo@here.example",
    },
  );
  assert.equal(Buffer.from(String(from), "latin1").toString(), letter.sender);
});

test("no answer, a late one and nonsense are no opinion, and whatever a peer calls itself does no harm", async (t) => {
  let now: { readonly status?: number; readonly body: string; readonly hang?: boolean } = {
    body: "",
  };
  const { base, heard } = await scripted(t, () => now);
  const ask = askRspamd(base, 300);
  for (now of [
    { body: "no json" },
    { body: "[]" },
    { body: '{"action":"toString"}' },
    { body: '{"action":"reject"}', status: 500 },
    { body: "x".repeat(2 << 20) },
    { body: "", hang: true },
  ])
    assert.equal(await ask(letter, ["ada@here.example"]), undefined, now.body.slice(0, 30));
  now = { body: '{"action":"reject"}' };
  assert.equal(await ask({ ...letter, helo: "a\r\nip: 1.2.3.4" }, ["ada@here.example"]), "refuse");
  assert.equal(heard.at(-1)?.headers["helo"], undefined);
  assert.equal(heard.at(-1)?.headers["ip"], "192.0.2.7");
  assert.equal(await askRspamd("http://127.0.0.1:1")(letter, []), undefined, "nobody listens");
  always(property(uint8Array(), (bytes) => void opinionIn(bytes)));
  always(
    property(string(), (text) => void opinionIn(Buffer.from(JSON.stringify({ action: text })))),
  );
});
