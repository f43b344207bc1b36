// The way of a request for data through the desk, as a pure state machine: which step may follow, and what is to be done next.
// Knows no person, no key and no database.
import { never } from "#base/errors";

/** Where a request is. `new` is typed in and not yet in the ledger; `closed` is the end. */
export const stages = [
  "new",
  "received",
  "unverified",
  "authenticated",
  "determined",
  "narrowed",
  "approved",
  "produced",
  "delivered",
  "noticed",
  "closed",
] as const;

export type Stage = (typeof stages)[number];

/**
 * `record` is carried out after a signed record's entry, `keeper` when the keeper says that a grant is approved, used or told of;
 * the others are a note at the desk.
 */
export const steps = {
  recorded: { from: ["new"], to: "received", by: "record" },
  authenticated: { from: ["received", "unverified"], to: "authenticated", by: "note" },
  unverified: { from: ["received"], to: "unverified", by: "note" },
  determined: { from: ["authenticated", "determined"], to: "determined", by: "record" },
  narrowed: { from: ["determined", "narrowed"], to: "narrowed", by: "note" },
  approved: { from: ["narrowed"], to: "approved", by: "keeper" },
  produced: { from: ["narrowed", "approved"], to: "produced", by: "keeper" },
  delivered: { from: ["produced"], to: "delivered", by: "note" },
  noticed: { from: ["delivered"], to: "noticed", by: "keeper" },
  closed: {
    from: [
      "received",
      "unverified",
      "authenticated",
      "determined",
      "narrowed",
      "approved",
      "delivered",
      "noticed",
    ],
    to: "closed",
    by: "record",
  },
} as const satisfies {
  readonly [step: string]: {
    readonly from: readonly Stage[];
    readonly to: Stage;
    readonly by: "record" | "note" | "keeper";
  };
};

export type Step = keyof typeof steps;
export type Verdict = "valid" | "invalid" | "incomplete";
export type Outcome = "fulfilled" | "part" | "rejected" | "withdrawn";

export interface Progress {
  readonly stage: Stage;
  /** "" until it was determined. */
  readonly verdict: Verdict | "";
  /** An emergency comes without process, and has one way: to be answered with the ways that are open. */
  readonly kind: string;
}

export type StepRefusal =
  | "not-now"
  | "not-valid"
  | "given-already"
  | "nothing-given"
  | "no-process";

export function isStep(name: string): name is Step {
  return Object.hasOwn(steps, name);
}

/** Undefined when the step may be taken. `outcome` is of the step `closed`. */
export function refusalOf(
  { stage, verdict, kind }: Progress,
  step: Step,
  outcome?: Outcome,
): StepRefusal | undefined {
  const from: readonly Stage[] = steps[step].from;
  if (!from.includes(stage)) return "not-now";
  const isEmergency = kind === "emergency";
  if (isEmergency && step !== "recorded" && step !== "closed") return "no-process";
  // Once a verdict says valid or invalid it stands; what was incomplete can be completed.
  if (step === "determined" && stage === "determined" && verdict !== "incomplete") return "not-now";
  if (step === "narrowed" && verdict !== "valid") return "not-valid";
  if (step !== "closed") return undefined;
  const isGiven = stage === "delivered" || stage === "noticed";
  const saysGiven = outcome === "fulfilled" || outcome === "part";
  if (isGiven && !saysGiven) return "given-already";
  if (!isGiven && saysGiven) return "nothing-given";
  return undefined;
}

export const refusalWords: { readonly [refusal in StepRefusal]: string } = {
  "not-now": "this step does not follow on where the case is",
  "not-valid": "it was not determined to be valid, so nothing is granted of it",
  "given-already": "something was delivered: the outcome is fulfilled or part",
  "nothing-given": "nothing was delivered: the outcome is rejected or withdrawn",
  "no-process":
    "a request without legal process has no way to data; record its receipt and its rejection",
};

export interface Next {
  readonly words: string;
  /** What to type, with the case's id in it; undefined where the next step is somebody else's or a form on the page. */
  readonly command: string | undefined;
}

/** The one thing to do next. */
export function nextStep(id: string, progress: Progress, grant: string): Next {
  const { stage, verdict, kind } = progress;
  const says = (words: string, command?: string): Next => ({ words, command });
  switch (stage) {
    case "new":
      return says(
        "Sign the record of its receipt.",
        `bailee case record request-received-${id}.json --key YOUR-KEY`,
      );
    case "received":
      if (kind === "emergency")
        return says(
          "It came without legal process: sign its rejection, and answer with the ways that are open.",
          `bailee case close ${id} --outcome rejected --because no-legal-process --key YOUR-KEY`,
        );
      return says(
        "Call back to a number that you found yourself, and note where you found it and who answered.",
        `bailee case step ${id} authenticated --note "…"`,
      );
    case "unverified":
      return says(
        "Nobody could say that it is genuine. Try another way, or reject it.",
        `bailee case close ${id} --outcome rejected --because not-authenticated --key YOUR-KEY`,
      );
    case "authenticated":
      return says(
        "Somebody other than who received it determines in writing whether it is valid.",
        `bailee case determine ${id} --verdict valid|invalid|incomplete --note "…" --key THEIR-KEY`,
      );
    case "determined":
      if (verdict === "valid")
        return says(
          "Draft a grant of the least that the request needs, and note what is granted of what was asked.",
          `bailee grant draft … && bailee case step ${id} narrowed --grant HASH --note "…"`,
        );
      return says(
        verdict === "incomplete"
          ? "Ask the requester for what is missing and have it determined again, or reject it."
          : "It is not valid: reject it.",
        `bailee case close ${id} --outcome rejected --because ${verdict === "incomplete" ? "incomplete" : "not-valid"} --key YOUR-KEY`,
      );
    case "narrowed":
      return says(
        "File the grant and have it approved, each on their own machine.",
        `bailee grant file DRAFT --key YOUR-KEY; bailee approve sign ${grant} --key APPROVER-KEY`,
      );
    case "approved":
      return says(
        "Have the keeper open what is granted.",
        `bailee grant release ${grant} --out PACKAGE`,
      );
    case "produced":
      return says(
        "Hand the package over, and note how and to whom.",
        `bailee case step ${id} delivered --note "…"`,
      );
    case "delivered":
    case "noticed":
      return says(
        stage === "noticed"
          ? "The client was told. Close the case."
          : "The client is told by the house when the notice is due. Close the case then, or now.",
        `bailee case close ${id} --outcome fulfilled|part --because as-asked|narrowed --key YOUR-KEY`,
      );
    case "closed":
      return says("Nothing: it is closed.");
    default:
      return never(stage);
  }
}
