// A name server for tests, on loopback, that knows the records it is given (RFC 1035) and says NXDOMAIN to the rest.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { TestContext } from "node:test";

export interface Zone {
  readonly [name: string]: {
    readonly mx?: readonly { readonly preference: number; readonly exchange: string }[];
    readonly a?: readonly string[];
    readonly ptr?: string;
    /** Answer SERVFAIL to everything. */
    readonly broken?: boolean;
  };
}

/** Its address and port, as BAILEE_DNS takes them; stopped when the test ends. */
export async function startDns(t: TestContext, zone: Zone): Promise<string> {
  const socket = createSocket("udp4");
  socket.on("message", (query, from) => {
    socket.send(answerTo(zone, query), from.port, from.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  t.after(() => socket.close());
  return `127.0.0.1:${socket.address().port}`;
}

function answerTo(zone: Zone, query: Buffer): Buffer {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += length + 1;
  }
  const question = query.subarray(12, at + 5);
  const type = query.readUInt16BE(at + 1);
  const entry = zone[labels.join(".").toLowerCase()];
  const data =
    type === 15
      ? (entry?.mx ?? []).map(({ preference, exchange }) =>
          Buffer.concat([Buffer.of(preference >> 8, preference & 255), encodeName(exchange)]),
        )
      : type === 1
        ? (entry?.a ?? []).map((address) => Buffer.from(address.split(".").map(Number)))
        : type === 12 && entry?.ptr !== undefined
          ? [encodeName(entry.ptr)]
          : [];
  const answers = data.map((bytes) => {
    const head = Buffer.alloc(12); // a pointer to the question's name, type, class IN, no time to live, length
    head.writeUInt16BE(0xc00c, 0);
    head.writeUInt16BE(type, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(bytes.byteLength, 10);
    return Buffer.concat([head, bytes]);
  });
  const code = entry === undefined ? 3 : entry.broken === true ? 2 : 0;
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180 | code, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(answers.length, 6);
  return Buffer.concat([header, question, ...answers]);
}

function encodeName(name: string): Buffer {
  const labels = name.split(".").filter((label) => label !== "");
  return Buffer.concat([
    ...labels.map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label)])),
    Buffer.of(0),
  ]);
}
