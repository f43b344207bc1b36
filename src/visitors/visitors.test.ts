// The visitors' room whole, over SQLite and PostgreSQL: three facts in, reports out, nothing else on the disk.
import assert from "node:assert/strict";
import { globSync, readFileSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { type Engine, openEngine } from "#engine";
import { DAY, HOUR, MINUTE } from "#base/time";
import { type Postgres, requirePostgres, startPostgres } from "../../test/postgres.ts";
import { isRoutePattern } from "./automated.ts";
import { openVisitors, type Visit, type Visitors, visitorsRoom } from "./visitors.ts";
import type { Tables } from "./tables.ts";

let postgres: Postgres | undefined;
before(async () => {
  try {
    postgres = await startPostgres();
  } catch {
    postgres = undefined; // requirePostgres says so, test by test
  }
});
after(async () => postgres?.[Symbol.asyncDispose]());

interface TestRoom extends AsyncDisposable {
  readonly engine: Engine;
  readonly visitors: Visitors;
  readonly folder: string;
  readonly clock: { now(): number; turn(milliseconds: number): void };
}

const names: { readonly [address: string]: string } = {
  "192.0.2.7": "host-7.pool.example.com",
  "2001:db8:7::1": "v6.example.net",
};

async function openRoom(databaseUrl?: string): Promise<TestRoom> {
  const folder = await mkdtemp(join(tmpdir(), "bailee-visitors-"));
  const engine = await openEngine({ folder, databaseUrl, rooms: [visitorsRoom] });
  let now = Date.parse("2026-11-23T14:30:00Z"); // a Monday
  const clock = {
    now: () => now,
    turn: (milliseconds: number) => {
      now += milliseconds;
    },
  };
  const reverse = (address: string) => Promise.resolve(names[address]);
  const visitors = openVisitors({ engine, clock, reverse });
  return {
    engine,
    visitors,
    folder,
    clock,
    async [Symbol.asyncDispose]() {
      await visitors[Symbol.asyncDispose]();
      await engine[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function onBoth(name: string, body: (room: TestRoom) => Promise<void>): void {
  test(`sqlite: ${name}`, async () => {
    await using room = await openRoom();
    await body(room);
  });
  test(`postgres: ${name}`, async (t) => {
    if (!requirePostgres(t)) return;
    await using room = await openRoom(postgres?.freshDatabase());
    await body(room);
  });
}

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

test("a visit has exactly three facts", () => {
  const exactly: Same<keyof Visit, "isp" | "hour" | "page"> = true;
  // @ts-expect-error a fourth fact is a type error
  const visit: Visit = { isp: "example.com", hour: "2026-11-23T14", page: "/", address: "::1" };
  assert.ok(exactly && visit);
});

onBoth("views become counters by page and hour, and by provider and day", async (room) => {
  const { visitors, clock, engine } = room;
  for (let view = 0; view < 12; view += 1) visitors.count({ page: "/", address: "192.0.2.7" });
  visitors.count({ page: "/plans", address: "2001:db8:7::1" });
  visitors.count({ page: "/plans", address: "127.0.0.1" });
  clock.turn(HOUR);
  visitors.count({ page: "/", address: "192.0.2.9" });
  visitors.count({ page: "/", address: "203.0.113.1", automated: true });
  await wait(5); // the look-ups
  const report = await visitors.report({ days: 1 });
  assert.equal(report.total, 15);
  assert.equal(report.automated, 1);
  assert.deepEqual(report.pages, [
    { name: "/", count: 13 },
    { name: "/plans", count: 2 },
  ]);
  assert.deepEqual(report.isps, [
    { name: "example.com", count: 13 },
    { name: "local network", count: 1 },
    { name: "other", count: 1 },
  ]);
  assert.equal(report.byHour[14], 14);
  assert.equal(report.byHour[15], 1);
  assert.equal(report.hoursOfWeek[0]?.[14], 14);
  assert.deepEqual(report.byDay, [{ name: "2026-11-23", count: 15 }]);
  const rows = await engine.reader<Tables>().selectFrom("visit_page").selectAll().execute();
  assert.deepEqual(Object.keys(rows[0] ?? {}).sort(), [
    "automated",
    "count",
    "day",
    "hour",
    "page",
  ]);
});

onBoth("small domains fold day by day; a year is one report", async ({ visitors, clock }) => {
  for (let day = 0; day < 10; day += 1) {
    visitors.count({ page: "/", address: "2001:db8:7::1" });
    await wait(2);
    clock.turn(DAY);
  }
  const report = await visitors.report({ days: 365 });
  assert.equal(report.total, 10);
  assert.equal(report.byDay.length, 365);
  assert.deepEqual(report.isps, [{ name: "other", count: 10 }]);
  assert.equal((await visitors.report({ days: 7 })).total, 6);
});

onBoth("what you just left is exactly what this request raised", async ({ visitors, clock }) => {
  const page = "/what-you-left";
  const first = visitors.count({ page, address: "192.0.2.7" });
  assert.deepEqual(first, { page, day: "2026-11-23", hour: 14, automated: false, isp: undefined });
  await wait(5);
  assert.equal((await visitors.whatYouLeft(first, "192.0.2.7")).ispCount, 1, "looked up since");
  const second = visitors.count({ page, address: "192.0.2.7" });
  assert.deepEqual(await visitors.whatYouLeft(second, "192.0.2.7"), {
    ...second,
    pageCount: 2,
    isp: "example.com",
    ispCount: 2,
  });
  const stranger = visitors.count({ page, address: "198.51.100.1" });
  clock.turn(HOUR);
  const left = await visitors.whatYouLeft(stranger, "203.0.113.9");
  assert.deepEqual(
    [left.isp, left.ispCount, left.hour, left.pageCount],
    [undefined, undefined, 14, 3],
    "still being looked up; and the hour is the request's own, though the next has begun",
  );
  const program = visitors.count({ page, address: "192.0.2.7", method: "HEAD" });
  await wait(5); // looked up again: what was known an hour ago is forgotten
  const apart = await visitors.whatYouLeft(program, "192.0.2.7");
  assert.ok(apart.automated);
  assert.deepEqual([apart.pageCount, apart.ispCount], [1, 1], "what stands apart is shown apart");
});

onBoth("counters reach the disk by themselves, and go after 400 days", async (room) => {
  const { visitors, clock, engine } = room;
  visitors.count({ page: "/", address: "127.0.0.1" });
  await wait(1300);
  const rows = await engine.reader<Tables>().selectFrom("visit_page").selectAll().execute();
  assert.equal(rows.length, 1);
  clock.turn(400 * DAY);
  assert.equal(await visitors.expire(), 0);
  clock.turn(DAY);
  assert.equal(await visitors.expire(), 2);
});

onBoth("a token in a visited URL never lands, nor does an address", async (room) => {
  const { visitors, engine, folder } = room;
  const token = "tok3nT0KEN9f8e7d6c5b4a";
  visitors.count({ page: `/reset/${token}`, address: "192.0.2.77" });
  visitors.count({ page: `/a?next=${token}`, address: "192.0.2.77" });
  visitors.count({ page: "/clients/:id", address: "192.0.2.77" });
  const { pages } = await visitors.report({ days: 1 });
  assert.deepEqual(pages, [
    { name: "/*", count: 2 },
    { name: "/clients/:id", count: 1 },
  ]);
  if (engine.dialect === "postgres") return;
  const files = globSync("**", { cwd: folder }).map((name) => join(folder, name));
  const onDisk = files
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, "latin1"))
    .join("\n");
  assert.ok(onDisk.includes("/clients/:id"), "the control is found");
  assert.ok(!onDisk.includes(token) && !onDisk.includes("192.0.2"));
});

onBoth("programs are told by what they do", async ({ visitors, clock }) => {
  for (let view = 0; view < 100; view += 1) visitors.count({ page: "/", address: "192.0.2.1" });
  visitors.count({ page: "/", address: "192.0.2.2", method: "HEAD" });
  for (let miss = 0; miss < 10; miss += 1) visitors.count({ page: "/*", address: "192.0.2.3" });
  const report = await visitors.report({ days: 1 });
  assert.equal(report.total, 60 + 5);
  assert.equal(report.automated, 40 + 1 + 5);
  clock.turn(MINUTE);
  visitors.count({ page: "/", address: "192.0.2.1" });
  assert.equal((await visitors.report({ days: 1 })).total, 66);
});

test("a page that is not on the list of routes is counted with the others", async () => {
  await using room = await openRoom();
  const { engine, clock } = room;
  const reverse = () => Promise.resolve(undefined);
  await using visitors = openVisitors({ engine, clock, reverse, pages: ["/", "/plans"] });
  for (const page of ["/", "/plans", "/secret", "/wp-login"] as const)
    visitors.count({ page, address: "127.0.0.1" });
  const { pages } = await visitors.report({ days: 1 });
  assert.deepEqual(pages[0], { name: "/*", count: 2 });
});

test("route patterns are words and parameters", () => {
  for (const page of [
    "/",
    "/plans",
    "/what-you-left",
    "/desk/clients/:id",
    "/assets/*",
    "/robots.txt",
  ])
    assert.ok(isRoutePattern(page), page);
  for (const page of [
    "",
    "plans",
    "/a/",
    "//",
    "/A",
    "/1",
    "/x y",
    "/ä",
    `/${"a".repeat(40)}`,
    "/:",
  ])
    assert.ok(!isRoutePattern(page), page);
});

test("counting a view takes under ten microseconds", async (t) => {
  await using room = await openRoom();
  const { visitors } = room;
  const rounds = 20_000;
  const addresses = Array.from({ length: 500 }, (_, at) => `192.0.${at & 255}.${at >> 2}`);
  const run = (): number => {
    const began = process.cpuUsage();
    for (let at = 0; at < rounds; at += 1)
      visitors.count({ page: "/plans", address: addresses[at % 500] ?? "" });
    const { user, system } = process.cpuUsage(began);
    return (user + system) / rounds;
  };
  run(); // compiled and looked up
  await wait(20);
  const microseconds = Math.min(run(), run(), run());
  t.diagnostic(`${microseconds.toFixed(2)} µs a view`);
  assert.ok(microseconds < 10, `${microseconds} µs`);
});
