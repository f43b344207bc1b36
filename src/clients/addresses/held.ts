// The condition under which an address works as far as its domain goes: it is of the house, or of a domain that its client holds now.
import type { ExpressionBuilder, ExpressionWrapper, SqlBool } from "kysely";
import type { Tables } from "../tables.ts";
import { heldStates } from "./resolution.ts";

export function ofHeldDomain(client: string) {
  return (
    eb: ExpressionBuilder<Tables, "address">,
  ): ExpressionWrapper<Tables, "address", SqlBool> =>
    eb.or([
      eb("address.domain", "is", null),
      eb("address.domain", "in", (of) =>
        of
          .selectFrom("client_domain")
          .select("client_domain.domain")
          .where("client_domain.client_id", "=", client)
          .where("client_domain.state", "in", [...heldStates]),
      ),
    ]);
}
