// Signs what leaves, for the author's domain where it is ours to sign for, and keeps the keys turning. A domain is signed for only with
// keys that the DNS shows for it; otherwise the house signs in its own name, and before its first keys are seen nobody does.
import { type Clock, DAY, HOUR, MINUTE } from "#base/time";
import { headerFields, parseAddresses, unfold } from "#mail/message";
import {
  newPair,
  type Pair,
  type PairState,
  readPair,
  recordsOf,
  selectorsOf,
  signingKeys,
  type Slot,
  slots,
  stateOf,
  writePair,
} from "./keys.ts";
import type { Lookup } from "./ports.ts";
import { dueTurn } from "./rotation.ts";
import { arcSet, ownResults } from "./seal.ts";
import { signatureFields, type SigningKey } from "./sign.ts";
import { tagList } from "./tags.ts";

export interface SignerOptions {
  /** Where the keys are; made when missing. */
  readonly folder: string;
  readonly clock: Clock;
  readonly lookup: Lookup;
  /** The house's own domain. */
  readonly domain: string;
  /** The domain to sign for, of an author's domain; undefined where it is neither the house's nor a client's. */
  readonly signingDomain?: (fromDomain: string) => string | undefined | Promise<string | undefined>;
  /** How long a pair is used. */
  readonly rotateDays: number;
}

/** A record for the DNS. `value` is the whole text; who writes a zone file cuts it into strings of 255 octets. */
export interface DnsRecord {
  readonly name: string;
  readonly type: "TXT" | "CNAME";
  readonly value: string;
}

export interface KeyReport {
  readonly slot: Slot;
  readonly state: PairState;
  readonly made: number;
  readonly used: number | undefined;
  /** True when the DNS shows both records of the house as they should be. */
  readonly shown: boolean;
  readonly records: readonly DnsRecord[];
}

export interface Signer {
  /** DKIM-Signature fields to stand in front of the letter; "" where nothing can be signed yet. */
  sign(raw: Uint8Array): Promise<string>;
  /**
   * The ARC set of a letter that came from elsewhere and leaves again, to stand in front of it and of its signatures. `arrived` is what
   * this server put in front when it came. "" where it holds no results of ours, nothing can be signed yet, or the chain has ended.
   */
  seal(raw: Uint8Array, arrived: Uint8Array): Promise<string>;
  /** Carries out what is due for the keys; resolves when it is on the disk. `asked`: rotate before its time. */
  turn(asked?: boolean): Promise<{ readonly [what: string]: number }>;
  report(): Promise<readonly KeyReport[]>;
  /** What a domain's zone must hold so that its letters can be signed: the keys for the house, names that lead to them for others. */
  records(domain: string): Promise<readonly DnsRecord[]>;
}

// What the DNS said of a client's domain is believed so long: a record that goes is noticed within the hour, one that comes sooner.
const SHOWN_FOR = HOUR;
const ABSENT_FOR = 5 * MINUTE;
// A letter waits no longer than this for the DNS before it is accepted; it then goes with the house's own signature.
const PATIENCE = 3000;
// Domains remembered; beyond it the oldest is forgotten and asked about again.
const MAX_REMEMBERED = 10_000;

interface Loaded {
  readonly pairs: readonly Pair[];
  readonly used:
    | { readonly slot: Slot; readonly pair: Pair; readonly keys: readonly SigningKey[] }
    | undefined;
}

