// Resets: the way back for a client who lost every credential, where the plan's mode has one. Never for staff: the keys go to a public key
// whose secret half only the client's one-time link has. A day's wait, in which any credential that still works cancels it; in mode quorum
// approvals as well; an entry when it is asked for, and one before the keys go.
import { fromHex } from "#base/bytes";
import { type Canonical, canonicalBytes } from "#base/canonical";
import { DAY, SECOND, seconds } from "#base/time";
import { openSealer, verifyBytes } from "#vault";
import type { Book } from "./book.ts";
import type { KeptClient, Keystore } from "./clients.ts";
import type { Keeper, ResetRefusal, ShownReset } from "./port.ts";
import type { FiledReset, ResetRequest } from "./resetbook.ts";
import { type Refused, refused } from "./rules.ts";
import { approverOf, hasWaited } from "./staff.ts";
import type { State } from "./state.ts";
import { resetBytes, resetCancelBytes, resetHash } from "./statements.ts";
import { openTurns } from "./turns.ts";
import type { Underway } from "./underway.ts";
import { awaitWitnesses, unavailable, unlessUnavailable } from "./uses.ts";
import type { Witnesses } from "./witnesses.ts";

// Long enough that somebody who still has a session or the mailbox open reads the notice.
const WAIT_S = DAY / SECOND;
// A link that nobody used for a week is lost or in other hands.
const GOOD_FOR_S = (7 * DAY) / SECOND;
// The server asks, and nobody's signature shows that the client wanted it: a server that asked for everybody's keys would get a hundredth,
// a day later, with an entry for each. In a small house somebody always forgets a password.
const SHARE = 0.01;
const AT_LEAST = 3;

export function openResets(parts: {
  readonly book: Book;
  readonly keystore: Keystore;
  readonly underway: Underway;
  readonly witnesses: Witnesses;
}): Pick<Keeper, "askReset" | "approveReset" | "cancelReset" | "handOver" | "resets"> {
  const { book, keystore, underway, witnesses } = parts;
  const { state } = book;
  const now = (): number => seconds(book.now());
  // Judging and writing are one step.
  const inTurn = openTurns();
  const shown = (filed: FiledReset, client: KeptClient | undefined): ShownReset => {
    const { hash, request, askedAt, approvals, end } = filed;
    const readyAt = askedAt + WAIT_S;
    const expires = readyAt + GOOD_FOR_S;
    const isOver = end === "cancelled" || now() >= expires || client === undefined;
    const needed = client?.mode === "quorum" ? Math.max(1, state.quorum) : 0;
    const isReady = now() >= readyAt && approvals.length >= needed;
    const standing = isOver ? "over" : isReady ? "ready" : "waiting";
    return {
      hash,
      request: canonicalBytes({ ...request }),
      askedAt,
      readyAt,
      expires,
      approvals: [...approvals],
      approvalsNeeded: needed,
      state: end === "handed-over" ? "handed-over" : standing,
    };
  };
  const find = async (hash: string) => {
    const filed = state.resets.byHash.get(hash);
    if (filed === undefined) return refused("unknown-reset", "no reset of that hash was asked for");
    const client = await keystore.find(filed.request.client);
    if (client === undefined) return refused("unknown-client", "the client is no longer held here");
    if (shown(filed, client).state === "over")
      return refused("over", "it was cancelled, or its week is over");
    return { filed, client };
  };
  /** For everybody, and for the client. */
  const entry = (type: string, filed: FiledReset, client: KeptClient) => {
    const { key, account } = filed.request;
    const said: { [field: string]: Canonical } = { reset: filed.hash, account, key };
    return {
      public: { type, mode: client.mode, pseudonym: client.pseudonym },
      client: said,
      of: client.client,
    };
  };
  return {
    askReset: (request) =>
      inTurn(async () => {
        const client = await keystore.find(request.client);
        const verdict = judgeRequest(request, client, state, now());
        if (verdict !== undefined || client === undefined)
          return verdict ?? refused("unknown-client", "no such client is held here");
        const hash = resetHash(request);
        const { client: id, account, key, at } = request;
        const asked = { client: id, account, key, at };
        const fact = { kind: "reset-asked", hash, request: asked } as const;
        const line = entry("reset-asked", { hash, request, askedAt: now(), approvals: [] }, client);
        const index = await unlessUnavailable(() => book.write({ ...line, fact }));
        const filed = state.resets.byHash.get(hash);
        if (index === undefined || filed === undefined) return unavailable;
        return { ok: true, value: shown(filed, client) };
      }),
    approveReset: (hash, approver, signature) =>
      inTurn(async () => {
        const found = await find(hash);
        if ("refusal" in found) return found;
        const { filed, client } = found;
        const verdict = judgeApproval(state, filed, approver, signature, now());
        if (verdict !== undefined) return verdict;
        await book.note({ kind: "reset-approval", hash, approver });
        return { ok: true, value: shown(filed, client) };
      }),
    cancelReset: (hash, signature) =>
      inTurn(async () => {
        const found = await find(hash);
        if ("refusal" in found) return found;
        const { filed, client } = found;
        if (filed.end !== undefined) return refused("over", "the keys were handed over");
        if (!verifyBytes(client.signingKey, resetCancelBytes(hash), signature))
          return refused("bad-signature", "it is not signed by the account's own key");
        const fact = { kind: "reset-cancelled", hash } as const;
        const line = entry("reset-cancelled", filed, client);
        const index = await unlessUnavailable(() => book.write({ ...line, fact }));
        return index === undefined ? unavailable : { ok: true, value: { index } };
      }),
    handOver: (hash) =>
      inTurn(async () => {
        const found = await find(hash);
        if ("refusal" in found) return found;
        const { filed, client } = found;
        const { readyAt, approvalsNeeded: needed } = shown(filed, client);
        if (now() < readyAt) return refused("not-yet", "a day's wait is not over");
        if (filed.approvals.length < needed)
          return refused("too-few-approvals", `${filed.approvals.length} of ${needed} approvals`);
        if (underway.isLeaving(client.client))
          return refused("unknown-client", "the client is being erased");
        // The same again, because its answer was lost: no other entry, and the same key to which it is sealed.
        const fact = { kind: "reset-intent", hash } as const;
        const line = entry("reset", filed, client);
        const intent =
          filed.intent ?? (await unlessUnavailable(() => book.write({ ...line, fact })));
        if (intent === undefined) return unavailable;
        const wait = witnesses.saw(intent) ? undefined : awaitWitnesses(intent, witnesses);
        if (wait !== undefined) return refused("awaiting-witnesses", wait.why);
        const bundle = await client.bundle();
        if (bundle === undefined) return refused("client-only", "the keeper never had these keys");
        if (filed.end === undefined) await book.note({ kind: "reset-handed-over", hash });
        return { ok: true, value: { sealed: sealTo(filed.request, bundle), index: intent } };
      }),
    async resets() {
      const all = [...state.resets.byHash.values()];
      return Promise.all(
        all.map(async (filed) => shown(filed, await keystore.find(filed.request.client))),
      );
    },
  };
}

