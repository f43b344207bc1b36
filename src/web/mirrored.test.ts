// A language that runs from right to left, made of the English words in Hebrew letters: every public page mirrors in Chromium,
// at a desk's width and a phone's, and nothing runs out of the window.
import assert from "node:assert/strict";
import { test } from "node:test";
import { raw } from "hono/html";
import { browserFor } from "../../test/browsing.ts";
import { memorySite } from "./memory.ts";
import { openWebServer } from "./server.ts";
import { english, type Words } from "./texts/en.ts";
import { languages, type Texts } from "./texts/texts.ts";

const letters = "אבגדהוזחטיכלמנסעפצקרשתםןףץ";

/** Every letter outside tags and entities by one of Hebrew. */
function mirrorText(text: string): string {
  return text.replaceAll(
    /(<[^>]*>|&#?\w+;)|[a-z]/gi,
    (letter, kept?: string) => kept ?? letters[letter.toLowerCase().charCodeAt(0) - 97] ?? letter,
  );
}

function mirror(value: unknown): unknown {
  if (typeof value === "string") return mirrorText(value);
  if (typeof value === "function")
    return (...args: readonly unknown[]) =>
      mirror((value as (...given: readonly unknown[]) => unknown)(...args));
  if (Array.isArray(value)) return value.map(mirror);
  if (typeof value !== "object" || value === null) return value;
  if ("isEscaped" in value) return raw(mirrorText(value as unknown as string));
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, mirror(each)]));
}

const mirrored: Texts = {
  ...languages.en,
  ...(mirror(english) as Words),
  tag: "he",
  dir: "rtl",
};

const pages = [
  "/",
  "/policy",
  "/cookies",
  "/left-here",
  "/traffic",
  "/traffic?period=12-months",
  "/preferences",
  "/source",
  "/ledger",
  "/sign-up?track=contract",
  "/sign-in",
  "/nothing",
];

test("pages mirror from right to left without running out of the window", async (t) => {
  const browser = await browserFor(t);
  if (browser === undefined) return;
  const site = memorySite({ languages: { ...languages, en: mirrored } });
  await using server = await openWebServer({ ...site, ports: site, bind: "127.0.0.1", port: 0 });
  for (const width of [360, 1280]) {
    const context = await browser.newContext({
      javaScriptEnabled: false,
      viewport: { width, height: 800 },
    });
    const page = await context.newPage();
    for (const path of pages) {
      await page.goto(`http://127.0.0.1:${server.port}${path}`);
      const html = page.locator("html");
      assert.equal(await html.getAttribute("dir"), "rtl", path);
      assert.equal(await html.getAttribute("lang"), "he", path);
      const wide = await html.evaluate((root) => root.scrollWidth);
      assert.ok(wide <= width, `${path} is ${wide} wide in a window of ${width}`);
      const mark = await page.locator(".wordmark").boundingBox();
      assert.ok((mark?.x ?? 0) > width / 2, `${path}: the header begins at the right`);
      if (path === "/ledger")
        assert.equal(await page.getAttribute("main", "dir"), "ltr", "what is English says so");
    }
    await context.close();
  }
});
