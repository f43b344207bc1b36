// What filters in transit must do over every database: one suite, run over SQLite and over PostgreSQL. The clock is the test's.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test, type TestContext } from "node:test";
import { newId } from "#base/ids";
import { DAY, HOUR, MINUTE } from "#base/time";
import { command, type Engine, type EngineSettings, invoke, openEngine, type Room } from "#engine";
import { type Choices, openTransit, type Transit, transitRoom } from "#mail/transit";
import type { AskContent, LookUp } from "../../src/mail/transit/contract.ts";

export const transitRooms: readonly Room[] = [
  transitRoom,
  { name: "transit-test", migrations: [], commands: import.meta.url },
];

/** Stands for the line of the client's log, which is written beside. */
export const nothing = command<Record<string, never>, null, void>(
  "transit-test.nothing",
  async () => {},
);

interface Trial extends AsyncDisposable {
  readonly engine: Engine;
  readonly transit: Transit;
  /** A second process on the same tables, with nothing in memory. */
  readonly other: Transit;
  readonly lines: object[];
  now: number;
}

async function openTrial(
  settings: EngineSettings,
  parts: { readonly lookUp?: LookUp; readonly askContent?: AskContent } = {},
): Promise<Trial> {
  const engine = await openEngine(settings);
  const lines: object[] = [];
  const open = (): Transit =>
    openTransit({
      engine,
      clock: { now: () => trial.now },
      lists: ["bad.example", "worse.example"],
      lookUp: parts.lookUp ?? (async () => []),
      askContent: parts.askContent,
      rules: {
        seal: async (client, bytes) =>
          Buffer.concat([Buffer.from(`${client} `), bytes].map(turned)),
        async open(client, sealed) {
          const text = turned(sealed).toString();
          return text.startsWith(`${client} `)
            ? Buffer.from(text.slice(client.length + 1))
            : undefined;
        },
        mac: async (text) => createHmac("sha256", "key").update(text).digest("hex"),
      },
      async logged(_, fields) {
        lines.push(fields);
        return invoke(nothing, null);
      },
    });
  const trial: Trial = {
    engine,
    transit: open(),
    other: open(),
    lines,
    now: Date.UTC(2026, 10, 23, 9),
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
  return trial;
}

/** A seal for tests alone: nothing of the text stands as it is. */
function turned(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.map((byte) => byte ^ 0x55));
}

const off: Choices = { greylisting: false, lists: false, content: false };

const from = (address: string, name?: string) => ({
  peer: { address, name },
  sender: "bo@elsewhere.example",
  recipient: "ada@here.example",
});

function wordsOf(screened: Awaited<ReturnType<Transit["screen"]>>): string {
  if (screened === "take") return "take";
  return "later" in screened ? `later ${screened.later}` : `refuse ${screened.refuse}`;
}

