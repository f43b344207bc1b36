// The erasing job: carries out what closed clients ordered. The keeper destroys its keys first, then the siblings and this room
// destroy their rows, a bounded number at a time; every step may be done twice, so a run after a crash just goes on.
import { type Engine, invoke } from "#engine";
import { toBase64 } from "#base/bytes";
import { canonicalBytes } from "#base/canonical";
import { log as operatorLog, logBroken } from "#base/log";
import { type Clock, DAY, dayOf, seconds } from "#base/time";
import { openSealer } from "#vault";
import { NAMES_KEPT } from "./addresses/domains.ts";
import { receiptContext, WINDOW } from "./closing.ts";
import { closeClient, eraseClient, forgetExpired, forgetLog } from "./commands.ts";
import type { ErasureReport } from "./contract.ts";
import { CLOSED_AFTER_DAYS, inForce, suspendedFrom } from "./levels.ts";
import type { ClientLog } from "./log.ts";
import type { ErasingParts } from "./ports.ts";
import { FOR_GOOD, QUARANTINE, type Quarantine } from "./quarantine.ts";
import { moved, readHolds, type Standings } from "./standing.ts";
import type { Tables } from "./tables.ts";

// A run works an hour's share; the rest waits for the next.
const AT_ONCE = 50;
// Rows of one transaction, so that deliveries in between wait some milliseconds at most.
const ROWS_AT_ONCE = 500;
// Three years: claims about whether something was erased are made within them.
const RECEIPT_KEPT = 3 * 365 * DAY;

interface Parts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Pick<ClientLog, "logged">;
  readonly standings: Pick<Standings, "facts">;
  readonly quarantine: Quarantine;
  /** Ends what mail programs of the account have in memory. */
  readonly forgetKeys: (client: string, account: string) => void;
}

type Closing = Tables["client_closing"];

/** See `Clients.eraseDue`. */
export async function eraseDue(parts: Parts, by: ErasingParts): Promise<ErasureReport> {
  const { engine, clock } = parts;
  const closed = await closeLongSuspended(parts);
  const due = await engine
    .reader<Tables>()
    .selectFrom("client_closing")
    .selectAll()
    .where("erase_after", "<=", clock.now())
    .orderBy("erase_after")
    .limit(AT_ONCE)
    .execute();
  const did = { erased: 0, held: 0, waiting: 0 };
  for (const closing of due) {
    // One client's broken row must not keep the others' from going.
    const how = await eraseOne(parts, by, closing).catch((error: unknown) => {
      logBroken("clients.erase", error);
      return "waiting" as const;
    });
    did[how] += 1;
  }
  const forgotten = await engine.write(forgetExpired, { now: clock.now() });
  return { ...did, closed, forgotten };
}

async function eraseOne(
  parts: Parts,
  { keeper, forgetters }: ErasingParts,
  closing: Closing,
): Promise<"erased" | "held" | "waiting"> {
  const { engine, clock } = parts;
  const { client_id: client, account_id: account } = closing;
  if (inForce(await readHolds(engine, client), "legal-hold", clock.now())) return "held";
  const proof = await orderKeeper(keeper, closing);
  if (proof === "not-now") return "waiting";
  for (const forgetter of forgetters) await forgetter.forget({ client, account });
  while ((await engine.write(forgetLog, { client_id: client, atMost: ROWS_AT_ONCE })) > 0);
  const now = clock.now();
  const addresses = await engine
    .reader<Tables>()
    .selectFrom("address")
    .select(["address", "kind", "domain"])
    .where("client_id", "=", client)
    .execute();
  const until = now + QUARANTINE;
  const quarantine = addresses.map(({ address, kind, domain }) => ({
    hash: parts.quarantine.nameOf(address),
    until: kind === "mask" ? FOR_GOOD : domain === null ? until : now + NAMES_KEPT,
  }));
  const receipt = await sealReceipt(parts, closing, {
    ...proof,
    addressKeptUntil: dayOf(until),
    destroyed: [...forgetters.map(({ what }) => what), ...ownThings],
    stays: forgetters.flatMap(({ what, stays }) =>
      stays === undefined ? [] : [`${what}: ${stays}`],
    ),
  });
  await engine.write(eraseClient, { client_id: client, now, quarantine, receipt });
  parts.forgetKeys(client, account);
  return "erased";
}

