// The pages of a running Bailee as people meet them, in Chromium with JavaScript off: at two widths, over TLS and without,
// signed in and out. What happens on the way of a letter is told in journey.test.ts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { cookieRegister } from "#visitors";
import { browserFor, readText, signIn, signUp } from "../browsing.ts";
import { startHouse } from "../house.ts";
import { walk } from "../interop/pages.ts";

const password = "four quiet words of Ada";

test("the pages of a running Bailee work in Chromium without JavaScript, on a desk and on a phone", async (t) => {
  const browser = await browserFor(t);
  if (browser === undefined) return;
  const house = await startHouse(t);
  const options = { base: house.url, registered: Object.keys(cookieRegister) };
  const { address, password: theirs } = await walk(browser, {
    ...options,
    width: 1280,
    dark: false,
  });
  await walk(browser, { ...options, width: 360, dark: true });

  await t.test("signing out ends the session and not only its cookie", async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await signIn(page, house.url, address, theirs);
    const kept = await context.cookies();
    const other = await browser.newContext({ javaScriptEnabled: false });
    const stranger = await other.newPage();
    await stranger.goto(`${house.url}/portal`);
    assert.equal(new URL(stranger.url()).pathname, "/sign-in", "another browser is not signed in");
    await other.addCookies(kept);
    await stranger.goto(`${house.url}/portal`);
    assert.equal(new URL(stranger.url()).pathname, "/portal", "the cookie is what signs in");
    await page.click('form[action="/sign-out"] button');
    await stranger.goto(`${house.url}/portal`);
    assert.equal(new URL(stranger.url()).pathname, "/sign-in", "the old cookie opens nothing");
    await context.close();
    await other.close();
  });

  await t.test(
    "a wrong password is refused in plain words, the same for a stranger's",
    async () => {
      const page = await browser.newPage({ javaScriptEnabled: false });
      for (const login of [address, `nobody-${address}`]) {
        await signIn(page, house.url, login, "not the password at all");
        assert.match(await readText(page), /Address and password do not belong together/);
        assert.equal(new URL(page.url()).pathname, "/sign-in");
      }
      await page.context().close();
    },
  );

  await t.test("behind a proxy that may be shared, a trial takes no password", async () => {
    const direct = await fetch(`${house.url}/sign-in`);
    assert.equal(direct.status, 200);
    for (const headers of [{ "x-forwarded-for": "192.0.2.7" }, { forwarded: "for=192.0.2.7" }]) {
      const answer = await fetch(`${house.url}/sign-in`, {
        method: "POST",
        headers,
        body: new URLSearchParams({ login: address, password: theirs }),
        redirect: "manual",
      });
      assert.equal(answer.status, 403);
      assert.deepEqual(answer.headers.getSetCookie(), []);
    }
  });

  await t.test("every kind of answer carries the policy of what it may load", async () => {
    for (const path of ["/", "/nowhere", "/portal", "/ledger/vkey", "/policy.json", "/source"]) {
      const answer = await fetch(house.url + path, { redirect: "manual" });
      assert.match(answer.headers.get("content-security-policy") ?? "", /^default-src 'none';/);
      assert.doesNotMatch(answer.headers.get("content-security-policy") ?? "", /unsafe|\*|http/);
    }
    const form = await fetch(`${house.url}/sign-out`, {
      method: "POST",
      headers: { origin: "https://elsewhere.example" },
    });
    assert.equal(form.status, 403, "another site's form");
    assert.match(form.headers.get("content-security-policy") ?? "", /^default-src 'none';/);
  });
});

test("with a domain of its own the site answers over TLS only, and signs in there", async (t) => {
  const browser = await browserFor(t);
  if (browser === undefined) return;
  const house = await startHouse(t, { BAILEE_DOMAIN: "mail.example.test" });
  const site = `https://localhost:${house.ports.WEB}`;
  assert.match(house.printed(), new RegExp(`https://localhost:${house.ports.WEB}`));
  assert.doesNotMatch(house.printed(), /example-keys/, "no example's keys away from the trial");
  await assert.rejects(fetch(`http://localhost:${house.ports.WEB}/`), "not without TLS");
  const context = await browser.newContext({ javaScriptEnabled: false, ignoreHTTPSErrors: true });
  const page = await context.newPage();
  const answer = await page.goto(site);
  assert.equal(answer?.headers()["strict-transport-security"], "max-age=31536000");
  const address = await signUp(page, site, "ada", password);
  assert.equal(address, "ada@mail.example.test");
  const cookies = await context.cookies();
  assert.deepEqual(
    cookies.map(({ name, secure, httpOnly, sameSite }) => ({ name, secure, httpOnly, sameSite })),
    [{ name: "__Host-session", secure: true, httpOnly: true, sameSite: "Lax" }],
  );
  await page.goto(`${site}/portal`);
  assert.match(await readText(page), /Nobody has looked/);
  assert.doesNotMatch((await page.textContent("body")) ?? "", /A trial/);
  await context.close();
});
