// The cover sheet of a package: what it holds and how to check it, for people who receive one and have never seen Bailee.
import { parseCanonical } from "#base/canonical";
import type { OpenedPackage } from "#keeper";

interface Manifest {
  readonly grant: string;
  readonly intent: number;
  readonly items: readonly {
    readonly class: string;
    readonly object: string;
    readonly part: string;
    readonly bytes: number;
    readonly sha256: string;
  }[];
  readonly missing: readonly string[];
}

// As many items as the largest grant lists, with some 200 bytes each.
const MAX_MANIFEST = 4 * 1024 * 1024;

export function manifestIn(opened: OpenedPackage): Manifest {
  return parseCanonical(opened.manifest, MAX_MANIFEST) as unknown as Manifest;
}

/** Plain text. `names` are the files in the order of the items; `proofs` the files that show the ledger entry. */
export function coverSheet(
  manifest: Manifest,
  about: {
    readonly names: readonly string[];
    readonly manifestHash: string;
    readonly proofs: readonly string[];
  },
): string {
  const { grant, intent, items, missing } = manifest;
  return [
    "WHAT THIS PACKAGE HOLDS",
    "",
    `Released under the grant ${grant},`,
    `after entry ${intent} of the provider's public ledger was written. It was sealed to your key, and opened with it.`,
    "",
    `${items.length === 1 ? "1 item" : `${items.length} items`}:`,
    ...items.flatMap(({ class: dataClass, object, bytes, sha256 }, at) => [
      `  ${about.names[at] ?? object}`,
      `      ${dataClass}, ${bytes} bytes, SHA-256 ${sha256}`,
    ]),
    ...(missing.length === 0
      ? []
      : [
          "",
          "Granted, and no longer held when it was released:",
          ...missing.map((id) => `  ${id}`),
        ]),
    "",
    "HOW TO CHECK IT",
    "",
    "Compare the SHA-256 of each file with the list above and with manifest.json:   sha256sum *",
    `The manifest's own SHA-256 is ${about.manifestHash};`,
    "it stands in the ledger's entry of the outcome, which the provider cannot change any more.",
    ...(about.proofs.length === 0
      ? [
          "The proof that entry stands in the ledger is written here with --ledger, once it is published.",
        ]
      : [
          `That entry ${intent} stands in the ledger is shown by ${about.proofs.join(" and ")} (C2SP tlog-proof).`,
        ]),
    "What is not listed here was not opened.",
    "",
  ].join("\n");
}
