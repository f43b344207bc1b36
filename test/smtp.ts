// An SMTP server on a free port whose ports remember what came through them: for tests of the protocol, not of storage.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TestContext } from "node:test";
import { no, yes } from "#base/errors";
import type { DeliveryEnvelope } from "#mail/delivery";
import {
  openSmtpServer,
  type Outgoing,
  type SmtpPorts,
  type SmtpRole,
  type SmtpServerOptions,
} from "#mail/smtp";

/** What came through the ports. */
export interface Remembered {
  readonly stored: { readonly envelope: DeliveryEnvelope; readonly raw: Buffer }[];
  readonly queued: Outgoing[];
  readonly reported: Outgoing[];
  /** Who may not send, by name; empty at first. */
  readonly suspended: Set<string>;
}

export interface SmtpHouse extends Remembered {
  readonly port: number;
  connect(): Socket;
  close(): Promise<void>;
}

export const hosts = { hostname: "mx.example", domain: "bailee.example", maxSize: 100_000 };

/**
 * Clients ada and bob (password "right"), full (refuses: too large), packed (room for 1,000 octets, refused after the final dot too),
 * broken (throws) and flaky (no sealing now), all of them @bailee.example. Ada's are ada@ and jürgen@.
 */
export function rememberingPorts(more: Partial<SmtpPorts> = {}): Remembered & {
  readonly ports: SmtpPorts;
} {
  const stored: Remembered["stored"] = [];
  const queued: Outgoing[] = [];
  const reported: Outgoing[] = [];
  const suspended = new Set<string>();
  const localPart = (address: string) => address.toLowerCase().replace(/(\+[^@]*)?@.*$/, "");
  const ports: SmtpPorts = {
    isOurDomain: (domain) => domain === "bailee.example",
    async resolve(address) {
      const known = ["ada", "bob", "full", "packed", "broken", "flaky", "postmaster", "jürgen"];
      const name = localPart(address);
      return known.includes(name) ? { client: name, account: name } : undefined;
    },
    hasRoom: async ({ client }, octets) => client !== "packed" || octets <= 1000,
    async signIn({ login, password }) {
      if (password !== "right") return no("wrong");
      const name = localPart(login);
      if (suspended.has(name)) return no("suspended");
      return yes({ client: name, account: name, address: login });
    },
    maySend: async ({ client }) => !suspended.has(client),
    mayUse: async (submitter, sender) =>
      submitter.address === sender ||
      (submitter.client === "ada" && sender === "jürgen@bailee.example"),
    async deliver(envelope, raw) {
      const name = localPart(envelope.recipient);
      if (name === "full") return no("too-large");
      if (name === "packed" && raw.byteLength > 1000) return no("over-quota");
      if (name === "flaky") return no("cannot-seal");
      if (name === "broken") throw new Error("the disk is gone");
      stored.push({ envelope, raw: Buffer.from(raw) });
      return { ok: true, messageId: "m", uid: stored.length };
    },
    enqueue: async (outgoing) => {
      queued.push(outgoing);
    },
    reportDelivered: async (outgoing) => {
      reported.push(outgoing);
    },
    ...more,
  };
  return { stored, queued, reported, suspended, ports };
}

/** A server over such ports; closes when the test ends. */
export async function openSmtpHouse(
  t: TestContext,
  role: SmtpRole,
  {
    ports: others,
    ...more
  }: Partial<Omit<SmtpServerOptions, "ports">> & {
    readonly ports?: Partial<SmtpPorts>;
  } = {},
): Promise<SmtpHouse> {
  const { ports, ...remembered } = rememberingPorts(others);
  const server = await openSmtpServer({
    role,
    bind: "127.0.0.1",
    port: 0,
    ...hosts,
    tls: undefined,
    allowPlaintextAuth: true,
    ports,
    ...more,
  });
  let closed: Promise<void> | undefined;
  const close = async () => {
    closed ??= Promise.resolve(server[Symbol.asyncDispose]());
    await closed;
  };
  t.after(close);
  const connectTo = () => connect({ port: server.port, host: "127.0.0.1" });
  return { port: server.port, ...remembered, connect: connectTo, close };
}

/** Says everything at once and gives all that was answered until the server hangs up. */
export async function sayAll(house: Pick<SmtpHouse, "connect">, text: string): Promise<string> {
  const socket = house.connect();
  socket.end(Buffer.from(text, "latin1"));
  const heard: Buffer[] = [];
  for await (const bytes of socket as AsyncIterable<Buffer>) heard.push(bytes);
  return Buffer.concat(heard).toString("latin1");
}

/** A key and a certificate for localhost that nobody vouches for, PEM. */
export async function selfSigned(t: TestContext): Promise<{ key: string; cert: string }> {
  const folder = await mkdtemp(join(tmpdir(), "bailee-cert-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const files = ["-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=localhost"];
  await promisify(execFile)("openssl", ["req", "-x509", ...curve, ...files]);
  return { key: await readFile(key, "utf8"), cert: await readFile(cert, "utf8") };
}
