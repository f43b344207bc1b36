// The register is all there is, and a real browser agrees with what it says.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { test } from "node:test";
import { assert as holds, property, string } from "fast-check";
import { chromium } from "playwright-core";
import { findProgram, requirePrograms } from "../../test/require.ts";
import { cookieRegister, openCookies, parseCookies } from "./cookies.ts";

const strict = openCookies("development");

test("a registered cookie is set with the attributes that its entry says", () => {
  assert.equal(
    strict.set("__Host-session", "abc"),
    "__Host-session=abc; Path=/; Secure; HttpOnly; SameSite=Lax",
  );
  assert.equal(
    strict.set("__Host-remember", "abc"),
    "__Host-remember=abc; Max-Age=2592000; Path=/; Secure; HttpOnly; SameSite=Lax",
  );
  assert.match(
    strict.clear("__Host-session") ?? "",
    /^__Host-session=; Max-Age=0; Path=\/; Secure/,
  );
});

test("an undeclared cookie throws in development and is not set in production", () => {
  const lenient = openCookies("production");
  for (const name of ["tracker", "__host-session", "__proto__", "constructor", ""]) {
    assert.throws(() => strict.set(name, "x"));
    assert.equal(lenient.set(name, "x"), undefined, name);
  }
});

test("a value cannot bring attributes or headers of its own", () => {
  for (const value of [
    "a;b",
    "a b",
    'a"',
    "a\r\nSet-Cookie: x=y",
    "ä",
    "a,b",
    "a\\",
    "x".repeat(257),
  ])
    assert.throws(() => strict.set("__Host-session", value), value);
});

test("parsing is total and gives registered names only", () => {
  const cookies = parseCookies(
    "a=b; __Host-session=tok=en; __Host-session=second; =x; y; __Host-prefs=",
  );
  assert.deepEqual(
    [...cookies],
    [
      ["__Host-session", "tok=en"],
      ["__Host-prefs", ""],
    ],
  );
  assert.equal(parseCookies(undefined).size, 0);
  assert.equal(parseCookies(`__Host-session=x; ${"a".repeat(9000)}`).size, 0);
  holds(
    property(string(), (header) => {
      for (const name of parseCookies(header).keys())
        assert.ok(Object.hasOwn(cookieRegister, name));
    }),
  );
});

test("Chromium takes these cookies from loopback without TLS and sends them back", async (t) => {
  if (!requirePrograms(t, "chromium")) return;
  const heard: string[] = [];
  const server = createServer((request, response) => {
    if (request.url === "/set") {
      const all = Object.keys(cookieRegister).map((name) => strict.set(name, "value") ?? "");
      response.setHeader("Set-Cookie", all);
    } else if (request.url === "/get") heard.push(request.headers.cookie ?? "");
    response.end("ok");
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  const executablePath = findProgram("chromium") ?? "";
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    for (const host of ["localhost", "127.0.0.1", "bailee.localhost"]) {
      const page = await browser.newPage({ javaScriptEnabled: false });
      await page.goto(`http://${host}:${port}/set`);
      await page.goto(`http://${host}:${port}/get`);
    }
    const everyName = Object.keys(cookieRegister).sort();
    assert.deepEqual(
      heard.map((header) => [...parseCookies(header).keys()].sort()),
      [everyName, everyName, everyName],
    );
  } finally {
    await browser.close();
    server.close();
  }
});