function judgeRequest(
  { client: id, account, key, at }: ResetRequest,
  client: KeptClient | undefined,
  state: State,
  now: number,
): Refused<ResetRefusal> | undefined {
  if (fromHex(key)?.byteLength !== 32 || at < 0) return refused("malformed", "the key is no key");
  if (client === undefined || client.account !== account)
    return refused("unknown-client", "no such client and account are held here");
  if (client.mode === "client-only")
    return refused("client-only", "this plan has no reset: the recovery code, or nothing");
  const open = [...state.resets.byHash.values()].filter(
    ({ askedAt, end }) => end !== "cancelled" && now < askedAt + WAIT_S + GOOD_FOR_S,
  );
  if (open.some(({ request, end }) => request.client === id && end === undefined))
    return refused("already", "a reset of this account is under way");
  const most = Math.max(AT_LEAST, Math.floor(state.settledClients(now) * SHARE));
  if (open.length >= most) return refused("too-many", `over ${most} resets are under way`);
  return undefined;
}

function judgeApproval(
  state: State,
  { hash, approvals }: FiledReset,
  approver: string,
  signature: Uint8Array,
  now: number,
): Refused<ResetRefusal> | undefined {
  const person = approverOf(state, approver);
  if (person === undefined)
    return refused("unknown-approver", "no enrolled key of that id may approve");
  if (!verifyBytes(person.key, resetBytes(hash), signature))
    return refused("bad-signature", "the signature is not the approver's over this reset");
  if (!hasWaited(person, now))
    return refused("too-new", "an approver counts a day after enrolment");
  const people = approvals.map((each) => state.people.get(each.approver)?.person);
  return people.includes(person.person)
    ? refused("already", "this person has approved it")
    : undefined;
}

function sealTo({ client, account, key }: ResetRequest, bundle: Uint8Array): Uint8Array {
  const about = { class: "credential", client, account, object: account, part: "reset" } as const;
  return openSealer(fromHex(key) ?? new Uint8Array()).seal(about, bundle);
}
