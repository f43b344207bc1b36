// The closed world: every class of data about a person, what it holds, for which purposes it may be opened, how long it is
// kept. Nothing of a person exists outside this table; the types that guard every opening are made from it.

export const classes = {
  visit: {
    holds:
      "three facts, as counters: the domain of the visitor's internet provider, the hour, the page",
    purposes: ["analyse-traffic", "improve-content"],
    kept: { rule: "a day of counters is deleted after 400 days", days: 400 },
  },
  cookie: {
    holds: "the registered cookies only: session, remember-me, preferences",
    purposes: ["facilitate-interaction"],
    kept: { rule: "as each cookie's register entry says" },
  },
  contact: {
    holds: "name, postal address, phone, contact e-mail",
    purposes: ["establish-service", "support-relationship", "own"],
    kept: { rule: "while a client, then the legal period" },
  },
  payment: {
    holds:
      "billing information, company and VAT id, an opaque payment token, brand and last four digits; never a card number",
    purposes: ["process-payment", "own"],
    kept: { rule: "the legal period" },
  },
  standing: {
    holds: "account status, choice of services, limits",
    purposes: ["provide-service", "support-relationship", "own"],
    kept: { rule: "while a client" },
  },
  clientlog: {
    holds:
      "sign-ins with the network prefix, traffic with the peer's domain, changes, looks by people: what the client may see verbatim",
    purposes: ["provide-service", "support-relationship", "own"],
    kept: {
      rule: "sign-ins 28 days, traffic 7 days, changes and looks while a client and 12 months",
    },
  },
  content: {
    holds:
      "mail and every other communication: headers, correspondents, bodies, folder names, keywords, previews, queue copies, backups",
    purposes: ["transmit-and-deliver", "own"],
    kept: { rule: "until the client deletes it" },
  },
  rule: {
    holds: "filters, absence notes, forwards, blocks, masked addresses",
    purposes: ["transmit-and-deliver", "own"],
    kept: { rule: "while a client" },
  },
  credential: {
    holds: "password verifiers, key wraps, one-time-code secrets, passkeys, app passwords",
    purposes: ["authenticate", "own"],
    kept: { rule: "while valid" },
  },
  staff: {
    holds: "staff, roles, approver keys",
    purposes: ["operate"],
    kept: { rule: "while staff, then as the ledger needs" },
  },
  case: {
    holds: "what the disclosure and abuse desks hold",
    purposes: ["handle-case"],
    kept: { rule: "per case" },
  },
} as const satisfies { readonly [name: string]: ClassRow };

interface ClassRow {
  readonly holds: string;
  readonly purposes: readonly string[];
  readonly kept: { readonly rule: string; readonly days?: number };
}

export type DataClass = keyof typeof classes;
/** The purposes that the table lists for a class; opening it for any other is a compile error. */
export type PurposeOf<Class extends DataClass> = (typeof classes)[Class]["purposes"][number];
export type Purpose = { [Class in DataClass]: PurposeOf<Class> }[DataClass];

export const dataClasses = Object.keys(classes) as readonly DataClass[];

export function isDataClass(name: string): name is DataClass {
  return Object.hasOwn(classes, name);
}

/** The same question at run time, for what arrives over a socket. Exact spelling only. */
export function mayOpen(dataClass: string, purpose: string): boolean {
  return (
    isDataClass(dataClass) && (classes[dataClass].purposes as readonly string[]).includes(purpose)
  );
}

/** The kinds of client log event; each has its own key per day, whose destruction is the retention. Days as the table says. */
export const logKinds = {
  "sign-in": { days: 28 },
  traffic: { days: 7 },
  change: { days: undefined },
  look: { days: undefined },
} as const satisfies { readonly [kind: string]: { readonly days: number | undefined } };

export type LogKind = keyof typeof logKinds;
