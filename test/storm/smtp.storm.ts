// Other people's mail programs as peers, in both directions and under TLS: Postfix hands on to us and takes from our queue, nodemailer
// and swaks hand in. Too slow for every day: Postfix takes seconds to start. Writes docs/figures/smtp.md.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { createTransport } from "nodemailer";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import { freePorts } from "../ports.ts";
import { requirePostfix, startPostfix } from "../postfix.ts";
import { letter, openQueueHouse, until } from "../queue.ts";
import { findProgram, requirePrograms } from "../require.ts";
import { openSmtpHouse, selfSigned, type SmtpHouse } from "../smtp.ts";
import { writeFigure } from "./figures.ts";

const run = promisify(execFile);
const figures: string[] = [];

after(() => writeFigure("smtp", `${figures.length} things that peers do`, figures));

const tallied = (what: string): void => void figures.push(what);
const textOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();
const prefixes = (house: SmtpHouse): string[] =>
  house.stored.map(({ envelope }) => textOf(envelope.prefix));

test("Postfix hands on to the MX under TLS: many letters, DSN, SMTPUTF8, what is too large, unknown or not yet taken", async (t) => {
  if (!requirePostfix(t) || !requirePrograms(t, "smtp-source")) return;
  const { stdout } = await run(findProgram("postconf") ?? "postconf", ["-h", "mail_version"]);
  const version = `Postfix ${stdout.trim()}`;
  const tls = await selfSigned(t);
  const greylisted = new Set<string>();
  const house = await openSmtpHouse(t, "mx", {
    tls,
    ports: {
      async screen({ sender }) {
        if (!sender.startsWith("new@") || greylisted.has(sender)) return "take";
        greylisted.add(sender);
        return "later";
      },
    },
  });
  const [port = 0] = await freePorts(1);
  const postfix = await startPostfix(t, port, { tls, handsOnTo: house.port });
  const began = performance.now();
  const load = ["-s", "5", "-m", "500", "-l", "8000", "-f", "friend@far.example"];
  await run(findProgram("smtp-source") ?? "", [
    ...load,
    "-t",
    "ada@bailee.example",
    `inet:127.0.0.1:${port}`,
  ]);
  await until(() => house.stored.length === 500);
  tallied(
    `${version} handed on 500 letters of 8 KB under TLS in ${Math.round(performance.now() - began)} ms, pipelined (its own queue included)`,
  );
  assert.ok(prefixes(house).every((prefix) => /with ESMTPS id/.test(prefix)));
  house.stored.length = 0;

  const relay = createTransport({
    host: "127.0.0.1",
    port,
    tls: { rejectUnauthorized: false },
  });
  t.after(() => relay.close());
  const about = { from: "friend@far.example", subject: "x", text: "marker" };
  await relay.sendMail({
    ...about,
    to: "ada@bailee.example",
    dsn: {
      id: "an id",
      return: "headers",
      notify: ["success", "failure"],
      recipient: "friend@far.example",
    },
  });
  await until(() => house.reported.length === 1);
  const [reported] = house.reported;
  assert.deepEqual(
    [reported?.ret, reported?.envid, reported?.recipients[0]?.notify],
    ["headers", "an+20id", ["success", "failure"]],
  );
  assert.match(reported?.recipients[0]?.orcpt ?? "", /^rfc822;/);
  tallied(`${version} passed RET, ENVID, NOTIFY and ORCPT on, and a report of success was owed`);

  house.stored.length = 0;
  await relay.sendMail({ ...about, to: "jürgen@bailee.example", subject: "Grüße" });
  await until(() => house.stored.length === 1);
  assert.match(prefixes(house)[0] ?? "", /with UTF8SMTPS id[^]*for <jürgen@bailee\.example>/);
  tallied(`${version} asked for SMTPUTF8 where the address needs it`);

  await relay.sendMail({ ...about, to: "ada@bailee.example", text: "y".repeat(120_000) });
  await until(async () => /552 5\.3\.4|size limit|size \d+ exceeds/i.test(await postfix.mailbox()));
  tallied(`${version} returned to its sender what is larger than our SIZE`);
  await relay.sendMail({ ...about, to: "nobody@bailee.example" });
  await until(async () => (await postfix.mailbox()).includes("550 5.1.1 no such address here"));
  tallied(`${version} returned to its sender what we have no address for`);

  house.stored.length = 0;
  await relay.sendMail({ ...about, from: "new@far.example", to: "bob@bailee.example" });
  await until(async () => (await postfix.log()).includes("451 4.7.1 not now"));
  await until(() => house.stored.length === 1);
  tallied(`${version} kept what we did not take yet, and came back with it`);
});

