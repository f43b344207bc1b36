// Sessions in a browser: the account's keys wrapped under a random token that only the cookie holds. What is stored here
// opens nothing without it.
import { randomBytes } from "node:crypto";
import { type Engine, invoke } from "#engine";
import { equalBytes, toBase64Url } from "#base/bytes";
import { type Clock, DAY, HOUR } from "#base/time";
import {
  decodeAccountKeys,
  encodeAccountKeys,
  parseToken,
  sessionId,
  TOKEN_BYTES,
  tokenKeys,
  unwrapSecret,
  wrapSecret,
} from "#vault";
import type { Accounts } from "./accounts.ts";
import type { Certificates } from "./certificates.ts";
import { endSession, openSession } from "./commands.ts";
import type { Session, WebSession } from "./contract.ts";
import { levels } from "./levels.ts";
import { certifiedSession, refusalByServing } from "./signin.ts";
import type { Tables } from "./tables.ts";

// A working day, so that a forgotten browser is shut out by the next morning.
const LIFE = 12 * HOUR;
// What people expect of "remember me", and what the cookie register promises.
const REMEMBERED_LIFE = 30 * DAY;

export interface WebSessions {
  open(
    session: Session,
    remember: boolean,
  ): Promise<{ readonly token: string; readonly expires: number }>;
  resume(token: string): Promise<WebSession | undefined>;
  end(token: string): Promise<void>;
}

interface Parts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly accounts: Accounts;
  readonly certificates: Certificates;
}

export function openWebSessions(parts: Parts): WebSessions {
  const { engine, clock, accounts } = parts;
  const reader = engine.reader<Tables>();
  return {
    async open(session, remember) {
      const token = randomBytes(TOKEN_BYTES);
      const { client, account, address } = session;
      const { verifier, wrapKey } = tokenKeys(token);
      const id = sessionId(token);
      const now = clock.now();
      const expires = now + (remember ? REMEMBERED_LIFE : LIFE);
      await engine.write(openSession, {
        client_id: client,
        account_id: account,
        session_id: id,
        address,
        verifier,
        wrap: wrapSecret(wrapKey, wrapAbout(client, account, id), encodeAccountKeys(session.keys)),
        remembered: remember ? 1 : 0,
        created: now,
        expires,
      });
      return { token: toBase64Url(token), expires };
    },

    async resume(text) {
      const token = parseToken(text);
      if (token === undefined) return undefined;
      const id = sessionId(token);
      const row = await reader
        .selectFrom("web_session")
        .selectAll()
        .where("session_id", "=", id)
        .executeTakeFirst();
      if (row === undefined || row.expires <= clock.now()) return undefined;
      const { verifier, wrapKey } = tokenKeys(token);
      if (!equalBytes(verifier, row.verifier)) return undefined;
      const owner = await accounts.resolve(row.address);
      const isOwners = owner?.client === row.client_id && owner.account === row.account_id;
      if (!isOwners || refusalByServing(owner.serving, "web") !== undefined) return undefined;
      const about = wrapAbout(row.client_id, row.account_id, id);
      const bundle = unwrapSecret(wrapKey, about, row.wrap);
      const keys = bundle && decodeAccountKeys(bundle);
      const session = keys && (await certifiedSession(parts, owner, keys));
      const { status, level } = owner;
      const notice = levels[level].words;
      return (
        session && { ...session, id, expires: row.expires, standing: { status, level }, notice }
      );
    },

    async end(text) {
      const token = parseToken(text);
      if (token !== undefined)
        await engine.writeTogether([invoke(endSession, { session_id: sessionId(token) })]);
    },
  };
}

function wrapAbout(client: string, account: string, id: string): readonly string[] {
  return ["web-session", client, account, id];
}
