// Small mailing lists of clients: made in the portal, joined by one's own yes, left by a click or a letter. Holds no key; what it
// keeps of people are rules, which delivery needs.
import { equalBytes, fromUtf8 } from "#base/bytes";
import { no, yes } from "#base/errors";
import { newId } from "#base/ids";
import { type Clock, DAY } from "#base/time";
import { type Engine, invoke, type Room } from "#engine";
import {
  addMember,
  createList,
  deleteList,
  forgetMember,
  moveMember,
  noteAsked,
  removeMember,
} from "./commands.ts";
import type { Invitation, Lists, Member } from "./contract.ts";
import type { Account, ListsPorts, Outcome, Owner, Posted } from "./ports.ts";
import { ownerAddress } from "./header.ts";
import { post } from "./post.ts";
import {
  type KeptList,
  openRows,
  type Rows,
  sealMember,
  sealTitle,
  whoElsewhere,
  whoOf,
} from "./rows.ts";
import { migrations, type Tables } from "./tables.ts";

export type {
  CreateRefusal,
  InviteRefusal,
  Lists,
  Member,
  Membership,
  OwnedList,
} from "./contract.ts";
export type { ListsPorts } from "./ports.ts";

export const listsRoom: Room = {
  name: "lists",
  migrations,
  commands: new URL("commands.ts", import.meta.url).href,
};

// A sealing each before 250 is said: fifty are done within a second. A larger list wants moderation, which this has not.
export const MAX_MEMBERS = 50;
// A family, a club, a house: who needs more is no small list any more.
const MAX_LISTS = 10;
// Who said nothing to a question has answered it for a month.
const ASKED_AGAIN_AFTER = 30 * DAY;
// A team is asked in an afternoon; who wants more people than that to hear from them wants something else.
const MAX_ASKED_A_DAY = 20;
// With "-leave+" and a token of 26 the local part stays below the 64 octets of RFC 5321 §4.5.3.1.1.
const MAX_NAME = 24;
const MAX_TITLE = 80;

interface Parts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly ports: ListsPorts;
  readonly rows: Rows;
  readonly tokenOf: (list: string, member: string) => Promise<string>;
}

/** The engine must have run this room's migrations. */
export function openLists(options: {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly ports: ListsPorts;
}): Lists {
  const { engine, ports } = options;
  const rows = openRows(engine, ports);
  // Not kept anywhere: made again from the ids whenever a letter goes out or a link comes in.
  const tokenOf = async (list: string, member: string): Promise<string> =>
    (await ports.mac(`list token\0${list}\0${member}`)).slice(0, 26);
  const parts: Parts = { ...options, rows, tokenOf };
  const byLink = async (member: string, token: string): Promise<Invitation | undefined> => {
    const found = await rows.member(member);
    const list = found && (await rows.byId(found.list));
    if (found === undefined || list === undefined) return undefined;
    const expected = await tokenOf(list.id, found.id);
    if (!equalBytes(fromUtf8(token), fromUtf8(expected))) return undefined;
    return { list, member: found };
  };
  const ownList = async (owner: Owner, id: string): Promise<KeptList | undefined> => {
    const list = await rows.byId(id);
    return list?.client === owner.client && list.account === owner.account ? list : undefined;
  };
  return {
    create: (owner, name, title, { domain = ports.domain, posting = "members" } = {}) =>
      create(parts, owner, {
        name: name.trim().toLowerCase(),
        domain: domain.toLowerCase(),
        title: title.trim(),
        posting,
      }),
    async owned(owner) {
      const lists = await rows.ownedBy(owner);
      return Promise.all(
        lists.map(async (list) => ({ ...list, members: await rows.members(list.id) })),
      );
    },
    async memberships(who) {
      const found = await rows.of(who);
      const lists = await Promise.all(
        found.map(async ({ list, ...more }) => {
          const kept = await rows.byId(list);
          return kept && { list: kept, ...more };
        }),
      );
      return lists.filter((each) => each !== undefined);
    },
    async invite(owner, id, address) {
      const list = await ownList(owner, id);
      return list === undefined ? no("no-such-list") : invite(parts, owner, list, address);
    },
    async remove(owner, id, member) {
      const list = await ownList(owner, id);
      const found = list && (await rows.members(id)).find((each) => each.id === member);
      if (list === undefined || found === undefined) return false;
      return leave(parts, list, found, "taken off a mailing list");
    },
    async delete(owner, id) {
      const list = await ownList(owner, id);
      if (list === undefined) return false;
      await end(parts, list);
      return true;
    },
    async answer(who, id, answer) {
      const list = await rows.byId(id);
      const own = (await rows.of(who)).find((each) => each.list === id);
      const member = own && (await rows.members(id)).find((each) => each.id === own.member);
      if (list === undefined || member === undefined) return false;
      return answered(parts, list, member, answer);
    },
    invitation: byLink,
    async answerByLink(member, token, answer) {
      const found = await byLink(member, token);
      if (found === undefined) return false;
      const list = await rows.byId(found.list.id);
      return list !== undefined && answered(parts, list, found.member, answer);
    },
    door: (address) => door(parts, address),
    async forget(who) {
      for (const list of await rows.ownedBy(who)) await end(parts, list);
      await engine.write(forgetMember, { who: await whoOf(ports, who), client: who.client });
    },
    async endAt(client, domain) {
      for (const list of await rows.at(client, domain)) await end(parts, list);
    },
  };
}

