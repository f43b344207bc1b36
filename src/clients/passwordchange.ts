// A new password: rewrites one wrap and never the mail, ends the other sessions and the mail programs' cached keys.
import { invoke } from "#engine";
import { no, type Result, yes } from "#base/errors";
import { replaceCredential } from "./commands.ts";
import type { Session, WebSession } from "./contract.ts";
import { MAIN_PASSWORD, passwordRefusal, passwordRow } from "./password.ts";
import type { SignInParts } from "./signin.ts";

/** See `Clients.changePassword`. */
export async function changePassword(
  parts: SignInParts,
  session: Session | WebSession,
  old: string,
  fresh: string,
): Promise<Result<true, "wrong" | "password-too-short" | "password-too-long">> {
  const refusal = passwordRefusal(fresh);
  if (refusal !== undefined) return no(refusal);
  const { accounts, cache, clock, engine, log, prove, throttle, turnstile } = parts;
  const { client, account, address } = session;
  const row = await accounts.credential(client, account, MAIN_PASSWORD);
  if (row === undefined) return no("wrong");
  const now = clock.now();
  const owner = { client, account };
  const next = await turnstile.pass(address, async () => {
    if (throttle.mustWait(address)) return undefined;
    const keys = await prove(old, row);
    if (keys !== undefined)
      return passwordRow(owner, fresh, keys, row.version + 1, now, parts.passwordCost);
    throttle.failed(address);
    return undefined;
  });
  if (next === undefined) return no("wrong");
  const event = await log.logged(client, account, {
    kind: "change",
    at: now,
    fields: { what: "password changed; other sessions ended" },
  });
  const keepSession = "id" in session ? session.id : "";
  await engine.writeTogether([
    invoke(replaceCredential, { row: next, oldVersion: row.version, keepSession }),
    event,
  ]);
  cache.forget(client, account);
  return yes(true);
}
