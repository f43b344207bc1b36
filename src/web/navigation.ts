// The links of the frame in one list. A new page adds its line here and its name to `links` in each language.
import type { Words } from "./texts/en.ts";

type Label = keyof Words["links"];

export interface Link {
  readonly path: string;
  readonly label: Label;
}

/** In the header, beside the ways in: what somebody who does not know us looks for. Five fit on a phone in two lines. */
export const headerLinks: readonly Link[] = [
  { path: "/plans", label: "plans" },
  { path: "/policy", label: "policy" },
  { path: "/ledger", label: "ledger" },
  { path: "/traffic", label: "traffic" },
];

/** In the footer, in groups with a heading. */
export const footerLinks: readonly {
  readonly heading: keyof Words["linkGroups"];
  readonly links: readonly Link[];
}[] = [
  {
    heading: "rules",
    links: [
      { path: "/policy", label: "policy" },
      { path: "/policy.json", label: "policyJson" },
      { path: "/terms", label: "terms" },
      { path: "/report", label: "report" },
      { path: "/cookies", label: "cookies" },
    ],
  },
  {
    heading: "proof",
    links: [
      { path: "/left-here", label: "leftHere" },
      { path: "/traffic", label: "traffic" },
      { path: "/ledger", label: "ledger" },
      { path: "/ledger/report", label: "transparency" },
    ],
  },
  {
    heading: "site",
    links: [
      { path: "/preferences", label: "preferences" },
      { path: "/cancel", label: "cancel" },
      { path: "/source", label: "source" },
      { path: "/desk", label: "desk" },
    ],
  },
];
