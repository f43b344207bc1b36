// A name server for tests, on loopback, UDP and TCP, that knows the records it is given (RFC 1035) and says NXDOMAIN to the rest. It
// does not check signatures: what `secure` says is what its AD bit says.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import type { TestContext } from "node:test";
import { type Answer, decode, encode, type Packet } from "dns-packet";

export interface ZoneEntry {
  readonly mx?: readonly { readonly preference: number; readonly exchange: string }[];
  readonly a?: readonly string[];
  readonly aaaa?: readonly string[];
  readonly ptr?: string;
  /** One string is one record; longer ones are cut into pieces of 255. */
  readonly txt?: readonly string[];
  readonly cname?: string;
  readonly ns?: readonly string[];
  readonly srv?: readonly {
    readonly priority: number;
    readonly weight: number;
    readonly port: number;
    readonly target: string;
  }[];
  readonly tlsa?: readonly {
    readonly usage: number;
    readonly selector: number;
    readonly matching: number;
    readonly data: Uint8Array;
  }[];
  /** Answer SERVFAIL to everything. */
  readonly broken?: boolean;
  /** Never answer. */
  readonly silent?: boolean;
  /** Set the AD bit, as a resolver does that found the signatures right. */
  readonly secure?: boolean;
  /** Seconds; 0 (nobody may remember it) when absent. */
  readonly ttl?: number;
}

/** Names in lower case. The test may change it while the server runs. */
export interface Zone {
  [name: string]: ZoneEntry;
}

export interface TestDns {
  /** As BAILEE_DNS takes it. */
  readonly server: string;
  /** "MX far.example", "TCP TXT …" in the order in which they came. */
  readonly questions: readonly string[];
}

/** Its address and port, as BAILEE_DNS takes them; stopped when the test ends. */
export async function startDns(t: TestContext, zone: Zone): Promise<string> {
  return (await startWatchedDns(t, zone)).server;
}

/** The same, and what it was asked. */
export async function startWatchedDns(t: TestContext, zone: Zone): Promise<TestDns> {
  const questions: string[] = [];
  const tcp = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", (bytes: Buffer) => {
      const answer = answerTo(zone, bytes.subarray(2), questions, true);
      if (answer === undefined) return;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(answer.byteLength);
      // In two pieces, as TCP may.
      socket.write(length);
      setImmediate(() => socket.end(answer));
    });
  }).listen(0, "127.0.0.1");
  await once(tcp, "listening");
  const address = tcp.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const udp = createSocket("udp4");
  udp.on("message", (query, from) => {
    const answer = answerTo(zone, query, questions, false);
    if (answer !== undefined) udp.send(answer, from.port, from.address);
  });
  udp.bind(port, "127.0.0.1");
  await once(udp, "listening");
  t.after(() => {
    udp.close();
    tcp.close();
  });
  return { server: `127.0.0.1:${port}`, questions };
}

function answerTo(zone: Zone, query: Buffer, asked: string[], tcp: boolean): Buffer | undefined {
  const { id, questions = [], additionals = [] } = decode(query);
  const [question] = questions;
  if (question === undefined) return undefined;
  asked.push(`${tcp ? "TCP " : ""}${question.type} ${question.name}`);
  const name = question.name.toLowerCase();
  const entry = zone[name];
  if (entry?.silent === true) return undefined;
  const answers = answersFor(zone, name, question.type);
  const [target] = answers
    .flatMap((answer) => (answer.type === "CNAME" ? [answer.data] : []))
    .slice(-1);
  const end = target === undefined ? entry : zone[target.toLowerCase()];
  const code = entry?.broken === true ? 2 : end === undefined ? 3 : 0;
  const opt = additionals.find((record) => record.type === "OPT");
  const secure = entry?.secure === true && end?.secure === true ? 1 << 5 : 0;
  const packet: Packet = {
    type: "response",
    ...(id === undefined ? {} : { id }),
    flags: 0x0180 | secure | code,
    questions,
    answers: code === 2 ? [] : answers,
  };
  const bytes = encode(packet);
  const room = tcp ? 65_535 : opt === undefined ? 512 : opt.udpPayloadSize;
  if (bytes.byteLength <= room) return bytes;
  return encode({ ...packet, flags: (packet.flags ?? 0) | (1 << 9), answers: [] });
}

function answersFor(zone: Zone, name: string, type: string, steps = 0): Answer[] {
  const entry = zone[name];
  if (entry === undefined || steps > 3) return [];
  const about = { name, ttl: entry.ttl ?? 0, class: "IN" } as const;
  if (entry.cname !== undefined && type !== "CNAME") {
    const alias: Answer = { ...about, type: "CNAME", data: entry.cname };
    return [alias, ...answersFor(zone, entry.cname.toLowerCase(), type, steps + 1)];
  }
  switch (type) {
    case "A":
      return (entry.a ?? []).map((data) => ({ ...about, type, data }));
    case "AAAA":
      return (entry.aaaa ?? []).map((data) => ({ ...about, type, data }));
    case "NS":
      return (entry.ns ?? []).map((data) => ({ ...about, type, data }));
    case "MX":
      return (entry.mx ?? []).map(({ preference, exchange }) => ({
        ...about,
        type,
        data: { preference, exchange: exchange === "" ? "." : exchange },
      }));
    case "PTR":
      return entry.ptr === undefined ? [] : [{ ...about, type, data: entry.ptr }];
    case "CNAME":
      return entry.cname === undefined ? [] : [{ ...about, type, data: entry.cname }];
    case "TXT":
      return (entry.txt ?? []).map((text) => ({
        ...about,
        type,
        data: text.match(/.{1,255}/gs) ?? [""],
      }));
    case "SRV":
      return (entry.srv ?? []).map((data) => ({ ...about, type, data }));
    case "TLSA":
      return (entry.tlsa ?? []).map(({ usage, selector, matching, data }) => ({
        ...about,
        type,
        data: { usage, selector, matchingType: matching, certificate: Buffer.from(data) },
      }));
    default:
      return [];
  }
}