const ownThings = [
  "addresses, notes about them, and domains",
  "password and wrapped keys",
  "contact data",
  "the client's log",
  "sessions",
  "plan and holds",
];

/** The keeper's part; what it gives for the receipt. */
async function orderKeeper(keeper: ErasingParts["keeper"], closing: Closing) {
  const { client_id: client, account_id: account, signature } = closing;
  // Closed by the ladder: without the client's order the keeper keeps its keys, which by then open nothing that is left.
  if (signature === null) return {};
  const order = { client, account, notBefore: seconds(closing.erase_after), signature };
  const answer = await keeper.erase(order);
  if (!answer.ok) {
    operatorLog("clients.erase-waits", { client, refusal: answer.refusal });
    return "not-now";
  }
  const { index, at, unreadableFrom, openings } = answer.value;
  const { origin, logVerifierKey } = await keeper.hello();
  return {
    ledger: { origin, key: logVerifierKey, index, openings: [...openings] },
    order: { notBefore: order.notBefore, signature: toBase64(signature) },
    keysDestroyedAt: at,
    unreadableFrom,
  };
}

/** Sealed to the key whose other half only the link's token unwraps; undefined where there is no link. */
async function sealReceipt(
  { engine, clock }: Parts,
  { client_id: client, account_id: account, receipt_id: id, closed_at: closedAt }: Closing,
  said: { readonly [name: string]: Parameters<typeof canonicalBytes>[0] },
) {
  const row =
    id === null
      ? undefined
      : await engine
          .reader<Tables>()
          .selectFrom("erasure_receipt")
          .select("public_key")
          .where("receipt_id", "=", id)
          .executeTakeFirst();
  if (id === null || row === undefined) return undefined;
  const receipt = canonicalBytes({
    version: 1,
    type: "erasure-receipt",
    client,
    account,
    closedAt: seconds(closedAt),
    erasedAt: seconds(clock.now()),
    ...said,
  });
  const sealed = openSealer(row.public_key, clock).seal(receiptContext(id), receipt);
  return { receipt_id: id, sealed, expires: clock.now() + RECEIPT_KEPT };
}

/** Behind the last level of suspension and its notice: closed by the ladder, with the same window to come back in. */
async function closeLongSuspended({ engine, clock, log, standings }: Parts): Promise<number> {
  const now = clock.now();
  const rows = await engine
    .reader<Tables>()
    .selectFrom("client")
    .select("client_id")
    .where("status", "=", "suspended")
    .where("status_since", "<=", now - CLOSED_AFTER_DAYS * DAY)
    .execute();
  let closed = 0;
  for (const { client_id: client } of rows) {
    const known = await standings.facts(client);
    const from = known && suspendedFrom(known, now);
    if (known === undefined || from === undefined || now < from + CLOSED_AFTER_DAYS * DAY) continue;
    const eraseAfter = now + WINDOW;
    const because = {
      reason: `suspended for ${CLOSED_AFTER_DAYS} days; all is deleted after ${new Date(eraseAfter).toISOString()}`,
      by: "ladder",
    } as const;
    await engine.writeTogether([
      invoke(closeClient, {
        move: { client_id: client, from: "suspended", to: "closed", by: "ladder", since: now },
        closing: {
          client_id: client,
          account_id: known.account,
          was: "suspended",
          was_since: known.since,
          closed_at: now,
          erase_after: eraseAfter,
          signature: null,
          receipt_id: null,
        },
        receipt: undefined,
        keepSession: "",
      }),
      await log.logged(client, known.account, moved(now, "suspended", "closed", because)),
    ]);
    closed += 1;
  }
  return closed;
}
