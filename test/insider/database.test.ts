// The insider with the database: stops the server, edits rows with sqlite, starts it again, and hopes to read.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { toBase64Url } from "#base/bytes";
import {
  encodeAccountKeys,
  newAccountKeys,
  newBoxKeyPair,
  passwordKeys,
  sessionId,
  tokenKeys,
  wrapSecret,
} from "#vault";
import { type House, startHouse } from "../house.ts";
import { connectImap, type ImapConnection } from "../imap.ts";
import {
  addClient,
  bytesOf,
  openDatabase,
  password,
  rowsOf,
  send,
  type Victim,
  victimOf,
} from "./thief.ts";

const insidersPassword = "what the insider would sign in with";

/** Runs edits on the database while the server is down. */
async function edited(house: House, sql: string, ...args: (string | Uint8Array)[]): Promise<void> {
  await house.stop();
  const db = openDatabase(house);
  assert.ok(Number(db.prepare(sql).run(...args).changes) > 0, sql);
  db.close();
  await house.start();
}

test("a public key swapped in the database: delivery answers 451, and the client is told at the door", async (t) => {
  const house = await startHouse(t);
  await addClient(house, "ada");
  const ada = await victimOf(house, "ada");
  const own = newAccountKeys();
  const setKey = (key: Uint8Array): Promise<void> =>
    edited(
      house,
      "update key_certificate set public_key = ? where client_id = ? and class = 'content'",
      key,
      ada.client,
    );
  await setKey(own.boxPublic);
  await assert.rejects(send(house, "ada", "for the insider"), /heard: 451/);
  const address = "ada@bailee.localhost";
  await assert.rejects(
    connectImap(house.ports.IMAP, address, password),
    /Somebody changed this account's key/,
  );
  const page = await post(house, "/sign-in", { login: address, password });
  assert.equal(page.status, 403);
  assert.match(await page.text(), /not the one that was certified at your sign-up/);
  const checked = await house.run(["check"]);
  assert.equal(checked.code, 1);
  assert.match(checked.stderr, /not the one that the keeper certified/);

  await setKey(ada.keys.boxPublic);
  await send(house, "ada", "after it was put right");
  using imap = await connectImap(house.ports.IMAP, address, password);
  assert.match((await imap.command("SELECT INBOX")).untagged.toString(), /\* 1 EXISTS/);
  const cookie = await signedIn(house, address, password);
  const log = await (await get(house, "/portal/log", cookie)).text();
  assert.match(log, /stopped: the key is not the certified one/, "the log kept it for the client");
});

test("another client's certificate, of whatever class, is no certificate for the victim", async (t) => {
  const house = await startHouse(t);
  await addClient(house, "ada");
  await addClient(house, "mal");
  const [ada, mal] = [await victimOf(house, "ada"), await victimOf(house, "mal")];
  for (const [from, dataClass] of [
    [mal, "content"],
    [ada, "contact"],
    [mal, "payment"],
  ] as const) {
    await edited(
      house,
      `update key_certificate set (public_key, signature, epoch) =
       (select public_key, signature, epoch from key_certificate where client_id = ? and class = ?)
       where client_id = ? and class = 'content'`,
      from.client,
      dataClass,
      ada.client,
    );
    await assert.rejects(send(house, "ada", "for mal"), /heard: 451/, dataClass);
  }
});

test("an address led to another account: nothing is delivered there, and a check names it", async (t) => {
  const house = await startHouse(t);
  await addClient(house, "ada");
  await addClient(house, "mal", insidersPassword);
  const ada = await victimOf(house, "ada");
  const mal = "mal@bailee.localhost";
  const lead =
    "update address set (client_id, account_id) = (select client_id, account_id from address where address = ?) where address = ?";
  await edited(house, lead, mal, ada.address);
  await assert.rejects(send(house, "ada", "for the insider"), /heard: 451/);
  // With a signature that the keeper gave, for another address of the insider's.
  await edited(
    house,
    "update address set signature = (select signature from address where address = ?) where address = ?",
    mal,
    ada.address,
  );
  await assert.rejects(send(house, "ada", "for the insider"), /heard: 451/);
  const checked = await house.run(["check"]);
  assert.equal(checked.code, 1);
  assert.match(checked.stderr, /ada@bailee.localhost: its row leads to an account for which/);
  await send(house, "mal", "everybody else's mail comes");
  using imap = await connectImap(house.ports.IMAP, mal, insidersPassword);
  assert.match((await imap.command("SELECT INBOX")).untagged.toString(), /\* 1 EXISTS/);
});

