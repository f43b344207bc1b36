// Addresses of clients on a whole house: names, masks, a domain of one's own with its catch-all and a group, letters to and as each of
// them by real SMTP and submission; and deleted mail had back on a page. No browser: forms as a browser without JavaScript sends them.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync, gzipSync } from "node:zlib";
import { test, type TestContext } from "node:test";
import { DAY, MINUTE } from "#base/time";
import { until } from "../client.ts";
import { startDns, type Zone } from "../dns.ts";
import { connectImap, fetchedBodies } from "../imap.ts";
import { makeLetter } from "../letters.ts";
import { sendLetter } from "../send.ts";
import { runProgram } from "../house.ts";
import { requireOrSkip } from "../require.ts";
import { openSmtpHouse } from "../smtp.ts";
import { openTown, type Town } from "../town.ts";
import { searchFolders } from "../marker.ts";

const club = "club.example";
const stranger = "ada@bailee.example";
// A word that stands nowhere but in what is noted about a mask.
const noted = "Quibblesnipe9shop";

test("addresses, domains and deleted mail", async (t) => {
  const zone: Zone = {};
  const outside = await openSmtpHouse(t, "mx");
  const filter = await scriptedFilter(t);
  const dns = await startDns(t, zone);
  const town = await openTown(t, {
    settings: {
      BAILEE_DNS: dns,
      BAILEE_SMARTHOST: `127.0.0.1:${outside.port}`,
      BAILEE_RSPAMD: filter.url,
    },
  });
  const [ada, bob] = await Promise.all([resident(town, "ada"), resident(town, "bob")]);
  assert.ok(ada !== undefined && bob !== undefined);

  await t.test(
    "a further name and a mask take mail, and letters go out as them alone",
    async () => {
      await ada.post("/portal/addresses", { name: "ada.office" });
      const made = await ada.post("/portal/addresses/mask", { note: noted });
      const mask = /[a-z2-7]{12}@bailee\.localhost/.exec(made)?.[0] ?? "";
      assert.match(made, new RegExp(noted), "the client reads the note");
      for (const to of [`Ada.Office+news@bailee.localhost`, mask]) {
        await arrive(town, to);
        assert.match(await ada.lastLetter(), new RegExp(`^To: ${to.replace("+", "\\+")}\r$`, "m"));
      }
      await ada.send(mask, stranger);
      const sent = await until("the letter outside", async () => outside.stored.at(-1));
      assert.equal(sent.envelope.sender, mask);
      assert.doesNotMatch(sent.raw.toString("latin1"), /ada@bailee\.localhost/);
      await assert.rejects(bob.send(mask, stranger), /heard: 5/);
      await assert.rejects(ada.send("bob@bailee.localhost", stranger), /heard: 5/);
      await ada.post("/portal/addresses/change", { address: mask, do: "off" });
      await assert.rejects(arrive(town, mask), /heard: 550/);
      await assert.rejects(ada.send(mask, stranger), /heard: 5/);
      const asked = await ada.post("/portal/addresses/change", { address: mask, do: "remove" });
      assert.match(asked, /Nobody, you included, will ever have it again/);
      await ada.post("/portal/addresses/change", { address: mask, do: "remove-now" });
      assert.doesNotMatch(await ada.get("/portal/addresses"), new RegExp(mask));
    },
  );

  await t.test(
    "a domain takes mail once the DNS proves it, and its records are checked",
    async () => {
      const page = await ada.post("/portal/domains", { domain: "Club.Example" });
      const token = /bailee-domain=[a-z2-7]{26}/.exec(page)?.[0] ?? "";
      await assert.rejects(arrive(town, `postmaster@${club}`), /heard: 5/);
      Object.assign(zone, {
        [`_bailee.${club}`]: { txt: [token] },
        [club]: { mx: [{ preference: 5, exchange: "elsewhere.example" }], txt: ["v=spf1 -all"] },
      });
      const checked = await ada.post(`/portal/domains/${club}/check`, {});
      assert.match(checked, /Proved\. The domain is yours here\./);
      assert.match(checked, /differs<\/span>[^]*5 elsewhere\.example/);
      const cli = await town.run(["domain", "check", club, "--json"]);
      assert.equal(cli.code, 1, "the MX leads elsewhere");
      const found = JSON.parse(cli.stdout) as {
        state: string;
        records: { purpose: string; state: string; name: string }[];
        zone: string;
      };
      assert.equal(found.state, "verified");
      const states = Object.fromEntries(
        found.records.map(({ purpose, state }) => [purpose, state]),
      );
      assert.deepEqual(
        [states["proof"], states["mx"], states["dkim"]],
        ["right", "other", "missing"],
      );
      assert.match(found.zone, /^club\.example\. 3600 IN MX 10 bailee\.localhost\.$/m);
      assert.equal(await ada.get(`/portal/domains/${club}/zone.txt`), found.zone);
      await arrive(town, `postmaster@${club}`);
      assert.match(await ada.lastLetter(), /^To: postmaster@club\.example\r$/m);
    },
  );

  await t.test("names there go before its group, and the group before the catch-all", async () => {
    await ada.post("/portal/addresses", { name: "info", domain: club });
    await ada.post("/portal/addresses", { name: "*", domain: club });
    await arrive(town, `anything@${club}`);
    assert.match(await ada.lastLetter(), /^To: anything@club\.example\r$/m);
    await ada.send(`whoever@${club}`, stranger);
    const group = { name: "team", domain: club, title: "The team", posting: "anyone" };
    const list = /\/portal\/lists\/([a-z2-7]{26})\/invite/.exec(
      await ada.post("/portal/lists", group),
    )?.[1];
    const before = outside.stored.length;
    for (const address of ["bob", stranger])
      await ada.post(`/portal/lists/${list}/invite`, { address });
    const again = await ada.post(`/portal/lists/${list}/invite`, { address: `team@${club}` });
    assert.match(again, /No client of ours takes mail at this address/, "no group is in a group");
    const invitation = await until("the question outside", async () =>
      outside.stored.slice(before).find(({ envelope }) => envelope.sender === `team-owner@${club}`),
    );
    for (const text of [await bob.lastLetter(), invitation.raw.toString("latin1")]) {
      const encoded = text.split("\r\n\r\n")[1] ?? "";
      const plain = /base64/.test(text) ? Buffer.from(encoded, "base64").toString() : encoded;
      const link = /http:\S+(\/list\/\S+)/.exec(plain)?.[1] ?? "";
      await bob.post(link, { answer: "accept" }, true);
    }
    const stored = outside.stored.length;
    await arrive(town, `team@${club}`, "An order");
    assert.match(await bob.lastLetter(), /^Subject: An order\r$/m);
    assert.match(await ada.lastLetter(), /^List-Id: "The team" <team\.club\.example>\r$/m);
    const copy = await until("the copy outside", async () =>
      outside.stored.slice(stored).find(({ envelope }) => envelope.recipient === stranger),
    );
    assert.equal(copy.envelope.sender, `team-owner@${club}`);
    // What says without a proof that one of ours wrote it stays with ours: sent on, it would have our signature.
    const sentOn = outside.stored.length;
    const forged = makeLetter({
      from: ada.address,
      to: `team@${club}`,
      subject: "Pay this",
      text: "now",
    });
    const claim = { port: town.ports.LMTP, lmtp: true, from: stranger, letter: forged };
    await sendLetter({ ...claim, to: [`team@${club}`] });
    assert.match(await bob.lastLetter(), /^Subject: Pay this\r$/m);
    await arrive(town, `team@${club}`, "Another order");
    const orders = await until("the next order outside", async () => {
      const since = outside.stored.slice(sentOn).map(({ raw }) => raw.toString("latin1"));
      return since.some((text) => text.includes("Subject: Another order")) && since;
    });
    assert.ok(!orders.some((text) => text.includes("Subject: Pay this")));
    // What comes back with the group's mark goes no further round.
    const round = makeLetter({
      from: stranger,
      to: `team@${club}`,
      subject: "Round",
      text: "x",
      headers: ["List-Id: <team.club.example>"],
    });
    const loop = { port: town.ports.SMTP, from: stranger, to: [`team@${club}`], letter: round };
    await assert.rejects(sendLetter(loop), /heard: 550/);
    await ada.send(`team@${club}`, stranger);
    await assert.rejects(bob.send(`team@${club}`, stranger), /heard: 5/);
  });

  await t.test(
    "what comes is examined, what leaves is signed twice, and what passes through is sealed, as dkimpy finds by our DNS",
    async (test) => {
      const { signer } = town.rooms;
      await signer.turn();
      for (const { name, value } of await signer.records("bailee.localhost"))
        zone[name] = { txt: [value] };
      await until("the keys in use", async () => {
        await signer.turn();
        return (await signer.report()).some(({ state }) => state === "used");
      });
      Object.assign(zone, {
        "good.example": { txt: ["v=spf1 ip4:127.0.0.1 -all"] },
        "_dmarc.good.example": { txt: ["v=DMARC1; p=reject"] },
        "_dmarc.strict.example": { txt: ["v=DMARC1; p=reject"] },
        "_dmarc.wary.example": { txt: ["v=DMARC1; p=quarantine"] },
      });
      const from = (sender: string, to: string) =>
        sendLetter({
          port: town.ports.SMTP,
          from: sender,
          to: [to],
          letter: makeLetter({ from: sender, to, subject: `From ${sender}`, text: "text" }),
        });
      await assert.rejects(from("x@strict.example", bob.address), /heard: 550 5\.7\.26/);
      await from("x@wary.example", bob.address);
      const junk = await bob.imap("Junk", "UID SEARCH SUBJECT x@wary.example");
      assert.match(junk.toString(), /SEARCH \d/);
      await from("x@good.example", bob.address);
      assert.match(
        await bob.lastLetter(),
        /^Authentication-Results: bailee\.localhost;[^]*\tspf=pass smtp\.mailfrom=good\.example;\r\n[^]*\tdmarc=pass \(p=reject\) header\.from=good\.example\r$/m,
      );
      const stored = outside.stored.length;
      await ada.send(ada.address, stranger);
      await from("x@good.example", `team@${club}`);
      const [own, passed] = await until("both outside", async () => {
        const since = outside.stored.slice(stored).map(({ raw }) => raw);
        const pick = (words: string) => since.find((raw) => raw.includes(words));
        const pair = [pick("Subject: Sent"), pick("Subject: From x@good")];
        return pair.every((raw) => raw !== undefined) && pair;
      });
      assert.ok(own !== undefined && passed !== undefined);
      assert.match(
        passed.toString("latin1"),
        /^ARC-Authentication-Results: i=1; bailee\.localhost;/m,
      );
      const port = Number(dns.split(":")[1]);
      const said = await verifiedByDkimpy(test, port, [own, passed]);
      if (said === undefined) return;
      const both = [true, true];
      assert.deepEqual(said, [
        { signatures: both, cv: "none" },
        { signatures: both, cv: "pass" },
      ]);
    },
  );

  await t.test("a proof that goes is told, and a domain given up takes nothing", async () => {
    zone[`_bailee.${club}`] = { txt: ["another"] };
    town.pass(DAY);
    const reports = await town.runJobs();
    assert.equal(reports.find(({ name }) => name === "domains")?.did["broke"], 1);
    assert.match(await ada.lastLetter(), /^Subject: Your domain club\.example\r$/m);
    await ada.post(`/portal/domains/${club}/remove`, {});
    for (const local of ["info", "team", "anything"])
      await assert.rejects(arrive(town, `${local}@${club}`), /heard: 5/, local);
    const log = await ada.get("/portal/log");
    for (const what of [
      "address added",
      "domain proved",
      "proof of a domain is gone",
      "group made",
    ])
      assert.ok(log.includes(what), what);
  });

  await t.test("deleted mail is shown for thirty days and comes back where it was", async () => {
    await arrive(town, bob.address, "Kept by mistake");
    await bob.imap("INBOX", "UID STORE 1:* +FLAGS (\\Deleted)", "EXPUNGE");
    assert.deepEqual(await bob.letters(), []);
    const page = await bob.get("/portal/deleted");
    assert.match(page, /Kept by mistake/);
    const id =
      /name="([a-z2-7]{26})" value="on"\s*\/>\s*<bdi>Kept by mistake/.exec(page)?.[1] ?? "";
    // Somebody else's id brings nothing back.
    assert.match(await ada.post("/portal/deleted", { [id]: "on", do: "restore" }), /0 messages/);
    const done = await bob.post("/portal/deleted", { [id]: "on", do: "restore" });
    assert.match(done, /1 message<\/strong> back in their folders/);
    assert.match(await bob.lastLetter(), /^Subject: Kept by mistake\r$/m);
  });

  await t.test("filters work for the client who turned them on, and for nobody else", async () => {
    const page = await bob.get("/portal/filters");
    assert.match(page, /name="greylisting" value="on"\s*\/?>/, "nothing is on by itself");
    assert.match(page, /rspamd/);
    await arrive(town, bob.address, "Before");
    assert.deepEqual(filter.read, []);
    assert.match(await bob.post("/portal/filters", { content: "on" }), /Filters/);
    assert.match(await bob.get("/portal/filters"), /name="content" value="on" checked/);
    filter.action = "add header";
    const letter = makeLetter({ from: stranger, to: bob.address, subject: "Cheap", text: "text" });
    const to = [ada.address, bob.address];
    await sendLetter({ port: town.ports.SMTP, from: stranger, to, letter });
    assert.match(await ada.lastLetter(), /^Subject: Cheap\r$/m, "ada has no filter");
    assert.doesNotMatch(await bob.lastLetter(), /^Subject: Cheap/m);
    assert.match((await bob.imap("Junk", "UID SEARCH SUBJECT Cheap")).toString(), /SEARCH \d/);
    assert.deepEqual(filter.read, [bob.address], "it hears of nobody else");
    filter.action = "reject";
    await assert.rejects(arrive(town, bob.address), /heard: 550 5\.7\.1/);
    await arrive(town, ada.address, "Through");

    await bob.post("/portal/filters", { greylisting: "on" });
    await assert.rejects(arrive(town, bob.address), /heard: 451 4\.7\.1/);
    town.pass(4 * MINUTE);
    await assert.rejects(arrive(town, bob.address), /heard: 451 4\.7\.1/);
    town.pass(2 * MINUTE);
    await arrive(town, bob.address, "Come again");
    assert.match(await bob.lastLetter(), /^Subject: Come again\r$/m);
    assert.match(await bob.get("/portal/log"), /filters chosen[^]*greylisting/);
    await bob.post("/portal/filters", {});
  });

  await t.test(
    "domains that ask hear once a day what came in their name, and what they report is summed",
    async () => {
      zone["strange.example._report._dmarc.bailee.example"] = { txt: ["v=DMARC1"] };
      zone["_dmarc.strange.example"] = {
        txt: ["v=DMARC1; p=none; rua=mailto:ada@bailee.example"],
      };
      const from = "anybody@strange.example";
      const letter = makeLetter({ from, to: ada.address, subject: "Forged", text: "text" });
      for (let times = 0; times < 2; times += 1)
        await sendLetter({ port: town.ports.SMTP, from, to: [ada.address], letter });
      town.pass(DAY);
      await town.runJobs();
      const report = await until("the report outside", async () =>
        outside.stored.find(({ raw }) =>
          /^Subject: Report Domain: strange/m.test(raw.toString("latin1")),
        ),
      );
      const text = report.raw.toString("latin1");
      assert.match(text, /^DKIM-Signature: [^]*d=bailee\.localhost/m);
      const [packed = ""] = /(?<=base64\r\n\r\n)[A-Za-z0-9+/=\r\n]+/.exec(text) ?? [];
      const xml = gunzipSync(Buffer.from(packed, "base64")).toString();
      assert.match(xml, /<source_ip>127\.0\.0\.1<\/source_ip><count>2<\/count>/);
      assert.match(xml, /<header_from>strange\.example<\/header_from>/);
      assert.doesNotMatch(xml, /\bada@|anybody/, "nobody is named");

      const dns = await town.run(["dns", "--zone"]);
      assert.match(dns.stdout, /rua=mailto:dmarc-reports@bailee\.localhost/);
      const own = xml
        .replaceAll("strange.example", "bailee.localhost")
        .replace("bailee.localhost", "big.example");
      const answer = Buffer.from(
        `From: ${from}\r\nTo: dmarc-reports@bailee.localhost\r\nSubject: Report\r\nDate: Mon, 23 Nov 2026 00:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: application/gzip\r\nContent-Transfer-Encoding: base64\r\n\r\n${gzipSync(own).toString("base64")}\r\n`,
      );
      const to = ["dmarc-reports@bailee.localhost"];
      await sendLetter({ port: town.ports.SMTP, from, to, letter: answer });
      const summed = await town.run(["reports", "dmarc", "--json"]);
      assert.match(summed.stdout, /"domain":"bailee\.localhost"[^]*"failed":2/);
      assert.match((await town.run(["reports", "tls"])).stdout, /no tls report came in 30 days/);
    },
  );

  await t.test(
    "an app password reads mail in the place of the password, until it is ended",
    async () => {
      const made = await bob.post("/portal/apps", { name: "phone" });
      const text = /<code>([a-z2-7 ]{44})<\/code>/.exec(made)?.[1] ?? "";
      const page = await bob.get("/portal/apps");
      assert.ok(page.includes("phone") && !page.includes(text), "shown once");
      {
        using phone = await connectImap(town.ports.IMAP, bob.address, text);
        assert.match((await phone.command("SELECT INBOX")).status, /^OK/);
      }
      const id = /name="id" value="(app-[a-z2-7]{8})"/.exec(page)?.[1] ?? "";
      await bob.post("/portal/apps/end", { id });
      await assert.rejects(connectImap(town.ports.IMAP, bob.address, text));
      assert.match(await bob.get("/portal/log"), /app password ended[^]*phone/);
    },
  );

  await t.test("who lost a password sets a new one by the code on paper, and is told", async () => {
    const made = await bob.post("/portal/recovery", {});
    const code = /<code>([a-z2-7 ]{39})<\/code>/.exec(made)?.[1] ?? "";
    assert.ok(!(await bob.get("/portal/recovery")).includes(code), "shown once");
    const password = "bob found the paper";
    const asked = { login: bob.address, password };
    assert.match(
      await bob.post("/recover", { ...asked, code: "guess" }, true),
      /do not belong together/,
    );
    await bob.post("/recover", { ...asked, code }, true);
    assert.match(await bob.get("/portal"), /Sign in/, "his old session is over");
    using imap = await connectImap(town.ports.IMAP, bob.address, password);
    await imap.command("SELECT INBOX");
    const told = await imap.command('UID SEARCH SUBJECT "set anew by your recovery code"');
    assert.match(told.untagged.toString(), /SEARCH \d/);
  });

  await t.test("the house's own records are printed, and no note stands in clear", async () => {
    const printed = await town.run(["dns", "--zone"]);
    assert.equal(printed.code, 0);
    const policy = await fetch(`${town.url}/.well-known/mta-sts.txt`);
    assert.match(
      await policy.text(),
      /^version: STSv1\r\nmode: enforce\r\nmx: bailee\.localhost\r\n/,
    );
    assert.match(
      printed.stdout,
      /^_imaps\._tcp\.bailee\.localhost\. 3600 IN SRV 0 1 \d+ bailee\.localhost\.$/m,
    );
    // Only what was published for the keys is right; the doctor says it of every record that mail needs.
    zone["bailee.localhost"] = { txt: ["v=spf1 +all"] };
    const doctor = await town.run(["doctor"]);
    assert.match(
      doctor.stdout,
      /the DNS records of bailee\.localhost: mx, dmarc missing; spf different; see: bailee dns/,
    );
    assert.deepEqual(await searchFolders(noted, [town.data]), []);
  });
});

