// What is between its check and its end, in memory: so that of two releases that race one loses, and nobody is erased while
// something of theirs is being opened. Taking and asking wait for nothing, so nothing comes in between.

export interface Underway {
  has(act: string): boolean;
  /** `act` is a grant's hash or another name that nothing else has. Disposed of when its outcome is durable or nothing happened. */
  begin(act: string, client: string): Disposable;
  isLeaving(client: string): boolean;
  /** From here on nothing of the client's begins until it is disposed of; undefined while something is under way. */
  leave(client: string): Disposable | undefined;
}

export function openUnderway(): Underway {
  const acts = new Map<string, string>();
  const leaving = new Set<string>();
  return {
    has: (act) => acts.has(act),
    begin(act, client) {
      acts.set(act, client);
      return { [Symbol.dispose]: () => void acts.delete(act) };
    },
    isLeaving: (client) => leaving.has(client),
    leave(client) {
      if (leaving.has(client) || [...acts.values()].includes(client)) return undefined;
      leaving.add(client);
      return { [Symbol.dispose]: () => void leaving.delete(client) };
    },
  };
}