test("ciphertext moved between rows, parts and clients does not open, and every other message still does", async (t) => {
  const house = await startHouse(t);
  for (const name of ["ada", "bo"]) {
    await addClient(house, name);
    for (let number = 1; number <= 5; number += 1) await send(house, name, `${name} ${number}`);
  }
  const [ada, bo] = [await victimOf(house, "ada"), await victimOf(house, "bo")];
  await house.stop();
  const db = openDatabase(house);
  const messages = ({ client }: Victim) =>
    rowsOf(
      db,
      "select m.* from message m join placement p on p.client_id = m.client_id and p.message_id = m.id where m.client_id = ? order by p.uid",
      client,
    );
  const [theirs, others] = [messages(ada), messages(bo)];
  const set = (at: number, column: string, bytes: Uint8Array): void =>
    void db
      .prepare(`update message set ${column} = ? where id = ?`)
      .run(bytes, String(theirs[at]?.["id"]));
  set(0, "body", bytesOf(theirs[1], "body")); // another row
  set(1, "body", bytesOf(others[1], "body")); // another client
  set(2, "body", bytesOf(theirs[2], "structure")); // another part
  const bent = Buffer.from(bytesOf(theirs[3], "body"));
  bent[150] = (bent[150] ?? 0) ^ 1;
  set(3, "body", bent); // one bit
  db.close();
  await house.start();

  using imap = await connectImap(house.ports.IMAP, ada.address, password);
  await imap.command("SELECT INBOX");
  for (let number = 1; number <= 4; number += 1) {
    const { status, untagged } = await fetch1(imap, number);
    assert.match(status, /^NO \[CORRUPTION\]/, `message ${number}`);
    assert.doesNotMatch(untagged.toString(), /bo 2|ada/);
  }
  assert.match((await fetch1(imap, 5)).untagged.toString(), /ada 5/);
  assert.match((await imap.command("STORE 1 +FLAGS (\\Deleted)")).status, /^OK/);
  assert.match((await imap.command("EXPUNGE")).status, /^OK/, "it can be thrown away");
  await send(house, "ada", "ada 6");
  assert.match((await fetch1(imap, 5)).untagged.toString(), /ada 6/);
  using bos = await connectImap(house.ports.IMAP, bo.address, password);
  await bos.command("SELECT INBOX");
  assert.match((await fetch1(bos, 2)).untagged.toString(), /bo 2/);
});

test("a credential row of the insider's making, or of another client's, opens nothing", async (t) => {
  const house = await startHouse(t);
  await addClient(house, "ada");
  await addClient(house, "mal", insidersPassword);
  await send(house, "ada", "a letter");
  const ada = await victimOf(house, "ada");
  await house.stop();
  const db = openDatabase(house);
  const [mals] = rowsOf(
    db,
    "select credential.* from credential join address using (client_id, account_id) where address = ?",
    "mal@bailee.localhost",
  );
  const update = db.prepare(
    "update credential set salt = ?, verifier = ?, wrap = ? where client_id = ?",
  );
  const columns = ["salt", "verifier", "wrap"] as const;
  update.run(...columns.map((column) => bytesOf(mals, column)), ada.client);
  await house.start();
  await assert.rejects(
    connectImap(house.ports.IMAP, ada.address, insidersPassword),
    /AUTHENTICATIONFAILED/,
    "mal's wrap is bound to mal",
  );
  await house.stop();
  const salt = randomBytes(16);
  const cost = { memory: Number(mals?.["memory"]), passes: Number(mals?.["passes"]) };
  const { verifier, wrapKey } = await passwordKeys(insidersPassword, salt, cost);
  const about = ["account-keys", ada.client, ada.account, "password"];
  const made = { ...newAccountKeys(), boxPublic: ada.keys.boxPublic };
  update.run(salt, verifier, wrapSecret(wrapKey, about, encodeAccountKeys(made)), ada.client);
  db.close();
  await house.start();
  await assert.rejects(
    connectImap(house.ports.IMAP, ada.address, insidersPassword),
    /Somebody changed this account's key/,
    "a wrap with keys of his own is not the account's",
  );
  const page = await post(house, "/sign-in", { login: ada.address, password: insidersPassword });
  assert.equal(page.status, 403);
});

