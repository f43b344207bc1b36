// News inside this process: who listens on which channel. Forgets what nobody heard.
import { logBroken } from "#base/log";

export interface News {
  tell(channel: string, payload: string): void;
  subscribe(channel: string, listener: (payload: string) => void): Disposable;
}

export function openNews(): News {
  const listeners = new Map<string, Set<(payload: string) => void>>();
  return {
    tell(channel, payload) {
      for (const listener of listeners.get(channel) ?? []) {
        try {
          listener(payload);
        } catch (error) {
          // One listener's mistake must not keep the news from the next, nor fail the write it tells of.
          logBroken("news-listener", error);
        }
      }
    },
    subscribe(channel, listener) {
      const held = listeners.get(channel) ?? new Set();
      // A wrapper of its own, so that one function may subscribe twice and leave once.
      const own = (payload: string): void => listener(payload);
      held.add(own);
      listeners.set(channel, held);
      return {
        [Symbol.dispose]() {
          held.delete(own);
          if (held.size === 0 && listeners.get(channel) === held) listeners.delete(channel);
        },
      };
    },
  };
}
