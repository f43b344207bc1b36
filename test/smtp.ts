// An SMTP server on a free port whose ports remember what came through them: for tests of the protocol, not of storage.
import { connect, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { no, yes } from "#base/errors";
import type { DeliveryEnvelope } from "#mail/delivery";
import { openSmtpServer, type Outgoing, type SmtpRole, type SmtpServerOptions } from "#mail/smtp";

export interface SmtpHouse {
  readonly port: number;
  readonly stored: { readonly envelope: DeliveryEnvelope; readonly raw: Buffer }[];
  readonly queued: Outgoing[];
  readonly reported: Outgoing[];
  connect(): Socket;
}

/**
 * Clients ada and bob (password "right"), full (refuses: too large), broken (throws) and flaky (no sealing now), all of them
 * @bailee.example; closes when the test ends.
 */
export async function openSmtpHouse(
  t: TestContext,
  role: SmtpRole,
  more: Partial<SmtpServerOptions> = {},
): Promise<SmtpHouse> {
  const stored: SmtpHouse["stored"] = [];
  const queued: Outgoing[] = [];
  const reported: Outgoing[] = [];
  const localPart = (address: string) => address.toLowerCase().replace(/(\+[^@]*)?@.*$/, "");
  const server = await openSmtpServer({
    role,
    bind: "127.0.0.1",
    port: 0,
    hostname: "mx.example",
    domain: "bailee.example",
    tls: undefined,
    allowPlaintextAuth: true,
    maxSize: 100_000,
    ports: {
      isOurDomain: (domain) => domain === "bailee.example",
      async resolve(address) {
        const known = ["ada", "bob", "full", "broken", "flaky", "postmaster"];
        const name = localPart(address);
        return known.includes(name) ? { client: name, account: name } : undefined;
      },
      async signIn({ login, password }) {
        if (password !== "right") return no("wrong");
        const name = localPart(login);
        return yes({ client: name, account: name, address: login });
      },
      mayUse: async (submitter, sender) => submitter.address === sender,
      async deliver(envelope, raw) {
        const name = localPart(envelope.recipient);
        if (name === "full") return no("too-large");
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
    },
    ...more,
  });
  t.after(() => server[Symbol.asyncDispose]());
  const connectTo = () => connect({ port: server.port, host: "127.0.0.1" });
  return { port: server.port, stored, queued, reported, connect: connectTo };
}

/** Says everything at once and gives all that was answered until the server hangs up. */
export async function sayAll(house: Pick<SmtpHouse, "connect">, text: string): Promise<string> {
  const socket = house.connect();
  socket.end(Buffer.from(text, "latin1"));
  const heard: Buffer[] = [];
  for await (const bytes of socket as AsyncIterable<Buffer>) heard.push(bytes);
  return Buffer.concat(heard).toString("latin1");
}