test("our queue hands on to Postfix under TLS", async (t) => {
  if (!requirePostfix(t)) return;
  const [port = 0] = await freePorts(1);
  const postfix = await startPostfix(t, port, { tls: await selfSigned(t) });
  const house = await openQueueHouse(t, { smarthost: { host: "127.0.0.1", port } });
  await house.queue.enqueue({ ...letter(["friend@far.example"]), envid: "an+20id" });
  await until(async () => (await postfix.mailbox()).includes("marker-of-the-body"));
  assert.match(await postfix.mailbox(), /using TLSv1\.[23]/);
  tallied("our queue reached Postfix under TLS");
});

test("nodemailer hands in: STARTTLS and TLS from the first byte, PLAIN and LOGIN, DSN, SMTPUTF8, refusals, a pool", async (t) => {
  const tls = await selfSigned(t);
  for (const implicitTls of [false, true]) {
    const house = await openSmtpHouse(t, "submission", {
      tls,
      implicitTls,
      allowPlaintextAuth: false,
    });
    const how = implicitTls ? "TLS from the first byte" : "STARTTLS";
    for (const authMethod of ["PLAIN", "LOGIN"]) {
      const connection = await signedIn(t, house, implicitTls, authMethod);
      const sent = await send(connection, {
        from: "ada@bailee.example",
        to: ["friend@far.example", "bob@bailee.example"],
        dsn: {
          ret: "HDRS",
          envid: "one two",
          notify: ["SUCCESS"],
          orcpt: "rfc822;friend@far.example",
        },
      });
      assert.match(sent, /^250 2\.0\.0 accepted/);
      assert.match(
        await send(connection, { from: "eve@bailee.example", to: ["bob@bailee.example"] }),
        /550 5\.7\.1 sender is not yours/,
      );
      const large = { from: "ada@bailee.example", to: ["bob@bailee.example"] };
      assert.match(
        await send(connection, { ...large, size: 100_001 }),
        /Message size larger than allowed 100000/,
      );
      assert.match(await send(connection, large, "y\r\n".repeat(40_000)), /552 5\.3\.4/);
      connection.quit();
    }
    assert.deepEqual([house.queued.length, house.stored.length], [2, 2]);
    assert.deepEqual(
      [house.queued[0]?.envid, house.queued[0]?.ret, house.queued[0]?.recipients[0]?.notify],
      ["one+20two", "headers", ["success"]],
    );
    tallied(
      `nodemailer handed in under ${how} by PLAIN and LOGIN, with DSN; sender and sizes that are not allowed were refused`,
    );
    const connection = await signedIn(t, house, implicitTls, "PLAIN");
    assert.match(
      await send(
        connection,
        { from: "jürgen@bailee.example", to: ["übung@far.example"] },
        "",
        "jürgen@bailee.example",
      ),
      /^250 2\.0\.0/,
    );
    connection.quit();
    assert.match(textOf(house.queued.at(-1)?.raw), /with UTF8SMTPSA/);
    tallied(`nodemailer asked for SMTPUTF8 under ${how}`);
  }
  const house = await openSmtpHouse(t, "submission", { tls, allowPlaintextAuth: false });
  const pool = createTransport({
    pool: true,
    maxConnections: 5,
    maxMessages: 1000,
    host: "127.0.0.1",
    port: house.port,
    requireTLS: true,
    auth: { user: "ada@bailee.example", pass: "right" },
    tls: { rejectUnauthorized: false },
  });
  const began = performance.now();
  await Promise.all(
    Array.from({ length: 500 }, (_, at) =>
      pool.sendMail({
        from: "ada@bailee.example",
        to: "bob@bailee.example",
        subject: `${at}`,
        text: ".\n..\n.",
        bcc: "bob@bailee.example",
      }),
    ),
  );
  const took = performance.now() - began;
  pool.close();
  assert.equal(
    new Set(house.stored.map(({ raw }) => /^Subject: (\d+)\r$/m.exec(raw.toString())?.[1])).size,
    500,
  );
  tallied(`nodemailer's pool of five connections handed in 500 letters in ${Math.round(took)} ms`);
});

