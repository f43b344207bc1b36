// What is between its check and its durable outcome, in memory: so that of two releases that race one loses, and nobody is erased
// while something of theirs is being opened. Taking and asking wait for nothing, so nothing comes in between.

export interface Underway {
  has(hash: string): boolean;
  /** Disposed of when the grant's outcome is durable or nothing happened. */
  begin(hash: string, client: string): Disposable;
  isLeaving(client: string): boolean;
  /** From here on nothing of the client's begins until it is disposed of; undefined while something is under way. */
  leave(client: string): Disposable | undefined;
}

export function openUnderway(): Underway {
  const grants = new Map<string, string>();
  const leaving = new Set<string>();
  return {
    has: (hash) => grants.has(hash),
    begin(hash, client) {
      grants.set(hash, client);
      return { [Symbol.dispose]: () => void grants.delete(hash) };
    },
    isLeaving: (client) => leaving.has(client),
    leave(client) {
      if (leaving.has(client) || [...grants.values()].includes(client)) return undefined;
      leaving.add(client);
      return { [Symbol.dispose]: () => void leaving.delete(client) };
    },
  };
}
