// A policy that is amended. The digest in force is the ledger's word, never the program's: a keeper whose tables were edited, on the
// disk or in a release, does not start until a quorum of approvers has published what they say, in time for clients to be told.
//
// A request is canonical JSON {version: 1, policy (SHA-256 of the document, hex), from (seconds), words, nonce}. It only announces. The
// policy comes into force when a program that carries it starts, not before `from`; whatever was sealed until then stays under its own.
import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { toHex } from "#base/bytes";
import { type Canonical, canonicalBytes, parseCanonical } from "#base/canonical";
import { Broken } from "#base/errors";
import { replaceFile } from "#base/files";
import { DAY, dayOf, SECOND, seconds } from "#base/time";
import type { Book } from "./book.ts";
import { exactly, hex, integer, isRecord, words } from "./fields.ts";
import type { Keeper } from "./port.ts";
import { refused } from "./rules.ts";
import { quorumOf } from "./staff.ts";
import { amendmentBytes } from "./statements.ts";

/** Clients hear of an amendment this long before it can bind them: time to read it, to object, and to leave with everything. */
const NOTICE_S = (30 * DAY) / SECOND;
/** A date further away than this is a slip of the pen. */
const FURTHEST_S = (366 * DAY) / SECOND;
/** The whole table with every clause is some 20 KiB. */
const MAX_DOCUMENT = 1 << 20;

interface Amendment {
  readonly policy: string;
  readonly from: number;
  readonly words: string;
}

const isAmendment = exactly({
  version: (value) => value === 1,
  policy: hex(64),
  from: integer,
  words,
  nonce: hex(32),
});

/** The policy that a program carries. */
export interface CarriedPolicy {
  readonly digest: string;
  readonly document: Canonical;
}

/** Lets the keeper go on only under the policy in force; carries a policy that was announced into force when its day has come. */
export async function enterPolicy(
  book: Book,
  publishedFolder: string,
  { digest, document }: CarriedPolicy,
): Promise<void> {
  const { policies } = book.state;
  if (policies.inForce !== digest) {
    const from = policies.announced.get(digest);
    if (from === undefined)
      throw new Broken(
        `the policy of this program is ${digest}, and the one in force is ${policies.inForce}: its tables were changed. ` +
          "Put them back, or announce the change with `bailee policy announce`",
      );
    if (from > seconds(book.now()))
      throw new Broken(
        `the policy of this program may bind from ${dayOf(from * SECOND)}, not today`,
      );
    const before = policies.inForce;
    await book.write({
      public: { type: "policy", policy: digest, before },
      fact: { kind: "policy", policy: digest },
    });
  }
  await keepDocument(publishedFolder, digest, canonicalBytes(document));
}

/** See `Keeper.amendPolicy`. */
export function openAmendments(book: Book, publishedFolder: string): Keeper["amendPolicy"] {
  return async (request, document, approvals) => {
    const value = parseCanonical(request);
    if (!isRecord(value) || !isAmendment(value))
      return refused("bad-request", "version, policy, from, words, nonce, and no more");
    const asked = value as unknown as Amendment;
    const now = seconds(book.now());
    const digest = toHex(createHash("sha256").update(document).digest());
    if (parseCanonical(document, MAX_DOCUMENT) === undefined)
      return refused("bad-request", "a policy is canonical JSON of at most 1 MiB");
    if (digest !== asked.policy)
      return refused("bad-request", `the document that came along is ${digest}`);
    const { policies } = book.state;
    if (asked.policy === policies.inForce || policies.announced.has(asked.policy))
      return refused("duplicate", "that policy is in force or announced already");
    if (asked.from < now + NOTICE_S || asked.from > now + FURTHEST_S)
      return refused("bad-date", "it may bind from 30 to 366 days from now on");
    const signed = quorumOf(book, amendmentBytes(request), approvals);
    if (!signed.ok) return signed;
    await keepDocument(publishedFolder, digest, document);
    const { policy, from } = asked;
    const index = await book.write({
      public: { type: "policy-announced", policy, from: dayOf(from * SECOND), words: asked.words },
      case: { approvers: approvals.map(({ approver }) => approver) },
      fact: { kind: "policy-announced", policy, from },
    });
    return { ok: true, value: { index, policy, from } };
  };
}

/** Beside the ledger, so that who meets a digest in an entry or an object can read what it says. */
async function keepDocument(folder: string, digest: string, document: Uint8Array): Promise<void> {
  const policies = join(folder, "policies");
  await mkdir(policies, { recursive: true });
  await replaceFile(join(policies, `${digest}.json`), document);
}
