// Fits the authentication of mail: examines what other servers bring, signs what leaves, turns the keys; and what the operator may ask
// about them.
import { join } from "node:path";
import { concatBytes, fromUtf8 } from "#base/bytes";
import type { Clock } from "#base/time";
import type { Config } from "#config";
import type { Operations } from "#control";
import type { Dns } from "#dns";
import {
  type Lookup,
  openExaminer,
  openSigner,
  type SeenLetter,
  type Signer,
} from "#mail/authentication";
import type { Deliver } from "#mail/delivery";
import type { Outgoing, Queue } from "#mail/queue";
import type { SmtpPorts } from "#mail/smtp";
import type { Job } from "./schedule.ts";

/** The DNS as the authentication of mail asks it. */
function lookupOver(dns: Dns): Lookup {
  return (name, type) => dns.lookup(name, type);
}

export function fitSigner(rooms: {
  readonly config: Config;
  readonly clock: Clock;
  readonly dns: Dns;
  readonly signingDomain?: (domain: string) => string | undefined | Promise<string | undefined>;
}): Signer {
  const { config, clock, dns, signingDomain } = rooms;
  return openSigner({
    folder: join(config.data, "dkim"),
    clock,
    lookup: lookupOver(dns),
    domain: config.domain,
    rotateDays: config.dkimDays,
    ...(signingDomain && { signingDomain }),
  });
}

/** The port of the SMTP server for letters from other servers. */
export function fitExaminer(rooms: {
  readonly config: Config;
  readonly clock: Clock;
  readonly dns: Dns;
  readonly seen: (seen: SeenLetter) => void;
}): NonNullable<SmtpPorts["examine"]> {
  const { config, clock, dns, seen } = rooms;
  const examine = openExaminer({
    lookup: lookupOver(dns),
    clock,
    hostname: config.domain,
    asksForLocal: config.dns !== undefined,
    trustedSealers: config.trustedSealers,
    reject: config.dmarc === "enforce" ? "refuse" : "junk",
    trouble: config.dnsTrouble,
    seen,
  });
  return async ({ peer, helo, sender, recipients, raw }) => {
    const found = await examine({ address: peer.address, helo, sender, raw });
    if (!("fields" in found)) return found;
    const { fields, place, raw: kept } = found;
    return { fields, place: recipients.map(() => place), raw: kept };
  };
}

/** The letter behind its signatures. */
export async function signedLetter(
  signer: Pick<Signer, "sign">,
  raw: Uint8Array,
): Promise<Uint8Array> {
  const fields = await signer.sign(raw);
  return fields === "" ? raw : concatBytes(fromUtf8(fields), raw);
}

/** A letter on its way out. */
interface Leaving extends Outgoing {
  /** What this server put in front of it when it came from elsewhere; absent for what was written here. */
  readonly arrived?: Uint8Array;
  /** It only waits for a mailbox of ours: nothing is vouched for. */
  readonly waits?: boolean;
}

export type SigningEnqueue = (
  leaving: Leaving,
  alongside?: Parameters<Queue["enqueue"]>[1],
) => Promise<void>;

/** A queue that signs each letter as it comes in, once for all its recipients, and seals what only passes through (ARC). */
export function signingEnqueue(
  signer: Pick<Signer, "sign" | "seal">,
  queue: Pick<Queue, "enqueue">,
): SigningEnqueue {
  return async ({ arrived, waits = false, ...outgoing }, alongside) => {
    if (waits) return queue.enqueue(outgoing, alongside);
    const signed = await signedLetter(signer, outgoing.raw);
    const seal = arrived === undefined ? "" : await signer.seal(signed, arrived);
    const raw = seal === "" ? signed : concatBytes(Buffer.from(seal, "latin1"), signed);
    return queue.enqueue({ ...outgoing, raw }, alongside);
  };
}

/** A way into mailboxes that signs what a client sends to a client: as if it had left and come back. */
export function signingDeliver(signer: Pick<Signer, "sign">, deliver: Deliver): Deliver {
  // One letter is delivered to each of its recipients apart, and signed once.
  const signed = new WeakMap<Uint8Array, Promise<string>>();
  return async (envelope, raw, alongside) => {
    if (envelope.submitter === undefined) return deliver(envelope, raw, alongside);
    let fields = signed.get(raw);
    if (fields === undefined) {
      fields = signer.sign(concatBytes(envelope.prefix, raw));
      signed.set(raw, fields);
    }
    const prefix = withSignature(envelope.prefix, await fields);
    return deliver({ ...envelope, prefix }, raw, alongside);
  };
}

/** Behind Return-Path, which stands first in a mailbox (RFC 5321 §4.4). */
function withSignature(prefix: Uint8Array, fields: string): Uint8Array {
  if (fields === "") return prefix;
  const text = Buffer.from(prefix);
  const first = text.indexOf("\r\n") + 2;
  const at = /^return-path:/i.test(text.toString("latin1", 0, first)) ? first : 0;
  return concatBytes(prefix.subarray(0, at), fromUtf8(fields), prefix.subarray(at));
}

export function authenticationJobs(signer: Pick<Signer, "turn">): readonly Job[] {
  return [
    {
      name: "dkim",
      words:
        "makes new keys for signing mail, uses them when the DNS shows them, withdraws old ones",
      run: () => signer.turn(),
    },
  ];
}

const states = {
  new: "waits for the DNS",
  used: "letters are signed with it",
  leaving: "no more used; keep its records",
  withdrawn: "withdrawn; its records say so",
} as const;

export function operationsOfSigner(signer: Signer): Operations {
  const show = async (): Promise<{ readonly text: string; readonly value: object[] }> => {
    const reports = await signer.report();
    const lines = reports.flatMap(({ slot, state, made, shown, records }) => [
      `${slot}  ${state}: ${states[state]}  made ${new Date(made).toISOString().slice(0, 10)}  ${shown ? "the DNS shows it" : "the DNS does not show it"}`,
      ...records.map(({ name, type, value }) => `  ${name}. ${type} "${value}"`),
    ]);
    return { text: lines.join("\n"), value: reports.map((report) => ({ ...report })) };
  };
  return {
    "dkim.show": async () => {
      await signer.turn();
      const { text, value } = await show();
      return { ok: true, text, value: JSON.parse(JSON.stringify(value)) };
    },
    "dkim.rotate": async () => {
      const { made } = await signer.turn(true);
      const { text, value } = await show();
      const done = made === 1;
      const words = done
        ? `a new pair is made; it is used when the DNS shows these records\n${text}`
        : `no new pair was made: one waits for the DNS already, or the slot it would take is not free yet\n${text}`;
      return { ok: done, text: words, value: JSON.parse(JSON.stringify(value)) };
    },
  };
}
