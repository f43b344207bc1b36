// The files that show a ledger entry to whoever receives a package: fetched from what the provider publishes to everybody.
import { evidenceFor } from "#ledger";
import { readerOf } from "./published.ts";

/** Files by name; none while the entry is not published. */
export async function evidenceOf(
  place: string,
  index: number,
): Promise<readonly { readonly name: string; readonly text: string }[]> {
  const evidence = await evidenceFor(readerOf(place), index);
  if (evidence === undefined) return [];
  const { proof, openings } = evidence;
  return [
    { name: `entry-${index}.tlog-proof`, text: proof },
    ...(openings.length === 0
      ? []
      : [
          {
            name: `entry-${index}.openings.jsonl`,
            text: openings.map((line) => `${line}\n`).join(""),
          },
        ]),
  ];
}
