// Who looked: each release of anything of a client's, as the client may see it. What an authority's document keeps silent
// appears when its time is over, and not a second earlier.
import { asBuffer } from "#base/bytes";
import { type Result, yes } from "#base/errors";
import { seconds } from "#base/time";
import { formatOpening, openPart } from "#ledger";
import { isDataClass, isGround } from "#policy";
import type { Book } from "./book.ts";
import type { Own } from "./own.ts";
import type { Look, OwnRefusal, OwnRequest } from "./port.ts";
import type { FiledGrant, Release } from "./state.ts";

export function openLooks(
  book: Book,
  own: Own,
): (request: OwnRequest) => Promise<Result<readonly Look[], OwnRefusal>> {
  return async (request) => {
    const admitted = await own.admit(request, []);
    if (!admitted.ok) return admitted;
    const now = seconds(book.now());
    const looks: Look[] = [];
    for (const filed of book.state.grants.values()) {
      const { client, notice } = filed.grant;
      if (client !== request.client || (notice !== "now" && notice.until > now)) continue;
      for (const release of filed.releases) {
        const look = await lookOf(book, filed, release);
        if (look !== undefined) looks.push(look);
      }
    }
    return yes(looks.sort((a, b) => b.index - a.index));
  };
}

async function lookOf(
  book: Book,
  { grant }: FiledGrant,
  release: Release,
): Promise<Look | undefined> {
  const { ground, class: dataClass, purpose, reason } = grant;
  if (!isGround(ground) || !isDataClass(dataClass)) return undefined;
  const { index, at, ids, entry, outcome } = release;
  const said = JSON.parse(asBuffer(entry.public.bytes).toString()) as { readonly role: string };
  let ended: Look["outcome"] = "intent";
  if (outcome !== undefined) ended = outcome.failed ? "failed" : "released";
  return {
    index,
    at,
    ground,
    class: dataClass,
    purpose,
    role: said.role,
    items: outcome?.items ?? ids.length,
    reason,
    ids,
    outcome: ended,
    proof: await book.proof(index),
    openings: (["public", "client"] as const).map((part) =>
      formatOpening(openPart(entry, part, index)),
    ),
  };
}