export function openSigner(options: SignerOptions): Signer {
  const { folder, clock, lookup, domain: house, signingDomain, rotateDays } = options;
  let loaded: Promise<Loaded> | undefined;
  let turning: Promise<unknown> = Promise.resolve();
  const remembered = new Map<string, { readonly shown: boolean; readonly until: number }>();
  const load = (): Promise<Loaded> => {
    loaded ??= loadPairs(folder);
    loaded.catch(() => (loaded = undefined));
    return loaded;
  };
  const keep = async (...pairs: readonly Pair[]): Promise<void> => {
    for (const pair of pairs) await writePair(folder, pair);
    loaded = undefined;
  };
  const isShownFor = async (domain: string, pair: Pair): Promise<boolean> => {
    const key = `${domain} ${pair.slot} ${pair.made}`;
    const known = remembered.get(key);
    const now = clock.now();
    if (known !== undefined && now < known.until) return known.shown;
    const asked = await within(PATIENCE, isShown(lookup, domain, pair));
    const shown = asked ?? known?.shown ?? false;
    if (remembered.size >= MAX_REMEMBERED)
      for (const oldest of remembered.keys()) {
        remembered.delete(oldest);
        break;
      }
    remembered.set(key, { shown, until: now + (shown ? SHOWN_FOR : ABSENT_FOR) });
    return shown;
  };
  const domainFor = async (raw: Uint8Array, pair: Pair): Promise<string> => {
    const author = authorDomain(raw);
    if (author === undefined || author === house) return house;
    const theirs = await signingDomain?.(author);
    if (theirs === undefined || theirs === house) return house;
    return (await isShownFor(theirs, pair)) ? theirs : house;
  };
  const turnOnce = async (asked: boolean): Promise<{ readonly [what: string]: number }> => {
    const did = { made: 0, taken: 0, withdrawn: 0 };
    // A round for each thing that can be due at one moment; a wish to rotate is fulfilled by the pair that it makes.
    for (let round = 0; round < 4; round += 1) {
      const { pairs } = await load();
      const now = clock.now();
      const shown = new Set<Slot>();
      for (const pair of pairs) {
        if (stateOf(pair) === "new" && (await isShown(lookup, house, pair)) === true)
          shown.add(pair.slot);
      }
      const every = rotateDays * DAY;
      const due = dueTurn(pairs, {
        now,
        every,
        shown,
        asked: asked && did.made === 0 && did.taken === 0,
      });
      if (due === undefined) break;
      if (due.act === "make") {
        await keep(await newPair(due.slot, now));
        did.made += 1;
      } else if (due.act === "withdraw") {
        await keep({ ...due.pair, withdrawn: now, rsa: null, ed25519: null });
        did.withdrawn += 1;
      } else {
        // The new one first: a crash between the two leaves both in use, and the newer is taken.
        await keep(
          { ...due.pair, used: now },
          ...due.leave.map((pair) => ({ ...pair, left: now })),
        );
        did.taken += 1;
      }
    }
    return did;
  };
  return {
    async sign(raw) {
      const { used } = await load();
      if (used === undefined) return "";
      const domain = await domainFor(raw, used.pair);
      return signatureFields(raw, { domain, keys: used.keys, at: clock.now() });
    },
    async seal(raw, arrived) {
      const results = ownResults(arrived, house);
      const { used } = await load();
      // One algorithm to a set (RFC 8617 §4.2.1): the one that every validator knows.
      const key = used?.keys.find(({ algorithm }) => algorithm === "rsa-sha256");
      if (results === undefined || key === undefined) return "";
      return arcSet(raw, { domain: house, key, at: clock.now(), results });
    },
    turn(asked = false) {
      const turned = turning.then(() => turnOnce(asked));
      turning = turned.catch(() => {});
      return turned;
    },
    async report() {
      const { pairs } = await load();
      return Promise.all(
        pairs.map(async (pair) => ({
          slot: pair.slot,
          state: stateOf(pair),
          made: pair.made,
          used: pair.used ?? undefined,
          shown: (await isShown(lookup, house, pair)) === true,
          records: recordsIn(house, pair),
        })),
      );
    },
    async records(domain) {
      const { pairs } = await load();
      if (domain === house) return pairs.flatMap((pair) => recordsIn(house, pair));
      return slots.flatMap((slot) =>
        Object.values(selectorsOf(slot)).map((selector) => ({
          name: `${selector}._domainkey.${domain}`,
          type: "CNAME" as const,
          value: `${selector}._domainkey.${house}`,
        })),
      );
    },
  };
}

async function loadPairs(folder: string): Promise<Loaded> {
  const read = await Promise.all(slots.map((slot) => readPair(folder, slot)));
  const pairs = read.filter((pair) => pair !== undefined);
  const newest = pairs
    .filter((pair) => stateOf(pair) === "used")
    .toSorted((one, other) => (other.used ?? 0) - (one.used ?? 0))[0];
  const used = newest && { slot: newest.slot, pair: newest, keys: signingKeys(newest) };
  return { pairs, used };
}

function recordsIn(domain: string, pair: Pair): readonly DnsRecord[] {
  return recordsOf(pair).map(({ selector, text }) => ({
    name: `${selector}._domainkey.${domain}`,
    type: "TXT",
    value: text,
  }));
}

/** Whether both keys stand in the DNS under this domain; undefined when it does not say. */
async function isShown(lookup: Lookup, domain: string, pair: Pair): Promise<boolean | undefined> {
  for (const { selector, text } of recordsOf(pair)) {
    const found = await lookup(`${selector}._domainkey.${domain}`, "TXT");
    if (!found.ok) return found.why === "trouble" ? undefined : false;
    const wanted = tagList(text).get("p");
    const [only, ...more] = found.records;
    if (
      more.length > 0 ||
      tagList(only ?? "")
        .get("p")
        ?.replaceAll(/\s/g, "") !== wanted
    )
      return false;
  }
  return true;
}

/** Of the first author, lower case; undefined where From names none. */
function authorDomain(raw: Uint8Array): string | undefined {
  for (const field of headerFields(raw, 0, raw.byteLength)) {
    if (field.name !== "from") continue;
    const [author] = parseAddresses(unfold(raw, field.valueStart, field.end));
    return author?.host?.toLowerCase();
  }
  return undefined;
}

async function within<Value>(
  milliseconds: number,
  promise: Promise<Value>,
): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((done) => {
    timer = setTimeout(() => done(undefined), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
