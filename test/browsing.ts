// What a person does with the pages, for stories on a running Bailee: fills in forms, presses buttons, reads text and tables.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import type { TestContext } from "node:test";
import type { Browser, Page } from "playwright-core";
import { CHROMIUM, openBrowser } from "./browser.ts";
import { requireOrSkip } from "./require.ts";

/** Closed when the test ends. Undefined, and the test skipped, where there is no Chromium. */
export async function browserFor(t: TestContext): Promise<Browser | undefined> {
  if (!requireOrSkip(t, existsSync(CHROMIUM), `not installed: ${CHROMIUM}`)) return undefined;
  const browser = await openBrowser();
  t.after(() => browser.close());
  return browser;
}

export interface TypedContact {
  readonly name: string;
  readonly postal: string;
  readonly phone: string;
  readonly email: string;
}

/** Signs up, with a contract where contact data is given, and gives the address that the site shows. */
export async function signUp(
  page: Page,
  site: string,
  name: string,
  password: string,
  contact?: TypedContact,
): Promise<string> {
  await page.goto(`${site}/sign-up${contact === undefined ? "" : "?track=contract"}`);
  await page.fill("#name", name);
  await page.fill("#password", password);
  if (contact !== undefined) {
    await page.fill("#fullName", contact.name);
    await page.fill("#postal", contact.postal);
    await page.fill("#phone", contact.phone);
    await page.fill("#email", contact.email);
  }
  await page.click("main button");
  const text = await readText(page);
  assert.match(text, /Your address is ready/, text);
  return /\S+@\S+/.exec(text)?.[0] ?? "";
}

export async function signIn(
  page: Page,
  site: string,
  login: string,
  password: string,
): Promise<void> {
  await page.goto(`${site}/sign-in`);
  await page.fill("#login", login);
  await page.fill("#password", password);
  await page.click("main button");
}

/** What the page says, with single spaces. */
export async function readText(page: Page): Promise<string> {
  return oneLine(await page.locator("main").innerText());
}

/** The rows of the table of that name, cell by cell, without its head. */
export async function cells(page: Page, label: string): Promise<string[][]> {
  const rows = await page.getByRole("region", { name: label }).locator("tbody tr").all();
  return Promise.all(
    rows.map(async (row) =>
      (await row.locator("th, td").allInnerTexts()).map((text) => oneLine(text)),
    ),
  );
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
