// Reports as others write them, packed in each way, broken in many.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { assert as always, asyncProperty, property, string, uint8Array } from "fast-check";
import { ZipFile } from "yazl";
import { buffer } from "node:stream/consumers";
import { toBase64 } from "#base/bytes";
import { selfSigned } from "../../../test/smtp.ts";
import { readDmarc } from "./dmarc-read.ts";
import { postReport } from "./outbound.ts";
import { readTls } from "./tls.ts";
import { reportIn } from "./unpack.ts";
import { destinationsOf, tlsRua } from "./uris.ts";

// The form that most still write (RFC 7489 appendix C), with what some add.
const xml = `<?xml version="1.0"?>
<feedback xmlns:x="urn:x">
  <report_metadata><org_name>big.example</org_name><email>a@big.example</email>
    <report_id>42</report_id><date_range><begin>1795392000</begin><end>1795478399</end></date_range>
  </report_metadata>
  <policy_published><domain>HERE.example</domain><p>none</p><pct>100</pct></policy_published>
  <record><row><source_ip>192.0.2.1</source_ip><count>7</count>
    <policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>fail</spf></policy_evaluated></row>
    <identifiers><header_from>here.example</header_from></identifiers>
    <auth_results><spf><domain>here.example</domain><result>fail</result></spf></auth_results></record>
  <record><row><source_ip>2001:db8::1</source_ip><count>2</count>
    <policy_evaluated><disposition>none</disposition><dkim>fail</dkim><spf>fail</spf></policy_evaluated></row>
    <identifiers><header_from>mail.here.example</header_from></identifiers></record>
</feedback>`;

const json = {
  "organization-name": "Big",
  "date-range": {
    "start-datetime": "2026-11-23T00:00:00Z",
    "end-datetime": "2026-11-23T23:59:59Z",
  },
  "contact-info": "a@big.example",
  "report-id": "7@big.example",
  policies: [
    {
      policy: { "policy-type": "sts", "policy-domain": "here.example" },
      summary: { "total-successful-session-count": 5, "total-failure-session-count": 1 },
      "failure-details": [
        {
          "result-type": "certificate-expired",
          "failed-session-count": 1,
          "sending-mta-ip": "192.0.2.1",
        },
      ],
    },
  ],
};

const read = (text: string) => readDmarc(Buffer.from(text));

test("an aggregate report is read in the form that most write, and refused as a whole where a row is broken", () => {
  const report = read(xml);
  assert.equal(report?.domain, "here.example");
  assert.deepEqual(
    [report.organisation, report.id, report.begin],
    ["big.example", "42", 1795392000],
  );
  assert.deepEqual(
    report.figures.map(({ source, count, dkim, spf, headerFrom }) => [
      source,
      count,
      dkim,
      spf,
      headerFrom,
    ]),
    [
      ["192.0.2.1", 7, true, false, "here.example"],
      ["2001:db8::1", 2, false, false, "mail.here.example"],
    ],
  );
  const broken: readonly (readonly [what: string, from: string | RegExp, to: string])[] = [
    ["no organisation", "<org_name>big.example</org_name>", ""],
    ["no id", "<report_id>42</report_id>", ""],
    ["a time that runs back", "<end>1795478399", "<end>1"],
    ["a count that is none", "<count>7", "<count>-7"],
    ["a count beyond reason", "<count>7", "<count>123456789012"],
    ["a source that is no address", ">192.0.2.1<", ">somewhere<"],
    ["a domain that is none", "HERE.example", "here example"],
    ["no record", /<record>[^]*<\/record>/, ""],
    ["an element that does not end", "</report_metadata>", ""],
    ["a document type", "<feedback", "<!DOCTYPE x><feedback"],
    ["an entity", "<feedback", '<!ENTITY x "y"><feedback'],
  ];
  for (const [what, from, to] of broken) assert.equal(read(xml.replace(from, to)), undefined, what);
  const deep = `${"<a>".repeat(5000)}${"</a>".repeat(5000)}`;
  assert.equal(read(xml.replace("<record>", `${deep}<record>`)), undefined, "deeper than any");
  const wide = xml.replace(/(<record>[^]*<\/record>)/, (rows) => rows.repeat(11_000));
  assert.equal(read(wide), undefined, "more rows than anybody reads");
});

test("a TLS report is read, and refused as a whole where it is broken or about several domains", () => {
  const report = readTls(Buffer.from(JSON.stringify(json)));
  assert.deepEqual(report?.figures, [
    {
      policy: "sts",
      succeeded: 5,
      failed: 1,
      failures: [{ type: "certificate-expired", mx: "", count: 1 }],
    },
  ]);
  const [policy] = json.policies;
  const other = { ...policy, policy: { "policy-type": "sts", "policy-domain": "else.example" } };
  for (const bent of [
    { ...json, "report-id": 7 },
    { ...json, policies: [] },
    { ...json, policies: [policy, other] },
    { ...json, policies: [{ ...policy, summary: { "total-successful-session-count": -1 } }] },
    { ...json, "date-range": { "start-datetime": "yesterday" } },
    [],
    null,
  ])
    assert.equal(readTls(Buffer.from(JSON.stringify(bent))), undefined, JSON.stringify(bent));
});

