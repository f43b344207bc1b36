// German of sentences that stand in tables elsewhere: the policy, the plans, the cookie register. The key is the English
// sentence itself, so that a translation can never be shown for words that have changed since: those stand in English then.
import type { TableWords } from "../table-words.ts";

const policyClauses: TableWords = {
  Visiting: "Besuchen",
  "You can read this site without telling us who you are. We count three facts about a visit: the domain of your internet provider, the hour, and the page. They are added to counters; there is no record of your visit as such, no address, no browser name, no search terms.":
    "Sie können diese Website lesen, ohne uns zu sagen, wer Sie sind. Wir zählen drei Angaben zu einem Besuch: die Domain Ihres Internetanbieters, die Stunde und die Seite. Sie werden Zählern zugeschlagen; eine Aufzeichnung Ihres Besuchs selbst gibt es nicht, keine Adresse, keinen Browsernamen, keine Suchwörter.",
  "The counter's type has three fields and the tables have no others. Your address stays in memory and is never written.":
    "Der Typ des Zählers hat drei Felder, und die Tabellen haben keine anderen. Ihre Adresse bleibt im Arbeitsspeicher und wird nie geschrieben.",
  Cookies: "Cookies",
  "A cookie is set only when you sign in, ask to be remembered, or choose a language or theme. Each one is on a published register with its purpose and its life.":
    "Ein Cookie wird nur gesetzt, wenn Sie sich anmelden, angemeldet bleiben möchten oder eine Sprache oder Farben wählen. Jedes steht mit Zweck und Lebensdauer in einem veröffentlichten Verzeichnis.",
  "One piece of code may set cookies, and it refuses every name that is not on the register.":
    "Nur eine Stelle im Programm darf Cookies setzen, und sie weist jeden Namen ab, der nicht im Verzeichnis steht.",
  "Who you are": "Wer Sie sind",
  "What you tell us about yourself is used to set up your service and to support you as our client, and for nothing else. There is no marketing purpose, so it cannot be used for marketing.":
    "Was Sie uns über sich sagen, dient dazu, Ihren Dienst einzurichten und Sie als Kunden zu betreuen, und zu nichts anderem. Einen Zweck „Werbung“ gibt es nicht; darum kann es nicht für Werbung verwendet werden.",
  "It is sealed to a key that only the keeper holds, and the keeper opens it for listed purposes only.":
    "Es ist für einen Schlüssel versiegelt, den nur der Verwahrer hat, und der öffnet es nur für die genannten Zwecke.",
  Payment: "Zahlung",
  "Payment data is used to process payments. We never hold a card number. Others may see it only where a legal instrument names it.":
    "Zahlungsdaten dienen der Abwicklung von Zahlungen. Eine Kartennummer haben wir nie. Andere dürfen sie nur sehen, wo ein Rechtsakt sie nennt.",
  "Its class lists one purpose besides your own view; every other request is refused by the keeper whoever asks.":
    "Ihre Klasse nennt außer Ihrem eigenen Blick nur einen Zweck; jede andere Anfrage weist der Verwahrer ab, von wem sie auch kommt.",
  "Status, services and logs": "Vertragsstand, Dienste und Logs",
  "While you are our client we keep your account's status, the services you chose, and a log of sign-ins, deliveries, changes and looks by people. You see that log word for word, and its days are destroyed when their time is over.":
    "Solange Sie Kunde sind, führen wir den Stand Ihres Kontos, die gewählten Dienste und ein Log der Anmeldungen, Zustellungen, Änderungen und Einsichten durch Menschen. Sie sehen dieses Log Wort für Wort, und seine Tage werden vernichtet, wenn ihre Zeit um ist.",
  "Each day of the log is sealed to a key of its own; destroying the key is how it ends.":
    "Jeder Tag des Logs ist für einen eigenen Schlüssel versiegelt; mit dessen Vernichtung endet er.",
  "Your mail": "Ihre Post",
  "We store your mail because delivering it needs that. It is sealed to your key the moment it arrives, and your own password is what opens it. Nobody here reads it in the ordinary course of things.":
    "Wir speichern Ihre Post, weil das Zustellen es braucht. Sie wird für Ihren Schlüssel versiegelt, sobald sie eintrifft, und Ihr eigenes Passwort öffnet sie. Im gewöhnlichen Lauf der Dinge liest sie hier niemand.",
  "The server that receives mail holds only the public half of your key.":
    "Der Server, der Post annimmt, hat nur die öffentliche Hälfte Ihres Schlüssels.",
  "When others may learn who you are": "Wann andere erfahren dürfen, wer Sie sind",
  "Two grounds only. D1: it is necessary to identify, contact or take legal action against someone who may be harming, or interfering with the rights or property of, us, our clients or others. D2: we believe in good faith that the law requires it.":
    "Nur aus zwei Gründen. D1: Es ist notwendig, um jemanden zu identifizieren, zu erreichen oder rechtlich gegen ihn vorzugehen, der uns, unseren Kunden oder anderen womöglich schadet oder in deren Rechte oder Eigentum eingreift. D2: Wir glauben in gutem Glauben, dass das Gesetz es verlangt.",
  "The keeper's table of grounds, two approvals by different people, and an entry in the public log before anything is opened.":
    "Die Tabelle der Gründe beim Verwahrer, zwei Zustimmungen verschiedener Menschen und ein Eintrag im öffentlichen Journal, bevor etwas geöffnet wird.",
  "When others may see your mail": "Wann andere Ihre Post sehen dürfen",
  "Four grounds only. E1: it is necessary to provide the service to you, and you approve the case. E2: it is necessary to protect both our legitimate interests and you. E3: an interception order, warrant or other legal process that we ourselves determined to be valid and enforceable. E4: to a law enforcement agency, contents that we came upon inadvertently and that appear to concern a crime.":
    "Nur aus vier Gründen. E1: Es ist notwendig, um Ihnen den Dienst zu leisten, und Sie stimmen dem Fall zu. E2: Es ist notwendig, um unsere berechtigten Interessen und zugleich Sie zu schützen. E3: eine Überwachungsanordnung, ein Durchsuchungsbeschluss oder ein anderes Rechtsverfahren, das wir selbst als gültig und vollstreckbar befunden haben. E4: an eine Strafverfolgungsbehörde, Inhalte, auf die wir unabsichtlich gestoßen sind und die ein Verbrechen zu betreffen scheinen.",
  "The keeper opens exactly the messages that the grant names, after the entry in the public log is durable.":
    "Der Verwahrer öffnet genau die Nachrichten, die die Freigabe nennt, nachdem der Eintrag im öffentlichen Journal dauerhaft steht.",
  Harm: "Schaden",
  "We do not censor and we do not watch. When something is reported, or breaks our terms of use, we may review the named messages, delete them or block access, and we give you the reasons and an appeal to another person.":
    "Wir zensieren nicht und wir überwachen nicht. Wird etwas gemeldet oder verstößt es gegen unsere Nutzungsbedingungen, dürfen wir die genannten Nachrichten prüfen, löschen oder den Zugang sperren; Sie erfahren die Gründe und können bei einem anderen Menschen Beschwerde einlegen.",
  "A review needs a grant with a report or a clause; there are at most three of one client in thirty days, and no job or rule can hold one.":
    "Eine Prüfung braucht eine Freigabe mit einer Meldung oder einer Klausel; es gibt höchstens drei je Kunde in dreißig Tagen, und kein Auftrag und keine Regel des Programms kann eine haben.",
  "You see who looked": "Sie sehen, wer hineinsah",
  "Every look by a person at anything of yours stands on your own page: when, on which ground, how much. A look that a legal prohibition keeps closed is already in the public log and is opened to you when the prohibition ends.":
    "Jede Einsicht eines Menschen in etwas von Ihnen steht auf Ihrer eigenen Seite: wann, aus welchem Grund, wie viel. Eine Einsicht, die ein gesetzliches Verbot verschlossen hält, steht schon im öffentlichen Journal und wird Ihnen geöffnet, wenn das Verbot endet.",
  "No entry, no key: the keeper writes to a tamper-evident log before it opens anything.":
    "Kein Eintrag, kein Schlüssel: Der Verwahrer schreibt in ein Journal, das niemand unbemerkt ändern kann, bevor er etwas öffnet.",
};