test("swaks under TLS, pipelined, by ESMTP and LMTP, and with what it should not say", async (t) => {
  if (!requirePrograms(t, "swaks")) return;
  const tls = await selfSigned(t);
  const [mx, lmtp] = [
    await openSmtpHouse(t, "mx", { tls }),
    await openSmtpHouse(t, "lmtp", { tls }),
  ];
  const swaks = async (house: SmtpHouse, ...options: readonly string[]): Promise<string> => {
    const fixed = [
      "--server",
      "127.0.0.1",
      "--port",
      String(house.port),
      "--helo",
      "far.example",
      "--from",
      "a@far.example",
    ];
    try {
      return (await run("swaks", [...fixed, ...options], { timeout: 20_000 })).stdout;
    } catch (error) {
      return String((error as { stdout?: unknown }).stdout);
    }
  };
  const ada = ["--to", "ada@bailee.example"];
  for (const tlsOption of [[], ["-tls"]])
    for (const pipeline of [[], ["--pipeline"]]) {
      assert.match(await swaks(mx, ...ada, ...tlsOption, ...pipeline), /250 2\.0\.0 accepted/);
      assert.match(
        await swaks(lmtp, ...ada, "--protocol", "LMTP", ...tlsOption, ...pipeline),
        /250 2\.0\.0 accepted/,
      );
    }
  assert.deepEqual([mx.stored.length, lmtp.stored.length], [4, 4]);
  tallied("swaks handed in eight times: ESMTP and LMTP, with and without TLS, pipelined and not");
  const some = await swaks(mx, "--to", "ada@bailee.example,nobody@bailee.example", "--pipeline");
  assert.match(some, /550 5\.1\.1/);
  assert.match(await swaks(mx, ...ada, "--body", "x".repeat(110_000)), /552 5\.3\.4/);
  assert.equal(mx.stored.length, 5);
  tallied(
    "swaks heard 550 for an unknown address beside a known one, and 552 after too large a letter",
  );
});

interface Envelope {
  readonly from: string;
  readonly to: string[];
  readonly size?: number;
  readonly dsn?: object;
}

async function signedIn(
  t: { after(task: () => void): void },
  house: SmtpHouse,
  secure: boolean,
  method: string,
): Promise<SMTPConnection> {
  const connection = new SMTPConnection({
    host: "127.0.0.1",
    port: house.port,
    secure,
    requireTLS: !secure,
    tls: { rejectUnauthorized: false },
  });
  t.after(() => connection.close());
  connection.on("error", () => {});
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve()));
  });
  await new Promise<void>((resolve, reject) => {
    connection.login({ user: "ada@bailee.example", pass: "right", method }, (error) =>
      error ? reject(error) : resolve(),
    );
  });
  return connection;
}

/** The last reply, whether it was a yes or a no. */
async function send(
  connection: SMTPConnection,
  envelope: Envelope,
  body = "body\r\n",
  author = "ada@bailee.example",
): Promise<string> {
  return new Promise((resolve) => {
    connection.send(envelope, `From: ${author}\r\nSubject: x\r\n\r\n${body}`, (error, info) => {
      if (error === null) resolve(info.response);
      else {
        const { response } = error as { response?: unknown };
        connection.reset(() => resolve(typeof response === "string" ? response : error.message));
      }
    });
  });
}
