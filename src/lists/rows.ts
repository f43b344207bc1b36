// Reading lists and who is on them: rows found in clear, titles and members opened as rules. Writes nothing.
import type { Engine } from "#engine";
import { fromUtf8, toUtf8 } from "#base/bytes";
import { Broken } from "#base/errors";
import type { List, Member } from "./contract.ts";
import type { Account, ListsPorts, Owner, RuleName } from "./ports.ts";
import type { Tables } from "./tables.ts";

/** A list with where its owner reads mail. */
export interface KeptList extends List {
  readonly name: string;
  readonly domain: string;
  readonly ownerReads: string;
}

export interface Rows {
  byName(name: string, domain: string): Promise<KeptList | undefined>;
  byId(list: string): Promise<KeptList | undefined>;
  ownedBy(owner: Owner): Promise<readonly KeptList[]>;
  at(client: string, domain: string): Promise<readonly KeptList[]>;
  members(list: string): Promise<readonly Member[]>;
  member(id: string): Promise<(Member & { readonly list: string }) | undefined>;
  /** Member rows of an account, by list. */
  of(
    who: Owner,
  ): Promise<
    readonly { readonly list: string; readonly member: string; readonly state: Member["state"] }[]
  >;
}

export function openRows(engine: Engine, ports: ListsPorts): Rows {
  const reader = engine.reader<Tables>();
  const listOf = async (row: Tables["mailing_list"] | undefined): Promise<KeptList | undefined> => {
    if (row === undefined) return undefined;
    const { list_id: id, name, domain, client_id: client, account_id: account } = row;
    const { created, posting } = row;
    const owner = { client, account };
    const [title = "", ownerReads = ""] = await opened(ports, titleName(owner, id), row.title);
    const address = `${name}@${domain}`;
    return { id, name, domain, address, ...owner, title, ownerReads, created, posting };
  };
  const memberOf = async (row: Tables["list_member"]): Promise<Member> => {
    const { list_id, member_id: id, state } = row;
    const [address = "", client = "", account = ""] = await opened(
      ports,
      memberName(list_id, id),
      row.sealed,
    );
    return { id, state, address, client, account };
  };
  return {
    async byName(name, domain) {
      const row = await reader
        .selectFrom("mailing_list")
        .selectAll()
        .where("name", "=", name)
        .where("domain", "=", domain)
        .executeTakeFirst();
      return listOf(row);
    },
    async byId(list) {
      const row = await reader
        .selectFrom("mailing_list")
        .selectAll()
        .where("list_id", "=", list)
        .executeTakeFirst();
      return listOf(row);
    },
    async ownedBy({ client, account }) {
      const rows = await reader
        .selectFrom("mailing_list")
        .selectAll()
        .where("client_id", "=", client)
        .where("account_id", "=", account)
        .orderBy("created")
        .execute();
      const lists = await Promise.all(rows.map(listOf));
      return lists.filter((list) => list !== undefined);
    },
    async at(client, domain) {
      const rows = await reader
        .selectFrom("mailing_list")
        .selectAll()
        .where("client_id", "=", client)
        .where("domain", "=", domain)
        .execute();
      const lists = await Promise.all(rows.map(listOf));
      return lists.filter((list) => list !== undefined);
    },
    async members(list) {
      const rows = await reader
        .selectFrom("list_member")
        .selectAll()
        .where("list_id", "=", list)
        .orderBy("created")
        .orderBy("member_id")
        .execute();
      return Promise.all(rows.map(memberOf));
    },
    async member(id) {
      const row = await reader
        .selectFrom("list_member")
        .selectAll()
        .where("member_id", "=", id)
        .executeTakeFirst();
      return row && { ...(await memberOf(row)), list: row.list_id };
    },
    async of(who) {
      const rows = await reader
        .selectFrom("list_member")
        .select(["list_id", "member_id", "state"])
        .where("who", "=", await whoOf(ports, who))
        .orderBy("created")
        .execute();
      return rows.map(({ list_id: list, member_id: member, state }) => ({ list, member, state }));
    },
  };
}

/** For somebody elsewhere: by their address, however it is written. */
export function whoElsewhere(ports: Pick<ListsPorts, "mac">, address: string): Promise<string> {
  return ports.mac(`list member elsewhere\0${address.toLowerCase()}`);
}

export function whoOf(ports: Pick<ListsPorts, "mac">, { client, account }: Owner): Promise<string> {
  return ports.mac(`list member\0${client}\0${account}`);
}

/** What a title and the owner's own address are sealed as. */
export function sealTitle(
  ports: Pick<ListsPorts, "sealRule">,
  list: string,
  owner: Account,
  title: string,
): Promise<Uint8Array> {
  return ports.sealRule(titleName(owner, list), fromUtf8(JSON.stringify([title, owner.address])));
}

export function sealMember(
  ports: Pick<ListsPorts, "sealRule">,
  list: string,
  id: string,
  { address, client, account }: Account,
): Promise<Uint8Array> {
  const fields = [address, client, account];
  return ports.sealRule(memberName(list, id), fromUtf8(JSON.stringify(fields)));
}

function titleName({ client, account }: Owner, list: string): RuleName {
  return { client, account, object: list, part: "title" };
}

// A member's row names nobody in clear, so it is bound to the list and to its own id.
function memberName(list: string, member: string): RuleName {
  return { client: "", account: "", object: list, part: `member/${member}` };
}

/** What we sealed ourselves is a list of text; anything else was tampered with. */
async function opened(
  ports: Pick<ListsPorts, "openRule">,
  name: RuleName,
  sealed: Uint8Array,
): Promise<readonly string[]> {
  const bytes = await ports.openRule(name, sealed);
  const text = bytes && toUtf8(bytes);
  if (text === undefined) throw new Broken("what is sealed of a list does not open");
  return JSON.parse(text) as string[];
}
