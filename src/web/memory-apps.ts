// The port of app passwords kept in memory, for tests of the pages alone. Never part of the program.
import { no, yes } from "#base/errors";
import type { AppPassword, AppsPort } from "./ports/apps.ts";

export function memoryApps(): AppsPort {
  const kept: AppPassword[] = [];
  return {
    list: async () => kept,
    async add(_, name) {
      if (name.trim() === "") return no("bad-name");
      kept.push({ id: `app-${kept.length}`, name, created: 0, used: undefined });
      return yes({ text: "abcd efgh ijkl mnop qrst uvwx yz23 4567 abcd" });
    },
    async revoke(_, id) {
      const at = kept.findIndex((each) => each.id === id);
      if (at < 0) return no("no-such-password");
      kept.splice(at, 1);
      return yes(true);
    },
  };
}
