// The account's port kept in memory, for tests of the pages alone: one active client, whose log the caller has.
import { no, yes } from "#base/errors";
import type { LogLine, SignedIn } from "./ports.ts";
import type { AccountPort } from "./ports/account.ts";

export function memoryAccount(
  lines: (session: SignedIn, limit: number) => Promise<readonly LogLine[]>,
): AccountPort {
  const since = Date.UTC(2026, 10, 20);
  return {
    policy: "00".repeat(32),
    standing: async () => ({
      status: "active",
      since,
      level: "open",
      words: "",
      serving: { imap: "whole", submission: true, web: "open", inbound: "taken" },
      next: undefined,
      holds: [],
      plan: "personal",
      planVersion: 1,
      mode: "quorum",
      clientSince: since,
      closing: undefined,
    }),
    services: () => ({
      words: "Mail for one person.",
      services: ["imap", "submission", "web"],
      limits: { storage: 10 * 1024 ** 3, recipientsPerDay: 500 },
    }),
    log: async (session, limit, { kind }) => ({
      events: (await lines(session, limit)).filter(
        (line) => kind === undefined || line.kind === kind,
      ),
      destroyed: 0,
      older: undefined,
    }),
    correctContact: async () => yes(true),
    close: async () => no("wrong"),
    reopen: async () => no("not-closed"),
    cancel: async () => yes(since),
    receipt: async () => undefined,
    export: async () => new Blob(["PK"]).stream(),
  };
}