const policyClasses: TableWords = {
  "three facts, as counters: the domain of the visitor's internet provider, the hour, the page":
    "drei Angaben, als Zähler: die Domain des Internetanbieters, die Stunde, die Seite",
  "a day of counters is deleted after 400 days": "ein Tag der Zähler wird nach 400 Tagen gelöscht",
  "the registered cookies only: session, remember-me, preferences":
    "nur die verzeichneten Cookies: Sitzung, Angemeldetbleiben, Sprache und Farben",
  "as each cookie's register entry says": "wie im Verzeichnis der Cookies angegeben",
  "name, postal address, phone, contact e-mail": "Name, Postanschrift, Telefon, Kontakt-E-Mail",
  "while a client, then the legal period": "solange Kunde, danach die gesetzliche Frist",
  "billing information, company and VAT id, an opaque payment token, brand and last four digits; never a card number":
    "Rechnungsangaben, Firma und Umsatzsteuernummer, ein undurchsichtiges Zahlungskennzeichen, Kartenmarke und letzte vier Ziffern; nie eine Kartennummer",
  "the legal period": "die gesetzliche Frist",
  "account status, choice of services, limits": "Stand des Kontos, gewählte Dienste, Grenzen",
  "while a client": "solange Kunde",
  "sign-ins with the network prefix, traffic with the peer's domain, changes, looks by people: what the client may see verbatim":
    "Anmeldungen mit dem Netzpräfix, Verkehr mit der Domain der Gegenseite, Änderungen, Einsichten durch Menschen: was der Kunde wörtlich sehen darf",
  "sign-ins 28 days, traffic 7 days, changes and looks while a client and 12 months":
    "Anmeldungen 28 Tage, Verkehr 7 Tage, Änderungen und Einsichten solange Kunde und 12 Monate",
  "mail and every other communication: headers, correspondents, bodies, folder names, keywords, previews, queue copies, backups":
    "Post und jede andere Kommunikation: Kopfzeilen, Korrespondenten, Inhalte, Ordnernamen, Schlagwörter, Vorschauen, Kopien in der Warteschlange, Sicherungen",
  "until the client deletes it": "bis der Kunde sie löscht",
  "filters, absence notes, forwards, blocks, masked addresses":
    "Filter, Abwesenheitsnotizen, Weiterleitungen, Sperren, maskierte Adressen",
  "password verifiers, key wraps, one-time-code secrets, passkeys, app passwords":
    "Passwortprüfwerte, verpackte Schlüssel, Geheimnisse für Einmalcodes, Passkeys, App-Passwörter",
  "while valid": "solange gültig",
  "staff, roles, approver keys": "Mitarbeitende, Rollen, Schlüssel der Zustimmenden",
  "while staff, then as the ledger needs":
    "solange im Dienst, danach so, wie das Journal es braucht",
  "what the disclosure and abuse desks hold":
    "was die Stellen für Auskünfte und für Missbrauch halten",
  "per case": "je Fall",
};

