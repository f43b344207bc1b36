// German: sign-up, sign-in, the welcome, and what forms say of their fields.
import { html } from "hono/html";
import type { Words } from "../en.ts";

export const signUp: Words["signUp"] = {
  title: "Registrieren",
  lede: "Ein Name für die Adresse und ein Passwort genügen. Sagen Sie mehr nur, wenn Sie einen Vertrag auf Ihren Namen möchten.",
  track: "Art der Registrierung",
  pseudonymous: "Ohne Namen",
  contract: "Mit Vertrag",
  address: "Ihre Adresse",
  password: "Passwort",
  passwordHint:
    "Es öffnet Ihre Post; machen Sie es also lang: ein paar Wörter, die nur Sie so zusammenstellen.",
  whoYouAre: "Wer Sie sind",
  fullName: "Name",
  postal: "Postanschrift",
  phone: "Telefon",
  email: "E-Mail anderswo",
  emailHint: "Wo wir Sie erreichen, wenn diese Adresse nicht geht.",
  plan: "Tarif",
  make: "Adresse einrichten",
  kept: "Was davon bleibt",
  keptOf: (purposes, rule) => html`Für: ${purposes}. Aufbewahrt: ${rule}.`,
  keptContract:
    "Ihre Kontaktdaten werden versiegelt, bevor sie gespeichert werden. Nur der Verwahrer kann sie öffnen, für die Zwecke oben.",
  keptPseudonymous:
    "Hier gibt es keine Kontaktdaten. Geht das Passwort verloren, kann niemand gefragt werden, wer Sie sind.",
  rest: html`Das Übrige steht in der <a href="/policy#classes">Datenschutzrichtlinie</a>.`,
};

export const signIn: Words["signIn"] = {
  title: "Anmelden",
  lede: "Ihr Passwort gibt Ihren Schlüssel frei, bis Sie sich abmelden.",
  address: "Adresse",
  password: "Passwort",
  remember: "Auf diesem Gerät angemeldet bleiben",
  rememberWords: html`Setzt ein Cookie, das bleibt; es steht im
    <a href="/cookies">Verzeichnis</a>.`,
  enter: "Anmelden",
  instead: "Stattdessen registrieren",
  lost: "Passwort verloren?",
};

export const welcome: Words["welcome"] = {
  title: "Ihre Adresse ist bereit",
  words:
    "Ihr Schlüssel wurde eben gemacht, und der Teil, der Briefe öffnet, liegt unter Ihrem Passwort. Sie sind angemeldet. Das braucht Ihr Mailprogramm:",
  on: "Weiter zu Ihrer Post",
  settings: "Einstellungen für Ihr Mailprogramm",
  columns: ["Für", "Protokoll", "Server", "Port", "Sicherheit"],
  userName: (address) =>
    html`Der Benutzername ist die ganze Adresse, <code>${address}</code>, und das Passwort ist das
      Ihre.`,
};

export const forms: Words["forms"] = {
  summary: "Das ging nicht durch",
  tooLong: "Zu lang.",
  nameForm: "Bitte Buchstaben ohne Umlaute, Ziffern, Punkte und Bindestriche.",
  nameLong: "Höchstens 64 Zeichen.",
  passwordNeeded: "Ein Passwort wird gebraucht.",
  planNeeded: "Wählen Sie einen Tarif.",
  fullNameNeeded: "Für den Vertrag brauchen wir Ihren Namen.",
  postalNeeded: "Für den Vertrag brauchen wir Ihre Postanschrift.",
  phoneNeeded: "Für den Vertrag brauchen wir Ihre Telefonnummer.",
  phoneForm: "Bitte eine Telefonnummer.",
  emailNeeded: "Wir brauchen eine E-Mail-Adresse, unter der wir Sie anderswo erreichen.",
  emailForm: "Bitte eine E-Mail-Adresse.",
  addressNeeded: "Ihre Adresse wird gebraucht.",
};

export const signUpRefusals: Words["signUpRefusals"] = {
  "bad-address":
    "Dieser Name ist nicht zu haben. Versuchen Sie es mit Buchstaben und Ziffern oder einem anderen.",
  "not-our-domain":
    "Dieser Name ist nicht zu haben. Versuchen Sie es mit Buchstaben und Ziffern oder einem anderen.",
  "address-taken": "Dieser Name ist vergeben.",
  "password-too-short": "Zu kurz, um Ihre Post zu verschließen. Nehmen Sie ein paar Wörter.",
  "password-too-long": "Länger, als wir nehmen können.",
  "unknown-plan": "Wählen Sie einen dieser Tarife.",
  "contact-incomplete": "Für den Vertrag brauchen wir alle vier Angaben.",
  "too-many": "Zu viele Registrierungen aus Ihrem Netz. Warten Sie ein paar Minuten.",
  "keeper-away":
    "Der Schlüsselverwahrer antwortet nicht, und ohne ihn kann kein Schlüssel gemacht werden. Versuchen Sie es gleich noch einmal.",
};

export const signInRefusals: Words["signInRefusals"] = {
  wrong: "Adresse und Passwort gehören nicht zusammen.",
  suspended: "Dieses Konto ist gesperrt. Schreiben Sie uns von einer anderen Adresse.",
  "too-many": "Zu viele Versuche. Warten Sie ein paar Minuten.",
  "not-this-way": "Dieses Passwort ist für Mailprogramme. Nehmen Sie hier Ihr Hauptpasswort.",
  "key-differs":
    "Ihr Passwort stimmt, aber der Schlüssel in unserer Datenbank ist nicht der, der bei Ihrer Registrierung bestätigt wurde: Jemand hat ihn vertauscht. Ihre Post bleibt verschlossen, und neue Post wird abgewiesen, bis das in Ordnung ist. Schreiben Sie uns von einer anderen Adresse.",
};
