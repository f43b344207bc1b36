// The pages in Debian's Chromium without JavaScript, over rooms in memory: what a person with a browser can do and see.
import { existsSync } from "node:fs";
import { test } from "node:test";
import { cookieRegister } from "#visitors";
import { openWebServer } from "#web";
import { memorySite } from "../../src/web/memory.ts";
import { CHROMIUM, openBrowser } from "../browser.ts";
import { requireOrSkip } from "../require.ts";
import { walk } from "./pages.ts";

test("sign-up, portal, sign-out and sign-in work in Chromium without JavaScript, on a desk and on a phone", async (t) => {
  if (!requireOrSkip(t, existsSync(CHROMIUM), `not installed: ${CHROMIUM}`)) return;
  const site = memorySite();
  await using server = await openWebServer({ ...site, ports: site, bind: "127.0.0.1", port: 0 });
  const browser = await openBrowser();
  try {
    const shots = process.env["BAILEE_TEST_SHOTS"];
    const options = {
      base: `http://127.0.0.1:${server.port}`,
      registered: Object.keys(cookieRegister),
      ...(shots === undefined ? {} : { shots }),
    };
    await walk(browser, { ...options, width: 1280, dark: false });
    await walk(browser, { ...options, width: 360, dark: true });
  } finally {
    await browser.close();
  }
});
