// Case records from their signature to their entry: who signed, whether that person may, whether the step follows on the one
// before. Opens nothing and carries out nothing: what a record says is done by the server, after the entry.
import { toHex } from "#base/bytes";
import type { Canonical } from "#base/canonical";
import { never } from "#base/errors";
import { DAY, MINUTE, SECOND, seconds } from "#base/time";
import { policyDigest } from "#policy";
import { verifyBytes } from "#vault";
import type { Book } from "./book.ts";
import type { KeptClient, Keystore } from "./clients.ts";
import type { RecordedCase } from "./facts.ts";
import type { Keeper, Person, RecordRefusal } from "./port.ts";
import { type CaseRecord, parseRecord } from "./record.ts";
import { type Refused, refused } from "./rules.ts";
import type { State } from "./state.ts";
import { recordBytes, sha256 } from "./statements.ts";
import { openTurns } from "./turns.ts";

// A record is signed on another machine, perhaps after a weekend; clocks differ by minutes.
const OLDEST_S = (7 * DAY) / SECOND;
const AHEAD_S = (5 * MINUTE) / SECOND;

type Verdict = Refused<RecordRefusal> | undefined;

export function openRecords(parts: {
  readonly book: Book;
  readonly keystore: Keystore;
}): Keeper["recordCase"] {
  const { book } = parts;
  const { state } = book;
  const inTurn = openTurns();
  const recordCase: Keeper["recordCase"] = async (bytes, signature) => {
    const form = parseRecord(bytes);
    if (!form.ok) return refused(form.refusal, form.why);
    const { record } = form;
    const person = state.people.get(record.actor);
    // What takes a second person may be done by somebody who only approves: the point is that it is somebody else.
    const takesSecond = record.type === "appeal-decided" || record.type === "request-determined";
    const mayAct =
      person?.roles.includes("actor") === true ||
      (takesSecond && person?.roles.includes("approver") === true);
    if (person === undefined || !mayAct)
      return refused("unknown-actor", "no enrolled key of that id may record this");
    if (!verifyBytes(person.key, recordBytes(bytes), signature))
      return refused("bad-signature", "the signature is not the actor's over this record");
    const hash = toHex(sha256(bytes));
    const written = state.cases.written.get(record.nonce);
    // The same record again, because its answer was lost: the same index. Another one with its nonce is none that was written.
    if (written?.hash === hash) return { ok: true, value: { index: written.index } };
    const named = "client" in record ? record.client : "";
    const client = named === "" ? undefined : await parts.keystore.find(named);
    const verdict =
      judgeHead(record, state, seconds(book.now())) ??
      (named !== "" && client === undefined
        ? refused("unknown-client", "no such client is enrolled")
        : undefined) ??
      judgeStep(record, state, person);
    if (verdict !== undefined) return verdict;
    return { ok: true, value: { index: await write(book, { record, hash }, person, client) } };
  };
  return (record, signature) => inTurn(() => recordCase(record, signature));
}

function judgeHead({ policy, nonce, at }: CaseRecord, { cases }: State, now: number): Verdict {
  if (policy !== policyDigest)
    return refused("old-policy", `the policy in force is ${policyDigest}`);
  if (at < now - OLDEST_S || at > now + AHEAD_S)
    return refused("bad-record", "it is older than a week, or of the future");
  if (cases.written.has(nonce))
    return refused("duplicate", "another record with this nonce was written");
  return undefined;
}

/** A request is received, then determined by somebody else, then closed; an appeal is decided once, by somebody else. */
function judgeStep(record: CaseRecord, { cases }: State, { person }: Person): Verdict {
  if (record.type === "decision") return undefined;
  if (record.type === "appeal-decided") {
    const decision = cases.decisions.get(record.of);
    if (decision === undefined || decision.client !== record.client)
      return refused("unknown-entry", "the entry of that index is no decision about this client");
    if (decision.person === person)
      return refused("same-person", "who decided does not decide the appeal, with whichever key");
    if (cases.appealed.has(record.of))
      return refused("duplicate", "the appeal on this decision is decided");
    return undefined;
  }
  const known = cases.byId.get(record.case);
  if (record.type === "request-received")
    return known && refused("duplicate", "the receipt of this case is recorded");
  if (known === undefined) return refused("unknown-entry", "the case's receipt is not recorded");
  if (known.isClosed) return refused("duplicate", "the case is closed");
  if (record.type === "request-determined" && known.receivedBy === person)
    return refused("same-person", "somebody other than who received it determines it");
  return undefined;
}

function write(
  book: Book,
  { record, hash }: { readonly record: CaseRecord; readonly hash: string },
  { person, role }: Person,
  client: KeptClient | undefined,
): Promise<number> {
  const { open, ofClient, ofCase } = partsOf(record);
  const fact: RecordedCase = {
    kind: "record",
    type: record.type,
    case: record.case,
    nonce: record.nonce,
    hash,
    person,
    client: client?.client ?? "",
    ...(record.type === "appeal-decided" && { of: record.of }),
  };
  return book.write({
    // Without the pseudonym: who reported somebody and hears of the decision would know whom a later look concerns.
    public: { type: record.type, role, ...open },
    client: ofClient,
    case: {
      case: record.case,
      actor: record.actor,
      nonce: record.nonce,
      signed: record.at,
      ...ofCase,
    },
    ...(client && { of: client.client }),
    fact,
  });
}

type Said = { readonly [field: string]: Canonical };

/** Which field is for whom: everybody counts, the client reads, the case keeps. */
function partsOf(record: CaseRecord): {
  readonly open: Said;
  readonly ofClient: Said;
  readonly ofCase: Said;
} {
  switch (record.type) {
    case "request-received": {
      const { name, kind } = record.requester;
      return { open: { asks: record.asks, requester: kind }, ofClient: {}, ofCase: { name } };
    }
    case "request-determined":
      return { open: { verdict: record.verdict }, ofClient: {}, ofCase: {} };
    case "request-closed": {
      const { outcome, because } = record;
      return { open: { outcome, because }, ofClient: {}, ofCase: {} };
    }
    case "decision": {
      const { measure, basis, clause, ids, statement, until } = record;
      return {
        open: { measure, basis, clause },
        ofClient: { measure, clause, ids, statement, until },
        ofCase: {},
      };
    }
    case "appeal-decided": {
      const { of, result, statement } = record;
      return { open: { of, result }, ofClient: { of, result, statement }, ofCase: {} };
    }
    default:
      return never(record);
  }
}
