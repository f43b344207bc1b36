// German: what stands around every page, the preferences, and the pages that say no.
import { html } from "hono/html";
import type { Words } from "../en.ts";

export const frame: Words["frame"] = {
  skip: "Zum Inhalt springen",
  trial:
    "Ein Probebetrieb: Die Anmeldung geht ohne TLS, weil nur dieser Rechner den Server erreicht.",
  siteNavigation: "Seiten",
  footerNavigation: "Über diese Website",
  signOut: "Abmelden",
  quickLanguage: "Sprache",
  quickTheme: "Farben",
};

export const links: Words["links"] = {
  plans: "Tarife",
  policy: "Datenschutz",
  ledger: "Journal",
  traffic: "Besuche",
  signIn: "Anmelden",
  signUp: "Registrieren",
  portal: "Ihre Post",
  cancel: "Vertrag kündigen",
  leftHere: "Was Sie eben hier hinterließen",
  cookies: "Cookies",
  preferences: "Sprache und Farben",
  terms: "Nutzungsbedingungen",
  policyJson: "Datenschutz als JSON",
  transparency: "Transparenzbericht",
  report: "Eine Nachricht melden",
  source: "Quelltext",
  desk: "Für Mitarbeitende",
  held: "Was wir über Sie halten",
  log: "Ihr Log",
  looks: "Wer hineinsah",
};

export const linkGroups: Words["linkGroups"] = {
  rules: "Die Regeln",
  proof: "Selbst nachsehen",
  site: "Diese Website",
};

export const preferences: Words["preferences"] = {
  title: "Sprache und Farben",
  lede: "Beides richtet sich nach Ihrem Gerät, bis Sie wählen. Ihre Wahl steht in einem einzigen Cookie in Ihrem Browser und nirgends bei uns.",
  language: "Sprache",
  theme: "Farben",
  asDevice: "Wie mein Gerät",
  light: "Hell",
  dark: "Dunkel",
  asDeviceShort: "Wie mein Gerät",
  keep: "So behalten",
  cookieNow: (value) =>
    html`Ihr Browser hält dafür dieses Cookie: <code>__Host-prefs=${value}</code>. Es steht im
      <a href="/cookies">Verzeichnis</a>, und zweimal „Wie mein Gerät“ entfernt es wieder.`,
  noCookie: html`Ihr Browser hält dafür kein Cookie. Wenn Sie wählen, wird eines gesetzt; es steht
    im <a href="/cookies">Verzeichnis</a>.`,
};

export const errors: Words["errors"] = {
  toStart: "Zum Anfang",
  refused: "Abgelehnt",
  notFoundTitle: "Nicht gefunden",
  notFound: "Hier ist nichts",
  notFoundWords: "Vielleicht ist die Adresse vertippt, oder die Seite gibt es nicht mehr.",
  brokenTitle: "Fehler",
  broken: "Bei uns ist etwas kaputtgegangen",
  brokenWords: (id) =>
    html`Es steht in unserem Log unter <code>${id}</code>. Oft hilft es, es gleich noch einmal zu
      versuchen.`,
  brokenAsk:
    "Wenn Sie uns deswegen schreiben, genügt diese Kennung: Das Log enthält nichts über Sie.",
  otherSite: "Das kam von einer anderen Website",
  otherSiteWords:
    "Ein Formular auf einer anderen Website wollte hier in Ihrem Namen etwas tun. Es ist nichts geschehen.",
  tooLargeTitle: "Zu groß",
  tooLarge: "Das ist mehr, als ein Formular fasst",
  tooLargeWords: "Es ist nichts geschehen. Gehen Sie zurück und senden Sie weniger.",
  noTls: "Nicht ohne TLS",
  noTlsWords: html`Ihr Passwort ginge unverschlüsselt durchs Netz; darum nimmt diese Seite es nicht
    an. Öffnen Sie dieselbe Adresse mit <code>https://</code>.`,
  forwarded: "Nicht über einen anderen Server",
  forwardedWords:
    "Dieser Probebetrieb vertraut nur Verbindungen von diesem Rechner selbst, und diese kam über einen Proxy, den vielleicht auch andere nutzen. Öffnen Sie die Adresse direkt, oder geben Sie dem Server eine Domain und ein Zertifikat.",
  away: "Der Schlüsselverwahrer antwortet nicht",
  awayWords:
    "Was hierher gehört, ist versiegelt, und der Verwahrer, der es für Sie öffnet, ist gerade nicht da. Ihre Post ist davon nicht betroffen. Versuchen Sie es gleich noch einmal.",
};
