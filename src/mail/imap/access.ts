// What an account's standing leaves of a session: all, reading alone, or its end. Asked anew every minute of a live session, so that a
// phone that is always connected hears of it too.
import { type Clock, MINUTE } from "#base/time";
import type { Access } from "./ports.ts";
import { refuse, type Reply, type Session, tell } from "./session.ts";

/** Gives the access as of the last minute. */
export function openGate(
  clock: Clock,
  ask: (() => Promise<Access>) | undefined,
): () => Promise<Access> {
  if (ask === undefined) return async () => "whole";
  let known: { readonly access: Access; readonly until: number } | undefined;
  return async () => {
    const now = clock.now();
    if (known === undefined || now >= known.until)
      known = { access: await ask(), until: now + MINUTE };
    return known.access;
  };
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
    tell(session, "BYE The account is suspended; see its page on the web");
    session.over = true;
    return refuse("The account is suspended", "CONTACTADMIN");
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
