// The one state machine of a client, and what each state allows. Pure: the move itself is a command, with its log event.
import type { ClientStatus } from "./contract.ts";

const moves: { readonly [from in ClientStatus]: readonly ClientStatus[] } = {
  pending: ["active", "closed"],
  active: ["past-due", "suspended", "closed"],
  "past-due": ["active", "suspended", "closed"],
  suspended: ["active", "past-due", "closed"],
  closed: ["active", "erased"],
  erased: [],
};

export function mayMove(from: ClientStatus, to: ClientStatus): boolean {
  return moves[from].includes(to);
}

/** How a sign-in is answered in each state; a closed or erased client is no longer known to the door. */
export const signInByStatus = {
  pending: "suspended",
  active: "open",
  "past-due": "open",
  suspended: "suspended",
  closed: "wrong",
  erased: "wrong",
} as const satisfies { readonly [status in ClientStatus]: "open" | "suspended" | "wrong" };
