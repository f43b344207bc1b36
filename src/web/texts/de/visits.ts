// German: cookies, what a visit left, and the traffic report.
import { html } from "hono/html";
import type { Words } from "../en.ts";
import { formats } from "../formats.ts";

const { counted, number } = formats("de");
const views = (count: number): string => counted(count, { one: "Aufruf", other: "Aufrufe" });

export const cookies: Words["cookies"] = {
  title: "Cookies",
  lede: "Das sind alle Cookies, die es hier gibt. Niemand fragt Sie nach einer Einwilligung, weil keine nötig ist: Jedes wird nur durch etwas gesetzt, das Sie tun.",
  register: "Verzeichnis der Cookies",
  name: "Name",
  purpose: "Wofür",
  setWhen: "Gesetzt, wenn",
  lives: "Lebt",
  caption:
    "Das Verzeichnis. Nur eine Stelle im Programm setzt Cookies, und sie weist jeden Namen ab, der nicht hier steht.",
  untilClosed: "bis Sie den Browser schließen",
  days: (count) => counted(count, { one: "Tag", other: "Tage" }),
  after: html`Alle bleiben auf dieser Website, sind für Skripte nicht lesbar und sagen nichts über
    Sie: ein zufälliges Kennzeichen, oder die Wahl, die Sie
    <a href="/preferences">hier</a> trafen.`,
};

export const left: Words["left"] = {
  title: "Was Sie eben hier hinterließen",
  lede: "Das Öffnen dieser Seite hat die Zähler unten um eins erhöht. Mehr bleibt davon nicht: Es gibt keine Zeile, die für Sie steht.",
  ledeAutomated:
    "Das Öffnen dieser Seite hat die Zähler unten um eins erhöht. Es kam so, wie Programme fragen, schnell oder nach etwas, das es nicht gibt; darum wurde es getrennt gezählt, bei den automatischen Anfragen.",
  page: "Die Seite",
  pageWords: "als Muster, ohne alles, was hinter einem Fragezeichen stand",
  hour: "Die Stunde",
  hourWords: (day, count) => `${day}, UTC. Diese Seite in dieser Stunde: ${views(count)}.`,
  provider: "Ihr Anbieter",
  pending: "wird nachgeschlagen",
  pendingWords:
    "Ihre Adresse wartet im Arbeitsspeicher auf ihren Namen und wird verworfen, sobald er gefunden ist. Laden Sie die Seite noch einmal, um ihn zu sehen.",
  providerWords: (count) =>
    `die registrierte Domain Ihres Internetanbieters, nach Tagen gezählt. Heute: ${views(count)}.`,
  localWords: (count) =>
    `Ihre Adresse gehört zu einem privaten Netz, hinter dem kein Anbieter steht. Heute: ${views(count)}.`,
  unknownWords: (count) =>
    `Ihre Adresse hat keinen Namen unter einer öffentlichen Domain und wird mit allen solchen gezählt. Heute: ${views(count)}.`,
  local: "lokales Netz",
  unknown: "unbekannt",
  other: "andere",
  before: "Und die Seiten davor?",
  beforeWords: html`Jede Seite, die Sie geöffnet haben, hat auf dieselbe Weise zwei Zähler erhöht:
  ihren eigenen für die Stunde und den Ihres Anbieters für den Tag. Auflisten können wir sie Ihnen
  nicht, denn nichts verbindet eine Anfrage mit der nächsten. Bilder und Formatvorlagen werden nicht
  gezählt, auch keine Dateien, die Sie mitnehmen.`,
  notKept: "Was nicht bleibt",
  notKeptWords:
    "Ihre Adresse, Name und Sprache Ihres Browsers, woher Sie kamen, wonach Sie suchten, wie lange Sie blieben, und alles, woran man erkennen könnte, dass zwei Besuche Ihre sind.",
  sums: html`Die Summen sind <a href="/traffic">öffentlich</a>.`,
};

export const traffic: Words["traffic"] = {
  title: "Besuche",
  lede: "Alles, was irgendjemand, auch der Betreiber, über die Besuche dieser Website wissen kann: Seiten nach Stunden und Anbieter nach Tagen, als Zähler.",
  period: "Zeitraum",
  today: "Heute",
  days7: "7 Tage",
  days30: "30 Tage",
  months12: "12 Monate",
  views: (count) => html`<span class="figure">${number(count)}</span>Seitenaufrufe`,
  pages: (count) =>
    html`<span class="figure">${number(count)}</span
      >${count === 1 ? "Seite" : "verschiedene Seiten"}`,
  automated: (count) =>
    html`<span class="figure">${number(count)}</span>automatische Anfragen, getrennt gezählt`,
  pageViews: "Seitenaufrufe",
  nothing:
    "In diesem Zeitraum wurde noch nichts gezählt. Öffnen Sie eine Seite und kommen Sie wieder.",
  chartOf: (period) => `Seitenaufrufe: ${period}`,
  byTime: "Aufrufe nach Zeit",
  time: "Zeit (UTC)",
  pagesHeading: "Seiten",
  byPage: "Aufrufe nach Seite",
  page: "Seite",
  elsewhere: "Seiten, die es nicht gibt",
  providers: "Internetanbieter",
  folded: "Domains mit weniger als zehn Aufrufen am Tag stehen zusammen unter „andere“.",
  byProvider: "Aufrufe nach Internetanbieter",
  provider: "Anbieter",
  hours: "Stunden der Woche",
  hoursChart: (most) =>
    `Aufrufe nach Wochentag und Stunde, UTC; höchstens in einer Stunde: ${number(most)}`,
  asTable: "Dasselbe als Tabelle",
  byHour: "Aufrufe nach Stunde der Woche (UTC)",
  viewsColumn: "Aufrufe",
  empty: "Noch nichts.",
  more: (count) =>
    counted(count, { one: "weitere Zeile zum Mitnehmen.", other: "weitere Zeilen zum Mitnehmen." }),
  take: "Zum Mitnehmen:",
  kept: html`Keine Zeile einer Tabelle ist ein Besuch, und ein Tag der Zähler wird nach 400 Tagen
    gelöscht. <a href="/left-here">Sehen Sie, was Ihre eigene Anfrage erhöht hat</a>.`,
};
