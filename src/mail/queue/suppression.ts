// Addresses that said twice that they do not exist are not asked a third time: repeated sends to them cost every client the good
// name of this server. Keeps marks (an HMAC of client and address under a key of the keeper's), no address; per client, so that
// nobody learns from it to whom others write.
import { DAY } from "#base/time";
import type { Engine } from "#engine";
import { liftSuppression, type Suppression } from "./commands.ts";
import type { Lasting } from "./contract.ts";
import type { Tables } from "./tables.ts";
import type { Verdict } from "./verdict.ts";

/** A mark of an address that refused; whoever knows the address can find it, nobody else can read it. */
interface Suppressed {
  readonly mark: string;
  readonly status: string;
  readonly times: number;
  /** Milliseconds since 1970. */
  readonly last: number;
}

export interface SuppressionList {
  /** The address's last status when it is suppressed for this client. */
  statusOf(client: string, address: string): Promise<string | undefined>;
  /** What a verdict adds to the list. */
  afterVerdict(
    client: string,
    address: string,
    verdict: Verdict,
    at: number,
  ): Promise<readonly Suppression[]>;
  list(client: string): Promise<readonly Suppressed[]>;
  /** `address` undefined lifts all; returns how many. */
  lift(client: string, address: string | undefined): Promise<number>;
}

// A first refusal may be a slip of the other side; the second is an answer.
const REFUSALS = 2;
/** What is not sent to again is forgotten after this: mailboxes come back, and a mark should not outlive its use. */
export const SUPPRESSED_FOR = 30 * DAY;
// RFC 3463: no such mailbox, no such host, mailbox moved, address not valid, null MX. A full or busy mailbox is none of them.
const lasting: ReadonlySet<string> = new Set(["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"]);

export function openSuppression(engine: Engine, keys: Lasting): SuppressionList {
  const markOf = (client: string, address: string): Promise<string> =>
    keys.mac(`suppressed ${client} ${address.toLowerCase()}`);
  const rows = () =>
    engine
      .reader<Tables>()
      .selectFrom("queue_suppressed")
      .select(["mark", "status", "times", "last"]);
  return {
    async statusOf(client, address) {
      // Most clients have none: no key is asked for.
      const any = await rows().where("client_id", "=", client).limit(1).executeTakeFirst();
      if (any === undefined) return undefined;
      const mark = await markOf(client, address);
      const row = await rows()
        .where("client_id", "=", client)
        .where("mark", "=", mark)
        .executeTakeFirst();
      return row !== undefined && row.times >= REFUSALS ? row.status : undefined;
    },
    async afterVerdict(client, address, verdict, at) {
      if (client === "" || verdict.kind !== "failed" || !verdict.fromPeer) return [];
      if (!lasting.has(verdict.status)) return [];
      return [{ mark: await markOf(client, address), status: verdict.status, at }];
    },
    list: (client) =>
      rows()
        .where("client_id", "=", client)
        .where("times", ">=", REFUSALS)
        .orderBy("last", "desc")
        .execute(),
    async lift(client, address) {
      const mark = address === undefined ? null : await markOf(client, address);
      return engine.write(liftSuppression, { client, mark });
    },
  };
}
