// What is due for the keys at a moment: a pair made, taken into use, left, withdrawn. Pure; the signer carries it out.
import { LEAVES_AFTER, type Pair, type Slot, slots, stateOf } from "./keys.ts";

export type Turn =
  | { readonly act: "make"; readonly slot: Slot }
  | { readonly act: "use"; readonly pair: Pair; readonly leave: readonly Pair[] }
  | { readonly act: "withdraw"; readonly pair: Pair };

/**
 * The next thing to do; undefined when nothing is due. `shown` are the slots whose records the DNS shows as they should be; `every` is
 * how long a pair is used, in milliseconds; `asked` a wish to rotate before that.
 */
export function dueTurn(
  pairs: readonly Pair[],
  {
    now,
    every,
    shown,
    asked = false,
  }: {
    readonly now: number;
    readonly every: number;
    readonly shown: ReadonlySet<Slot>;
    readonly asked?: boolean;
  },
): Turn | undefined {
  const inState = (state: ReturnType<typeof stateOf>): readonly Pair[] =>
    pairs.filter((pair) => stateOf(pair) === state);
  const over = inState("leaving").find(({ left }) => now - (left ?? now) >= LEAVES_AFTER);
  if (over !== undefined) return { act: "withdraw", pair: over };
  const [fresh] = inState("new");
  const used = inState("used");
  if (fresh !== undefined)
    return shown.has(fresh.slot) ? { act: "use", pair: fresh, leave: used } : undefined;
  const old = used.every((pair) => asked || now - (pair.used ?? now) >= every);
  if (!old) return undefined;
  // A slot whose letters may still be on their way is not free; the turn comes when it is.
  const taken = new Set(
    pairs.filter((pair) => stateOf(pair) !== "withdrawn").map(({ slot }) => slot),
  );
  const free = slots.find((slot) => !taken.has(slot));
  return free === undefined ? undefined : { act: "make", slot: free };
}