const policyPurposes: TableWords = {
  "analyse traffic": "Besuche auswerten",
  "improve content": "Inhalte verbessern",
  "facilitate interaction": "Bedienung erleichtern",
  "establish service": "Dienst einrichten",
  "support relationship": "Kunden betreuen",
  "process payment": "Zahlung abwickeln",
  "provide service": "Dienst leisten",
  "transmit and deliver": "befördern und zustellen",
  authenticate: "Anmeldung prüfen",
  operate: "Betrieb",
  "handle case": "Fall bearbeiten",
};

const policyGrounds: TableWords = {
  "support of the client relationship": "Betreuung des Kunden",
  "necessary to identify, contact or bring legal action against someone who may be causing harm":
    "notwendig, um jemanden zu identifizieren, zu erreichen oder rechtlich gegen ihn vorzugehen, der womöglich Schaden verursacht",
  "a good-faith belief that the law requires it": "der gute Glaube, dass das Gesetz es verlangt",
  "necessary to provide the service to the client, who approves this case":
    "notwendig, um dem Kunden den Dienst zu leisten, der diesem Fall zustimmt",
  "necessary to protect the provider's legitimate interests and the client":
    "notwendig, um die berechtigten Interessen des Anbieters und den Kunden zu schützen",
  "an interception order, warrant or other legal process that we determined to be valid and enforceable":
    "eine Überwachungsanordnung, ein Durchsuchungsbeschluss oder ein anderes Rechtsverfahren, das wir als gültig und vollstreckbar befunden haben",
  "contents that we came upon inadvertently and that appear to concern a crime, to a law enforcement agency":
    "Inhalte, auf die wir unabsichtlich gestoßen sind und die ein Verbrechen zu betreffen scheinen, an eine Strafverfolgungsbehörde",
  "review of communications that may harm, on a report or a violation of the terms of use":
    "Prüfung von Kommunikation, die schaden kann, auf eine Meldung oder einen Verstoß gegen die Nutzungsbedingungen hin",
  "the number of the client's own request": "die Nummer der eigenen Anfrage des Kunden",
  "who it is that may be causing harm": "wer womöglich Schaden verursacht",
  "whose rights or property: provider, clients or others":
    "wessen Rechte oder Eigentum: Anbieter, Kunden oder andere",
  "the harm or interference": "der Schaden oder Eingriff",
  "why nothing less would do": "warum nichts Geringeres genügt",
  "the legal instrument: kind, issuer, reference, date":
    "der Rechtsakt: Art, Aussteller, Aktenzeichen, Datum",
  "the written determination that the instrument is valid and enforceable, and who made it":
    "die schriftliche Feststellung, dass der Rechtsakt gültig und vollstreckbar ist, und von wem sie stammt",
  "the client's own signature over the ids in scope":
    "die eigene Unterschrift des Kunden über die betroffenen Kennungen",
  "the provider's legitimate interest that is protected":
    "das berechtigte Interesse des Anbieters, das geschützt wird",
  "how the client is protected": "wie der Kunde geschützt wird",
  "the index of the earlier ledger entry, made for another purpose, in which these messages were already seen":
    "die Nummer des früheren Journaleintrags zu einem anderen Zweck, bei dem diese Nachrichten schon gesehen wurden",
  "the law enforcement agency that receives it": "die Strafverfolgungsbehörde, die es erhält",
  "the report, or the clause of the terms of use":
    "die Meldung oder die Klausel der Nutzungsbedingungen",
};