test("a forged session row is nobody's session", async (t) => {
  const house = await startHouse(t);
  await addClient(house, "ada");
  const ada = await victimOf(house, "ada");
  const cookie = await signedIn(house, ada.address, password);
  assert.match(await (await get(house, "/portal", cookie)).text(), /ada@bailee\.localhost/);
  await house.stop();
  const token = randomBytes(32);
  const id = sessionId(token);
  const { verifier, wrapKey } = tokenKeys(token);
  const about = ["web-session", ada.client, ada.account, id];
  const wrap = wrapSecret(wrapKey, about, encodeAccountKeys(newAccountKeys()));
  const db = openDatabase(house);
  const [stolen] = rowsOf(db, "select * from web_session");
  const insert = db.prepare(
    "insert into web_session values (?, ?, ?, ?, ?, ?, 0, 0, 9999999999999)",
  );
  insert.run(ada.client, ada.account, id, ada.address, verifier, wrap);
  // A second one with the victim's own wrap under the insider's token.
  const other = randomBytes(32);
  const ids = [ada.client, ada.account, sessionId(other), ada.address];
  insert.run(...ids, tokenKeys(other).verifier, bytesOf(stolen, "wrap"));
  db.close();
  await house.start();
  for (const forged of [token, other]) {
    const answer = await get(house, "/portal", `__Host-session=${toBase64Url(forged)}`);
    assert.equal(answer.status, 303);
    assert.equal(answer.headers.get("location"), "/sign-in");
  }
  assert.equal((await get(house, "/portal", cookie)).status, 200, "the real one still stands");
});

test("a desk session reaches no client's page, a client's session not the desk, and both only by their own mark", async (t) => {
  const house = await startHouse(t);
  await addClient(house, "ada");
  await send(house, "ada", "Quibblesnipe at the desk");
  const client = (await signedIn(house, "ada@bailee.localhost", password)).split("=")[1] ?? "";
  await house.stop();
  // Whoever writes to the database cannot seat himself at the desk: the wrap in his row is not of the desk's key.
  const token = randomBytes(32);
  const db = openDatabase(house);
  const id = sessionId(token);
  const { verifier, wrapKey } = tokenKeys(token);
  const wrap = wrapSecret(wrapKey, ["desk-session", id], newBoxKeyPair().secretKey);
  db.prepare("insert into desk_session values (?, 'desk', ?, ?, 0, 9999999999999)").run(
    id,
    verifier,
    wrap,
  );
  const [{ account_id: account = "" } = {}] = rowsOf(db, "select account_id from client_account");
  db.close();
  await house.start();
  const forged = `__Host-session=desk.${toBase64Url(token)}`;
  assert.doesNotMatch(await (await get(house, "/desk", forged)).text(), /ada@bailee\.localhost/);
  const desk = await signedInAtDesk(house);
  const atDesk = await (await get(house, "/desk", `__Host-session=desk.${desk}`)).text();
  assert.match(atDesk, /ada@bailee\.localhost/);
  const pages = ["/portal", "/portal/looks", "/portal/held", "/portal/log", "/portal/password"];
  for (const path of pages)
    for (const name of ["__Host-session", "__Host-remember"])
      for (const value of [`desk.${desk}`, desk]) {
        const answer = await get(house, path, `${name}=${value}`);
        assert.equal(answer.headers.get("location"), "/sign-in", `${path} ${name}`);
      }
  const changed = await post(
    house,
    "/portal/password",
    { old: "x".repeat(12), fresh: insidersPassword, again: insidersPassword },
    `__Host-session=desk.${desk}`,
  );
  assert.equal(changed.headers.get("location"), "/sign-in");
  for (const value of [client, `desk.${client}`]) {
    const page = await (await get(house, "/desk", `__Host-session=${value}`)).text();
    assert.doesNotMatch(page, /ada@bailee\.localhost/);
    const draft = await get(house, `/desk/draft/${String(account)}`, `__Host-session=${value}`);
    assert.equal(draft.headers.get("location"), "/desk");
  }
  const draft = await get(house, `/desk/draft/${String(account)}`, `__Host-session=desk.${desk}`);
  assert.doesNotMatch(await draft.text(), /Quibblesnipe/);
});

function fetch1(imap: ImapConnection, number: number) {
  return imap.command(`FETCH ${number} (BODY.PEEK[])`);
}

function get(house: House, path: string, cookie: string): Promise<Response> {
  return fetch(`${house.url}${path}`, { headers: { cookie }, redirect: "manual" });
}

function post(
  house: House,
  path: string,
  fields: { readonly [name: string]: string },
  cookie = "",
): Promise<Response> {
  return fetch(`${house.url}${path}`, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: { cookie },
    redirect: "manual",
  });
}

/** Signs in as a browser does; the session cookie as it is sent back. */
async function signedInAtDesk(house: House): Promise<string> {
  const secret = (await readFile(join(house.data, "desk-password"), "utf8")).trim();
  const answer = await post(house, "/desk/sign-in", { password: secret });
  const line = answer.headers.getSetCookie().find((each) => /session=desk\../.test(each));
  return /session=desk\.([^;]+)/.exec(line ?? "")?.[1] ?? "";
}

async function signedIn(house: House, login: string, secret: string): Promise<string> {
  const answer = await post(house, "/sign-in", { login, password: secret });
  const line = answer.headers.getSetCookie().find((each) => /session=./.test(each));
  assert.equal(answer.status, 303);
  return line?.split(";")[0] ?? "";
}
