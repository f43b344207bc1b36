// Fits the rooms to what the operator's operations ask for.
import { createReadStream } from "node:fs";
import type { Billing } from "#billing";
import { Broken } from "#base/errors";
import type { Clients } from "#clients";
import type { Config } from "#config";
import type { OperatedRooms } from "#control";
import type { Disclosure } from "#disclosure";
import type { Keeper } from "#keeper";
import { encodeStructure, fingerprintOf, parseMessage, splitMbox } from "#mail/message";
import type { Store } from "#store";
import type { Support } from "#support";
import { idsHeld, releaseGrant } from "./grants.ts";

interface Rooms {
  readonly config: Config;
  readonly keeper: Keeper;
  readonly store: Store;
  readonly clients: Clients;
  readonly billing: Billing;
  readonly disclosure: Disclosure;
  readonly support: Support;
}

export function fitOperations(rooms: Rooms): OperatedRooms {
  const { config, store, clients } = rooms;
  return {
    domain: config.domain,
    signUp: (request) => clients.signUp(request),
    list: () => clients.list(),
    resolve: (address) => clients.resolve(address),
    listMessages: (owner) => store.listMessages(owner),
    importMbox: (owner, path, progress) => importMbox({ store, clients }, owner, path, progress),
    idsHeld: (owner, dataClass, between) => idsHeld(rooms, owner, dataClass, between),
    release: (hash) => releaseGrant(rooms, hash),
    check: (progress) => checkHouse({ store, clients }, progress),
  };
}

type Owner = { readonly client: string; readonly account: string };

async function importMbox(
  { store, clients }: Pick<Rooms, "store" | "clients">,
  owner: Owner,
  path: string,
  progress: (done: number, failed: number) => void,
): Promise<{ imported: number; failed: string[] }> {
  const sealer = await clients.sealerFor(owner.client, owner.account);
  if (sealer === undefined)
    throw new Broken("the account's key is not certified by the keeper; nothing was imported");
  let imported = 0;
  const failed: string[] = [];
  // Enough at once to share fsyncs, few enough to keep memory small.
  const AT_ONCE = 32;
  const underWay = new Set<Promise<void>>();
  let number = 0;
  for await (const { bytes, date, size, whole } of splitMbox(createReadStream(path))) {
    number += 1;
    const position = number;
    if (!whole) {
      failed.push(`message ${position}: ${size} octets are more than a message may have`);
      continue;
    }
    const prefix = new Uint8Array();
    const receivedAt = date ?? Date.now();
    const structure = encodeStructure(parseMessage(bytes));
    const fingerprint = fingerprintOf(bytes);
    const one = store
      .deliver(owner, sealer, { prefix, raw: bytes, structure, fingerprint, receivedAt })
      .then(
        () => void (imported += 1),
        (error: unknown) =>
          void failed.push(
            `message ${position}: ${error instanceof Error ? error.message : "broken"}`,
          ),
      )
      .finally(() => underWay.delete(one));
    underWay.add(one);
    if (underWay.size >= AT_ONCE) await Promise.race(underWay);
    if (number % 500 === 0) progress(imported, failed.length);
  }
  await Promise.all(underWay);
  return { imported, failed };
}

/** Everything that can be checked without opening anything: every sealed body is there, every public key is certified. */
async function checkHouse(
  { store, clients }: Pick<Rooms, "store" | "clients">,
  progress: (line: string) => void,
): Promise<string[]> {
  const findings = (await clients.unsignedAddresses()).map(
    (address) => `${address}: its row leads to an account for which the keeper did not sign`,
  );
  for (const { client, account } of await clients.list()) {
    if ((await clients.sealerFor(client, account)) === undefined) {
      findings.push(
        `client ${client}: the public key in the database is not the one that the keeper certified`,
      );
    }
    const messages = await store.listMessages({ client, account });
    for (let at = 0; at < messages.length; at += 100) {
      const ids = messages.slice(at, at + 100).map((message) => message.messageId);
      const there = new Set(
        (await store.sealedMessages({ client, account }, ids)).map((message) => message.messageId),
      );
      for (const id of ids)
        if (!there.has(id)) findings.push(`client ${client}: message ${id} has lost its body`);
    }
    progress(`client ${client}: ${messages.length} messages`);
  }
  return findings;
}
