// What somebody tries who is root on the server's files and database, but not on the keeper's: each attack by a name, against an instance that
// runs. An attack gives what it got; nothing means that it was stopped. Whatever one changes in the database it puts back.
import { randomBytes } from "node:crypto";
import {
  cpSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { toHex } from "#base/bytes";
import { newId } from "#base/ids";
import { seconds } from "#base/time";
import { type Keeper, ownRequestBytes, recordBytes } from "#keeper";
import { type Read, verifyLog } from "#ledger";
import { dataClasses, grounds } from "#policy";
import {
  encodeAccountKeys,
  newAccountKeys,
  newBoxKeyPair,
  newSigningKeyPair,
  sessionId,
  signBytes,
  tokenKeys,
  wrapSecret,
} from "#vault";
import { canonicalBytes } from "#base/canonical";
import { approve, draftGrant, file, type World } from "../../src/keeper/testing/world.ts";
import { connectImap } from "../imap.ts";
import { Candidates, type SealedTarget, tryKeys } from "../keytrial.ts";
import { searchFolders } from "../marker.ts";
import type { Running } from "./running.ts";
import { bytesOf, openDatabase, password, rowsOf, send, type Victim } from "./thief.ts";

/** What the insider has: the instance, a client who is the victim, one who is their own, and a socket to the keeper. */
export interface Loot {
  readonly house: Running;
  readonly ada: Victim;
  readonly mal: Victim;
  /** A word that stands in a letter to ada and nowhere else. */
  readonly marker: string;
  readonly keeper: Keeper;
  /** People of the insider's own making, whom nobody enrolled. */
  readonly world: World;
}

/** Resolves with what was got, or undefined. */
export type Attack = (loot: Loot) => Promise<string | undefined>;

export const attacks: { readonly [name: string]: Attack } = {
  "a search of the server's files for words of a letter": async ({ house, marker }) => {
    const finds = await searchFolders(marker, serverFolders(house));
    return finds.map(({ place, dress }) => `${place}: ${dress}`).join("; ") || undefined;
  },

  "every key-sized string of the server's files, tried on the letter": async (loot) => {
    const { house } = loot;
    const candidates = new Candidates();
    candidates.addDatabase(join(house.data, "server", "bailee.sqlite"));
    for (const folder of serverFolders(house))
      for (const name of globSync("**/*", { cwd: folder })) {
        const path = join(folder, name);
        const isOurs = statSync(path).isFile() && !path.includes("bailee.sqlite");
        if (isOurs) candidates.addFile(path);
      }
    const { client, account } = loot.ada;
    const letter = letterOf(loot);
    const context = { class: "content", client, account, object: letter.id, part: "body" } as const;
    const target: SealedTarget = {
      name: "the letter",
      context,
      sealed: letter.body,
      purpose: "own",
    };
    const { opened } = tryKeys(candidates, [loot.ada.keys.boxPublic], [target], []);
    return opened.join("; ") || undefined;
  },

  "a public key swapped in the database": (loot) =>
    tampered(
      loot,
      "select rowid, public_key from key_certificate where client_id = ? and class = 'content'",
      "update key_certificate set public_key = ? where rowid = ?",
      newBoxKeyPair().publicKey,
      () => delivered(loot, "to the insider's key"),
    ),

  "another client's certificate in the victim's row": (loot) =>
    tampered(
      loot,
      "select rowid, signature from key_certificate where client_id = ? and class = 'content'",
      "update key_certificate set signature = ? where rowid = ?",
      certificateOf(loot, loot.mal.client),
      () => delivered(loot, "under another's certificate"),
    ),

  "the victim's address led to the insider's account": (loot) =>
    tampered(
      loot,
      "select rowid, account_id from address where client_id = ?",
      "update address set account_id = ? where rowid = ?",
      loot.mal.account,
      () => delivered(loot, "into the insider's mailbox"),
    ),

  "the insider's letter in the place of the victim's": (loot) => {
    const [own] = within(loot, (db) =>
      rowsOf(db, "select body from message where client_id = ?", loot.mal.client),
    );
    return tampered(
      loot,
      "select rowid, body from message where client_id = ? order by received_at limit 1",
      "update message set body = ? where rowid = ?",
      bytesOf(own, "body"),
      async () => {
        using imap = await connectImap(loot.house.ports.IMAP, loot.ada.address, password);
        await imap.command("SELECT INBOX");
        const said = await imap.command("FETCH 1 (BODY.PEEK[])");
        return said.status.startsWith("OK") ? "the victim was shown another letter" : undefined;
      },
    );
  },

  "a web session of the insider's making": async (loot) => {
    const { house, ada } = loot;
    const token = randomBytes(32);
    const { verifier, wrapKey } = tokenKeys(token);
    const id = sessionId(token);
    const about = ["web-session", ada.client, ada.account, id];
    const wrap = wrapSecret(wrapKey, about, encodeAccountKeys(newAccountKeys()));
    const insert = "insert into web_session values (?, ?, ?, ?, ?, ?, 0, 0, 9999999999999)";
    const row = [ada.client, ada.account, id, ada.address, verifier, wrap];
    within(loot, (db) => db.prepare(insert).run(...row));
    try {
      const cookie = `__Host-session=${token.toString("base64url")}`;
      const answer = await fetch(`${house.url}/portal`, {
        headers: { cookie },
        redirect: "manual",
      });
      return answer.status === 200 ? "the portal opened" : undefined;
    } finally {
      within(loot, (db) => db.prepare("delete from web_session where session_id = ?").run(id));
    }
  },

  "a release without a grant": async (loot) => {
    const released = await loot.keeper.release("0".repeat(64), [sealedOf(loot)]);
    return released.ok ? "a package" : undefined;
  },

  "a grant on every ground, signed by nobody who is enrolled": async (loot) => {
    const { world, keeper, ada } = loot;
    const got: string[] = [];
    for (const ground of Object.keys(grounds) as (keyof typeof grounds)[]) {
      const filed = await file(world, keeper, draftGrant(world, ada, ground, [letterOf(loot).id]));
      if (filed.ok) got.push(`${ground} was filed`);
    }
    return got.join("; ") || undefined;
  },

  "an approval by the insider's own key of what is filed": async ({ keeper, world }) => {
    const got: string[] = [];
    for (const { hash } of await keeper.listGrants()) {
      const ruled = await approve(keeper, hash, world.approvers[0]);
      if (ruled.ok) got.push(hash);
    }
    return got.join("; ") || undefined;
  },

  "the victim's own request, signed by another key": async (loot) => {
    const { keeper, ada } = loot;
    const objects = [sealedOf(loot)];
    const ask = {
      client: ada.client,
      account: ada.account,
      at: seconds(Date.now()),
      nonce: newId(),
    };
    const signature = signBytes(newSigningKeyPair().secretKey, ownRequestBytes(ask, objects));
    const opened = await keeper.own({ ...ask, signature }, objects);
    return opened.ok ? "opened" : undefined;
  },

  "the letter as whatever the server may ask for by itself": async (loot) => {
    const got: string[] = [];
    const purposes = [
      "provide-service",
      "establish-service",
      "process-payment",
      "own",
      "transmit-and-deliver",
      "marketing",
    ];
    for (const purpose of purposes) {
      const opened = await loot.keeper.standing(purpose, [sealedOf(loot)]);
      if (opened.ok) got.push(purpose);
      for (const dataClass of dataClasses) {
        const { context, sealed } = sealedOf(loot);
        const bent = { context: { ...context, class: dataClass }, sealed };
        if ((await loot.keeper.standing(purpose, [bent])).ok)
          got.push(`${purpose} as ${dataClass}`);
      }
    }
    return got.join("; ") || undefined;
  },

  "a desk's key of the insider's own": async ({ house, keeper }) => {
    const thiefs = newBoxKeyPair().publicKey;
    // Before anybody opened the desk the first key is the one: then there is nothing to take.
    const db = openDatabase(house);
    const [row] = rowsOf(db, "select count(*) as there from staff");
    db.close();
    if (Number(row?.["there"]) === 0) return undefined;
    const certified = await keeper.certifyDesk(thiefs);
    return certified.ok ? "certified" : undefined;
  },

  "an order to erase the victim, signed by another key": async ({ keeper, ada }) => {
    const order = { client: ada.client, account: ada.account, notBefore: 0 };
    const erased = await keeper.erase({ ...order, signature: randomBytes(64) });
    return erased.ok ? "erased" : undefined;
  },

  "a decision recorded by nobody who is enrolled": async ({ keeper, world }) => {
    const record = canonicalBytes({
      version: 1,
      type: "decision",
      case: "1",
      nonce: toHex(randomBytes(16)),
    });
    const recorded = await keeper.recordCase(
      record,
      signBytes(world.operator.secretKey, recordBytes(record)),
    );
    return recorded.ok ? "recorded" : undefined;
  },

  "a person enrolled, and a policy announced, by the insider alone": async ({ keeper, world }) => {
    const request = canonicalBytes({
      version: 1,
      person: "mal",
      role: "x",
      key: toHex(world.operator.publicKey),
      roles: ["approver"],
      policy: "0".repeat(64),
      nonce: "0".repeat(32),
    });
    const by = [{ approver: "0".repeat(16), signature: randomBytes(64) }];
    const enrolled = await keeper.enrolPerson(request, by);
    const announced = await keeper.amendPolicy(request, request, by);
    return enrolled.ok || announced.ok ? "taken" : undefined;
  },

  "a forwarding header, to sign in without TLS from elsewhere": async ({ house, ada }) => {
    const body = new URLSearchParams({ login: ada.address, password });
    const headers = {
      origin: house.url,
      "sec-fetch-site": "same-origin",
      "x-forwarded-for": "203.0.113.9",
    };
    const answer = await fetch(`${house.url}/sign-in`, {
      method: "POST",
      headers,
      body,
      redirect: "manual",
    });
    return answer.headers.getSetCookie().some((line) => /session=[^;]/.test(line))
      ? "signed in"
      : undefined;
  },

  "the desk's pages without its password": async ({ house }) => {
    const got: string[] = [];
    for (const path of [
      "/desk",
      "/desk/cases",
      "/desk/abuse",
      "/desk/tickets",
      "/desk/jobs",
      "/desk/billing",
    ]) {
      const answer = await fetch(`${house.url}${path}`, { redirect: "manual" });
      if (answer.status === 200 && !/name="password"/.test(await answer.text())) got.push(path);
    }
    return got.join("; ") || undefined;
  },

  "a path out of the published ledger": async ({ house }) => {
    const got: string[] = [];
    for (const path of [
      "/ledger/../keeper/passphrase",
      "/ledger/..%2fkeeper%2fpassphrase",
      "/ledger/policies/../../keeper/root",
      "/ledger/openings/%2e%2e/%2e%2e/keeper/journal",
    ]) {
      const { status, text } = await rawGet(house.ports.WEB, path);
      if (status === 200 && !/^<!doctype html/i.test(text)) got.push(path);
    }
    return got.join("; ") || undefined;
  },

  "a bit flipped in the published ledger, unseen by who verifies it": async ({ house }) => {
    const copy = mkdtempSync(join(tmpdir(), "bailee-kit-"));
    try {
      cpSync(join(house.data, "ledger"), copy, { recursive: true });
      const read: Read = async (path) => {
        try {
          return readFileSync(join(copy, path));
        } catch {
          return undefined;
        }
      };
      if (!(await verifyLog({ read, settleMs: 0 })).ok) return "it does not verify as it is";
      const unseen: string[] = [];
      for (const name of globSync("**/*", { cwd: copy })) {
        const path = join(copy, name);
        if (!statSync(path).isFile() || statSync(path).size === 0) continue;
        const bytes = readFileSync(path);
        const at = Math.floor(bytes.length / 2);
        writeFileSync(path, Buffer.from(bytes.map((byte, n) => (n === at ? byte ^ 1 : byte))));
        if ((await verifyLog({ read, settleMs: 0 })).ok) unseen.push(name);
        writeFileSync(path, bytes);
      }
      return unseen.join("; ") || undefined;
    } finally {
      rmSync(copy, { recursive: true });
    }
  },
};

/** What belongs to the server; the keeper's folder and the example's keys are somebody else's. */
function serverFolders({ data }: Running): string[] {
  return ["server", "ledger", "dkim"]
    .map((name) => join(data, name))
    .filter((path) => globSync(path).length > 0);
}

function within<Value>({ house }: Loot, work: (db: DatabaseSync) => Value): Value {
  const db = openDatabase(house);
  try {
    db.exec("pragma busy_timeout = 5000");
    return work(db);
  } finally {
    db.close();
  }
}

function letterOf(loot: Loot): { readonly id: string; readonly body: Uint8Array } {
  const [row] = within(loot, (db) =>
    rowsOf(
      db,
      "select id, body from message where client_id = ? order by received_at limit 1",
      loot.ada.client,
    ),
  );
  return { id: String(row?.["id"]), body: bytesOf(row, "body") };
}

function sealedOf(loot: Loot) {
  const { id, body } = letterOf(loot);
  const { client, account } = loot.ada;
  return {
    context: { class: "content", client, account, object: id, part: "body" },
    sealed: body,
  } as const;
}

function certificateOf(loot: Loot, client: string): Uint8Array {
  const sql = "select signature from key_certificate where client_id = ? and class = 'content'";
  return bytesOf(within(loot, (db) => rowsOf(db, sql, client))[0], "signature");
}

/** Changes one value of the victim's, sees what comes of it, and puts it back. */
async function tampered(
  loot: Loot,
  find: string,
  change: string,
  value: string | Uint8Array,
  see: () => Promise<string | undefined>,
): Promise<string | undefined> {
  const [row] = within(loot, (db) => rowsOf(db, find, loot.ada.client));
  const [[, id], [, was]] = Object.entries(row ?? {}) as [
    [string, number],
    [string, string | Uint8Array],
  ];
  const set = (to: string | Uint8Array): void =>
    void within(loot, (db) => db.prepare(change).run(to, id));
  set(value);
  try {
    return await see();
  } finally {
    set(was);
  }
}

/** A letter to the victim; what it means when it is taken. */
async function delivered({ house }: Loot, meaning: string): Promise<string | undefined> {
  try {
    await send(house, "kit-ada", "while a row is bent");
    return `a letter was taken ${meaning}`;
  } catch (error) {
    // Not lost: whoever brings it tries again when the row is right.
    return /heard: 451/.test(String(error)) ? undefined : `answered ${String(error)}`;
  }
}

/** Without the tidying of paths that fetch does. */
function rawGet(
  port: number,
  path: string,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    request({ port, path, host: "127.0.0.1" }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    })
      .on("error", reject)
      .end();
  });
}