async function arrive(town: Town, to: string, subject = "A letter"): Promise<void> {
  const letter = makeLetter({ from: stranger, to, subject, text: "text" });
  await sendLetter({ port: town.ports.SMTP, from: stranger, to: [to], letter });
}

const dkimpy = `
import base64, json, sys, dkim, dns.resolver
given = json.load(sys.stdin)
resolver = dns.resolver.Resolver(configure=False)
resolver.nameservers, resolver.port = ["127.0.0.1"], given["port"]
def txt(name, timeout=5):
    try: return b"".join(resolver.resolve(name.decode(), "TXT", lifetime=timeout)[0].strings)
    except dns.resolver.NXDOMAIN: return None
said = []
for letter in map(base64.b64decode, given["letters"]):
    said.append({"signatures": [dkim.DKIM(letter).verify(idx=at, dnsfunc=txt) for at in (0, 1)],
                 "cv": dkim.arc_verify(letter, dnsfunc=txt)[0].decode()})
print(json.dumps(said))
`;

/** What Debian's verifier makes of letters as they arrived elsewhere, asking the test's name server; undefined where it is not installed. */
async function verifiedByDkimpy(
  t: TestContext,
  port: number,
  letters: readonly Uint8Array[],
): Promise<unknown> {
  const python = "/usr/bin/python3";
  const found = await runProgram(python, ["-c", "import dkim, dns.resolver"]);
  if (!requireOrSkip(t, found.code === 0, "not installed: python3-dkim python3-dnspython"))
    return undefined;
  const given = { port, letters: letters.map((raw) => Buffer.from(raw).toString("base64")) };
  const { code, stdout, stderr } = await runProgram(python, ["-c", dkimpy], {
    input: JSON.stringify(given),
  });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

/** Stands for rspamd: does to each letter what is said, and remembers for whom. */
async function scriptedFilter(t: TestContext) {
  const state = { url: "", action: "no action", read: [] as string[] };
  const server = createServer((request, response) => {
    state.read.push(String(request.headers["rcpt"]));
    request.resume().on("end", () => response.end(JSON.stringify({ action: state.action })));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return state;
}

/** A client with a browser's session and a mail program, made without the cost of a process. */
async function resident(town: Town, name: string) {
  const address = `${name}@bailee.localhost`;
  const password = `${name} keeps a long password`;
  assert.ok((await town.rooms.clients.signUp({ address, password })).ok);
  const headers = { origin: town.url, "sec-fetch-site": "same-origin" };
  const signedIn = await fetch(`${town.url}/sign-in`, {
    method: "POST",
    headers,
    // For longer than the day that passes here.
    body: new URLSearchParams({ login: address, password, remember: "yes" }),
    redirect: "manual",
  });
  const cookie = signedIn.headers
    .getSetCookie()
    .map((line) => line.split(";")[0] ?? "")
    // One that is cleared is set to nothing.
    .filter((pair) => !pair.endsWith("="))
    .join("; ");
  const ask = async (path: string, init: RequestInit, isAnybody = false): Promise<string> => {
    const own = isAnybody ? headers : { ...headers, cookie };
    const response = await fetch(`${town.url}${path}`, { ...init, headers: own });
    assert.ok(response.status < 500, `${path}: ${response.status}`);
    return response.text();
  };
  const imap = async (...lines: readonly string[]): Promise<Buffer> => {
    using connection = await connectImap(town.ports.IMAP, address, password);
    let untagged: Buffer = Buffer.alloc(0);
    for (const [at, line] of lines.entries()) {
      const reply = await connection.command(at === 0 ? `SELECT "${line}"` : line);
      assert.match(reply.status, /^OK/, line);
      untagged = reply.untagged;
    }
    return untagged;
  };
  const letters = async (): Promise<string[]> => {
    if (!/\d/.test((await imap("INBOX", "UID SEARCH ALL")).toString())) return [];
    const said = await imap("INBOX", "UID FETCH 1:* (UID BODY.PEEK[])");
    return fetchedBodies(said).map(({ bytes }) => bytes.toString("latin1"));
  };
  return {
    address,
    get: (path: string) => ask(path, {}),
    post: (path: string, fields: { readonly [name: string]: string }, isAnybody = false) =>
      ask(path, { method: "POST", body: new URLSearchParams(fields) }, isAnybody),
    imap,
    letters,
    lastLetter: async () => (await letters()).at(-1) ?? "",
    async send(from: string, to: string): Promise<void> {
      const letter = makeLetter({ from, to, subject: "Sent", text: "text" });
      const login = { user: address, password };
      await sendLetter({ port: town.ports.SUBMISSION, from, to: [to], letter, login });
    },
  };
}
