// Filters that clients turn on: greylisting, lists of bad addresses, a content filter. All of it happens while a letter is on its way, in
// memory, before it is sealed; nothing that is kept is ever looked at, and who turned nothing on gets every letter.
import { networkPrefix } from "#base/network";
import { fromUtf8, toUtf8 } from "#base/bytes";
import { canonicalText } from "#base/canonical";
import { invoke, type Room } from "#engine";
import { choose, dropEnded, dropMarks, forget, greet } from "./commands.ts";
import type {
  Choices,
  Filtered,
  Letter,
  Opinion,
  Screened,
  Screening,
  Transit,
  TransitPorts,
} from "./contract.ts";
import { listedBy } from "./dnsbl.ts";
import { migrations, type Tables } from "./tables.ts";

export { askRspamd } from "./outbound.ts";
export type { Choices, LookUp, Offered, Transit } from "./contract.ts";

export const transitRoom: Room = {
  name: "transit",
  migrations,
  commands: new URL("commands.ts", import.meta.url).href,
};

const nothing: Choices = { greylisting: false, lists: false, content: false };
// Some hundred octets each. Delivery asks twice for each letter; a row that changed is another row, and opened anew.
const MAX_KEPT = 10_000;

/** The engine must have run this room's migrations. */
export function openTransit(ports: TransitPorts): Transit {
  const { engine, clock, rules, askContent } = ports;
  const opened = new Map<string, { readonly sealed: Buffer; readonly choices: Choices }>();
  const choicesOf = async (client: string): Promise<Choices> => {
    const row = await engine
      .reader<Tables>()
      .selectFrom("transit_choice")
      .select("sealed")
      .where("client_id", "=", client)
      .executeTakeFirst();
    if (row === undefined) return nothing;
    const kept = opened.get(client);
    if (kept?.sealed.equals(row.sealed) === true) return kept.choices;
    const choices = parseChoices(await rules.open(client, row.sealed));
    if (opened.size >= MAX_KEPT) opened.clear();
    opened.set(client, { sealed: Buffer.from(row.sealed), choices });
    return choices;
  };
  return {
    offered: { lists: ports.lists, content: askContent !== undefined },
    choices: choicesOf,
    async choose(owner, { greylisting, lists, content }) {
      const { client } = owner;
      const text = canonicalText({ greylisting, lists, content });
      const sealed = await rules.seal(client, fromUtf8(text));
      const on = [
        ...(greylisting ? ["greylisting"] : []),
        ...(lists ? ["lists of bad addresses"] : []),
        ...(content ? ["content filter"] : []),
      ];
      const fields = { what: "filters chosen", on: on.length === 0 ? "none" : on.join(", ") };
      await engine.writeTogether([
        invoke(choose, { client_id: client, sealed }),
        ...(greylisting ? [] : [invoke(dropMarks, { client })]),
        await ports.logged(owner, fields),
      ]);
    },
    screen: async (at) => screen(ports, await choicesOf(at.client), at),
    async filter(letter) {
      const wanted = await Promise.all(
        letter.recipients.map(async ({ client }) => (await choicesOf(client)).content),
      );
      if (askContent === undefined || !wanted.includes(true)) return inboxes(letter);
      const addresses = letter.recipients
        .filter((_, at) => wanted[at])
        .map(({ address }) => address);
      const opinion = await askContent(letter, addresses);
      return opinion === undefined ? inboxes(letter) : carriedOut(letter, wanted, opinion);
    },
    tidy: async () => ({ ended: await engine.write(dropEnded, { now: clock.now() }) }),
    async forget(client) {
      opened.delete(client);
      await engine.write(forget, { client });
    },
  };
}

async function screen(
  ports: TransitPorts,
  { lists, greylisting }: Choices,
  at: Screening,
): Promise<Screened> {
  const { peer, sender, recipient, client } = at;
  if (lists) {
    const zone = await listedBy(peer.address, ports.lists, ports.lookUp);
    if (zone !== undefined)
      return {
        refuse: `5.7.1 This recipient takes no mail from ${peer.address}: listed by ${zone}`,
      };
  }
  if (!greylisting) return "take";
  const from = placeOf(peer);
  const markOf = (...said: readonly string[]): Promise<string> =>
    ports.rules.mac(`transit greylisting ${client} ${JSON.stringify(said)}`);
  const [mark, place] = await Promise.all([
    markOf(from, sender.toLowerCase(), recipient.toLowerCase()),
    markOf(from),
  ]);
  const now = ports.clock.now();
  const { wait } = await ports.engine.write(greet, { client, mark, place, now });
  if (wait === 0) return "take";
  const minutes = Math.ceil(wait / 60_000);
  return { later: `4.7.1 This recipient knows you not yet: please try again in ${minutes} min` };
}

/**
 * From where a letter comes: the same again for the servers of one provider, since a letter may come back from another of them. That is
 * the domain above a confirmed name, where one is left after the host (RFC 6647 §4.1 warns of networks alone), else the network.
 */
function placeOf({ address, name }: Screening["peer"]): string {
  const labels = name?.toLowerCase().split(".") ?? [];
  return labels.length > 2 ? labels.slice(1).join(".") : networkPrefix(address);
}

function inboxes({ recipients }: Letter): Filtered {
  return { place: recipients.map(() => "inbox") };
}

/** What the filter says is done to the whole letter only where everybody who gets it asked for the filter. */
function carriedOut(letter: Letter, wanted: readonly boolean[], opinion: Opinion): Filtered {
  if (opinion === "clean") return inboxes(letter);
  const isEverybodys = wanted.every(Boolean);
  if (isEverybodys && opinion === "refuse")
    return { refuse: "5.7.1 The recipients' filter takes this for junk" };
  if (isEverybodys && opinion === "later")
    return { later: "4.7.1 The recipients' filter asks you to try again later" };
  // "later" cannot be said to some: they get it where nothing is lost by looking.
  const isJunk = opinion !== "later";
  return { place: wanted.map((wants) => (wants && isJunk ? "junk" : "inbox")) };
}

/** A row that does not open, or says something else, turns nothing on. */
function parseChoices(bytes: Uint8Array | undefined): Choices {
  const text = bytes === undefined ? undefined : toUtf8(bytes);
  try {
    const value = JSON.parse(text ?? "") as { readonly [name: string]: unknown };
    const { greylisting, lists, content } = value;
    return {
      greylisting: greylisting === true,
      lists: lists === true,
      content: content === true,
    };
  } catch {
    return nothing;
  }
}
