// Another Bailee as the far mail server of a test.
import type { TestContext } from "node:test";
import { openSmtpServer, type SmtpServer } from "#mail/smtp";

export interface Peer {
  readonly port: number;
  readonly arrived: {
    readonly recipient: string;
    readonly raw: string;
    readonly secure: boolean;
  }[];
  close(): Promise<void>;
}

/** Another Bailee as the far server: far.example with anybody but "gone"; "later" is refused for now, as often as `busy` says. */
export async function openPeer(
  t: TestContext,
  more: {
    port?: number;
    busy?: number;
    tls?: { key: string; cert: string } | undefined;
    /** Any domain counts as its own; far.example and what is below it when absent. */
    anyDomain?: boolean;
  } = {},
): Promise<Peer> {
  const arrived: Peer["arrived"] = [];
  let busy = more.busy ?? 0;
  const server: SmtpServer = await openSmtpServer({
    role: "mx",
    bind: "127.0.0.1",
    port: more.port ?? 0,
    hostname: "mx.far.example",
    domain: "far.example",
    tls: more.tls,
    ports: {
      isOurDomain: (domain) => more.anyDomain === true || domain.endsWith("far.example"),
      async resolve(address) {
        return address.startsWith("gone@") ? undefined : { client: "far", account: "far" };
      },
      signIn: async () => ({ ok: false, refusal: "wrong" }),
      mayUse: async () => false,
      maySend: async () => false,
      async deliver({ recipient, prefix }, raw) {
        if (busy > 0) {
          busy -= 1;
          return { ok: false, refusal: "suspended-for-now" };
        }
        const secure = /with ESMTPS/.test(Buffer.from(prefix).toString());
        arrived.push({ recipient, raw: Buffer.from(raw).toString(), secure });
        return { ok: true, messageId: "m", uid: 1 };
      },
      enqueue: async () => {},
      reportDelivered: async () => {},
    },
  });
  let closed: Promise<void> | undefined;
  const close = async () => {
    closed ??= Promise.resolve(server[Symbol.asyncDispose]());
    await closed;
  };
  t.after(close);
  return { port: server.port, arrived, close };
}
