// English: the page that a provider puts in front of people, and the source page.
import { html } from "hono/html";
import { formats } from "../formats.ts";

const { counted } = formats("en-GB");

export const home = {
  title: "Mail that is kept for you",
  heading: "Mail that is kept for you, not from you",
  lede: "Your letters are sealed to your key the moment they arrive. Your password opens them. Anybody else who wants to look needs a reason that our policy lists, the consent of other people, and an entry in a public log that is written before the key turns.",
  portal: "Your mail",
  getAddress: (domain: string): string => `Get an address at ${domain}`,
  readPolicy: "Read the policy",
  sealed: "Sealed on arrival",
  sealedWords:
    "The server that takes your mail in holds only the public half of your key. It can close a letter and cannot open one.",
  noEntry: "No entry, no key",
  noEntryWords:
    "A separate program keeps the other keys. It writes to a tamper-evident log first, opens exactly what was approved, and you see who looked, when and why.",
  threeFacts: "Three facts about a visit",
  threeFactsWords: html`This site counts your provider’s domain, the hour and the page.
    <a href="/left-here">See what you just left here</a>.`,
  life: "The life of a letter",
  arrives: "It arrives",
  arrivesWords:
    "In memory, the server reads the address on the envelope and finds your public key.",
  isSealed: "It is sealed",
  isSealedWords:
    "Headers, text, attachments and folder names are encrypted to you. Only then does the sender hear that we have it. If sealing fails, the sender is asked to try again.",
  youRead: "You read it",
  youReadWords:
    "Your password unwraps your key for as long as you are signed in, here or in your mail program.",
  others: "Somebody else asks to",
  othersWords: html`The request names one of <a href="/policy#grounds">eight grounds</a> and proves
    what that ground demands. Two people approve it, or you do. The
    <a href="/ledger">ledger</a> gets its entry. Then the named letters are opened, and nothing
    beside them.`,
  check: "Check it yourself",
  unpublished:
    "The ledger has not been published yet; the first publication follows within minutes of the start.",
  published: (entries: number): string =>
    `The published ledger holds ${counted(entries, { one: "entry", other: "entries" })}.`,
  checkWords: html`Its format is an open standard, so programs that we did not write can verify it.
    <a href="/ledger">Open the ledger</a>, look at the <a href="/traffic">traffic</a> that is all we
    know of our visitors, or read <a href="/cookies">the list of cookies</a>, which is short.`,
};

export const source = {
  title: "Source",
  heading: "The source",
  lede: "This site runs Bailee, which is free software. You may have the source of exactly what runs here.",
  version: "Version",
  commit: "Commit",
  noCommit: "not known: it does not run from a clone",
  licence: "Licence",
  licenceWords: "GNU Affero General Public License, version 3 or later (AGPL-3.0-or-later)",
  ask: html`Ask the operator of this site for it. The licence obliges them to offer it to everybody
    who uses the program over a network, changes of their own included, without charge. It comes
    with the licence’s text, in the file <code>LICENSE</code>.`,
};