const plans: TableWords = {
  "Mail for one person. The provider keeps a sealed copy of your key, for warrants and, in a coming version, for a lost password.":
    "Post für eine Person. Der Anbieter hält eine versiegelte Kopie Ihres Schlüssels, für richterliche Anordnungen und, in einer kommenden Version, für ein verlorenes Passwort.",
  "Mail for one person that only your password opens: nobody can reset it, and nobody can be ordered to open stored mail. By a court's order, mail that is still to come can be intercepted, as everywhere.":
    "Post für eine Person, die nur Ihr Passwort öffnet: Niemand kann es zurücksetzen, und niemandem kann befohlen werden, gespeicherte Post zu öffnen. Auf richterliche Anordnung kann Post, die erst noch kommt, mitgelesen werden, wie überall.",
  "The same with room for everything that ever came, and for letters to a whole club.":
    "Dasselbe mit Platz für alles, was je ankam, und für Briefe an einen ganzen Verein.",
  "An address that receives and sends nothing: for what must arrive somewhere.":
    "Eine Adresse, die empfängt und nichts sendet: für das, was irgendwo ankommen muss.",
  Plus: "Plus",
  Inbox: "Eingang",
  Personal: "Persönlich",
  Sealed: "Versiegelt",
};

const cookieRegister: TableWords = {
  "keeps you signed in while the browser is open":
    "hält Sie angemeldet, solange der Browser offen ist",
  "you sign in": "Sie sich anmelden",
  "keeps you signed in on this device": "hält Sie auf diesem Gerät angemeldet",
  "you sign in and tick “Stay signed in on this device”":
    "Sie sich anmelden und „Auf diesem Gerät angemeldet bleiben“ ankreuzen",
  "remembers the language and the theme that you chose":
    "merkt sich die Sprache und die Farben, die Sie gewählt haben",
  "you choose a language or a theme": "Sie eine Sprache oder Farben wählen",
};

const mailSettings: TableWords = { Reading: "Lesen", Sending: "Senden" };

export const tables: TableWords = {
  ...policyClauses,
  ...policyClasses,
  ...policyPurposes,
  ...policyGrounds,
  ...plans,
  ...cookieRegister,
  ...mailSettings,
};
