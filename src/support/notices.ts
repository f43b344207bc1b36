// What the provider writes to clients of its own accord: one closed table. The first part goes to every client and is the only mass
// mail there is; the second to one client, about something of theirs. There is no kind for advertising anything, and no field in
// which it could be free text of any length.

interface Template {
  /** What the sender must fill in; each stands in the texts as {name}. */
  readonly fields: readonly string[];
  readonly subject: string;
  readonly text: string;
}

/** Notices to every client. Each tells of a change in what clients have. */
export const serviceNotices = {
  "policy-amended": {
    fields: ["digest", "from", "summary"],
    subject: "Our privacy policy changes on {from}",
    text: "We publish an amended privacy policy, in force from {from}.\n\nWhat changes: {summary}\n\nIts digest is {digest}; each grant and each entry of the public log names the version that was in force. What was collected under the old version stays under the old one.\n\nThe whole text: {site}/policy",
  },
  "terms-amended": {
    fields: ["digest", "from", "summary"],
    subject: "Our terms of use change on {from}",
    text: "We publish amended terms of use, in force from {from}.\n\nWhat changes: {summary}\n\nTheir digest is {digest}.\n\nThe whole text: {site}/terms",
  },
  "price-change": {
    fields: ["plan", "from", "price"],
    subject: "The price of the plan {plan} changes on {from}",
    text: "From {from} the plan {plan} costs {price}.\n\nIf you do not want it at that price, you can change or close your account before: {site}/portal",
  },
  maintenance: {
    fields: ["begins", "ends", "affects"],
    subject: "Maintenance from {begins}",
    text: "From {begins} until {ends} we work on the system. Affected: {affects}.\n\nMail that arrives meanwhile waits at its sender's server and comes afterwards.",
  },
  incident: {
    fields: ["when", "what", "done"],
    subject: "What went wrong on {when}",
    text: "On {when} something went wrong with your service: {what}\n\nWhat we did: {done}",
  },
  "data-breach": {
    fields: ["when", "what", "consequences", "done", "contact"],
    subject: "A breach of personal data on {when}",
    text: "On {when} personal data was exposed: {what}\n\nWhat may follow from it: {consequences}\n\nWhat we did: {done}\n\nWhere to ask: {contact}",
  },
  "service-end": {
    fields: ["service", "ends"],
    subject: "{service} ends on {ends}",
    text: "We stop offering {service} on {ends}.\n\nUntil then everything works as before, and you can take along all that is yours: {site}/portal",
  },
} as const satisfies { readonly [kind: string]: Template };

