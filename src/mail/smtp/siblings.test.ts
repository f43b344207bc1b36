// What siblings have a say in: who is taken mail from, what a letter is worth, what a client may still send.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openSmtpHouse, sayAll } from "../../../test/smtp.ts";
import type { Examined, Letter, Screened, Screening } from "./ports.ts";

const hello = "EHLO far.example\r\n";
const body = "From: ada@bailee.example\r\nSubject: x\r\n\r\nbody\r\n";
const letter = (from: string, ...to: readonly string[]) =>
  `MAIL FROM:<${from}>\r\n${to.map((one) => `RCPT TO:<${one}@bailee.example>\r\n`).join("")}DATA\r\n${body}.\r\n`;
const finals = (heard: string) => heard.split("\r\n").filter((line) => /^\d{3} /.test(line));
const prefixOf = (stored: { envelope: { prefix: Uint8Array } } | undefined) =>
  Buffer.from(stored?.envelope.prefix ?? []).toString();

test("each recipient is screened by itself, with all that is known of the peer by then", async (t) => {
  const asked: Screening[] = [];
  const says: Readonly<Record<string, Screened>> = {
    "ada@bailee.example": "later",
    "full@bailee.example": { refuse: "5.7.1 listed\r\n250 not a reply of its own \u00e4" },
    "flaky@bailee.example": { later: "come back in a minute" },
  };
  const house = await openSmtpHouse(t, "mx", {
    ports: {
      reverseName: async () => "Mail.Far.Example",
      async screen(at) {
        asked.push(at);
        return says[at.recipient] ?? "take";
      },
    },
  });
  const from = letter("a@far.example", "ada", "full", "flaky", "nobody", "bob");
  const heard = finals(await sayAll(house, `${hello}${from}QUIT\r\n`));
  assert.deepEqual(heard.slice(3, 8), [
    "451 4.7.1 not now, try again in a while",
    "550 5.7.1 listed 250 not a reply of its own",
    "451 4.7.1 come back in a minute",
    "550 5.1.1 no such address here",
    "250 2.1.5 recipient OK",
  ]);
  assert.equal(asked.length, 4, "nobody asks about an address that is not there");
  assert.deepEqual(asked.at(-1), {
    peer: { address: "127.0.0.1", name: "Mail.Far.Example" },
    helo: "far.example",
    sender: "a@far.example",
    recipient: "bob@bailee.example",
    mailbox: { client: "bob", account: "bob" },
    secure: false,
  });
  assert.deepEqual(
    house.stored.map(({ envelope }) => envelope.recipient),
    ["bob@bailee.example"],
  );
  assert.match(
    prefixOf(house.stored[0]),
    /from far\.example \(mail\.far\.example \[127\.0\.0\.1\]\)/,
  );
});

test("a letter is examined once, before any copy of it is kept; its fields and places are each recipient's", async (t) => {
  const seen: Letter[] = [];
  const fields = "Authentication-Results: mx.example; spf=pass\r\n";
  const house = await openSmtpHouse(t, "mx", {
    ports: {
      async examine(one): Promise<Examined> {
        seen.push(one);
        assert.equal(house.stored.length, 0);
        await new Promise((resolve) => {
          setTimeout(resolve, 20); // a slow name server; the peer waits
        });
        return { fields, place: ["inbox", "junk"] };
      },
    },
  });
  const heard = await sayAll(
    house,
    `${hello}${letter("a@far.example", "ada", "bob", "flaky")}QUIT\r\n`,
  );
  assert.match(finals(heard).at(-2) ?? "", /^250 2\.0\.0 accepted/);
  assert.equal(seen.length, 1);
  assert.deepEqual(
    { raw: Buffer.from(seen[0]?.raw ?? []).toString(), peer: seen[0]?.peer, helo: seen[0]?.helo },
    { raw: body, peer: { address: "127.0.0.1", name: undefined }, helo: "far.example" },
  );
  assert.deepEqual(
    seen[0]?.recipients.map(({ address, mailbox }) => [address, mailbox.client]),
    ["ada", "bob", "flaky"].map((name) => [`${name}@bailee.example`, name]),
  );
  assert.deepEqual(
    house.stored.map(({ envelope }) => [envelope.recipient, envelope.place]),
    [
      ["ada@bailee.example", undefined],
      ["bob@bailee.example", "junk"],
    ],
  );
  for (const one of house.stored)
    assert.match(
      prefixOf(one),
      /^Return-Path: [^]*\r\nReceived: [^]*\+0000\r\nAuthentication-Results: mx\.example; spf=pass\r\n$/,
    );
  assert.match(
    Buffer.from(house.queued[0]?.raw ?? []).toString(),
    /^Received: [^]*\r\nAuthentication-Results: /,
  );
});

