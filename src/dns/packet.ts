// DNS messages (RFC 1035 §4, RFC 6891): a question as bytes, and a reply read from bytes of anybody's. Pure; reading is total.
import { domainToASCII } from "node:url";
import { toUtf8 } from "#base/bytes";
import { type Answer as WireRecord, decode, encode, type Packet, type TxtData } from "dns-packet";
import type { Records, RecordType } from "./contract.ts";

interface ReplyRecord {
  readonly name: string;
  readonly type: RecordType;
  readonly data: Records[RecordType];
}

export interface Reply {
  readonly id: number;
  readonly question: string;
  readonly truncated: boolean;
  readonly code: string;
  /** The AD bit. */
  readonly authenticated: boolean;
  readonly answers: readonly ReplyRecord[];
  /** Seconds for which the answer holds, or its absence (RFC 2308 §5); 0 when nothing says. */
  readonly ttl: number;
  /** True when an SOA beside the answer says that there is no more. */
  readonly hasSoa: boolean;
}

// What crosses every network unfragmented (the DNS flag day of 2020); larger answers come over TCP.
const UDP_SIZE = 1232;
const RECURSION_DESIRED = 1 << 8;
const AUTHENTIC_DATA = 1 << 5;
const DNSSEC_OK = 1 << 15;
// RFC 8767 §4 lets nobody keep anything for longer than a week; a day spares us what an operator's slip would cost.
const MAX_TTL = 86_400;
// RFC 2308 §5: one to three hours at most; the lower end, since a missing record is often about to be added.
const MAX_NEGATIVE_TTL = 3600;
// A message has 65,535 bytes: what holds more records than this is made to waste time.
const MAX_RECORDS = 500;

/**
 * A name as we ask and compare it: lower case, without the last dot, U-labels as A-labels. Undefined when it cannot stand in
 * the DNS (RFC 1035 §2.3.4).
 */
export function canonicalName(name: string): string | undefined {
  const bare = name.replace(/\.$/, "").toLowerCase();
  const ascii = /^[\x21-\x7e]*$/.test(bare) ? bare : domainToASCII(bare);
  if (ascii === "" || ascii.length > 253) return undefined;
  const labels = ascii.split(".");
  return labels.every((label) => label.length > 0 && label.length <= 63) ? ascii : undefined;
}

/** `extended` is false for servers that do not know EDNS. */
export function questionBytes(
  id: number,
  name: string,
  type: RecordType,
  extended: boolean,
): Uint8Array {
  const packet: Packet = {
    type: "query",
    id,
    // AD in the question asks for AD in the answer (RFC 6840 §5.7).
    flags: RECURSION_DESIRED | AUTHENTIC_DATA,
    questions: [{ type, name, class: "IN" }],
    additionals: extended
      ? [
          {
            type: "OPT",
            name: ".",
            udpPayloadSize: UDP_SIZE,
            extendedRcode: 0,
            ednsVersion: 0,
            flags: DNSSEC_OK,
            flag_do: true,
            options: [],
          },
        ]
      : [],
  };
  return encode(packet);
}

/** How a reply names its question; to compare. */
export function questionOf(name: string, type: RecordType): string {
  return `${name} ${type}`;
}

/** Undefined for what is no reply that we can read. */
export function readReply(bytes: Uint8Array): Reply | undefined {
  const packet = decoded(bytes);
  if (packet === undefined || packet.type !== "response") return undefined;
  const [question] = packet.questions ?? [];
  const wire = packet as Packet & { readonly rcode?: string };
  const answers = (packet.answers ?? []).slice(0, MAX_RECORDS).flatMap(readRecord);
  const soa = (packet.authorities ?? []).find((record) => record.type === "SOA");
  const negative = Math.min(soa?.ttl ?? 0, soa?.data.minimum ?? 0, MAX_NEGATIVE_TTL);
  const positive = Math.min(MAX_TTL, ...answers.map(({ ttl }) => ttl));
  const hasWanted = answers.some(({ type }) => type === question?.type);
  const flags = packet.flags ?? 0;
  return {
    id: packet.id ?? 0,
    question:
      question === undefined ? "" : `${plainName(question.name)} ${question.type as RecordType}`,
    truncated: (flags & (1 << 9)) !== 0,
    code: wire.rcode ?? "",
    authenticated: (flags & AUTHENTIC_DATA) !== 0,
    answers,
    ttl: hasWanted ? positive : Math.min(positive, negative),
    hasSoa: soa !== undefined,
  };
}

/** The library throws at malformed input. The sections that we do not need are not read at all. */
function decoded(bytes: Uint8Array): Packet | undefined {
  if (bytes.byteLength < 12) return undefined;
  const copy = Buffer.from(bytes);
  copy.writeUInt16BE(0, 10); // additional records
  for (const withAuthority of [true, false]) {
    if (!withAuthority) copy.writeUInt16BE(0, 8);
    try {
      return decode(copy);
    } catch {
      // Malformed, or an odd record beside the answer: once more without.
    }
  }
  return undefined;
}

function readRecord(record: WireRecord): (ReplyRecord & { readonly ttl: number })[] {
  if (!("ttl" in record) || record.class !== "IN") return [];
  const data = dataOf(record);
  if (data === undefined) return [];
  const type = record.type as RecordType;
  return [{ name: plainName(record.name), type, data, ttl: record.ttl ?? 0 }];
}

function dataOf(record: WireRecord): Records[RecordType] | undefined {
  if (record.type === "A" || record.type === "AAAA") return record.data;
  if (record.type === "CNAME" || record.type === "NS" || record.type === "PTR")
    return plainName(record.data);
  if (record.type === "TXT") return joined(record.data);
  if (record.type === "MX") {
    const { preference = 0, exchange } = record.data;
    return { preference, exchange: plainName(exchange) };
  }
  if (record.type === "SRV") {
    const { priority = 0, weight = 0, port, target } = record.data;
    return { priority, weight, port, target: plainName(target) };
  }
  if (record.type === "TLSA") {
    const { usage, selector, matchingType, certificate } = record.data;
    return { usage, selector, matching: matchingType, data: Uint8Array.from(certificate) };
  }
  if (record.type !== "SOA") return undefined;
  const { mname, serial = 0, minimum = 0 } = record.data;
  return { primary: plainName(mname), serial, minimum };
}

function joined(data: TxtData): string {
  const strings = Array.isArray(data) ? data : [data];
  const bytes = Buffer.concat(
    strings.map((part) => (typeof part === "string" ? Buffer.from(part) : part)),
  );
  return toUtf8(bytes) ?? bytes.toString("latin1");
}

function plainName(name: string): string {
  return name.replace(/\.$/, "").toLowerCase();
}
