// The people who work here: their sign-in, and the key to which everything that is written to the provider is sealed
// (tickets, reports, requests: class case). It leads to a desk session and to nothing else: no function here, or anywhere,
// makes a client's session out of it.
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Engine, Room } from "#engine";
import { equalBytes, toBase64Url } from "#base/bytes";
import { Broken, no, yes } from "#base/errors";
import { replaceFile } from "#base/files";
import { base32 } from "#base/ids";
import { networkPrefix } from "#base/network";
import { type Clock, HOUR } from "#base/time";
import {
  openOpener,
  parseToken,
  passwordCost,
  passwordKeys,
  publicHalf,
  sessionId,
  TOKEN_BYTES,
  tokenKeys,
  unwrapSecret,
  wrapSecret,
} from "#vault";
import { beginDesk, endSession, openSession } from "./commands.ts";
import type { Desk, DeskSession } from "./contract.ts";
import { caseContext, openDeskSealer } from "./seal.ts";
import type { KeeperPort, Throttle, Turnstile, VerifyCertificate } from "./ports.ts";
import { migrations, type Tables } from "./tables.ts";

export type { Desk, DeskSession } from "./contract.ts";
export type { KeeperPort, VerifyCertificate } from "./ports.ts";

export const deskRoom: Room = {
  name: "desk",
  migrations,
  commands: new URL("commands.ts", import.meta.url).href,
};

export interface DeskOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly keeper: KeeperPort;
  readonly verifyCertificate: VerifyCertificate;
  readonly turnstile: Turnstile;
  readonly throttle: Throttle;
}

// A shift; people at the desk sign in each day.
const LIFE = 8 * HOUR;
// The one account of the desk until staff have their own.
const DESK = "desk";

// One of a kind in a house, so that a fixed salt gives away nothing; the verifier's salt is random.
const KEY_SALT = Buffer.from("bailee desk key1");

/** The engine must have run this room's migrations. */
export function openDesk(options: DeskOptions): Desk {
  const { engine, clock, keeper, turnstile, throttle } = options;
  const reader = engine.reader<Tables>();
  const sealer = openDeskSealer(options);
  const staffRow = () =>
    reader.selectFrom("staff").selectAll().where("name", "=", DESK).executeTakeFirst();

  return {
    async ensure(path) {
      if ((await staffRow()) !== undefined) return false;
      // The file first: after a crash between the two, the next start takes the password that is already there.
      if (!existsSync(path)) await replaceFile(path, `${base32(randomBytes(16))}\n`, 0o600);
      const password = (await readFile(path, "utf8")).trim();
      const salt = randomBytes(16);
      const { verifier, wrapKey } = await passwordKeys(password, salt, passwordCost);
      // From the file alone, so that a crash after the keeper certified the key makes the same one at the next start.
      const { wrapKey: secretKey } = await passwordKeys(password, KEY_SALT, passwordCost);
      const publicKey = publicHalf("x25519", secretKey);
      const certified = await keeper.certifyDesk(publicKey);
      if (!certified.ok) throw new Broken(`the keeper does not certify the desk: ${certified.why}`);
      const { epoch, signature } = certified.value;
      const wrap = wrapSecret(wrapKey, staffAbout(DESK), secretKey);
      const begun = await engine.write(beginDesk, {
        staff: { name: DESK, salt, ...passwordCost, verifier, wrap, created: clock.now() },
        key: { name: DESK, public_key: publicKey, epoch, signature },
      });
      return begun === "begun";
    },

    async signIn(password, peer) {
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
      const secret =
        row !== undefined && equalBytes(keys.verifier, row.verifier)
          ? unwrapSecret(keys.wrapKey, staffAbout(DESK), row.wrap)
          : undefined;
      if (secret === undefined) {
        throttle.failed(network);
        return no("wrong");
      }
      throttle.succeeded(network);
      const token = randomBytes(TOKEN_BYTES);
      const created = clock.now();
      const expires = created + LIFE;
      const { verifier, wrapKey } = tokenKeys(token);
      const session_id = sessionId(token);
      const wrap = wrapSecret(wrapKey, sessionAbout(session_id), secret);
      await engine.write(openSession, {
        session_id,
        name: DESK,
        verifier,
        wrap,
        created,
        expires,
      });
      return yes({ token: toBase64Url(token), expires });
    },

    async resume(text) {
      const token = parseToken(text);
      if (token === undefined) return undefined;
      const id = sessionId(token);
      const row = await reader
        .selectFrom("desk_session")
        .selectAll()
        .where("session_id", "=", id)
        .executeTakeFirst();
      if (row === undefined || row.expires <= clock.now()) return undefined;
      const { verifier, wrapKey } = tokenKeys(token);
      if (!equalBytes(verifier, row.verifier)) return undefined;
      const secret = unwrapSecret(wrapKey, sessionAbout(id), row.wrap);
      // A session that somebody wrote into the table has no wrap of the desk's key: it is none.
      const certified = await sealer.publicKey();
      if (secret === undefined || !equalBytes(publicHalf("x25519", secret), certified))
        return undefined;
      return deskSession({ id, name: row.name, expires: row.expires }, secret);
    },

    async end(text) {
      const token = parseToken(text);
      if (token !== undefined) await engine.write(endSession, { session_id: sessionId(token) });
    },

    seal: (object, part, bytes) => sealer.seal(object, part, bytes),
  };
}

function deskSession(facts: Omit<DeskSession, "open">, secret: Uint8Array): DeskSession {
  const opener = openOpener(secret);
  return {
    ...facts,
    open(object, part, sealed) {
      const opened = opener.open(caseContext(object, part), "handle-case", sealed);
      return opened.ok ? opened.value : undefined;
    },
  };
}

function staffAbout(name: string): readonly string[] {
  return ["desk", name];
}

function sessionAbout(id: string): readonly string[] {
  return ["desk-session", id];
}
