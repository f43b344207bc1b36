// Closing an account and coming back. Closing signs the order to erase with the account's own key, for the day when the window is
// over, since nobody can sign it afterwards; and makes the link under which the receipt will be found.
import { randomBytes } from "node:crypto";
import { type Engine, invoke } from "#engine";
import { toBase64Url } from "#base/bytes";
import { Broken, no, type Result, yes } from "#base/errors";
import { type Clock, DAY, seconds } from "#base/time";
import {
  newBoxKeyPair,
  parseToken,
  sessionId,
  signBytes,
  TOKEN_BYTES,
  tokenKeys,
  openOpener,
  unwrapSecret,
  wrapSecret,
  type Context,
} from "#vault";
import { closeClient, reopenClient } from "./commands.ts";
import type { Clients, ReceiptView, Session, WebSession } from "./contract.ts";
import type { ClientLog } from "./log.ts";
import type { EraseOrderBytes } from "./ports.ts";
import { moved, type Standings } from "./standing.ts";
import { mayMove } from "./status.ts";
import type { Tables } from "./tables.ts";

// A month to change one's mind, and to notice that somebody else closed it.
export const WINDOW = 30 * DAY;

type ProveOwn = (session: Session, password: string) => Promise<Result<true, "wrong" | "too-many">>;

interface Parts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Pick<ClientLog, "logged">;
  readonly standings: Pick<Standings, "facts">;
  readonly proveOwn: ProveOwn;
  readonly eraseOrderBytes: EraseOrderBytes;
}

export function openClosing(parts: Parts): Pick<Clients, "close" | "reopen" | "receipt"> {
  const { engine, clock, log, standings, proveOwn, eraseOrderBytes } = parts;
  const reader = engine.reader<Tables>();
  return {
    async close(session, password) {
      const proved = await proveOwn(session, password);
      if (!proved.ok) return proved;
      const { client, account } = session;
      const known = await standings.facts(client);
      if (known === undefined || !mayMove(known.status, "closed", "client"))
        return no("not-allowed");
      const now = clock.now();
      const eraseAfter = now + WINDOW;
      const order = { client, account, notBefore: seconds(eraseAfter) };
      const { token, row } = newReceipt(now, eraseAfter);
      const because = {
        reason: `everything is destroyed after ${new Date(eraseAfter).toISOString()}`,
        by: "client",
      } as const;
      await engine.writeTogether([
        invoke(closeClient, {
          move: { client_id: client, from: known.status, to: "closed", by: "client", since: now },
          closing: {
            client_id: client,
            account_id: account,
            was: known.status,
            was_since: known.since,
            closed_at: now,
            erase_after: eraseAfter,
            signature: signBytes(session.keys.signingSecret, eraseOrderBytes(order)),
            receipt_id: row.receipt_id,
          },
          receipt: row,
          keepSession: sessionOf(session),
        }),
        await log.logged(client, account, moved(now, known.status, "closed", because)),
      ]);
      return yes({ receipt: token, eraseAfter });
    },

    async reopen({ client, account }) {
      const row = await reader
        .selectFrom("client_closing")
        .select(["was", "was_since", "erase_after"])
        .where("client_id", "=", client)
        .executeTakeFirst();
      if (row === undefined) return no("not-closed");
      const now = clock.now();
      // The erasing job may be at it.
      if (now >= row.erase_after) return no("too-late");
      const move = {
        client_id: client,
        from: "closed",
        to: row.was,
        by: "client",
        since: row.was_since,
      } as const;
      const because = { reason: "came back within the window", by: "client" } as const;
      await engine.writeTogether([
        invoke(reopenClient, { move }),
        await log.logged(client, account, moved(now, "closed", row.was, because)),
      ]);
      return yes(true);
    },

    receipt: (token) => readReceipt(engine, token),
  };
}

function sessionOf(session: Session | WebSession): string {
  return "id" in session ? session.id : "";
}

/** A receipt that is yet to be written: anybody may seal to its key, and only the token unwraps what opens it. */
function newReceipt(
  now: number,
  eraseAfter: number,
): { readonly token: string; readonly row: Tables["erasure_receipt"] } {
  const token = randomBytes(TOKEN_BYTES);
  const { publicKey, secretKey } = newBoxKeyPair();
  const id = sessionId(token);
  return {
    token: toBase64Url(token),
    row: {
      receipt_id: id,
      public_key: publicKey,
      wrap: wrapSecret(tokenKeys(token).wrapKey, wrapAbout(id), secretKey),
      closed_at: now,
      erase_after: eraseAfter,
      sealed: null,
      expires: null,
    },
  };
}

async function readReceipt(engine: Engine, text: string): Promise<ReceiptView | undefined> {
  const token = parseToken(text);
  if (token === undefined) return undefined;
  const id = sessionId(token);
  const row = await engine
    .reader<Tables>()
    .selectFrom("erasure_receipt")
    .selectAll()
    .where("receipt_id", "=", id)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const view = { closedAt: row.closed_at, eraseAfter: row.erase_after };
  if (row.sealed === null) return { ...view, receipt: undefined };
  const secret = unwrapSecret(tokenKeys(token).wrapKey, wrapAbout(id), row.wrap);
  const opened = secret && openOpener(secret).open(receiptContext(id), "own", row.sealed);
  if (opened?.ok !== true) throw new Broken("a receipt does not open by its own token");
  return { ...view, receipt: opened.value };
}

function wrapAbout(id: string): readonly string[] {
  return ["erasure-receipt", id];
}

/** Names no client: the receipt must not lead from the link to the row of the erased. */
export function receiptContext(id: string): Context<"standing"> {
  return { class: "standing", client: "", account: "", object: id, part: "receipt" };
}
