// People whose signatures count, and how one more is enrolled: a quorum of approvers signs the new key. Who a person is was
// attested by those who signed; the keeper only sees to it that two keys of one person are never two people.
import { fromHex } from "#base/bytes";
import { parseCanonical } from "#base/canonical";
import { DAY, SECOND, seconds } from "#base/time";
import { policyDigest } from "#policy";
import { verifyBytes } from "#vault";
import type { Book } from "./book.ts";
import { isPerson } from "./genesis.ts";
import type { Keeper, Person, PersonRefusal, Ruled, StaffRole } from "./port.ts";
import { refused } from "./rules.ts";
import type { RecordedPerson } from "./facts.ts";
import type { State } from "./state.ts";
import { keyId, personBytes } from "./statements.ts";

/** Approvers count a day after their enrolment, so that nobody can be made up for one occasion. */
const WAITING_S = DAY / SECOND;

/** True when an approver's waiting day is over; those whom the genesis names have none. */
export function hasWaited(person: Person, now: number): boolean {
  return person.since === 0 || now - person.since >= WAITING_S;
}

/**
 * Enrols by a canonical request {version: 1, person, role, key (hex), roles, policy, nonce} and signatures of a quorum of approvers
 * over `personBytes(request)`. One ledger entry.
 */
export async function enrolPerson(
  book: Book,
  request: Uint8Array,
  approvals: Parameters<Keeper["enrolPerson"]>[1],
): Promise<Ruled<Person, PersonRefusal>> {
  const value = parseCanonical(request);
  if (value === undefined) return refused("not-canonical", "the request is no canonical JSON");
  const fields = value as { readonly [name: string]: unknown };
  if (!isPerson(value) || fields["version"] !== 1 || Object.keys(value).length !== 7)
    return refused("bad-request", "version, person, role, key, roles, policy, nonce, and no more");
  if (fields["policy"] !== policyDigest) return refused("old-policy", policyDigest);
  const { state } = book;
  const now = seconds(book.now());
  const key = fromHex(value.key) ?? new Uint8Array();
  const id = keyId(key);
  if (state.people.has(id)) return refused("duplicate", "this key is enrolled");
  const signed = quorumOf(book, personBytes(request), approvals);
  if (!signed.ok) return signed;
  const roles: readonly StaffRole[] = [...value.roles];
  const { person, role } = value;
  const recorded: RecordedPerson = { person, role, key: value.key, roles, keyId: id, since: now };
  await book.write({
    public: { type: "enrol-person", role, roles, keyId: id },
    case: { person, key: value.key, approvers: approvals.map(({ approver }) => approver) },
    fact: { kind: "person", person: recorded },
  });
  return { ok: true, value: { ...recorded, key } };
}

/** A signature by an approver's key, named by its id. */
export interface ApproverSignature {
  readonly approver: string;
  readonly signature: Uint8Array;
}

/** Whether a quorum of distinct approvers, each past their waiting day, signed these bytes. */
export function quorumOf(
  book: Book,
  said: Uint8Array,
  signatures: readonly ApproverSignature[],
): Ruled<true, "bad-signature" | "too-few-approvals"> {
  const { state } = book;
  const now = seconds(book.now());
  const people = new Set<string>();
  for (const { approver, signature } of signatures) {
    const person = approverOf(state, approver);
    if (person === undefined || !verifyBytes(person.key, said, signature))
      return refused("bad-signature", "a signature is not by an approver's key over this request");
    if (hasWaited(person, now)) people.add(person.person);
  }
  if (state.quorum === 0 || people.size < state.quorum)
    return refused("too-few-approvals", `${state.quorum} distinct approvers must sign`);
  return { ok: true, value: true };
}

export function approverOf(state: State, id: string): Person | undefined {
  const person = state.people.get(id);
  return person?.roles.includes("approver") === true ? person : undefined;
}
