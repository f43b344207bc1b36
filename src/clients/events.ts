// What lines of the client's log are made of where more than one place writes them. Pure.
import type { DataClass, Ground } from "#policy";
import type { LogEvent } from "./contract.ts";

/**
 * A look by a person, or an order on mail that is to come, as the client reads it once it may be known: on which ground, what, how much, and the entry of the
 * ledger where it can be checked. `at` is in seconds since 1970, as the keeper counts.
 */
export function lookEvent(look: {
  readonly what: "release" | "interception";
  readonly at: number;
  readonly index: number;
  readonly ground: Ground;
  readonly class: DataClass;
  readonly items: number;
  readonly wasDelayed: boolean;
}): LogEvent {
  return {
    kind: "look",
    at: look.at * 1000,
    fields: {
      what:
        look.what === "interception" ? "an order has mail that comes copied" : "somebody looked",
      ground: look.ground,
      class: look.class,
      items: look.items,
      entry: look.index,
      ...(look.wasDelayed ? { delayed: "an authority's document forbade to tell it before" } : {}),
    },
  };
}
