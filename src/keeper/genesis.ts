// The beginning: who may act and approve before anybody could be enrolled. FOLDER/genesis.json is read once, when the ledger
// is empty, and becomes leaf 0; whatever is put there later changes nothing.
//
//   {"version":1,"origin":…,"policy":…,"quorum":2,"people":[{"person":…,"role":…,"key":hex,"roles":["actor"]}]}
//
// Without that file leaf 0 names nobody, and then nobody can ever look.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fromHex, toHex, toUtf8 } from "#base/bytes";
import { Broken } from "#base/errors";
import { replaceFile } from "#base/files";
import { policyDigest } from "#policy";
import { newBoxKeyPair, newSigningKeyPair } from "#vault";
import type { Book } from "./book.ts";
import { formatKeyFile } from "./keyfile.ts";
import type { StaffRole } from "./port.ts";
import { readIfThere } from "./once.ts";
import { keyId } from "./statements.ts";
import type { RecordedPerson } from "./facts.ts";

interface Genesis {
  readonly version: 1;
  readonly origin: string;
  readonly policy: string;
  /** Distinct approvers that every ground with approvals needs. */
  readonly quorum: number;
  readonly people: readonly GenesisPerson[];
}

interface GenesisPerson {
  readonly person: string;
  readonly role: string;
  /** Ed25519 public key, hex. */
  readonly key: string;
  readonly roles: readonly StaffRole[];
}

// Two is the policy's own number of approvers; nine people who must all agree is more than any provider will want.
const DEFAULT_QUORUM = 2;
const MAX_QUORUM = 9;

/** Writes leaf 0 when the ledger is empty. Throws Broken on a genesis file that is wrong, before anything is written. */
export async function beginLedger(folder: string, origin: string, book: Book): Promise<void> {
  if (book.state.size > 0) return;
  const bytes = await readIfThere(join(folder, "genesis.json"));
  const genesis =
    bytes === undefined
      ? { version: 1 as const, origin, policy: policyDigest, quorum: DEFAULT_QUORUM, people: [] }
      : readGenesis(bytes, origin);
  const { quorum } = genesis;
  const people = genesis.people.map((person): RecordedPerson => {
    return { ...person, keyId: keyId(fromHex(person.key) ?? new Uint8Array()), since: 0 };
  });
  await book.write({
    public: {
      type: "genesis",
      origin,
      policy: policyDigest,
      quorum,
      people: people.map(({ role, roles, keyId }) => ({ role, roles, keyId })),
    },
    case: { people: people.map(({ person, key }) => ({ person, key })) },
    fact: { kind: "genesis", policy: policyDigest, quorum, people },
  });
}

function readGenesis(bytes: Uint8Array, origin: string): Genesis {
  let value: Partial<Genesis>;
  try {
    value = JSON.parse(toUtf8(bytes) ?? "") as Partial<Genesis>;
  } catch (error) {
    throw new Broken("genesis.json is no JSON", error);
  }
  const { version, quorum, people, policy } = value;
  if (version !== 1 || value.origin !== origin)
    throw new Broken("genesis.json is not for this ledger: version or origin differ");
  if (policy !== policyDigest) throw new Broken("genesis.json names another policy");
  if (quorum === undefined || !Number.isInteger(quorum) || quorum < 1 || quorum > MAX_QUORUM)
    throw new Broken(`genesis.json: the quorum is a number from 1 to ${MAX_QUORUM}`);
  if (!Array.isArray(people) || !people.every(isPerson))
    throw new Broken("genesis.json: a person has person, role, key (64 hex digits) and roles");
  return {
    version,
    origin,
    policy,
    quorum,
    people: people.map(({ person, role, key, roles }) => ({ person, role, key, roles })),
  };
}

/** True for a person as genesis and enrolment requests name one. */
export function isPerson(value: unknown): value is GenesisPerson {
  if (typeof value !== "object" || value === null) return false;
  const { person, role, key, roles } = value as Partial<GenesisPerson>;
  return (
    [person, role].every(
      (text) => typeof text === "string" && /^[\p{L}\p{N} ._@-]{1,100}$/u.test(text),
    ) &&
    typeof key === "string" &&
    /^[0-9a-f]{64}$/.test(key) &&
    Array.isArray(roles) &&
    roles.length > 0 &&
    new Set(roles).size === roles.length &&
    roles.every((each) => each === "actor" || each === "approver")
  );
}

/** Where the example's key files stand. */
export function exampleKeys(folder: string): {
  readonly operator: string;
  readonly approvers: readonly [string, string];
  readonly recipient: string;
} {
  const file = (name: string): string => join(folder, `${name}.key`);
  return {
    operator: file("operator"),
    approvers: [file("approver-1"), file("approver-2")],
    recipient: file("recipient"),
  };
}

/**
 * For trying things out: makes key files for an operator who acts, two approvers and the recipient of packages in `keysFolder`, and a
 * genesis for them in the keeper's folder. Does nothing once that folder has a genesis or a root. Keys on one machine are no separation.
 */
export async function exampleGenesis(place: {
  readonly keysFolder: string;
  readonly keeperFolder: string;
  readonly origin: string;
}): Promise<void> {
  const { keysFolder, keeperFolder, origin } = place;
  for (const name of ["genesis.json", "root"])
    if ((await readIfThere(join(keeperFolder, name))) !== undefined) return;
  await mkdir(keysFolder, { recursive: true, mode: 0o700 });
  await mkdir(keeperFolder, { recursive: true, mode: 0o700 });
  const { operator, approvers, recipient } = exampleKeys(keysFolder);
  const people: GenesisPerson[] = [];
  const make = async (path: string, person: string, role: string, as: StaffRole): Promise<void> => {
    const { publicKey, secretKey } = newSigningKeyPair();
    await replaceFile(path, formatKeyFile("ed25519", secretKey));
    people.push({ person, role, key: toHex(publicKey), roles: [as] });
  };
  await make(operator, "operator", "operator", "actor");
  await make(approvers[0], "approver-1", "approver", "approver");
  await make(approvers[1], "approver-2", "approver", "approver");
  await replaceFile(recipient, formatKeyFile("x25519", newBoxKeyPair().secretKey));
  const genesis: Genesis = {
    version: 1,
    origin,
    policy: policyDigest,
    quorum: DEFAULT_QUORUM,
    people,
  };
  await replaceFile(
    join(keeperFolder, "genesis.json"),
    `${JSON.stringify(genesis, undefined, 2)}
`,
  );
}
