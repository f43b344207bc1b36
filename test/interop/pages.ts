// Walks the site as a person does, in Chromium with JavaScript off: sign up, portal, sign out, sign in, at a desk's width and
// a phone's. Takes a base URL, so that it runs on the pages alone and on the whole program.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { Browser, BrowserContext, Page } from "playwright-core";

export interface WalkOptions {
  /** "http://127.0.0.1:8080". */
  readonly base: string;
  /** Names of the cookies that the published register allows. */
  readonly registered: readonly string[];
  /** A folder for screenshots; none are taken without it. */
  readonly shots?: string;
}

export interface Walked {
  readonly address: string;
  readonly password: string;
}

const publicPages = [
  "/",
  "/policy",
  "/cookies",
  "/left-here",
  "/traffic",
  "/preferences",
  "/ledger",
  "/source",
  "/sign-up",
  "/sign-up?track=contract",
  "/sign-in",
];
const ownPages = ["/portal", "/portal/looks", "/portal/held", "/portal/log", "/portal/password"];

/** One walk at one width. Returns the client that it made. */
export async function walk(
  browser: Browser,
  options: WalkOptions & { readonly width: number; readonly dark: boolean },
): Promise<Walked> {
  const context = await browser.newContext({
    javaScriptEnabled: false,
    viewport: { width: options.width, height: 800 },
    colorScheme: options.dark ? "dark" : "light",
  });
  try {
    const watch = watchRequests(context, options.base);
    const page = await context.newPage();
    for (const path of publicPages) await look(page, path, options);
    assert.deepEqual(await context.cookies(), [], "a visitor has no cookies");
    const client = await signUp(page, options);
    for (const path of ownPages) await look(page, path, options);
    assert.match(
      (await page.goto(`${options.base}/portal`).then(() => page.textContent("main"))) ?? "",
      /Nobody has looked/,
    );
    await signOut(page, options);
    await signIn(page, client, options);
    await chooseDark(page, options);
    await signOut(page, options);
    for (const { name } of await context.cookies())
      assert.ok(options.registered.includes(name), `${name} is not on the register`);
    assert.deepEqual(watch.elsewhere, [], "nothing is asked of anybody else");
    assert.ok(watch.own > 0);
    return client;
  } finally {
    await context.close();
  }
}

function watchRequests(
  context: BrowserContext,
  base: string,
): { readonly elsewhere: string[]; own: number } {
  const seen = { elsewhere: new Array<string>(), own: 0 };
  context.on("request", (request) => {
    if (new URL(request.url()).origin === new URL(base).origin) seen.own += 1;
    else seen.elsewhere.push(request.url());
  });
  return seen;
}

async function look(
  page: Page,
  path: string,
  options: WalkOptions & { readonly width: number; readonly dark: boolean },
): Promise<void> {
  const answer = await page.goto(options.base + path);
  assert.equal(answer?.status(), 200, path);
  assert.match(
    answer?.headers()["content-security-policy"] ?? "",
    /^default-src 'none'; style-src 'self'; /,
    path,
  );
  await fits(page, path, options.width);
  assert.ok(
    (await lowestContrast(page)) >= 4.5,
    `${path}: text stands out by 4.5 to 1 (WCAG 1.4.3)`,
  );
  if (options.shots === undefined) return;
  const name = `${path.replaceAll(/\W+/g, "-")}-${options.width}${options.dark ? "-dark" : ""}.png`;
  await page.screenshot({ path: `${options.shots}/${name}`, fullPage: true });
}

async function fits(page: Page, path: string, width: number): Promise<void> {
  const wide = await page.locator("html").evaluate((root) => root.scrollWidth);
  assert.ok(wide <= width, `${path} is ${wide} wide in a window of ${width}`);
}

/** The lowest contrast (WCAG 2.2, relative luminance) of any visible text against the first solid colour behind it. */
function lowestContrast(page: Page): Promise<number> {
  return page.locator("body").evaluate((body) => {
    // Canvas turns every CSS colour into bytes.
    const pen = body.ownerDocument
      .createElement("canvas")
      .getContext("2d", { willReadFrequently: true });
    const known = new Map<string, number>();
    const luminance = (colour: string): number => {
      const before = known.get(colour);
      if (before !== undefined || pen === null) return before ?? 0;
      pen.fillStyle = colour;
      pen.fillRect(0, 0, 1, 1);
      const [r = 0, g = 0, b = 0] = [...pen.getImageData(0, 0, 1, 1).data].map((byte) => {
        const part = byte / 255;
        return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      const found = 0.2126 * r + 0.7152 * g + 0.0722 * b;
      known.set(colour, found);
      return found;
    };
    const view = body.ownerDocument.defaultView;
    let lowest = 21;
    for (const element of body.querySelectorAll("*")) {
      const speaks = [...element.childNodes].some(
        (node) => node.nodeType === 3 && (node.textContent ?? "").trim() !== "",
      );
      if (!speaks || view === null || element.closest("svg") !== null) continue;
      let behind = element;
      while (
        behind !== null &&
        view.getComputedStyle(behind).backgroundColor === "rgba(0, 0, 0, 0)"
      )
        behind = behind.parentElement;
      const ground = behind === null ? "white" : view.getComputedStyle(behind).backgroundColor;
      const [a, b] = [luminance(view.getComputedStyle(element).color), luminance(ground)];
      lowest = Math.min(lowest, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
    }
    return lowest;
  });
}

async function signUp(page: Page, { base }: WalkOptions): Promise<Walked> {
  const name = `walker-${randomBytes(4).toString("hex")}`;
  const password = `four quiet words ${randomBytes(4).toString("hex")}`;
  await page.goto(`${base}/sign-up`);
  await page.fill("#name", name);
  await page.fill("#password", "short");
  await page.click("main button");
  assert.equal(
    await page.getAttribute("#password", "aria-invalid"),
    "true",
    "a short password is refused beside its field",
  );
  assert.equal(await page.inputValue("#name"), name, "what was typed is kept");
  assert.equal(await page.inputValue("#password"), "", "but the password");
  await page.fill("#password", password);
  await page.click("main button");
  const text = (await page.textContent("main")) ?? "";
  const address = new RegExp(`${name}@[a-z0-9.-]+`).exec(text)?.[0];
  assert.ok(address !== undefined, "the address is shown");
  assert.match(text, /IMAP/);
  return { address, password };
}

async function signIn(
  page: Page,
  { address, password }: Walked,
  { base }: WalkOptions,
): Promise<void> {
  await page.goto(`${base}/sign-in`);
  await page.fill("#login", address);
  await page.fill("#password", "not the password at all");
  await page.click("main button");
  assert.equal(await page.locator('[role="alert"]').count(), 1, "a wrong password is refused");
  await page.fill("#password", password);
  await page.check('[name="remember"]');
  await page.click("main button");
  assert.equal(new URL(page.url()).pathname, "/portal");
  assert.ok(((await page.textContent("main")) ?? "").includes(address));
}

async function signOut(page: Page, { base }: WalkOptions): Promise<void> {
  await page.click('form[action="/sign-out"] button');
  await page.goto(`${base}/portal`);
  assert.equal(new URL(page.url()).pathname, "/sign-in", "the portal is closed again");
}

async function chooseDark(page: Page, { base }: WalkOptions): Promise<void> {
  await page.goto(`${base}/portal/looks`);
  await page.click('button[value="dark"]');
  assert.equal(new URL(page.url()).pathname, "/portal/looks", "choosing a theme comes back");
  assert.equal(await page.getAttribute("html", "data-theme"), "dark");
}
