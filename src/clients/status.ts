// The one state machine of a client: which moves there are, and whose. Pure: the move itself is a command in standing.ts's
// hands, with its log event in the same transaction.
import type { ClientStatus, Mover } from "./contract.ts";

const moves: {
  readonly [from in ClientStatus]: { readonly [to in ClientStatus]?: readonly Mover[] };
} = {
  pending: { active: ["operator", "ladder"], closed: ["client", "operator"] },
  active: {
    "past-due": ["ladder", "operator"],
    suspended: ["ladder", "operator", "abuse"],
    closed: ["client"],
  },
  "past-due": {
    active: ["ladder", "operator"],
    suspended: ["ladder", "operator", "abuse"],
    closed: ["client"],
  },
  suspended: {
    active: ["ladder", "operator", "abuse"],
    "past-due": ["ladder", "operator"],
    // Behind the last level of suspension, after its notice.
    closed: ["client", "ladder"],
  },
  // Back to where they were: closing is no way around a suspension.
  closed: { active: ["client"], "past-due": ["client"], suspended: ["client"], erased: ["client"] },
  erased: {},
};

export function mayMove(from: ClientStatus, to: ClientStatus, by: Mover): boolean {
  return moves[from][to]?.includes(by) ?? false;
}