async function create(
  { engine, clock, ports }: Parts,
  owner: Account,
  asked: Pick<Tables["mailing_list"], "name" | "domain" | "posting"> & { readonly title: string },
): ReturnType<Lists["create"]> {
  const { name, domain, posting, title } = asked;
  if (!/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(name) || name.length > MAX_NAME)
    return no("bad-name");
  if (/-(?:leave|owner)$/.test(name)) return no("bad-name");
  if (title === "" || title.length > MAX_TITLE || /\p{C}/u.test(title)) return no("bad-title");
  const isOwn = domain !== ports.domain;
  if (isOwn && !(await ports.holdsDomain(owner.client, domain))) return no("not-your-domain");
  const id = newId();
  const addresses = addressesOf({ name, domain });
  const held = await ports.holdAddresses(addresses, id, isOwn ? owner.client : undefined);
  if (held !== "held") return no(held === "taken" ? "taken" : "bad-name");
  const created = clock.now();
  const row = {
    list_id: id,
    name,
    domain,
    client_id: owner.client,
    account_id: owner.account,
    title: await sealTitle(ports, id, owner, title),
    created,
    posting,
  };
  const member = newId();
  const first = {
    list_id: id,
    member_id: member,
    who: await whoOf(ports, owner),
    state: "member" as const,
    sealed: await sealMember(ports, id, member, owner),
    created,
  };
  const made = await engine.write(createList, { row, most: MAX_LISTS });
  if (made !== "made") {
    await ports.freeAddresses(addresses, id);
    return no(made === "exists" ? "taken" : made);
  }
  const what = posting === "anyone" ? "group made" : "mailing list made";
  const line = await change(ports, owner, created, what, `${name}@${domain}`);
  await engine.writeTogether([invoke(addMember, { row: first, most: MAX_MEMBERS }), line]);
  return yes(id);
}

async function invite(
  parts: Parts,
  owner: Account,
  list: KeptList,
  given: string,
): ReturnType<Lists["invite"]> {
  const { engine, clock, ports, tokenOf } = parts;
  const written = given.trim();
  const asked = await ports.resolve(written);
  // A list or group of ours is no account either, so that none leads into another and back.
  if (asked === undefined && ports.isOurDomain(written.slice(written.lastIndexOf("@") + 1)))
    return no("not-ours");
  if (asked === undefined && !/^[!-?A-~]{1,64}@[a-z0-9.-]{1,253}\.[a-z][a-z0-9-]*$/i.test(written))
    return no("bad-address");
  const { client, account, address } = asked ?? { client: "", account: "", address: written };
  const id = newId();
  const who = await (asked === undefined ? whoElsewhere(ports, written) : whoOf(ports, asked));
  const row = {
    list_id: list.id,
    member_id: id,
    who,
    state: "invited" as const,
    sealed: await sealMember(ports, list.id, id, { client, account, address }),
    created: clock.now(),
  };
  const added = await engine.write(addMember, { row, most: MAX_MEMBERS });
  if (added !== "added") return no(added);
  const link = `${ports.site()}/list/${id}/${await tokenOf(list.id, id)}`;
  const { title, address: name } = list;
  const fields = { list: name, title, by: owner.address, link };
  if (asked === undefined) {
    const may = await mayAsk(parts, owner, who);
    if (may !== "noted") {
      await engine.write(removeMember, { list: list.id, member: id });
      return no(may === "lately" ? may : "too-many-today");
    }
    await ports.inviteStranger(list, ownerAddress(list), written, fields);
    return yes(true);
  }
  const told = await ports.invite(client, fields, `list-invitation/${list.id}/${id}`);
  if (told) return yes(true);
  await engine.write(removeMember, { list: list.id, member: id });
  return no("not-ours");
}

