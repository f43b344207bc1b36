// What reports about the authentication of mail must do over every database: one suite, run over SQLite and over PostgreSQL. The other
// provider's reports are our own, made by a second room and taken in by the first.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { DAY, HOUR, SECOND } from "#base/time";
import { type Engine, type EngineSettings, openEngine } from "#engine";
import {
  type DmarcFact,
  openReports,
  type Reports,
  reportsRoom,
  type TlsFact,
} from "#mail/reports";

export const reportsRooms = [reportsRoom];

interface Sent {
  readonly sender: string;
  readonly recipient: string;
  readonly raw: Uint8Array;
}

interface Trial extends AsyncDisposable {
  readonly engine: Engine;
  /** Of one house; the other reports to it. */
  readonly reports: Reports;
  readonly other: Reports;
  readonly sent: Sent[];
  readonly posted: { readonly url: string; readonly bytes: Uint8Array }[];
  readonly zone: { [name: string]: readonly string[] | "trouble" };
  now: number;
}

const MIDNIGHT = Date.UTC(2026, 10, 23);

async function openTrial(settings: EngineSettings): Promise<Trial> {
  const engine = await openEngine(settings);
  const open = (domain: string): Reports =>
    openReports({
      engine,
      clock: { now: () => trial.now },
      domain,
      isOurs: (name) => name === domain || name === `own.${domain}`,
      texts: async (name) => trial.zone[name] ?? [],
      send: async (sender, recipient, raw) => void trial.sent.push({ sender, recipient, raw }),
      post: async (url, bytes) => trial.posted.push({ url: url.href, bytes }) > 0,
      sends: true,
    });
  const trial: Trial = {
    engine,
    reports: open("here.example"),
    other: open("there.example"),
    sent: [],
    posted: [],
    zone: {},
    now: MIDNIGHT + HOUR,
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
  return trial;
}

const letterFrom = (address: string, more: Partial<DmarcFact> = {}): DmarcFact => ({
  at: MIDNIGHT + HOUR,
  address,
  headerFrom: "here.example",
  envelopeFrom: "bounces.here.example",
  disposition: "none",
  dkim: true,
  spf: false,
  override: undefined,
  signatures: [{ domain: "here.example", selector: "<a&b>", result: "pass" }],
  mailFrom: { domain: "bounces.here.example", result: "softfail" },
  published: {
    domain: "here.example",
    organisation: "here.example",
    p: "reject",
    sp: "reject",
    np: undefined,
    adkim: "r",
    aspf: "s",
    testing: false,
    fo: "1",
    rua: "mailto:dmarc-reports@here.example,mailto:x@third.example!1k",
  },
  ...more,
});

const session = (result: string, more: Partial<TlsFact> = {}): TlsFact => ({
  at: MIDNIGHT + HOUR,
  domain: "here.example",
  policy: {
    type: "sts",
    strings: ["version: STSv1", "mode: enforce"],
    mxHosts: ["*.here.example"],
  },
  mx: "mx.here.example",
  address: "192.0.2.25",
  result,
  ...more,
});

export function reportsContract(
  database: string,
  open: (t: TestContext) => Promise<EngineSettings | undefined>,
): void {
  const trialFor = async (t: TestContext): Promise<Trial | undefined> => {
    const settings = await open(t);
    return settings && openTrial(settings);
  };

  test(`${database}: what one provider saw of a day is what the other reads in its report, once`, async (t) => {
    await using trial = await trialFor(t);
    if (trial === undefined) return;
    const { other, reports, sent } = trial;
    for (let times = 0; times < 3; times += 1) other.noteLetter(letterFrom("192.0.2.1"));
    const bad = { dkim: false, spf: false, disposition: "reject" } as const;
    for (let times = 0; times < 2; times += 1) other.noteLetter(letterFrom("2001:db8::5", bad));
    other.noteLetter(letterFrom("192.0.2.9", { ...bad, at: MIDNIGHT + DAY + SECOND }));
    assert.deepEqual(await other.run(), { sent: 0, removed: 0 }, "the day is not over");
    trial.now = MIDNIGHT + DAY + HOUR;
    assert.equal((await other.run()).sent, 1, "third.example did not say that it wants them");
    const [letter] = sent;
    assert.equal(letter?.recipient, "dmarc-reports@here.example");
    assert.equal(letter.sender, "dmarc-reports@there.example");
    const text = Buffer.from(letter.raw).toString();
    assert.match(text, /^Subject: Report Domain: here\.example Submitter: there\.example/m);
    assert.match(
      text,
      /filename="there\.example!here\.example!1795392000!1795478399![a-z2-7]+\.xml\.gz"/,
    );
    assert.match(text, /^Auto-Submitted: auto-generated\r$/m);
    assert.equal(await reports.take(letter.raw), "kept");
    assert.equal(await reports.take(letter.raw), "known");
    assert.deepEqual(await reports.summary("dmarc", 1), [
      {
        domain: "here.example",
        kind: "dmarc",
        reports: 1,
        organisations: ["there.example"],
        passed: 3,
        failed: 2,
        failures: [{ what: "2001:db8::5", count: 2 }],
      },
    ]);
    trial.now += DAY;
    assert.equal((await other.run()).sent, 1, "the next day by itself");
    assert.equal(await reports.take(sent[1]?.raw ?? new Uint8Array()), "kept");
    const [both] = await reports.summary("dmarc", 3, "here.example");
    assert.deepEqual([both?.reports, both?.passed, both?.failed], [2, 3, 3]);
    assert.deepEqual(await reports.summary("dmarc", 3, "elsewhere.example"), []);
    trial.now += 91 * DAY;
    assert.deepEqual(await reports.run(), { sent: 0, removed: 2 });
    assert.deepEqual(await reports.summary("dmarc", 90), []);
  });

  test(`${database}: TLS sessions are reported by letter and by post, and read back`, async (t) => {
    await using trial = await trialFor(t);
    if (trial === undefined) return;
    const { other, reports, sent, posted, zone } = trial;
    zone["_smtp._tls.here.example"] = [
      "v=TLSRPTv1; rua=mailto:tls-reports@here.example,https://reports.third.example/tls",
    ];
    for (const result of [
      "success",
      "success",
      "certificate-expired",
      "sts-policy-invalid",
      "success",
    ])
      other.noteSession(session(result));
    const dane = { type: "tlsa", strings: ["3 1 1 00"], mxHosts: [] } as const;
    other.noteSession(session("success", { policy: dane }));
    other.noteSession(session("success", { domain: "quiet.example" }));
    other.noteSession(session("success", { domain: "there.example" }));
    trial.now += DAY;
    assert.equal((await other.run()).sent, 2, "nothing for who asks for nothing, nor for oneself");
    const [letter] = sent;
    const text = Buffer.from(letter?.raw ?? []).toString();
    assert.match(text, /Content-Type: multipart\/report; report-type=tlsrpt;/);
    for (const field of ["TLS-Report-Domain: here.example", "TLS-Report-Submitter: there.example"])
      assert.ok(text.includes(`\r\n${field}\r\n`), field);
    assert.equal(posted[0]?.url, "https://reports.third.example/tls");
    assert.equal(await reports.take(letter?.raw ?? new Uint8Array()), "kept");
    assert.deepEqual(await reports.summary("tls", 2), [
      {
        domain: "here.example",
        kind: "tls",
        reports: 1,
        organisations: ["there.example"],
        passed: 4,
        failed: 2,
        failures: [
          { what: "certificate-expired mx.here.example", count: 1 },
          { what: "sts-policy-invalid mx.here.example", count: 1 },
        ],
      },
    ]);
    zone["_smtp._tls.here.example"] = "trouble";
    other.noteSession(session("success"));
    trial.now += DAY;
    assert.equal((await other.run()).sent, 0);
  });

  test(`${database}: a destination elsewhere gets reports only when it says so, and none too large`, async (t) => {
    await using trial = await trialFor(t);
    if (trial === undefined) return;
    const { other, sent, zone } = trial;
    const to = (rua: string) => ({ published: { ...letterFrom("192.0.2.1").published, rua } });
    const tellOf = async (rua: string): Promise<readonly string[]> => {
      sent.length = 0;
      other.noteLetter(letterFrom("192.0.2.1", { ...to(rua), at: trial.now }));
      trial.now += DAY;
      await other.run();
      return sent.map(({ recipient }) => recipient);
    };
    const mail = "mailto:x@third.example";
    assert.deepEqual(await tellOf(mail), []);
    zone["here.example._report._dmarc.third.example"] = "trouble";
    assert.deepEqual(await tellOf(mail), []);
    zone["here.example._report._dmarc.third.example"] = ["v=DMARC1"];
    assert.deepEqual(await tellOf(mail), ["x@third.example"]);
    assert.deepEqual(await tellOf(`${mail}!100`), [], "a hundred octets");
    assert.deepEqual(await tellOf(`${mail}!10m, mailto:y@sub.here.example`), [
      "x@third.example",
      "y@sub.here.example",
    ]);
    assert.deepEqual(await tellOf("mailto:,http://x.example/,mailto:a b@here.example,ftp:x"), []);
    const many = Array.from({ length: 20 }, (_, at) => `mailto:r${at}@here.example`).join(",");
    assert.equal((await tellOf(many)).length, 5);
  });

  test(`${database}: what is no report, or none about us, is dropped`, async (t) => {
    await using trial = await trialFor(t);
    if (trial === undefined) return;
    const { other, reports, sent } = trial;
    assert.equal(await reports.take(Buffer.from("Subject: hello\r\n\r\nwords")), "no-report");
    other.noteLetter(
      letterFrom("192.0.2.1", {
        published: {
          ...letterFrom("x").published,
          domain: "else.example",
          organisation: "here.example",
        },
      }),
    );
    trial.now += DAY;
    await other.run();
    assert.equal(
      await reports.take(sent[0]?.raw ?? new Uint8Array()),
      "no-report",
      "about else.example",
    );
    assert.deepEqual(await reports.summary("dmarc", 30), []);
  });
}
