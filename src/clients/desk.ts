// The staff desk's own sign-in. It leads to a desk session and to nothing else: no function here, or anywhere, makes a
// client's session out of it.
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Engine } from "#engine";
import { equalBytes, toBase64Url } from "#base/bytes";
import { no, yes } from "#base/errors";
import { replaceFile } from "#base/files";
import { base32 } from "#base/ids";
import { networkPrefix } from "#base/network";
import { type Clock, HOUR } from "#base/time";
import { passwordCost, passwordKeys, tokenKeys } from "#vault";
import { addStaff, endDeskSession, openDeskSession } from "./commands.ts";
import type { Clients } from "./contract.ts";
import type { Tables } from "./tables.ts";
import type { Throttle } from "./throttle.ts";
import type { Turnstile } from "./turnstile.ts";
import { parseToken, sessionId } from "./websessions.ts";

type Desk = Pick<
  Clients,
  "ensureDeskPassword" | "deskSignIn" | "resumeDeskSession" | "endDeskSession"
>;

// A shift; people at the desk sign in each day.
const LIFE = 8 * HOUR;
// The one account of the desk until staff have their own.
const DESK = "desk";

interface Parts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly turnstile: Turnstile;
  readonly throttle: Throttle;
}

export function openDesk({ engine, clock, turnstile, throttle }: Parts): Desk {
  const reader = engine.reader<Tables>();
  const staffRow = () =>
    reader.selectFrom("staff").selectAll().where("name", "=", DESK).executeTakeFirst();

  return {
    async ensureDeskPassword(path) {
      if ((await staffRow()) !== undefined) return false;
      // The file first: after a crash between the two, the next start takes the password that is already there.
      if (!existsSync(path)) await replaceFile(path, `${base32(randomBytes(16))}\n`, 0o600);
      const password = (await readFile(path, "utf8")).trim();
      const salt = randomBytes(16);
      const { verifier } = await passwordKeys(password, salt, passwordCost);
      const row = { name: DESK, salt, ...passwordCost, verifier, created: clock.now() };
      return (await engine.write(addStaff, row)) === "added";
    },

    async deskSignIn(password, peer) {
      const network = `desk ${networkPrefix(peer)}`;
      if (throttle.mustWait(network)) return no("too-many");
      const row = await staffRow();
      const against = row ?? {
        salt: Buffer.alloc(16),
        verifier: Buffer.alloc(32),
        ...passwordCost,
      };
      const cost = { memory: against.memory, passes: against.passes };
      const keys = await turnstile.pass(network, () => passwordKeys(password, against.salt, cost));
      if (keys === undefined) return no("too-many");
      if (row === undefined || !equalBytes(keys.verifier, row.verifier)) {
        throttle.failed(network);
        return no("wrong");
      }
      throttle.succeeded(network);
      const token = randomBytes(32);
      const created = clock.now();
      const expires = created + LIFE;
      const { verifier } = tokenKeys(token);
      const session_id = sessionId(token);
      await engine.write(openDeskSession, { session_id, name: DESK, verifier, created, expires });
      return yes({ token: toBase64Url(token), expires });
    },

    async resumeDeskSession(text) {
      const token = parseToken(text);
      if (token === undefined) return undefined;
      const id = sessionId(token);
      const row = await reader
        .selectFrom("desk_session")
        .selectAll()
        .where("session_id", "=", id)
        .executeTakeFirst();
      if (row === undefined || row.expires <= clock.now()) return undefined;
      if (!equalBytes(tokenKeys(token).verifier, row.verifier)) return undefined;
      return { id, name: row.name, expires: row.expires };
    },

    async endDeskSession(text) {
      const token = parseToken(text);
      if (token !== undefined) await engine.write(endDeskSession, { session_id: sessionId(token) });
    },
  };
}