async function zipped(...files: readonly (readonly [name: string, bytes: Uint8Array])[]) {
  const zip = new ZipFile();
  for (const [name, bytes] of files) zip.addBuffer(Buffer.from(bytes), name);
  zip.end();
  return buffer(zip.outputStream);
}

function letterWith(type: string, content: Uint8Array): Buffer {
  return Buffer.from(
    `Subject: report\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nwords\r\n--x\r\nContent-Type: ${type}\r\nContent-Transfer-Encoding: base64\r\n\r\n${toBase64(content)}\r\n--x--\r\n`,
  );
}

test("a report is found in a letter in gzip, in zip and plain; what grows beyond any is none", async () => {
  const bytes = Buffer.from(xml);
  const found = async (type: string, content: Uint8Array) =>
    (await reportIn(letterWith(type, content)))?.id;
  assert.equal(await found("application/gzip", gzipSync(bytes)), "42");
  assert.equal(await found("application/octet-stream", await zipped(["report.xml", bytes])), "42");
  assert.equal(await found("text/xml", bytes), "42");
  const tls = Buffer.from(JSON.stringify(json));
  assert.equal(await found("application/tlsrpt+gzip", gzipSync(tls)), "7@big.example");
  assert.equal(await found("application/tlsrpt+json", tls), "7@big.example");
  assert.equal(await found("text/plain", bytes), undefined, "a text for people");
  const bomb = Buffer.alloc(64 * 1024 * 1024, 32);
  assert.equal(await found("application/gzip", gzipSync(bomb)), undefined);
  assert.equal(await found("application/zip", await zipped(["a.xml", bomb])), undefined);
  assert.equal(
    await found("application/zip", await zipped(["a.xml", bytes], ["b.xml", bytes])),
    undefined,
  );
  const cut = await zipped(["report.xml", bytes]);
  assert.equal(await found("application/zip", cut.subarray(0, cut.length - 30)), undefined);
});

test("where reports go: addresses and places as they may be written, and nothing else", () => {
  assert.deepEqual(destinationsOf("mailto:a%2bb@x.example!10m, https://x.example/r?y=1"), [
    { kind: "mailto", address: "a+b@x.example", most: 10 * 2 ** 20 },
    { kind: "https", url: new URL("https://x.example/r?y=1") },
  ]);
  for (const bad of [
    "mailto:a@x",
    "mailto:a\r\n@x.example",
    "http://x.example",
    "mailto:%ff@x.example",
    "https://u:p@x.example/",
    "mailto:<a>@x.example",
  ])
    assert.deepEqual(destinationsOf(bad), [], bad);
  assert.equal(tlsRua(["v=TLSRPTv1; rua=mailto:a@x.example;"]), "mailto:a@x.example");
  assert.equal(tlsRua(["v=TLSRPTv1;rua=a", "v=TLSRPTv1;rua=b"]), undefined);
  assert.equal(tlsRua(["v=spf1 -all"]), undefined);
});

test("readers are total", async () => {
  always(property(uint8Array(), (bytes) => void [readDmarc(bytes), readTls(bytes)]));
  always(property(string({ maxLength: 30 }), (text) => void read(xml.replace("42", text))));
  always(property(string(), (text) => void [destinationsOf(text), tlsRua([text])]));
  await always(
    asyncProperty(
      uint8Array(),
      async (bytes) =>
        void (await reportIn(
          letterWith("application/zip", Buffer.concat([Buffer.from("PK"), bytes])),
        )),
    ),
    { numRuns: 50 },
  );
});

test("a post goes by HTTPS with a right certificate, and to no machine of our own networks", async (t) => {
  const tls = await selfSigned(t);
  const heard: string[] = [];
  let status = 201;
  const server = createServer(tls, (request, response) => {
    const take = async (): Promise<void> => {
      const body = await buffer(request);
      heard.push(
        `${request.method} ${request.url} ${request.headers["content-type"]} ${body.toString()}`,
      );
      response.writeHead(status).end();
    };
    void take();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const url = new URL(`https://localhost:${port}/r?x=1`);
  const body = Buffer.from("packed");
  const trusted = { authorities: [tls.cert], local: true };
  assert.equal(await postReport(url, body), false, "not to our own networks");
  assert.equal(
    await postReport(url, body, { local: true }),
    false,
    "not without a right certificate",
  );
  assert.deepEqual(heard, []);
  assert.equal(await postReport(url, body, trusted), true);
  assert.deepEqual(heard, ["POST /r?x=1 application/tlsrpt+gzip packed"]);
  status = 500;
  assert.equal(await postReport(url, body, trusted), false);
  assert.equal(await postReport(new URL("https://no.such.invalid/"), body), false);
});
