// One question to one resolver: a datagram from a port of its own with an id that nobody can guess (RFC 5452), and TCP where the
// answer is too long for one. Opens sockets and closes them; remembers nothing.
import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { connect, isIPv6 } from "node:net";
import type { RecordType } from "./contract.ts";
import { questionBytes, questionOf, readReply, type Reply } from "./packet.ts";
import type { Resolver } from "./resolvers.ts";

/** The reply, or in a few words why there is none. Never rejects. */
export async function ask(
  resolver: Resolver,
  name: string,
  type: RecordType,
  timeout: number,
): Promise<Reply | string> {
  const said = await askOnce(resolver, name, type, timeout, true);
  // RFC 6891 §7: a server that does not know EDNS says so; without it there is no DNSSEC, but an answer.
  if (typeof said === "string" || !["FORMERR", "NOTIMP"].includes(said.code)) return said;
  return askOnce(resolver, name, type, timeout, false);
}

async function askOnce(
  resolver: Resolver,
  name: string,
  type: RecordType,
  timeout: number,
  extended: boolean,
): Promise<Reply | string> {
  const id = randomInt(65_536);
  const question = questionBytes(id, name, type, extended);
  const isOurs = (reply: Reply): boolean =>
    reply.id === id &&
    // A server that cannot read a question may not repeat it.
    (reply.question === questionOf(name, type) ||
      (reply.question === "" && reply.code !== "NOERROR"));
  const short = await overUdp(resolver, question, isOurs, timeout);
  if (typeof short === "string" || !short.truncated) return short;
  return overTcp(resolver, question, isOurs, timeout);
}

function overUdp(
  { address, port }: Resolver,
  question: Uint8Array,
  isOurs: (reply: Reply) => boolean,
  timeout: number,
): Promise<Reply | string> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
    const finish = (said: Reply | string): void => {
      clearTimeout(timer);
      socket.removeAllListeners().on("error", () => {});
      socket.close();
      resolve(said);
    };
    const timer = setTimeout(() => finish("no answer in time"), timeout);
    socket.on("error", () => finish("the resolver cannot be reached"));
    // What is not the answer to our question is somebody's guess: the right one may still come.
    socket.on("message", (bytes) => {
      const reply = readReply(bytes);
      if (reply !== undefined && isOurs(reply)) finish(reply);
    });
    // A connected socket takes datagrams from nobody else, and hears at once when nobody listens there.
    socket.on("connect", () => socket.send(question));
    socket.connect(port, address);
  });
}

function overTcp(
  { address, port }: Resolver,
  question: Uint8Array,
  isOurs: (reply: Reply) => boolean,
  timeout: number,
): Promise<Reply | string> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const pieces: Buffer[] = [];
    const finish = (said: Reply | string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(said);
    };
    const timer = setTimeout(() => finish("no answer in time"), timeout);
    socket.on("error", () => finish("the resolver cannot be reached over TCP"));
    socket.on("end", () => finish("the resolver hung up"));
    socket.on("connect", () => {
      const length = Buffer.alloc(2); // RFC 1035 §4.2.2
      length.writeUInt16BE(question.byteLength);
      socket.write(Buffer.concat([length, question]));
    });
    socket.on("data", (piece: Buffer) => {
      pieces.push(piece);
      const all = Buffer.concat(pieces);
      const size = all.byteLength < 2 ? Infinity : all.readUInt16BE(0);
      if (all.byteLength < size + 2) return;
      const reply = readReply(all.subarray(2, size + 2));
      finish(reply !== undefined && isOurs(reply) ? reply : "the resolver's answer is malformed");
    });
  });
}
