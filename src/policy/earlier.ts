// Policies that were in force before the one in this program, as they were published. What was sealed under one of them may be opened
// for what that one lists as well as today's, and for nothing else: an amendment never widens what was entrusted before it.
//
// Who changes a table of this room first puts the document in force (/policy.json) here, whole. There was no other yet.
import { type Canonical, canonicalText } from "#base/canonical";
import { isDataClass, mayOpen } from "./classes.ts";
import { policyDigest, sha256Hex } from "./digest.ts";
import { groundReaches } from "./grounds.ts";

const documents: readonly Canonical[] = [];

/** Whether a class may be opened for a purpose, or on a ground, under a policy. Exact spelling only. */
export interface PolicyTable {
  mayOpen(dataClass: string, purpose: string): boolean;
  reaches(ground: string, dataClass: string): boolean;
}

/** The table of the policy in this program. */
export const policyTable: PolicyTable = {
  mayOpen,
  reaches: (ground, dataClass) => isDataClass(dataClass) && groundReaches(ground, dataClass),
};

/** The tables by digest, lower-case hex: of the policy in this program and of those given, which are held to today's as well. */
export function policyTables(
  earlier: readonly Canonical[] = documents,
): ReadonlyMap<string, PolicyTable> {
  const tables = earlier.map((document): [string, PolicyTable] => {
    const { classes, grounds } = document as unknown as Document;
    const own = (table: object, name: string): boolean => Object.hasOwn(table, name);
    return [
      sha256Hex(canonicalText(document)),
      {
        mayOpen: (dataClass, purpose) =>
          policyTable.mayOpen(dataClass, purpose) &&
          own(classes, dataClass) &&
          classes[dataClass]?.purposes.includes(purpose) === true,
        reaches(ground, dataClass) {
          const row = own(grounds, ground) ? grounds[ground] : undefined;
          const reached = row && [...row.classes, ...row.namedClasses];
          return policyTable.reaches(ground, dataClass) && reached?.includes(dataClass) === true;
        },
      },
    ];
  });
  return new Map([...tables, [policyDigest, policyTable]]);
}

interface Document {
  readonly classes: { readonly [name: string]: { readonly purposes: readonly string[] } };
  readonly grounds: {
    readonly [name: string]: {
      readonly classes: readonly string[];
      readonly namedClasses: readonly string[];
    };
  };
}
