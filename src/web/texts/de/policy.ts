// German: what stands around the policy's own table. The table's sentences are in tables.ts.
import { html } from "hono/html";
import type { Words } from "../en.ts";
import { formats } from "../formats.ts";

const { counted } = formats("de");

export const policy: Words["policy"] = {
  title: "Datenschutz",
  heading: "Unser Datenschutz",
  lede: "Was wir mit dem tun dürfen, was Ihnen gehört. Diese Worte, die Tabellen darunter und die Prüfungen im Programm kommen aus einer Quelle, damit sie nicht Verschiedenes sagen können.",
  binding: html`Dies ist eine Übersetzung. <strong>Verbindlich sind die englischen Worte</strong>:
    Über sie ist die Prüfsumme gebildet, und sie stehen in
    <a href="/policy.json">der Fassung als JSON</a>.`,
  version: (digest) =>
    html`Fassung <code>${digest.slice(0, 16)}</code>. Die ganze Prüfsumme, <code>${digest}</code>,
      ist in jeden versiegelten Brief und jeden Eintrag des Journals eingebunden. Dasselbe
      <a href="/policy.json">als JSON</a> und im Datenschutz-Vokabular des W3C
      <a href="/policy.jsonld">als JSON-LD</a>.`,
  classesHeading: "Was wir halten, wofür, wie lange",
  classesWords:
    "Außerhalb dieser Tabelle gibt es nichts über einen Menschen. Ein Zweck, den eine Zeile nicht nennt, öffnet nichts.",
  classesTable: "Klassen von Daten",
  classColumns: ["Klasse", "Enthält", "Darf geöffnet werden für", "Aufbewahrt"],
  groundsHeading: "Die Gründe",
  groundsWords:
    "Nur aus diesen Gründen darf jemand anderem als Ihnen etwas von Ihnen gezeigt werden; dazu, was jeder nachweisen muss und wie viele Menschen zustimmen müssen. Notfälle ohne Rechtsverfahren, Werbung, die Einwilligung von jemand anderem und das Anmelden im Namen eines Kunden gehören nicht dazu.",
  groundsTable: "Gründe",
  groundColumns: ["Grund", "Worum es geht", "Reicht bis", "Zustimmung", "Nachzuweisen", "Gilt"],
  ifNamed: (reaches, named) => `${reaches}; ${named}, wenn der Rechtsakt es nennt`,
  clientApproves: "Sie, die Kundin oder der Kunde",
  nobodyApproves: "niemand sonst; unterschrieben von der anfragenden Person",
  othersApprove: (people) => `${people} andere Menschen`,
  hours: (count) => counted(count, { one: "Stunde", other: "Stunden" }),
  days: (count) => counted(count, { one: "Tag", other: "Tage" }),
  once: "einmal",
  times: (count) => `${count}-mal`,
  cap: (count) => `; höchstens ${count} je Kunde in 30 Tagen`,
  evidence: "Der lebende Beleg:",
  classes: {
    visit: "Besuche",
    cookie: "Cookies",
    contact: "Kontakt",
    payment: "Zahlung",
    standing: "Vertragsstand",
    clientlog: "Kundenlog",
    content: "Post",
    rule: "Regeln",
    credential: "Zugangsdaten",
    staff: "Mitarbeitende",
    case: "Fälle",
  },
  ownPurpose: "Sie selbst",
};
