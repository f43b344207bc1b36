// What mail programs are told: the same settings in each form, well-formed, and nothing about whether an address exists.
import assert from "node:assert/strict";
import { test } from "node:test";
import { XMLParser } from "fast-xml-parser";
import { createApp } from "./app.ts";
import { mobileConfig } from "./autoconfig.ts";
import { memorySite } from "./memory.ts";

const app = createApp(memorySite());
const ask = (url: string, init: RequestInit = {}): Promise<Response> =>
  app(new Request(url, init), { peer: "127.0.0.1", secure: false });
const parser = new XMLParser({
  ignoreAttributes: false,
  isArray: (name) => /Server|Protocol/.test(name),
});
// Read as XML whose shape the assertions check.
const read = async (answer: Response): Promise<{ readonly [name: string]: never }> =>
  parser.parse(await answer.text(), true) as Record<string, never>;

test("Mozilla's form is found on both paths, by address or by host, TLS before STARTTLS", async () => {
  const servers = [
    { "@_type": "imap", port: 2993, socketType: "SSL" },
    { "@_type": "imap", port: 2143, socketType: "STARTTLS" },
  ];
  for (const url of [
    "http://autoconfig.club.example/mail/config-v1.1.xml?emailaddress=nobody%40club.example",
    "http://autoconfig.club.example/mail/config-v1.1.xml",
    "http://club.example/.well-known/autoconfig/mail/config-v1.1.xml",
  ]) {
    const answer = await ask(url);
    assert.equal(answer.headers.get("set-cookie"), null);
    assert.match(answer.headers.get("content-type") ?? "", /^application\/xml/);
    const emailProvider = (await read(answer))["clientConfig"]?.["emailProvider"];
    assert.ok(emailProvider);
    assert.equal(emailProvider["domain"], "club.example");
    const found = emailProvider["incomingServer"] as readonly Record<string, unknown>[];
    assert.deepEqual(
      found.map(({ "@_type": type, port, socketType }) => ({ "@_type": type, port, socketType })),
      servers,
    );
    assert.equal(found[0]?.["username"], "%EMAILADDRESS%");
    assert.equal((emailProvider["outgoingServer"] as readonly unknown[]).length, 2);
  }
});

test("a domain that is not ours, and what is no address, get nothing", async () => {
  for (const asked of ["a%40elsewhere.example", "club.example", "%3Cx%40club.example", ""])
    assert.equal(
      (await ask(`http://x.example/mail/config-v1.1.xml?emailaddress=${asked}`)).status,
      404,
    );
});

test("Outlook's form has the ports of implicit TLS with SSL on and no other encryption word", async () => {
  for (const path of ["autodiscover/autodiscover.xml", "AutoDiscover/AutoDiscover.xml"]) {
    const answer = await ask(`http://autodiscover.club.example/${path}`, {
      method: "POST",
      body: "<Autodiscover><Request><EMailAddress>eve&amp;x@club.example</EMailAddress></Request></Autodiscover>",
    });
    assert.equal(answer.status, 404, "an ampersand is no part of an address here");
    const plain = await ask(`http://autodiscover.club.example/${path}`, {
      method: "POST",
      body: "<Request><EMailAddress>eve@CLUB.example</EMailAddress></Request>",
    });
    const text = await plain.clone().text();
    assert.doesNotMatch(text, /Encryption/);
    const account = (await read(plain))["Autodiscover"]?.["Response"]?.["Account"];
    const protocols = account?.["Protocol"] as readonly Record<string, unknown>[] | undefined;
    assert.deepEqual(
      protocols?.map(({ Type, Port, SSL, LoginName }) => [Type, Port, SSL, LoginName]),
      [
        ["IMAP", 2993, "on", "eve@CLUB.example"],
        ["SMTP", 2465, "on", "eve@CLUB.example"],
      ],
    );
  }
});

test("Autodiscover in JSON names the address of the older form, and refuses other protocols", async () => {
  const found = await ask(
    "http://h.example/autodiscover/autodiscover.json?Email=a%40b&Protocol=AutodiscoverV1",
  );
  assert.deepEqual(await found.json(), {
    Protocol: "AutodiscoverV1",
    Url: "http://h.example/autodiscover/autodiscover.xml",
  });
  const other = await ask(
    "http://h.example/autodiscover/autodiscover.json/v1.0/a%40b?Protocol=Ews",
  );
  assert.equal(other.status, 400);
});

test("Apple's profile is well-formed, holds no password, and is the same one for the same address", async () => {
  const { settingsForMailPrograms: settings } = memorySite();
  const profile = async (address: string): Promise<string> =>
    String(await mobileConfig(address, "club.example", settings));
  const one = await profile("a'b@club.example");
  parser.parse(one, true);
  assert.equal(one, await profile("a'b@club.example"));
  assert.notEqual(one, await profile("c@club.example"));
  assert.match(one, /<integer>2993<\/integer>[\s\S]*<integer>2465<\/integer>/);
  assert.doesNotMatch(one, /Password<\/key>\s*<string>(?!EmailAuthPassword)/);
});