/** Letters to one client. */
export const singleNotices = {
  account: {
    fields: ["what", "why"],
    subject: "Your account: {what}",
    text: "Something about your account has changed: {what}\n\nWhy: {why}\n\nYour log has every change: {site}/portal/log",
  },
  invoice: {
    fields: ["number", "amount", "due"],
    subject: "Invoice {number}",
    text: "Your invoice {number} over {amount} is ready. It is due on {due}.\n\nSee and pay it: {site}/portal/billing",
  },
  "credit-note": {
    fields: ["number", "corrects", "amount"],
    subject: "Credit note {number}",
    text: "Credit note {number} over {amount} corrects invoice {corrects}.\n\nSee it: {site}/portal/billing",
  },
  "payment-received": {
    fields: ["amount"],
    subject: "Your payment has arrived",
    text: "We have received {amount}. Thank you.\n\nWhat it was for: {site}/portal/billing",
  },
  "payment-due": {
    fields: ["number", "amount", "due", "next"],
    subject: "Invoice {number} is due",
    text: "Invoice {number} over {amount} is due on {due}.\n\nWhat comes next if it is not paid: {next}\n\nSee and pay it: {site}/portal/billing",
  },
  "payment-reminder": {
    fields: ["number", "amount", "due", "next"],
    subject: "A reminder: invoice {number}",
    text: "Invoice {number} over {amount} was due on {due} and is still open.\n\nWhat comes next if it is not paid: {next}\n\nSee and pay it: {site}/portal/billing",
  },
  "payment-past-due": {
    fields: ["number", "amount", "due", "next"],
    subject: "Your account is past due: invoice {number}",
    text: "Invoice {number} over {amount} was due on {due}. Your account is past due; everything still works.\n\nWhat comes next if it is not paid: {next}\n\nSee and pay it: {site}/portal/billing",
  },
  "payment-suspension": {
    fields: ["number", "amount", "due", "next"],
    subject: "Your account is suspended: invoice {number}",
    text: "Invoice {number} over {amount} was due on {due} and is not paid, so your account is suspended. Mail still arrives and can be read.\n\nWhat comes next if it is not paid: {next}\n\nIt ends when the invoice is paid: {site}/portal/billing",
  },
  "account-recovered": {
    fields: ["at"],
    subject: "Your password was set anew by your recovery code",
    text: "Somebody who has your recovery code has set a new password.\n\nWhen: {at}\n\nEvery session and every app password has ended, and the code is void: make a new one at {site}/portal/recovery\n\nIf it was not you, whoever it was can read this: write to us at once.",
  },
  look: {
    fields: ["index", "ground", "class", "items", "at"],
    subject: "Somebody looked: entry {index}",
    text: "A person here has opened something of yours.\n\nWhen: {at}\nWhat: {items} of class {class}\nGround: {ground}\nEntry in the public log: {index}\n\nWho, why, and the proof: {site}/portal/looks",
  },
  "look-revealed": {
    fields: ["index", "ground", "class", "items", "at"],
    subject: "A look that we could not tell you of: entry {index}",
    text: "A person here opened something of yours. A legal prohibition kept us from telling you until now; it has ended.\n\nWhen: {at}\nWhat: {items} of class {class}\nGround: {ground}\nEntry in the public log, made before anything was opened: {index}\n\nWho, why, and the proof: {site}/portal/looks",
  },
  "look-asked": {
    fields: ["what"],
    subject: "May support look at a message of yours?",
    text: "To help you, support asks to look at {what} of yours. Which and why stands on your own page: sign in, and look under “Asked of you”: {site}/portal\n\nNothing is opened unless you say yes there; a yes is signed with your own key, is good for twelve hours and for these messages only. If this surprises you, say no.",
  },
  "interception-begun": {
    fields: ["index", "ground", "at"],
    subject: "Somebody is given a look at your mail to come: entry {index}",
    text: "By an order, a copy of each letter that you send or receive is made for somebody else.\n\nSince: {at}\nGround: {ground}\nEntry in the public log: {index}\n\nFor how long, for whom, why, and the proof: {site}/portal/looks",
  },
  "interception-revealed": {
    fields: ["index", "ground", "at"],
    subject: "A look at your mail that we could not tell you of: entry {index}",
    text: "By an order, a copy of each letter that you sent or received for a time was made for somebody else. A legal prohibition kept us from telling you until now; it has ended.\n\nFrom: {at}\nGround: {ground}\nEntry in the public log, made before the first copy: {index}\n\nFor how long, for whom, why, and the proof: {site}/portal/looks",
  },
  "statement-of-reasons": {
    fields: ["case", "measure", "clause", "until", "statement"],
    subject: "A decision about your communications: {measure}",
    text: "We have decided: {measure}\nCase: {case}\nClause of our terms of use: {clause}\nUntil: {until}\n\n{statement}\n\nYou can appeal, and another person will decide: {site}/portal/decisions",
  },
  "appeal-decided": {
    fields: ["case", "result", "statement"],
    subject: "Your appeal: {result}",
    text: "Another person has decided your appeal in case {case}: {result}\n\n{statement}\n\nThe case: {site}/portal/decisions",
  },
  "sending-held": {
    fields: ["address", "seen", "waiting"],
    subject: "Sending from {address} is held: was it you?",
    text: "Your account suddenly sent unlike itself, as it does when somebody else has its password. So sending is held. Receiving and reading go on, and nothing is lost.\n\nWhat was counted: {seen}\nLetters that wait: {waiting}\n\nNobody read a word of them: these are counts.\n\nIf it was not you: choose a new password here: {site}/portal/password\nThen say what becomes of the letters that wait: {site}/portal/sending\n\nIf it was you: say so there, and everything goes: {site}/portal/sending",
  },
  domain: {
    fields: ["domain", "what"],
    subject: "Your domain {domain}",
    text: "Your domain {domain} {what}.\n\nWhat stands in the DNS and what should, record by record: {site}/portal/domains/{domain}",
  },
  "list-invitation": {
    fields: ["list", "title", "by", "link"],
    subject: "An invitation to the list {list}",
    text: "{by} invites you to the mailing list {list} ({title}).\n\nYou are on it only if you say yes here: {link}\n\nIf you do nothing, nothing happens.",
  },
} as const satisfies { readonly [kind: string]: Template };

const templates = { ...serviceNotices, ...singleNotices };

export type ServiceNoticeKind = keyof typeof serviceNotices;
export type NoticeKind = keyof typeof templates;

/** Exactly the fields of the kind. */
export type NoticeFields<Kind extends NoticeKind> = {
  readonly [name in (typeof templates)[Kind]["fields"][number]]: string | number;
};

// A statement of reasons may be a page long; more belongs on a page that the letter points to.
const MAX_FIELD = 4000;

export type FieldMistake = "missing" | "unknown" | "too-long";

export function isServiceNotice(kind: string): kind is ServiceNoticeKind {
  return Object.hasOwn(serviceNotices, kind);
}

/** What keeps the fields from being those of the kind, by field; for what comes over a socket. Empty when all is well. */
export function fieldMistakes(
  kind: NoticeKind,
  fields: { readonly [name: string]: string | number },
): { readonly [name: string]: FieldMistake } {
  const wanted: readonly string[] = templates[kind].fields;
  const mistakes: { [name: string]: FieldMistake } = {};
  for (const name of wanted)
    if (String(fields[name] ?? "").trim() === "") mistakes[name] = "missing";
  for (const [name, value] of Object.entries(fields)) {
    if (!wanted.includes(name)) mistakes[name] = "unknown";
    else if (String(value).length > MAX_FIELD) mistakes[name] = "too-long";
  }
  return mistakes;
}

/** The letter's subject and text. `site` is where our pages are, without a slash at its end. */
export function noticeWords<Kind extends NoticeKind>(
  kind: Kind,
  fields: NoticeFields<Kind>,
  site: string,
): { readonly subject: string; readonly text: string } {
  const given: { readonly [name: string]: string | number } = { ...fields, site };
  const fill = (template: string): string =>
    template.replaceAll(/\{([a-z]+)\}/g, (_, name: string) => String(given[name] ?? ""));
  const { subject, text } = templates[kind];
  return { subject: fill(subject).slice(0, 200), text: fill(text) };
}
