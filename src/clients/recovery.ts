// The recovery code: the way back in for who lost their password. One for each account, random, shown once, good for one time. It opens the
// account's keys like any credential, so that a client-only plan has a way back that we could not take ourselves.
import { randomBytes, randomInt } from "node:crypto";
import { invoke } from "#engine";
import { equalBytes, fromUtf8 } from "#base/bytes";
import { no, type Result, yes } from "#base/errors";
import { networkPrefix } from "#base/network";
import { decodeAccountKeys, encodeAccountKeys, tokenKeys, unwrapSecret, wrapSecret } from "#vault";
import { putCredential, recoverAccount } from "./commands.ts";
import type { Session } from "./contract.ts";
import { MAIN_PASSWORD, passwordRefusal, passwordRow, wrapAbout } from "./password.ts";
import { certifiedSession, refusalByServing, type SignInParts } from "./signin.ts";

export interface Recovery {
  /** When the code that there is was made; undefined when there is none. */
  made(session: Session): Promise<number | undefined>;
  /** A new code in the place of the one before. It is shown once and kept nowhere. */
  make(session: Session): Promise<string>;
  /**
   * Sets a new password by the code. Every session and every app password ends with it, and so does the code. Mail is not touched.
   * `wrong` is all that a stranger hears, whatever is wrong.
   */
  recover(asked: {
    readonly login: string;
    readonly code: string;
    readonly password: string;
    readonly peer: string;
  }): Promise<
    Result<
      { readonly client: string; readonly account: string },
      "wrong" | "too-many" | "password-too-short" | "password-too-long"
    >
  >;
}

const RECOVERY = "recovery";
const LETTERS = "abcdefghijklmnopqrstuvwxyz234567";
// 160 bits: nobody guesses, and it fits on a card in eight groups of four.
const LENGTH = 32;

/** As it is typed: in any case, with blanks or dashes between. Undefined for what is no code. */
function parseCode(typed: string): Uint8Array | undefined {
  const text = typed.replaceAll(/[\s-]/g, "").toLowerCase();
  return text.length === LENGTH && /^[a-z2-7]+$/.test(text) ? fromUtf8(text) : undefined;
}

export function openRecovery(parts: SignInParts): Recovery {
  const { accounts, cache, clock, engine, log, networks, throttle, turnstile } = parts;
  // What an unknown login is measured against: a verifier that no code has.
  const nobody = randomBytes(32);
  return {
    async made({ client, account }) {
      return (await accounts.credential(client, account, RECOVERY))?.created;
    },
    async make({ client, account, keys }) {
      const text = Array.from({ length: LENGTH }, () => LETTERS[randomInt(32)]).join("");
      const { verifier, wrapKey } = tokenKeys(fromUtf8(text));
      const about = wrapAbout({ client, account }, RECOVERY);
      const row = {
        client_id: client,
        account_id: account,
        credential_id: RECOVERY,
        kind: "recovery",
        version: 1,
        salt: new Uint8Array(),
        memory: 0,
        passes: 0,
        verifier,
        wrap: wrapSecret(wrapKey, about, encodeAccountKeys(keys)),
        created: clock.now(),
      } as const;
      const fields = { what: "recovery code made; the one before is void" };
      await engine.writeTogether([
        invoke(putCredential, row),
        await log.logged(client, account, { kind: "change", at: clock.now(), fields }),
      ]);
      return (text.match(/.{4}/g) ?? []).join(" ");
    },
    async recover({ login: typed, code, password, peer }) {
      const refusal = passwordRefusal(password);
      if (refusal !== undefined) return no(refusal);
      const login = typed.trim().toLowerCase();
      const [turn, network] = [`${login} recovery`, networkPrefix(peer)];
      if (throttle.mustWait(turn) || networks.mustWait(network)) return no("too-many");
      const wrong = () => {
        throttle.failed(turn);
        networks.failed(network);
        return no("wrong");
      };
      const found = await accounts.resolve(login);
      const known = found?.kind === "main" && found.address === login ? found : undefined;
      const row = known && (await accounts.credential(known.client, known.account, RECOVERY));
      const secret = parseCode(code) ?? new Uint8Array(LENGTH);
      const { verifier, wrapKey } = tokenKeys(secret);
      const isRight = equalBytes(verifier, row?.verifier ?? nobody);
      if (!isRight || known === undefined || row === undefined) return wrong();
      const { client, account } = known;
      const about = wrapAbout({ client, account }, RECOVERY);
      const bundle = unwrapSecret(wrapKey, about, row.wrap);
      const keys = bundle && decodeAccountKeys(bundle);
      const session = keys && (await certifiedSession(parts, known, keys));
      if (session === undefined || refusalByServing(known.serving, "web") !== undefined)
        return wrong();
      const before = await accounts.credential(client, account, MAIN_PASSWORD);
      const version = (before?.version ?? 0) + 1;
      const fresh = await turnstile.pass(login, () =>
        passwordRow(
          { client, account },
          password,
          session.keys,
          version,
          clock.now(),
          parts.passwordCost,
        ),
      );
      if (fresh === undefined) return no("too-many");
      const fields = {
        what: "password set by the recovery code; sessions and app passwords ended",
        network,
      };
      await engine.writeTogether([
        invoke(recoverAccount, { row: fresh, code: row.verifier }),
        await log.logged(client, account, { kind: "change", at: clock.now(), fields }),
      ]);
      cache.forget(client, account);
      throttle.succeeded(turn);
      return yes({ client, account });
    },
  };
}
