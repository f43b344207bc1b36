// One thing at a time: what looks and then writes must not be looked at by another in between.

export type InTurn = <Value>(work: () => Promise<Value>) => Promise<Value>;

/** Each piece of work begins when the one before it has ended, however it ended. */
export function openTurns(): InTurn {
  let turn: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  };
}
