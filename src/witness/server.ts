// The witness's two addresses over HTTP (C2SP tlog-witness): POST /add-checkpoint and GET /<origin hash>/checkpoint, and its keys on
// GET /. Everybody may ask; what counts is the log's signature. TLS, where it is wanted, is a proxy's.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { logBroken } from "#base/log";
import type { Witness } from "./witness.ts";

export interface WitnessServer extends AsyncDisposable {
  readonly port: number;
}

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string | Uint8Array;
}

// A note of at most 128 KiB and 63 hashes.
const MAX_BODY = 160 * 1024;
// A request is one packet or two; who takes longer holds a place that others need.
const REQUEST_MS = 10_000;
const MAX_CONNECTIONS = 256;

/** Listens. Throws when the port is taken. */
export async function serveWitness(
  witness: Witness,
  { bind, port }: { readonly bind: string; readonly port: number },
): Promise<WitnessServer> {
  const server: Server = createServer((request, response) => {
    void reply(request, response);
  });
  const reply = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { status, type, body } = await answer(witness, request);
    // What was not read of a request that is too large would be taken for the next one.
    if (status === 413) response.setHeader("connection", "close");
    response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(body);
  };
  server.requestTimeout = REQUEST_MS;
  server.headersTimeout = REQUEST_MS;
  server.maxConnections = MAX_CONNECTIONS;
  const listening = Promise.withResolvers<void>();
  server.once("error", listening.reject);
  server.listen(port, bind, () => listening.resolve());
  await listening.promise;
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    async [Symbol.asyncDispose]() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

async function answer(witness: Witness, request: IncomingMessage): Promise<Reply> {
  try {
    const { method = "", url = "" } = request;
    if (url === "/add-checkpoint") {
      return method === "POST" ? await add(witness, request) : plain(405, "this is for POST");
    }
    if (method !== "GET" && method !== "HEAD") return plain(405, "this is for GET");
    if (url === "/") return plain(200, witness.verifierKeys.join("\n"));
    const [, hash = ""] = /^\/([0-9a-f]{64})\/checkpoint$/.exec(url) ?? [];
    const note = witness.checkpoint(hash);
    return note === undefined
      ? plain(404, "there is no such checkpoint here")
      : { status: 200, type: "text/plain; charset=utf-8", body: note };
  } catch (error) {
    logBroken("witness", error);
    return plain(500, "the witness cannot write down what it would say");
  }
}

async function add(witness: Witness, request: IncomingMessage): Promise<Reply> {
  const body = await readBody(request);
  if (body === undefined) return plain(413, "that is too much for a checkpoint");
  const answered = await witness.addCheckpoint(body);
  if (answered.status === 200)
    return { status: 200, type: "text/plain; charset=utf-8", body: answered.lines };
  if (answered.status === 409)
    return { status: 409, type: "text/x.tlog.size", body: `${answered.size}\n` };
  return plain(answered.status, answered.why);
}

async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of request as AsyncIterable<Uint8Array>) {
    size += piece.byteLength;
    if (size > MAX_BODY) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function plain(status: number, sentence: string): Reply {
  return { status, type: "text/plain; charset=utf-8", body: `${sentence}\n` };
}
