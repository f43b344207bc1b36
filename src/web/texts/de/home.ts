// German: the page that a provider puts in front of people, and the source page.
import { html } from "hono/html";
import type { Words } from "../en.ts";
import { formats } from "../formats.ts";

const { counted } = formats("de");

export const home: Words["home"] = {
  title: "Post, die für Sie verwahrt wird",
  heading: "Post, die für Sie verwahrt wird und nicht vor Ihnen",
  lede: "Ihre Briefe werden für Ihren Schlüssel versiegelt, sobald sie eintreffen. Ihr Passwort öffnet sie. Wer sonst hineinsehen will, braucht einen Grund aus unserer Datenschutzrichtlinie, die Zustimmung anderer Menschen und einen Eintrag in einem öffentlichen Journal, der steht, bevor sich der Schlüssel dreht.",
  portal: "Ihre Post",
  getAddress: (domain) => `Eine Adresse bei ${domain}`,
  readPolicy: "Datenschutz lesen",
  sealed: "Bei Ankunft versiegelt",
  sealedWords:
    "Der Server, der Ihre Post annimmt, hat nur die öffentliche Hälfte Ihres Schlüssels. Er kann einen Brief verschließen und keinen öffnen.",
  noEntry: "Kein Eintrag, kein Schlüssel",
  noEntryWords:
    "Die anderen Schlüssel liegen bei einem eigenen Programm. Es schreibt zuerst in ein Journal, das niemand unbemerkt ändern kann, öffnet genau das Genehmigte, und Sie sehen, wer wann und warum hineinsah.",
  threeFacts: "Drei Angaben zu einem Besuch",
  threeFactsWords: html`Diese Website zählt die Domain Ihres Anbieters, die Stunde und die Seite.
    <a href="/left-here">Sehen Sie, was Sie eben hier hinterließen</a>.`,
  life: "Der Weg eines Briefs",
  arrives: "Er kommt an",
  arrivesWords:
    "Im Arbeitsspeicher liest der Server die Adresse auf dem Umschlag und sucht Ihren öffentlichen Schlüssel.",
  isSealed: "Er wird versiegelt",
  isSealedWords:
    "Kopfzeilen, Text, Anhänge und Ordnernamen werden für Sie verschlüsselt. Erst dann erfährt der Absender, dass wir den Brief haben. Misslingt das Versiegeln, wird der Absender gebeten, es noch einmal zu versuchen.",
  youRead: "Sie lesen ihn",
  youReadWords:
    "Ihr Passwort gibt Ihren Schlüssel frei, solange Sie angemeldet sind, hier oder in Ihrem Mailprogramm.",
  others: "Jemand anderes möchte hineinsehen",
  othersWords: html`Die Anfrage nennt einen von <a href="/policy#grounds">acht Gründen</a> und weist
    nach, was dieser Grund verlangt. Zwei Menschen stimmen zu, oder Sie selbst. Das
    <a href="/ledger">Journal</a> bekommt seinen Eintrag. Dann werden die genannten Briefe geöffnet
    und sonst nichts.`,
  check: "Prüfen Sie es selbst",
  unpublished:
    "Das Journal ist noch nicht veröffentlicht; das geschieht zum ersten Mal wenige Minuten nach dem Start.",
  published: (entries) =>
    `Das veröffentlichte Journal hat ${counted(entries, { one: "Eintrag", other: "Einträge" })}.`,
  checkWords: html`Sein Format ist ein offener Standard; auch Programme, die nicht von uns sind,
    können es prüfen. <a href="/ledger">Öffnen Sie das Journal</a>, sehen Sie sich
    <a href="/traffic">die Besuche</a> an, denn mehr wissen wir von niemandem, oder lesen Sie
    <a href="/cookies">die Liste der Cookies</a>; sie ist kurz.`,
};

export const source: Words["source"] = {
  title: "Quelltext",
  heading: "Der Quelltext",
  lede: "Auf dieser Website läuft Bailee, freie Software. Sie können den Quelltext von genau dem haben, was hier läuft.",
  version: "Version",
  commit: "Commit",
  noCommit: "unbekannt: läuft nicht aus einem Klon",
  licence: "Lizenz",
  licenceWords: "GNU Affero General Public License, Version 3 oder später (AGPL-3.0-or-later)",
  ask: html`Fragen Sie die Betreiber dieser Website danach. Die Lizenz verpflichtet sie, ihn allen,
    die das Programm über ein Netz nutzen, samt eigenen Änderungen und ohne Entgelt anzubieten. Der
    Lizenztext liegt bei, in der Datei <code>LICENSE</code>.`,
};