test("what waits in the queue for a mailbox keeps the place that was decided for it, and whose sending it is", async (t) => {
  const examine = async (): Promise<Examined> => ({
    fields: "",
    place: ["inbox", "inbox", "junk"],
  });
  const mx = await openSmtpHouse(t, "mx", { ports: { examine } });
  await sayAll(mx, `${hello}${letter("a@far.example", "ada", "broken", "flaky")}QUIT\r\n`);
  const kept = (house: typeof mx) =>
    house.queued.map(({ client, place, submitted }) => [client, place, submitted]);
  assert.deepEqual(kept(mx), [
    ["broken", undefined, undefined],
    ["flaky", "junk", undefined],
  ]);
  const submission = await openSmtpHouse(t, "submission");
  const auth = `AUTH PLAIN ${Buffer.from("\0ada@bailee.example\0right").toString("base64")}\r\n`;
  const sent = letter("ada@bailee.example", "bob", "flaky");
  await sayAll(submission, `${hello}${auth}${sent}QUIT\r\n`);
  assert.deepEqual(kept(submission), [["ada", undefined, true]]);
});

test("a letter that does not pass, and one that cannot be examined, leave nothing behind", async (t) => {
  const outcomes: (() => Examined)[] = [
    () => ({ refuse: "5.7.26 DMARC of the author's domain says no" }),
    () => ({ later: "4.4.3 no answer from the DNS" }),
    () => ({ later: "5.0.0 never mind" }),
    () => {
      throw new Error("rspamd is gone");
    },
  ];
  const house = await openSmtpHouse(t, "mx", {
    ports: { examine: async () => outcomes.shift()?.() ?? { fields: "", place: [] } },
  });
  const heard = await sayAll(house, `${hello}${letter("a@far.example", "ada").repeat(5)}QUIT\r\n`);
  const ends = finals(heard).filter((_, at) => at % 4 === 1 && at > 1);
  assert.match(ends[0] ?? "", /^550 5\.7\.26 DMARC of the author's domain says no$/);
  assert.match(ends[1] ?? "", /^451 4\.4\.3 no answer from the DNS$/);
  assert.match(ends[2] ?? "", /^451 4\.7\.1 5\.0\.0 never mind$/);
  assert.match(ends[3] ?? "", /^451 4\.3\.0 cannot do that now \([a-z2-7]{10}\)$/);
  assert.match(ends[4] ?? "", /^250 2\.0\.0 accepted/);
  assert.ok(!heard.includes("rspamd"));
  assert.equal(house.stored.length, 1);
});

test("only the MX asks who the peer is and what its letters are worth", async (t) => {
  const asked = () => assert.fail("asked");
  const ports = { reverseName: asked, screen: asked, examine: asked };
  const lmtp = await openSmtpHouse(t, "lmtp", { ports });
  const heard = await sayAll(lmtp, `LHLO x\r\n${letter("a@far.example", "ada")}QUIT\r\n`);
  assert.match(finals(heard).at(-2) ?? "", /^250 2\.0\.0 accepted/);
});

test("what limits counted is given back where nothing was taken, and only there", async (t) => {
  const given: string[] = [];
  const house = await openSmtpHouse(t, "submission", {
    ports: {
      mayTake: async (_, { recipients }) => ({
        giveBack: async () => void given.push(recipients.join(" ")),
      }),
    },
  });
  const auth = `AUTH PLAIN ${Buffer.from("\0ada@bailee.example\0right").toString("base64")}\r\n`;
  const to = ["full", "broken", "bob"].map((name) => letter("ada@bailee.example", name));
  const mixed = letter("ada@bailee.example", "full").replace(
    "DATA",
    "RCPT TO:<friend@far.example>\r\nDATA",
  );
  await sayAll(house, `${hello}${auth}${to.join("")}${mixed}QUIT\r\n`);
  // A disk that failed may have kept it.
  assert.deepEqual(given, ["full@bailee.example"]);
  assert.equal(house.queued.length, 2);
});

test("limits are asked once for a whole letter of a client, and what they refuse goes nowhere", async (t) => {
  const asked: object[] = [];
  const answers = [
    "take",
    { later: "4.7.0 enough for this hour" },
    { refuse: "sending is stopped" },
  ] as const;
  const house = await openSmtpHouse(t, "submission", {
    ports: {
      async mayTake(submitter, one) {
        asked.push({ client: submitter.client, ...one });
        return answers[asked.length - 1] ?? "take";
      },
    },
  });
  const auth = `AUTH PLAIN ${Buffer.from("\0ada@bailee.example\0right").toString("base64")}\r\n`;
  const one = letter("ada@bailee.example", "bob").replace(
    "DATA",
    "RCPT TO:<friend@far.example>\r\nDATA",
  );
  const heard = await sayAll(house, `${hello}${auth}${one.repeat(3)}QUIT\r\n`);
  const ends = finals(heard).filter((line) => /^(?:250 2\.0\.0|451|550)/.test(line));
  assert.match(ends[0] ?? "", /^250 2\.0\.0 accepted/);
  assert.deepEqual(ends.slice(1), [
    "451 4.7.0 enough for this hour",
    "550 5.7.1 sending is stopped",
  ]);
  assert.deepEqual([house.stored.length, house.queued.length, asked.length], [1, 1, 3]);
  assert.deepEqual(asked[0], {
    client: "ada",
    sender: "ada@bailee.example",
    recipients: ["bob@bailee.example", "friend@far.example"],
    size: body.length,
  });
});