export function transitContract(
  database: string,
  open: (t: TestContext) => Promise<EngineSettings | undefined>,
): void {
  const on = async (trial: Trial, choices: Partial<Choices>): Promise<string> => {
    const client = newId();
    await trial.transit.choose({ client, account: newId() }, { ...off, ...choices });
    return client;
  };

  test(`${database}: a stranger comes again after five minutes and is known from then on, in every process`, async (t) => {
    const settings = await open(t);
    if (settings === undefined) return;
    await using trial = await openTrial(settings);
    const client = await on(trial, { greylisting: true });
    const ask = (at = from("192.0.2.7"), through = trial.transit) =>
      through.screen({ ...at, client }).then(wordsOf);
    const again = /^later 4\.7\.1 This recipient knows you not yet: please try again in (\d+) min$/;
    assert.equal(again.exec(await ask())?.[1], "5");
    trial.now += 2 * MINUTE;
    assert.equal(again.exec(await ask(from("192.0.2.99"), trial.other))?.[1], "3", "its network");
    trial.now += 3 * MINUTE;
    assert.match(await ask(from("198.51.100.7")), again, "another network is another stranger");
    assert.match(await ask({ ...from("192.0.2.7"), sender: "cy@elsewhere.example" }), again);
    assert.equal(await ask(from("192.0.2.8"), trial.other), "take");
    const another = { ...from("192.0.2.8"), sender: "di@elsewhere.example" };
    assert.equal(await ask(another), "take", "who came again once is known, whoever writes");
    trial.now += 35 * DAY;
    assert.equal(await ask(), "take");
    trial.now += 35 * DAY;
    assert.equal(await ask(), "take", "each letter moves the end");
    assert.equal((await trial.transit.tidy()).ended, 2, "the strangers that never came again");
    assert.equal((await trial.transit.tidy()).ended, 0);
    trial.now += 37 * DAY;
    assert.match(await ask(), again, "forgotten");
    const neighbour = { ...from("192.0.2.7"), client: newId() };
    assert.equal(wordsOf(await trial.transit.screen(neighbour)), "take", "who turned nothing on");
  });

  test(`${database}: a provider's servers are one place by their confirmed names; who comes too late is a stranger`, async (t) => {
    const settings = await open(t);
    if (settings === undefined) return;
    await using trial = await openTrial(settings);
    const client = await on(trial, { greylisting: true });
    const ask = (address: string, name?: string) =>
      trial.transit.screen({ ...from(address, name), client }).then(wordsOf);
    assert.match(await ask("192.0.2.7", "out-1.mail.example"), /^later/);
    trial.now += 6 * MINUTE;
    assert.equal(await ask("203.0.113.9", "out-2.MAIL.example"), "take");
    // A name of two labels is a domain itself: all of "example" is no one's place.
    assert.match(await ask("192.0.2.7", "mail.example"), /^later/);
    trial.now += 25 * HOUR;
    assert.match(await ask("192.0.2.9", "mail.example"), /^later .* 5 min$/);
  });

  test(`${database}: a choice is sealed, said in the log, and gone with the client; marks go with greylisting`, async (t) => {
    const settings = await open(t);
    if (settings === undefined) return;
    await using trial = await openTrial(settings);
    const { transit, other, engine } = trial;
    const owner = { client: newId(), account: newId() };
    assert.deepEqual(await transit.choices(owner.client), off);
    await transit.choose(owner, { ...off, greylisting: true });
    assert.deepEqual(await other.choices(owner.client), { ...off, greylisting: true });
    await transit.screen({ ...from("192.0.2.7"), client: owner.client });
    const rows = () =>
      Promise.all([
        engine
          .reader<{ transit_choice: { sealed: Uint8Array } }>()
          .selectFrom("transit_choice")
          .select("sealed")
          .execute(),
        engine
          .reader<{ transit_mark: { mark: string } }>()
          .selectFrom("transit_mark")
          .select("mark")
          .execute(),
      ]);
    const [[choice], marks] = await rows();
    assert.ok(!Buffer.from(choice?.sealed ?? []).includes("greylisting"));
    assert.equal(marks.length, 1);
    assert.match(marks[0]?.mark ?? "", /^[0-9a-f]{64}$/);
    await transit.choose(owner, { ...off, content: true, lists: true });
    assert.deepEqual(await other.choices(owner.client), { ...off, content: true, lists: true });
    assert.equal((await rows())[1].length, 0);
    assert.deepEqual(trial.lines, [
      { what: "filters chosen", on: "greylisting" },
      { what: "filters chosen", on: "lists of bad addresses, content filter" },
    ]);
    await transit.forget(owner.client);
    assert.deepEqual(await transit.choices(owner.client), off);
    assert.deepEqual(await rows(), [[], []]);
  });

  test(`${database}: lists refuse whom they name, and nobody when they do not answer`, async (t) => {
    const settings = await open(t);
    if (settings === undefined) return;
    const zone: { readonly [name: string]: readonly string[] | "trouble" } = {
      "7.2.0.192.bad.example": ["127.0.0.4"],
      "8.2.0.192.worse.example": ["127.0.0.2", "127.0.0.1"],
      "9.2.0.192.bad.example": "trouble",
      "10.2.0.192.bad.example": ["127.255.255.254"],
      "11.2.0.192.bad.example": ["127.0.0.1"],
      "12.2.0.192.bad.example": ["198.51.100.1"],
      [`${"1".padEnd(24, "0").split("").join(".")}.8.b.d.0.1.0.0.2.bad.example`]: ["127.0.0.2"],
      "1.0.0.10.bad.example": ["127.0.0.2"],
    };
    const asked: string[] = [];
    const lookUp: LookUp = async (name) => {
      asked.push(name);
      return zone[name] ?? [];
    };
    await using trial = await openTrial(settings, { lookUp });
    const client = await on(trial, { lists: true });
    const ask = (address: string) =>
      trial.transit.screen({ ...from(address), client }).then(wordsOf);
    assert.equal(
      await ask("192.0.2.7"),
      "refuse 5.7.1 This recipient takes no mail from 192.0.2.7: listed by bad.example",
    );
    assert.match(await ask("192.0.2.8"), /listed by worse\.example$/);
    assert.match(await ask("2001:db8::1"), /listed by bad\.example$/);
    for (const last of [9, 10, 11, 12, 13])
      assert.equal(await ask(`192.0.2.${last}`), "take", `${last}`);
    asked.length = 0;
    assert.equal(await ask("10.0.0.1"), "take", "a private network is nobody's to ask about");
    const neighbour = { ...from("192.0.2.7"), client: newId() };
    assert.equal(wordsOf(await trial.transit.screen(neighbour)), "take");
    assert.deepEqual(asked, [], "nobody is asked for who turned nothing on");
  });

  test(`${database}: one client's content filter changes nothing of another's mail`, async (t) => {
    const settings = await open(t);
    if (settings === undefined) return;
    const seen: (readonly string[])[] = [];
    let opinion: Awaited<ReturnType<AskContent>> = "clean";
    const askContent: AskContent = async (_, addresses) => {
      seen.push(addresses);
      return opinion;
    };
    await using trial = await openTrial(settings, { askContent });
    const [ada, bo] = [await on(trial, { content: true }), await on(trial, { greylisting: true })];
    const to = (...clients: string[]) =>
      trial.transit.filter({
        peer: { address: "192.0.2.7", name: undefined },
        helo: "elsewhere.example",
        sender: "cy@elsewhere.example",
        recipients: clients.map((client) => ({ client, address: `${client}@here.example` })),
        raw: Buffer.from("Subject: hello\r\n\r\n"),
      });
    const both: { [said: string]: unknown } = {};
    const alone: { [said: string]: unknown } = {};
    for (const said of ["clean", "junk", "later", "refuse", undefined] as const) {
      opinion = said;
      both[String(said)] = await to(bo, ada);
      alone[String(said)] = await to(ada);
    }
    assert.deepEqual(both, {
      clean: { place: ["inbox", "inbox"] },
      junk: { place: ["inbox", "junk"] },
      later: { place: ["inbox", "inbox"] },
      refuse: { place: ["inbox", "junk"] },
      undefined: { place: ["inbox", "inbox"] },
    });
    assert.deepEqual(alone, {
      clean: { place: ["inbox"] },
      junk: { place: ["junk"] },
      later: { later: "4.7.1 The recipients' filter asks you to try again later" },
      refuse: { refuse: "5.7.1 The recipients' filter takes this for junk" },
      undefined: { place: ["inbox"] },
    });
    assert.deepEqual([...new Set(seen.flat())], [`${ada}@here.example`], "it hears of nobody else");
    const times = seen.length;
    assert.deepEqual(await to(bo), { place: ["inbox"] });
    assert.equal(seen.length, times, "and of no letter of nobody's");
  });
}
