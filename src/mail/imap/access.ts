// What an account's standing leaves of a session: all, reading alone, or its end. Asked anew every minute of a live session, so that a
// phone that is always connected hears of it too.
import { logBroken } from "#base/log";
import type { Clock } from "#base/time";
import type { Access } from "./ports.ts";
import { refuse, type Reply, type Session, tell } from "./session.ts";

/** Gives the access as it was asked for at most `recheck` milliseconds ago. */
export function openGate(
  clock: Clock,
  recheck: number,
  ask: (() => Promise<Access>) | undefined,
): () => Promise<Access> {
  if (ask === undefined) return async () => "whole";
  let known: { readonly access: Access; readonly until: number } | undefined;
  return async () => {
    const now = clock.now();
    if (known === undefined || now >= known.until)
      known = { access: await ask(), until: now + recheck };
    return known.access;
  };
}

/** Ends a waiting session whose password was changed or whose account may not read any more: its keys go with it. */
export async function endWhereOff(session: Session): Promise<void> {
  try {
    if ((await session.account?.access()) === "off") end(session);
  } catch (error) {
    // A database that does not answer now is asked again.
    logBroken("imap.access", error);
  }
}

function end(session: Session): void {
  tell(session, "BYE The password was changed or the account suspended; sign in again");
  session.over = true;
}

/** The refusal of a command that the standing does not allow; undefined where it may run. Ends a session that is off. */
export async function refusedByStanding(
  session: Session,
  changes: boolean,
): Promise<Reply | undefined> {
  const { account, selected } = session;
  if (account === undefined) return undefined;
  const access = await account.access();
  if (access === "whole") return undefined;
  if (access === "off") {
    end(session);
    return refuse("This session is over", "CONTACTADMIN");
  }
  if (selected !== undefined && !selected.readOnly) {
    selected.readOnly = true;
    // RFC 9051 §7.1: its access while selected has changed.
    tell(session, "OK [READ-ONLY] The account can be read only, for now");
  }
  return changes
    ? refuse("The account can be read only, for now; see its page on the web", "NOPERM")
    : undefined;
}
