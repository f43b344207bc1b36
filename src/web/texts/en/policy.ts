// English: what stands around the policy's own table. The clauses, classes and grounds are in the room `policy`, and are not
// said twice.
import { html } from "hono/html";
import type { Html } from "../../html.ts";
import { formats } from "../formats.ts";

const { counted } = formats("en-GB");

export const policy = {
  title: "Policy",
  heading: "The policy",
  lede: "What we may do with what is yours. These words, the tables below them and the checks in the program come from one source, so that they cannot say different things.",
  /** Said in a translation only: which wording binds. */
  binding: undefined as Html | undefined,
  version: (digest: string): Html =>
    html`Version <code>${digest.slice(0, 16)}</code>. The full digest, <code>${digest}</code>, is
      bound into every sealed letter and every entry of the ledger. The same
      <a href="/policy.json">as JSON</a> and, in the W3C community's privacy vocabulary,
      <a href="/policy.jsonld">as JSON-LD</a>.`,
  classesHeading: "What is kept, what for, how long",
  classesWords:
    "Nothing of a person exists outside this table. A purpose that a row does not list opens nothing.",
  classesTable: "Classes of data",
  classColumns: ["Class", "Holds", "May be opened for", "Kept"],
  groundsHeading: "The grounds",
  groundsWords:
    "The only reasons for which somebody other than you may be shown something of yours, what each must prove, and how many people must agree. Emergencies without legal process, marketing, the consent of somebody else, and signing in as a client are not among them.",
  groundsTable: "Grounds",
  groundColumns: ["Ground", "Reason", "Reaches", "Approved by", "Must prove", "Lasts"],
  ifNamed: (reaches: string, named: string): string =>
    `${reaches}; ${named} if the instrument names it`,
  clientApproves: "you, the client",
  nobodyApproves: "nobody else; signed by who asks",
  othersApprove: (people: number): string => `${people} other people`,
  hours: (count: number): string => counted(count, { one: "hour", other: "hours" }),
  days: (count: number): string => counted(count, { one: "day", other: "days" }),
  once: "once",
  times: (count: number): string => `${count} times`,
  cap: (count: number): string => `; at most ${count} for one client in 30 days`,
  evidence: "The living evidence:",
  classes: {
    visit: "Visits",
    cookie: "Cookies",
    contact: "Contact",
    payment: "Payment",
    standing: "Standing",
    clientlog: "Client log",
    content: "Mail",
    rule: "Rules",
    credential: "Credentials",
    staff: "Staff",
    case: "Cases",
  },
  ownPurpose: "you yourself",
};
