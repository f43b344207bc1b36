// App passwords: one for each mail program, random, shown once, never good for the web. Each is a credential of its own with a wrap of its own,
// so that one is ended without touching the others or the mail.
//
// Its text is 36 letters of base32: the first eight find the row and are no secret, the other 140 bits are. Since they are random, HKDF makes
// verifier and wrap key of them, and no Argon2id slows a program that signs in every minute.
import { randomInt } from "node:crypto";
import { invoke } from "#engine";
import { equalBytes, fromUtf8, toUtf8 } from "#base/bytes";
import { no, type Result, yes } from "#base/errors";
import { dayOf } from "#base/time";
import {
  type AccountKeys,
  type Context,
  decodeAccountKeys,
  encodeAccountKeys,
  openOpener,
  tokenKeys,
  unwrapSecret,
  wrapSecret,
} from "#vault";
import { addCredential, noteUse, removeCredential } from "./commands.ts";
import type { Session } from "./contract.ts";
import { type CredentialRow, type Owner, wrapAbout } from "./password.ts";
import type { SignInParts } from "./signin.ts";
import type { Tables } from "./tables.ts";

interface AppPassword {
  /** Names it to `revoke`; no secret. */
  readonly id: string;
  /** What the client called it. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  /** "2026-11-24"; undefined before its first use. Days are enough to see what is dead. */
  readonly used: string | undefined;
}

export interface AppPasswords {
  list(session: Session): Promise<readonly AppPassword[]>;
  /** `text` is shown once and kept nowhere. */
  add(
    session: Session,
    name: string,
  ): Promise<Result<{ readonly id: string; readonly text: string }, "too-many" | "bad-name">>;
  /** Sessions that came in with it end within the minute. */
  revoke(session: Session, id: string): Promise<Result<true, "no-such-password">>;
}

const LETTERS = "abcdefghijklmnopqrstuvwxyz234567";
const SELECTOR = 8;
const LENGTH = 36;
// A phone, a tablet, a desk and a laptop with three programs each, and room; each is a row that a sign-in may have to find.
const MOST = 30;
const MAX_NAME = 60;

/** The text as it is typed: in any case, with blanks or dashes between. Undefined for what is no app password. */
export function parseAppPassword(
  typed: string,
): { readonly id: string; readonly secret: Uint8Array } | undefined {
  const text = typed.replaceAll(/[\s-]/g, "").toLowerCase();
  if (text.length !== LENGTH || !/^[a-z2-7]+$/.test(text)) return undefined;
  return { id: `app-${text.slice(0, SELECTOR)}`, secret: fromUtf8(text.slice(SELECTOR)) };
}

/** The account's keys when the secret is this row's. Constant in time over what is compared. */
export function openWithApp(row: CredentialRow, secret: Uint8Array): AccountKeys | undefined {
  const { verifier, wrapKey } = tokenKeys(secret);
  if (row.kind !== "app" || !equalBytes(verifier, row.verifier)) return undefined;
  const owner = { client: row.client_id, account: row.account_id };
  const bundle = unwrapSecret(wrapKey, wrapAbout(owner, row.credential_id), row.wrap);
  return bundle === undefined ? undefined : decodeAccountKeys(bundle);
}

type Parts = Pick<SignInParts, "engine" | "clock" | "log" | "cache">;

export function openAppPasswords(parts: Parts): AppPasswords {
  const { engine, clock, log, cache } = parts;
  const rowsOf = ({ client, account }: Owner) =>
    engine
      .reader<Tables>()
      .selectFrom("credential")
      .selectAll()
      .where("client_id", "=", client)
      .where("account_id", "=", account)
      .where("kind", "=", "app")
      .orderBy("created")
      .orderBy("credential_id")
      .execute();
  const line = ({ client, account }: Session, what: string, name: string) =>
    log.logged(client, account, { kind: "change", at: clock.now(), fields: { what, name } });
  return {
    async list(session) {
      const rows = await rowsOf(session);
      return rows.map((row) => ({
        id: row.credential_id,
        name: nameOf(session, row),
        created: row.created,
        used: row.used ?? undefined,
      }));
    },
    async add(session, typed) {
      const name = typed.trim().normalize("NFC");
      if (name === "" || name.length > MAX_NAME || /\p{C}/u.test(name)) return no("bad-name");
      if ((await rowsOf(session)).length >= MOST) return no("too-many");
      const text = Array.from({ length: LENGTH }, () => LETTERS[randomInt(32)]).join("");
      const parsed = parseAppPassword(text);
      if (parsed === undefined) throw new RangeError("an app password of ours does not parse");
      const { verifier, wrapKey } = tokenKeys(parsed.secret);
      const { client, account, keys, sealer } = session;
      const owner = { client, account };
      const about = wrapAbout(owner, parsed.id);
      const row = {
        client_id: client,
        account_id: account,
        credential_id: parsed.id,
        kind: "app",
        version: 1,
        salt: new Uint8Array(),
        memory: 0,
        passes: 0,
        verifier,
        wrap: wrapSecret(wrapKey, about, encodeAccountKeys(keys)),
        created: clock.now(),
        name: sealer.seal(nameContext(owner, parsed.id), fromUtf8(name)),
        used: null,
      } as const;
      await engine.writeTogether([
        invoke(addCredential, { row, most: MOST }),
        await line(session, "app password made", name),
      ]);
      return yes({ id: parsed.id, text: (text.match(/.{4}/g) ?? []).join(" ") });
    },
    async revoke(session, id) {
      const { client, account } = session;
      const row = (await rowsOf(session)).find(({ credential_id }) => credential_id === id);
      if (row === undefined) return no("no-such-password");
      const gone = { client_id: client, account_id: account, credential_id: id };
      await engine.writeTogether([
        invoke(removeCredential, gone),
        await line(session, "app password ended", nameOf(session, row)),
      ]);
      cache.forget(client, account);
      return yes(true);
    },
  };
}

/** Notes the day on which it was used, once a day; gives what the client calls it. */
export async function usedApp(
  { engine, clock }: Pick<Parts, "engine" | "clock">,
  session: Session,
  row: CredentialRow,
): Promise<string> {
  const day = dayOf(clock.now());
  const { client_id, account_id, credential_id } = row;
  if (row.used !== day) await engine.write(noteUse, { client_id, account_id, credential_id, day });
  return nameOf(session, row);
}

function nameContext({ client, account }: Owner, id: string): Context<"credential"> {
  return { class: "credential", client, account, object: id, part: "name" };
}

/** "?" for a name that somebody changed on the disk. */
function nameOf({ client, account, keys }: Session, row: CredentialRow): string {
  if (row.name === null) return "?";
  const context = nameContext({ client, account }, row.credential_id);
  const opened = openOpener(keys.boxSecret).open(context, "own", row.name);
  return (opened.ok ? toUtf8(opened.value) : undefined) ?? "?";
}
