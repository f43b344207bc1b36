// Grants from their filing to their approval: who signed, whether the rules allow it, who approved. Opens nothing; what is
// written here only decides whether release.ts may.
import { asBuffer } from "#base/bytes";
import { seconds } from "#base/time";
import { groundRow, isGround } from "#policy";
import { verifyBytes } from "#vault";
import type { Book } from "./book.ts";
import type { Keystore } from "./clients.ts";
import { type Grant, parseGrant } from "./grant.ts";
import type { ApproveRefusal, Keeper, Ruled, Shown } from "./port.ts";
import { judgeGrant, type Refused, refused, silenceOf, type World } from "./rules.ts";
import { approverOf, hasWaited } from "./staff.ts";
import type { FiledGrant, State } from "./state.ts";
import { approvalBytes, grantBytes, grantHash } from "./statements.ts";
import { openTurns } from "./turns.ts";

export type Grants = Pick<Keeper, "fileGrant" | "approveGrant" | "showGrant" | "listGrants">;

export function openGrants(book: Book, keystore: Keystore): Grants {
  const { state } = book;
  const now = (): number => seconds(book.now());
  // Judging and writing are one step: two grants filed together must each see the other.
  const inTurn = openTurns();

  const fileGrant: Keeper["fileGrant"] = async (bytes, signature) => {
    const form = parseGrant(bytes);
    if (!form.ok) return refused("not-canonical", form.why);
    const { grant } = form;
    const hash = grantHash(bytes);
    const actor = state.people.get(grant.actor);
    if (actor?.roles.includes("actor") !== true)
      return refused("unknown-actor", "no enrolled key of that id may act");
    if (!verifyBytes(actor.key, grantBytes(hash), signature))
      return refused("bad-signature", "the signature is not the actor's over this grant");
    if (state.grants.has(hash)) return refused("duplicate", "this grant is filed already");
    const client = await keystore.find(grant.client);
    const world = { state, now: now(), client };
    const verdict = judgeGrant(grant, world);
    if (verdict !== undefined) {
      await writeRefusal(book, grant, hash, verdict, world);
      return verdict;
    }
    await book.note({ kind: "grant", hash, text: asBuffer(bytes).toString() });
    return { ok: true, value: { hash } };
  };

  const approveGrant: Keeper["approveGrant"] = async (hash, approver, signature) => {
    const filed = state.grants.get(hash);
    if (filed === undefined) return refused("unknown-grant", "no grant of that hash is filed");
    const verdict = judgeApproval(state, filed, approver, signature, now());
    if (verdict !== undefined) return verdict;
    await book.note({ kind: "approval", hash, approver });
    return { ok: true, value: shownGrant(filed, state, now()) } satisfies Ruled<Shown, never>;
  };

  return {
    fileGrant: (bytes, signature) => inTurn(() => fileGrant(bytes, signature)),
    approveGrant: (hash, approver, signature) =>
      inTurn(() => approveGrant(hash, approver, signature)),
    async showGrant(hash) {
      const filed = state.grants.get(hash);
      return filed && shownGrant(filed, state, now());
    },
    listGrants: async () =>
      [...state.grants.values()].map((each) => shownGrant(each, state, now())),
  };
}

/** Distinct approvers that a grant needs: the quorum that the genesis published, where its ground asks for approvers at all. */
export function approvalsNeeded(grant: Grant, state: State): number {
  if (!isGround(grant.ground) || groundRow(grant.ground).approvals === 0) return 0;
  return Math.max(1, state.quorum);
}

function shownGrant(filed: FiledGrant, state: State, now: number): Shown {
  const { hash, bytes, grant, approvals, releases } = filed;
  const needed = approvalsNeeded(grant, state);
  const allowed = usesAllowed(grant);
  const shown = {
    hash,
    grant: bytes,
    approvals: [...approvals],
    approvalsNeeded: needed,
    uses: releases.length,
    usesAllowed: allowed,
  };
  if (releases.length >= allowed) return { ...shown, state: "released" };
  if (now >= grant.expires) return { ...shown, state: "expired" };
  return { ...shown, state: approvals.length >= needed ? "approved" : "waiting" };
}

export function usesAllowed(grant: Grant): number {
  return isGround(grant.ground) ? groundRow(grant.ground).uses : 0;
}

function judgeApproval(
  state: State,
  { hash, grant, approvals }: FiledGrant,
  approver: string,
  signature: Uint8Array,
  now: number,
): Refused<ApproveRefusal> | undefined {
  const person = approverOf(state, approver);
  if (person === undefined)
    return refused("unknown-approver", "no enrolled key of that id may approve");
  if (!verifyBytes(person.key, approvalBytes(hash), signature))
    return refused("bad-signature", "the signature is not the approver's over this grant");
  if (now >= grant.expires) return refused("expired", "the grant has expired");
  const actor = state.people.get(grant.actor)?.person;
  // A provider of one person publishes quorum 1; what opens mail on these grounds needs somebody from outside even then.
  const alone = state.quorum === 1 && ["D1", "D2", "A"].includes(grant.ground);
  const involved = person.person === actor || person.person === grant.requester.name;
  if (involved && !alone)
    return refused("is-actor", "who asks for a grant does not approve it, with whichever key");
  if (!hasWaited(person, now))
    return refused("too-new", "an approver counts a day after enrolment");
  for (const { approver: earlier } of approvals) {
    if (earlier === approver) return refused("already", "this key has approved it");
    if (state.people.get(earlier)?.person === person.person)
      return refused("same-person", "another key of the same person has approved it");
  }
  return undefined;
}

/** A signed grant that the rules refuse is an entry too. */
async function writeRefusal(
  book: Book,
  grant: Grant,
  hash: string,
  { refusal }: Refused<string>,
  world: World,
): Promise<void> {
  const { client } = world;
  const revealBy = silenceOf(grant, world);
  await book.write({
    public: {
      type: "grant-refused",
      ground: isGround(grant.ground) ? grant.ground : "none",
      refusal,
      role: book.state.people.get(grant.actor)?.role ?? "",
      ...(client && { pseudonym: client.pseudonym }),
    },
    case: { grant: hash, actor: grant.actor },
    ...(revealBy !== undefined && { revealBy }),
  });
}
