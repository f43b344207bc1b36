// An IMAP server on a free port over a real engine, store and vault in a temporary folder; only the sign-in is the test's own.
import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { no, yes } from "#base/errors";
import { newId } from "#base/ids";
import type { Clock } from "#base/time";
import { openEngine } from "#engine";
import { type ImapServerOptions, openImapServer } from "#mail/imap";
import { encodeStructure, parseMessage } from "#mail/message";
import { type Allowance, type Mailbox, openStore, type Placed, storeRoom } from "#store";
import { newAccountKeys, openOpener, openSealer } from "#vault";

export interface ImapHouse {
  readonly port: number;
  readonly mailbox: Mailbox;
  /** Delivers to ada's inbox as LMTP would; resolves once it is durable. */
  deliver(raw: Uint8Array, receivedAt?: number): Promise<Placed>;
  /** Changes a sealed octet of a message on the disk, as somebody with the disk could. */
  tamper(messageId: string, part: "body" | "structure"): void;
  /** A connection that is not signed in. */
  connect(): Socket;
  /** Stops the server before the test ends. */
  close(): Promise<void>;
}

export const DELIVERED_AT = Date.UTC(2026, 10, 23, 18, 0, 0);

/** One account: ada@bailee.example with the password "right". The house is gone when the test ends. */
export async function openImapHouse(
  t: TestContext,
  more: Partial<ImapServerOptions> = {},
  allowance?: Allowance,
): Promise<ImapHouse> {
  const folder = await mkdtemp(join(tmpdir(), "bailee-imap-"));
  const engine = await openEngine({ folder, rooms: [storeRoom] });
  const clock: Clock = more.clock ?? { now: () => Date.now() };
  const store = openStore({ engine, clock, allowance: async () => allowance });
  const owner = { client: newId(), account: newId() };
  const keys = newAccountKeys();
  const sealer = openSealer(keys.boxPublic);
  await engine.writeTogether(store.newAccount(owner, sealer, keys.nameKey));
  const openMailbox = (): Mailbox =>
    store.openMailbox(owner, { opener: openOpener(keys.boxSecret), sealer, nameKey: keys.nameKey });
  const server = await openImapServer({
    bind: "127.0.0.1",
    port: 0,
    hostname: "mail.example",
    tls: undefined,
    implicitTls: false,
    allowPlaintext: true,
    clock,
    async signIn(login, password) {
      if (login === "suspended@bailee.example") return no("suspended");
      if (!/^ada(?:@bailee\.example)?$/i.test(login) || password !== "right") return no("wrong");
      return yes({ mailbox: openMailbox(), address: "ada@bailee.example" });
    },
    ...more,
  });
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    closing ??= Promise.resolve(server[Symbol.asyncDispose]());
    await closing;
  };
  t.after(async () => {
    await close();
    await engine[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    port: server.port,
    mailbox: openMailbox(),
    deliver: (raw, receivedAt = DELIVERED_AT) =>
      store.deliver(owner, sealer, {
        prefix: new Uint8Array(0),
        raw,
        structure: encodeStructure(parseMessage(raw)),
        receivedAt,
      }),
    tamper(messageId, part) {
      const database = new DatabaseSync(join(folder, "bailee.sqlite"));
      try {
        const row = database
          .prepare(`select ${part} as sealed from message where id = ?`)
          .get(messageId);
        const sealed = Buffer.from(row?.["sealed"] as Uint8Array);
        sealed[sealed.byteLength - 1] = (sealed.at(-1) ?? 0) ^ 1;
        database.prepare(`update message set ${part} = ? where id = ?`).run(sealed, messageId);
      } finally {
        database.close();
      }
    },
    connect: () => connect({ port: server.port, host: "127.0.0.1", noDelay: true }),
    close,
  };
}
