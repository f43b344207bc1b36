// English: what stands around every page, the preferences, and the pages that say no.
import { html } from "hono/html";
import type { Html } from "../../html.ts";

export const frame = {
  skip: "Skip to the content",
  trial: "A trial: sign-in works without TLS because only this machine can reach it.",
  siteNavigation: "Site",
  footerNavigation: "About this site",
  signOut: "Sign out",
  quickLanguage: "Language",
  quickTheme: "Colours",
};

/** The names of the links in header and footer; navigation.ts says which stand where. */
export const links = {
  plans: "Plans",
  policy: "Policy",
  ledger: "Ledger",
  traffic: "Traffic",
  signIn: "Sign in",
  signUp: "Sign up",
  portal: "Your mail",
  cancel: "Cancel a contract",
  leftHere: "What you just left here",
  cookies: "Cookies",
  preferences: "Language and colours",
  terms: "Terms of use",
  policyJson: "Policy as JSON",
  transparency: "Transparency report",
  report: "Report a message",
  source: "Source",
  desk: "Staff desk",
  held: "What we hold about you",
  log: "Your log",
  looks: "Who looked",
};

/** The headings over the groups of links in the footer. */
export const linkGroups = { rules: "The rules", proof: "See for yourself", site: "This site" };

export const preferences = {
  title: "Language and colours",
  lede: "Both follow your device until you choose. A choice is kept in one cookie in your browser, and nowhere here.",
  language: "Language",
  theme: "Colours",
  asDevice: "As my device says",
  light: "Light",
  dark: "Dark",
  asDeviceShort: "As my device",
  keep: "Keep this",
  cookieNow: (value: string): Html =>
    html`Your browser keeps this cookie for it: <code>__Host-prefs=${value}</code>. It is on
      <a href="/cookies">the register</a>, and choosing “as my device says” twice takes it away.`,
  noCookie: html`Your browser keeps no cookie for this. Choosing sets one, which is on
    <a href="/cookies">the register</a>.`,
};

export const errors = {
  toStart: "To the start",
  refused: "Refused",
  notFoundTitle: "Not found",
  notFound: "There is nothing here",
  notFoundWords: "The address may be mistyped, or the page may have gone.",
  brokenTitle: "Broken",
  broken: "Something broke on our side",
  brokenWords: (id: string): Html =>
    html`It is in our log under <code>${id}</code>. Trying again in a moment often helps.`,
  brokenAsk:
    "If you write to us about it, that id is all we need: the log holds nothing about you.",
  otherSite: "This came from another site",
  otherSiteWords:
    "A form on another site tried to do something here in your name. Nothing was done.",
  tooLargeTitle: "Too large",
  tooLarge: "That is more than a form holds",
  tooLargeWords: "Nothing was done. Go back and send less.",
  noTls: "Not without TLS",
  noTlsWords: html`Your password would cross the network in clear, so this page refuses to take it.
    Open the same address with <code>https://</code>.`,
  forwarded: "Not through another server",
  forwardedWords:
    "This is a trial that trusts only connections made on this machine itself, and this one came through a proxy that somebody else may share. Open the address directly, or give the server a domain and a certificate.",
  away: "The key holder does not answer",
  awayWords:
    "What belongs here is sealed, and the keeper that opens it for you is away. Your mail is not affected. Try again in a moment.",
};
