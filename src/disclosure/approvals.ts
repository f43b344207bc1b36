// Ground E1: what support asks a client to approve. The client reads it in their own session and signs in it; the desk gets the
// signature and makes a grant of it. Nothing here can sign for a client.
import { canonicalBytes, parseCanonical } from "#base/canonical";
import { no, type Result, yes } from "#base/errors";
import { newId } from "#base/ids";
import { groundRow } from "#policy";
import { fromUtf8, toUtf8 } from "#base/bytes";
import { addApproval, moveApproval } from "./commands.ts";
import type {
  Approval,
  ApprovalFacts,
  ApprovalProblem,
  Approvals,
  DisclosureOptions,
} from "./contract.ts";
import { scopeOf } from "./scope.ts";
import type { ApprovalState, Tables } from "./tables.ts";
import { inNormalForm, unreadable } from "./words.ts";

// As many messages as a person reads through before they say yes.
const MOST_IDS = 50;
const MOST_LETTERS = 2000;

interface Said {
  readonly ids: readonly string[];
  readonly reason: string;
  readonly ticket: string;
}

export function openApprovals({ engine, clock, ports }: DisclosureOptions): Approvals {
  const reader = engine.reader<Tables>();
  const rows = () => reader.selectFrom("disclosure_approval").selectAll();
  const find = (id: string) => rows().where("approval_id", "=", id).executeTakeFirst();
  // Most have no grant yet; those are nobody's.
  const ofGrant = async (grant: string) =>
    grant === "" ? undefined : rows().where("grant_hash", "=", grant).executeTakeFirst();

  const move = async (
    row: Tables["disclosure_approval"],
    to: ApprovalState,
    set: {
      readonly until?: number | null;
      readonly signature?: Uint8Array | null;
      readonly grant?: string;
    } = {},
  ): Promise<Result<ApprovalFacts, ApprovalProblem>> => {
    const { until = row.until, signature = row.signature, grant = row.grant_hash } = set;
    const moved = await engine.write(moveApproval, {
      approval_id: row.approval_id,
      client_id: row.client_id,
      from: row.state,
      to,
      until,
      signature,
      grant_hash: grant,
    });
    if (!moved) return no("not-now");
    return yes(factsOf({ ...row, state: to, until, signature, grant_hash: grant }));
  };

  return {
    async ask({ client, account, ...asked }) {
      const { ids: named, reason, ticket } = inNormalForm(asked);
      const { ids } = scopeOf(named);
      if (ids.length === 0 || ids.length > MOST_IDS) return no("no-ids");
      const isSaid = (text: string): boolean =>
        text.trim() !== "" && text.length <= MOST_LETTERS && !unreadable.test(text);
      if (!isSaid(reason) || !isSaid(ticket)) return no("words-missing");
      const id = newId();
      const bytes = canonicalBytes({ version: 1, ids, reason, ticket });
      const forClient = await ports.sealToClient(client, account, id, bytes);
      if (forClient === undefined) return no("cannot-seal");
      const row: Tables["disclosure_approval"] = {
        approval_id: id,
        client_id: client,
        account_id: account,
        state: "asked",
        items: ids.length,
        asked: clock.now(),
        until: null,
        for_client: forClient,
        for_desk: await ports.seal(id, "approval", bytes),
        signature: null,
        grant_hash: "",
      };
      await engine.write(addApproval, row);
      return yes(factsOf(row));
    },

    async list() {
      return (await rows().orderBy("asked", "desc").execute()).map(factsOf);
    },

    async ofClient(client, account, opener) {
      const theirs = await rows()
        .where("client_id", "=", client)
        .where("account_id", "=", account)
        .orderBy("asked", "desc")
        .execute();
      return theirs.flatMap((row): Approval | [] => {
        const said = saidIn(opener.open(row.approval_id, row.for_client));
        return said === undefined ? [] : { ...factsOf(row), ...said };
      });
    },

    async read(desk, id) {
      const row = await find(id);
      const said = row && saidIn(desk.open(id, "approval", row.for_desk));
      if (row === undefined || said === undefined) return undefined;
      const signed = row.signature === null ? undefined : desk.open(id, "signature", row.signature);
      return { ...factsOf(row), ...said, clientSignature: signed && toUtf8(signed) };
    },

    async approve(client, account, id, opener) {
      const row = await find(id);
      if (row?.client_id !== client || row.account_id !== account) return no("unknown");
      if (row.state !== "asked") return no("not-now");
      const said = saidIn(opener.open(id, row.for_client));
      if (said === undefined) return no("unknown");
      // What the client has read is what is signed: the ids of their own copy, not of the desk's.
      const until = clock.now() + groundRow("E1").lifeMs;
      const untilSeconds = Math.floor(until / 1000);
      const line = opener.sign(scopeOf(said.ids).root, untilSeconds);
      const signature = await ports.seal(id, "signature", fromUtf8(line));
      return move(row, "approved", { until: untilSeconds * 1000, signature });
    },

    async refuse(client, id) {
      const row = await find(id);
      if (row?.client_id !== client) return no("unknown");
      if (row.state === "asked") return move(row, "declined");
      if (row.state === "approved") return move(row, "withdrawn", { signature: null });
      return no("not-now");
    },

    async drafted(id, grant) {
      const row = await find(id);
      if (row?.state === "approved") await move(row, "approved", { grant });
    },

    async isTakenBack(grant) {
      const row = await ofGrant(grant);
      return row?.state === "withdrawn";
    },

    async used(grant) {
      const row = await ofGrant(grant);
      if (row?.state === "approved") await move(row, "used");
    },
  };
}

function saidIn(bytes: Uint8Array | undefined): Said | undefined {
  const value = bytes && parseCanonical(bytes);
  return value === undefined ? undefined : (value as unknown as Said);
}

function factsOf(row: Tables["disclosure_approval"]): ApprovalFacts {
  return {
    id: row.approval_id,
    client: row.client_id,
    account: row.account_id,
    state: row.state,
    items: row.items,
    asked: row.asked,
    until: row.until ?? undefined,
    grant: row.grant_hash,
  };
}
