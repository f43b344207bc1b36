// What every page is made with: the site's settings and ports. Holds no state and no request.
import type { Clock } from "#base/time";
import type { Release } from "./pages/source.ts";
import type { MailSetting, WebPorts } from "./ports.ts";
import type { Language, Texts } from "./texts/texts.ts";

export interface SiteSettings {
  readonly domain: string;
  /** True on loopback with the trial domain: sign-in works without TLS, and only directly. */
  readonly tryingOut: boolean;
  /** The folder into which the keeper publishes checkpoint, tiles and openings; served read-only. */
  readonly publishedLedgerFolder: string;
  readonly settingsForMailPrograms: readonly MailSetting[];
  readonly release: Release;
  readonly clock: Clock;
  /** Other words in the place of the shipped ones. */
  readonly languages?: { readonly [Tag in Language]: Texts };
}

export interface Site extends SiteSettings, WebPorts {}

/** What the server tells the app of one connection. */
export interface Connection {
  /** The peer's address, in memory only. */
  readonly peer: string;
  readonly secure: boolean;
}
