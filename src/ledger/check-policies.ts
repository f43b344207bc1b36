// The policies that a log names: each digest in it must be that of a document published beside it, so that nobody has to take the
// provider's word for what was promised when.
import { createHash } from "node:crypto";
import { toHex } from "#base/bytes";
import type { Canonical } from "#base/canonical";
import type { OpenedPart } from "./check-openings.ts";
import type { Find, Read } from "./findings.ts";

// The entries that put a policy before everybody; others only repeat the digest in force.
const types = new Set(["genesis", "policy-announced", "policy"]);

export async function checkPolicies(
  read: Read,
  parts: readonly OpenedPart[],
  find: Find,
): Promise<void> {
  const digests = new Set(parts.map(({ value }) => policyIn(value)).filter((each) => each !== ""));
  for (const digest of digests) {
    const file = policyPath(digest);
    const bytes = await read(file);
    if (bytes === undefined) {
      const text = "the log names this policy, and does not publish it";
      find({ kind: "missing", file, text });
    } else if (toHex(createHash("sha256").update(bytes).digest()) !== digest) {
      find({ kind: "wrong-policy", file, text: "this is not the policy that the log names" });
    }
  }
}

/** Where a policy's document stands within the published log. */
function policyPath(digest: string): string {
  return `policies/${digest}.json`;
}

function policyIn(value: Canonical): string {
  if (typeof value !== "object" || Array.isArray(value)) return "";
  const { type, policy } = value as { readonly [name: string]: Canonical };
  const isNamed = typeof type === "string" && types.has(type) && typeof policy === "string";
  return isNamed && /^[0-9a-f]{64}$/.test(policy) ? policy : "";
}