/** Somebody elsewhere knows nothing of us: they are asked seldom, and a client does not ask the whole world. */
function mayAsk({ engine, clock }: Parts, { client }: Owner, who: string) {
  const at = clock.now();
  return engine.write(noteAsked, {
    row: { who, client_id: client, at },
    since: at - ASKED_AGAIN_AFTER,
    today: at - DAY,
    most: MAX_ASKED_A_DAY,
  });
}

async function answered(
  parts: Parts,
  list: KeptList,
  member: Member,
  answer: "accept" | "leave",
): Promise<boolean> {
  if (answer === "leave") return leave(parts, list, member, "left a mailing list");
  const { engine, clock, ports } = parts;
  const move = { list: list.id, member: member.id, state: "member" } as const;
  const moved = await engine.write(moveMember, move);
  const line = await change(
    ports,
    toTell(list, member),
    clock.now(),
    "joined a mailing list",
    list.address,
  );
  if (moved) await engine.writeTogether([line]);
  return true;
}

async function leave(
  { engine, clock, ports }: Parts,
  list: KeptList,
  member: Member,
  what: string,
): Promise<boolean> {
  const line = await change(ports, toTell(list, member), clock.now(), what, list.address);
  const removal = invoke(removeMember, { list: list.id, member: member.id });
  await engine.writeTogether([removal, line]);
  return true;
}

/** Whose log has it: the member's own, and the owner's for somebody elsewhere. */
function toTell(list: KeptList, member: Member): Owner {
  return member.client === "" ? list : member;
}

async function end({ engine, clock, ports }: Parts, list: KeptList): Promise<void> {
  const line = await change(ports, list, clock.now(), "mailing list ended", list.address);
  await engine.writeTogether([invoke(deleteList, { list: list.id }), line]);
  // A crash before this leaves three names that nobody can have: an operator can give them back, nobody can misuse them.
  await ports.freeAddresses(addressesOf(list), list.id);
}

function addressesOf({ name, domain }: { readonly name: string; readonly domain: string }) {
  return [name, `${name}-leave`, `${name}-owner`].map((local) => `${local}@${domain}`);
}

function change(ports: ListsPorts, who: Owner, at: number, what: string, list: string) {
  return ports.logged(who, { kind: "change", at, fields: { what, list } });
}

async function door(parts: Parts, address: string): ReturnType<Lists["door"]> {
  const { ports, rows } = parts;
  const [, name, role, tag, domain] =
    /^([^@+]+?)(?:-(leave|owner))?(?:\+([^@]*))?@([^@]+)$/.exec(address.toLowerCase()) ?? [];
  if (name === undefined || domain === undefined) return undefined;
  const list = await rows.byName(name, domain);
  if (list === undefined) return undefined;
  // While their domain is not theirs, nobody is there.
  if (domain !== ports.domain && !(await ports.holdsDomain(list.client, domain))) return undefined;
  const take = (envelope: Posted, raw: Uint8Array): Promise<Outcome> => {
    if (role === "leave") return leaveByLetter(parts, list, envelope, tag);
    // Whatever is sent to the owner, reports above all, lands where they read.
    if (role === "owner") return ports.deliver({ ...envelope, recipient: list.ownerReads }, raw);
    return post(parts, list, envelope, raw);
  };
  if (role !== undefined) return { owner: list, take };
  const reach = async (): Promise<number> =>
    (await rows.members(list.id)).filter(({ state }) => state === "member").length;
  return { owner: list, take, reach };
}

/** Off the list goes who signed in to send it, or whose letter had this address in its List-Unsubscribe. */
async function leaveByLetter(
  parts: Parts,
  list: KeptList,
  { submitter }: Posted,
  tag: string | undefined,
): Promise<Outcome> {
  for (const member of await parts.rows.members(list.id)) {
    const token = await parts.tokenOf(list.id, member.id);
    const hasToken = tag !== undefined && equalBytes(fromUtf8(tag), fromUtf8(token));
    const isSender = submitter?.client === member.client && submitter.account === member.account;
    if (!hasToken && !isSender) continue;
    await leave(parts, list, member, "left a mailing list");
    return { ok: true, messageId: "", uid: 0 };
  }
  return no("refused-for-good");
}
