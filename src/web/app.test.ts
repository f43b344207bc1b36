// The site as a function: what each page says, what every answer carries, and what is refused.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCanonical } from "#base/canonical";
import { classes, clauses, demands, policyDigest } from "#policy";
import { cookieRegister } from "#visitors";
import { createApp } from "./app.ts";
import { memorySite } from "./memory.ts";
import { countedPages } from "./views.ts";

const here = { peer: "127.0.0.1", secure: false };
const origin = "http://localhost:8080";
const password = "four quiet words here";

type Options = {
  readonly cookie?: string;
  readonly form?: Record<string, string | string[]>;
  readonly headers?: Record<string, string>;
};

function openSite(settings: Parameters<typeof memorySite>[0] = {}) {
  const site = memorySite(settings);
  const app = createApp(site);
  const ask = (path: string, { cookie, form, headers = {} }: Options = {}, connection = here) => {
    const body =
      form &&
      new URLSearchParams(
        Object.entries(form).flatMap(([name, value]) => [value].flat().map((each) => [name, each])),
      );
    return app(
      new Request(origin + path, {
        method: form === undefined ? "GET" : "POST",
        headers: {
          ...(cookie === undefined ? {} : { cookie }),
          ...(form === undefined ? {} : { origin }),
          host: "localhost:8080",
          ...headers,
        },
        ...(body === undefined ? {} : { body }),
      }),
      connection,
    );
  };
  const signUp = async (fields: Record<string, string> = {}) => {
    const answer = await ask("/sign-up", {
      form: { name: "anna", password, plan: "personal", ...fields },
    });
    return { answer, cookie: cookieOf(answer) };
  };
  return { site, ask, signUp };
}

function cookieOf(answer: Response): string {
  return answer.headers
    .getSetCookie()
    .map((line) => line.split(";")[0] ?? "")
    .filter((pair) => !pair.endsWith("="))
    .join("; ");
}

const publicPages = [
  "/",
  "/policy",
  "/cookies",
  "/left-here",
  "/traffic",
  "/preferences",
  "/ledger",
  "/source",
  "/sign-up",
  "/sign-up?track=contract",
  "/sign-in",
  "/desk",
  "/nothing",
];
const ownPages = [
  "/portal",
  "/portal/looks",
  "/portal/held",
  "/portal/log",
  "/portal/password",
  "/portal/tickets",
  "/portal/tickets/12345678",
  "/portal/lists",
  "/portal/lists/l",
];

test("every page carries the one strict policy, no script, no style of its own, nothing from elsewhere, under 30 KB", async () => {
  const { ask, signUp } = openSite();
  const { cookie } = await signUp();
  for (const path of [...publicPages, ...ownPages]) {
    const answer = await ask(path, { cookie });
    const text = await answer.text();
    assert.match(
      answer.headers.get("content-security-policy") ?? "",
      /^default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';/,
      path,
    );
    assert.doesNotMatch(answer.headers.get("content-security-policy") ?? "", /unsafe|\*|https?:/);
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
    assert.equal(answer.headers.get("referrer-policy"), "no-referrer");
    assert.equal(answer.headers.get("strict-transport-security"), null);
    assert.doesNotMatch(text, /<script|<style|\sstyle=|\son[a-z]+=|javascript:/i, path);
    assert.doesNotMatch(text, /(?:src|href|action)="(?:https?:)?\/\//, path);
    assert.ok(text.length < 30_000, `${path} has ${text.length} characters`);
    assert.match(text, /<html lang="en" dir="ltr"/);
    assert.equal([...text.matchAll(/<h1\b/g)].length, 1, `${path} has one first heading`);
  }
});

test("a visitor gets no cookie from any public page", async () => {
  const { ask } = openSite();
  for (const path of publicPages)
    assert.deepEqual((await ask(path)).headers.getSetCookie(), [], path);
});

test("over TLS every answer says to come back by TLS", async () => {
  const { ask } = openSite();
  const answer = await ask("/", {}, { peer: "192.0.2.7", secure: true });
  assert.equal(answer.headers.get("strict-transport-security"), "max-age=31536000");
});

test("the policy page and its JSON come from the table", async () => {
  const { ask } = openSite();
  const text = await (await ask("/policy")).text();
  for (const clause of clauses)
    assert.ok(text.includes(clause.title) && text.includes(`id="${clause.id}"`), clause.id);
  for (const row of Object.values(classes))
    assert.ok(text.includes(row.kept.rule.replaceAll("'", "&#39;")), row.kept.rule);
  for (const words of Object.values(demands))
    assert.ok(text.includes(words.replaceAll("'", "&#39;")), words);
  assert.ok(text.includes(policyDigest));
  const answer = await ask("/policy.json");
  assert.match(answer.headers.get("content-type") ?? "", /^application\/json/);
  const { createHash } = await import("node:crypto");
  assert.equal(
    createHash("sha256")
      .update(await answer.text())
      .digest("hex"),
    policyDigest,
  );
});

test("the source page names the licence, the version and, where it is known, the commit", async () => {
  const commit = "0123456789abcdef0123456789abcdef01234567";
  const known = openSite({ release: { version: "1.2.3", commit } });
  const text = await (await known.ask("/source")).text();
  assert.match(text, /1\.2\.3/);
  assert.ok(text.includes(commit) && text.includes("AGPL-3.0-or-later"));
  const { ask } = openSite({ release: { version: "1.2.3", commit: undefined } });
  assert.match(await (await ask("/source")).text(), /not known/);
});

test("the cookie page prints the register", async () => {
  const { ask } = openSite();
  const text = await (await ask("/cookies")).text();
  for (const [name, entry] of Object.entries(cookieRegister))
    assert.ok(text.includes(name) && text.includes(entry.purpose), name);
});

test("the page of what you left shows the count that this very request raised", async () => {
  const { ask, site } = openSite();
  assert.match(await (await ask("/left-here")).text(), /1 view\./);
  assert.match(await (await ask("/left-here")).text(), /2 views\./);
  assert.deepEqual(site.counted, ["/left-here", "/left-here"]);
});

test("a view is counted by its route pattern, once, and files are not views", async () => {
  const { ask, signUp, site } = openSite();
  const home = await (await ask("/?token=secret")).text();
  await ask(/href="(\/files\/site-[^"]+)"/.exec(home)?.[1] ?? "");
  await ask("/ledger/checkpoint");
  await ask("/policy.json");
  await ask("/nothing/secret-token");
  const { cookie } = await signUp();
  await ask("/portal", { cookie });
  assert.deepEqual(site.counted, ["/", "/*", "/portal"]);
  assert.ok(site.counted.every((page) => (countedPages as readonly string[]).includes(page)));
});

test("static files carry their hash in the name and may be kept for a year", async () => {
  const { ask } = openSite();
  const home = await (await ask("/")).text();
  const path = /href="(\/files\/site-[0-9a-f]{12}\.css)"/.exec(home)?.[1] ?? "";
  const answer = await ask(path);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("cache-control") ?? "", /max-age=31536000, immutable/);
  assert.match(answer.headers.get("content-type") ?? "", /^text\/css/);
  assert.equal((await ask("/files/site-000000000000.css")).status, 404);
});

test("sign-up without a name signs in and shows the settings; sign-out ends it", async () => {
  const { ask, signUp } = openSite();
  const { answer, cookie } = await signUp();
  const text = await answer.text();
  assert.equal(answer.status, 200);
  assert.ok(
    text.includes("anna@bailee.localhost") && text.includes("2993") && !text.includes(password),
  );
  assert.match(cookie, /^__Host-session=[\w-]+$/);
  assert.match(await (await ask("/portal", { cookie })).text(), /Nobody has looked/);
  const left = await ask("/sign-out", { cookie, form: {} });
  assert.equal(left.status, 303);
  assert.equal((await ask("/portal", { cookie })).headers.get("location"), "/sign-in");
});

test("a contract needs all of its fields, says which are wrong beside them, and keeps what was typed but the password", async () => {
  const { ask } = openSite();
  const form = {
    track: "contract",
    name: "bad name",
    password,
    plan: "personal",
    fullName: "Anna <b>",
    postal: "",
    phone: "x",
    email: "nowhere",
  };
  const answer = await ask("/sign-up", { form });
  const text = await answer.text();
  assert.equal(answer.status, 400);
  for (const field of ["name", "postal", "phone", "email"])
    assert.ok(text.includes(`id="${field}-wrong"`), field);
  assert.ok(!text.includes('id="fullName-wrong"') && text.includes("Anna &lt;b&gt;"));
  assert.ok(!text.includes(password));
});

test("what is held shows the contact as the keeper opened it, and says so when the keeper is away", async () => {
  const { ask, signUp, site } = openSite();
  const { cookie } = await signUp({
    track: "contract",
    fullName: "Anna Ørsted",
    postal: "1 Lane",
    phone: "+45 1234 5678",
    email: "a@example.org",
  });
  const text = await (await ask("/portal/held", { cookie })).text();
  assert.ok(text.includes("Anna Ørsted") && text.includes(classes.contact.kept.rule));
  site.keeperAway = true;
  assert.match(await (await ask("/portal/looks", { cookie })).text(), /key holder does not answer/);
  assert.match(await (await ask("/portal/log", { cookie })).text(), /key holder does not answer/);
});

test("a look is shown with who, when, why, ground, amount and its proof", async () => {
  const { ask, signUp, site } = openSite();
  const { cookie } = await signUp();
  site.looksShown.push({
    index: 7,
    at: Date.UTC(2026, 10, 23, 12) / 1000,
    ground: "E3",
    class: "content",
    purpose: "legal-process",
    role: "counsel",
    items: 1,
    reason: "Order <1>",
    ids: ["m1"],
    outcome: "released",
    proof: "c2sp.org/tlog-proof@v1\n",
    openings: ["{}", "{}"],
  });
  const text = await (await ask("/portal/looks", { cookie })).text();
  for (const part of [
    "counsel",
    "23 Nov 2026, 12:00 UTC",
    "Order &lt;1&gt;",
    "ground-E3",
    "1 item of mail",
    "m1",
  ])
    assert.ok(text.includes(part), part);
  const proof = await ask("/portal/looks/7/proof", { cookie });
  assert.equal(await proof.text(), "c2sp.org/tlog-proof@v1\n");
  assert.equal(await (await ask("/portal/looks/7/openings", { cookie })).text(), "{}\n{}\n");
  assert.equal((await ask("/portal/looks/8/proof", { cookie })).status, 404);
  assert.equal((await ask("/portal/looks/7/proof")).status, 303);
});

test("the log stands word for word, and the password changes", async () => {
  const { ask, signUp } = openSite();
  const { cookie } = await signUp();
  const text = await (await ask("/portal/log", { cookie })).text();
  assert.ok(text.includes("sign-in") && text.includes("127.0.0.0/24"));
  const fresh = "another four quiet words";
  const wrong = await ask("/portal/password", {
    cookie,
    form: { old: password, fresh, again: "not the same" },
  });
  assert.match(await wrong.text(), /two new passwords differ/);
  const done = await ask("/portal/password", {
    cookie,
    form: { old: password, fresh, again: fresh },
  });
  assert.equal(done.status, 303);
  assert.equal((await ask("/sign-in", { form: { login: "anna", password } })).status, 403);
  assert.equal((await ask("/sign-in", { form: { login: "anna", password: fresh } })).status, 303);
});

test("only who ticks it is remembered", async () => {
  const { ask, signUp } = openSite();
  await signUp();
  const once = await ask("/sign-in", { form: { login: "anna@bailee.localhost", password } });
  assert.match(cookieOf(once), /^__Host-session=/);
  const kept = await ask("/sign-in", {
    form: { login: "anna@bailee.localhost", password, remember: "yes" },
  });
  assert.match(cookieOf(kept), /^__Host-remember=/);
});

test("a form sent from another site does nothing", async () => {
  const { ask, signUp } = openSite();
  const { cookie } = await signUp();
  for (const headers of [
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { origin: "https://evil.example" },
    { origin: "null" },
  ]) {
    const answer = await ask("/sign-out", { cookie, form: {}, headers });
    assert.equal(answer.status, 403, JSON.stringify(headers));
  }
  assert.equal((await ask("/portal", { cookie })).status, 200);
  // What browsers send for our own forms under no-referrer: a null origin, and the truth in Sec-Fetch-Site.
  const ours = await ask("/sign-out", {
    cookie,
    form: {},
    headers: { origin: "null", "sec-fetch-site": "same-origin" },
  });
  assert.equal(ours.status, 303);
});

test("without TLS, passwords are taken only on a direct connection while trying out", async () => {
  const trial = openSite();
  for (const name of ["x-forwarded-for", "x-forwarded-proto", "forwarded", "via", "x-real-ip"]) {
    for (const path of ["/sign-in", "/sign-up", "/portal", "/desk"])
      assert.equal(
        (await trial.ask(path, { headers: { [name]: "https" } })).status,
        403,
        `${path} ${name}`,
      );
    const posted = await trial.ask("/sign-in", {
      form: { login: "a", password },
      headers: { [name]: "x" },
    });
    assert.match(await posted.text(), /Not through another server/);
  }
  assert.equal((await trial.ask("/policy", { headers: { via: "1.1 proxy" } })).status, 200);
  const real = openSite({ tryingOut: false });
  assert.match(await (await real.ask("/sign-in")).text(), /Not without TLS/);
  assert.equal((await real.ask("/sign-in", {}, { peer: "192.0.2.7", secure: true })).status, 200);
});

test("a choice is kept by an act of the visitor, in one cookie, and the way back stays on this site", async () => {
  const { ask } = openSite();
  const dark = await ask("/preferences", { form: { theme: "dark", back: "/policy" } });
  assert.equal(dark.headers.get("location"), "/policy");
  assert.equal(cookieOf(dark), "__Host-prefs=theme-dark");
  const both = await ask("/preferences", { cookie: cookieOf(dark), form: { language: "de" } });
  assert.equal(cookieOf(both), "__Host-prefs=theme-dark.lang-de");
  const home = await (await ask("/", { cookie: cookieOf(both) })).text();
  assert.match(home, /<html lang="de" dir="ltr" +data-theme="dark"/);
  const neither = await ask("/preferences", {
    cookie: cookieOf(both),
    form: { theme: "auto", language: "auto" },
  });
  assert.match(neither.headers.getSetCookie().join(), /^__Host-prefs=; Max-Age=0;/);
  for (const back of ["//evil.example", "https://evil.example", "/\\evil.example", "/a?b=//c", ""])
    assert.equal(
      (await ask("/preferences", { form: { theme: "auto", back } })).headers.get("location"),
      "/",
      back,
    );
});

test("what the browser asks for is followed and not kept; a choice goes before it; what is not translated says so", async () => {
  const { ask } = openSite();
  const headers = { "accept-language": "de-CH, fr;q=0.5" };
  for (const path of publicPages) {
    const answer = await ask(path, { headers });
    const text = await answer.text();
    assert.match(text, /<html lang="de" dir="ltr"/, path);
    assert.deepEqual(answer.headers.getSetCookie(), [], path);
    assert.ok(text.length < 30_000, `${path} has ${text.length} characters`);
    const written = /<main id="main" class="wide"([^>]*)>/.exec(text)?.[1]?.trim();
    const english = ["/ledger", "/desk"].includes(path);
    assert.equal(written, english ? 'lang="en" dir="ltr"' : "", path);
  }
  const cookie = "__Host-prefs=lang-en";
  assert.match(await (await ask("/", { headers, cookie })).text(), /<html lang="en"/);
  const wrong = await ask("/sign-up", { headers, form: { name: "", password, plan: "personal" } });
  assert.match(await wrong.text(), /Bitte Buchstaben ohne Umlaute/);
});

test("a month's report with every page and many providers stays under 30 KB", async () => {
  const { ask, site } = openSite();
  const report = await site.visits.report({ days: 30 });
  Object.assign(site.visits, {
    report: async () => ({
      ...report,
      days: 30,
      pages: countedPages.map((name) => ({ name, count: 123_456 })),
      byDay: Array.from({ length: 30 }, (_, day) => ({
        name: `2026-11-${String(day + 1).padStart(2, "0")}`,
        count: 123_456,
      })),
      isps: Array.from({ length: 200 }, (_, at) => ({
        name: `provider-${at}.example`,
        count: 1000 - at,
      })),
    }),
  });
  const text = await (await ask("/traffic", { headers: { "accept-language": "de" } })).text();
  assert.ok(text.length < 30_000, `${text.length} characters`);
});

test("the published ledger is served with its types, and nothing else of the disk is", async () => {
  const { ask } = openSite();
  assert.match(await (await ask("/ledger")).text(), /16 entries[\s\S]*The log begins/);
  const checkpoint = await ask("/ledger/checkpoint");
  assert.match(checkpoint.headers.get("content-type") ?? "", /^text\/plain/);
  const tile = await ask("/ledger/tile/0/000.p/16");
  assert.equal(tile.headers.get("content-type"), "application/octet-stream");
  assert.equal((await tile.arrayBuffer()).byteLength, 512);
  assert.match(
    (await ask("/ledger/openings/000.jsonl")).headers.get("content-type") ?? "",
    /jsonl/,
  );
  for (const path of [
    "secret",
    "../secret",
    "..%2fsecret",
    "%2e%2e/secret",
    "tile/../secret",
    "tile/0/..%2f..%2fsecret",
    "tile/0/000.p",
    "openings",
    "",
    "checkpoint%00",
    "tile//0/000",
  ])
    assert.equal((await ask(`/ledger/${path}`)).status, path === "" ? 404 : 404, path);
});

test("the desk lists facts, says what it cannot do, and drafts a grant that is handed back, not kept", async () => {
  const { ask, signUp, site } = openSite();
  const client = await signUp();
  assert.equal((await ask("/desk/sign-in", { form: { password: "guess" } })).status, 403);
  assert.equal((await ask("/desk", { cookie: client.cookie })).status, 200);
  assert.doesNotMatch(
    await (await ask("/desk", { cookie: client.cookie })).text(),
    /anna@bailee\.localhost<\/th>/,
  );
  const cookie = cookieOf(
    await ask("/desk/sign-in", { form: { password: "the desk in the corner" } }),
  );
  const desk = await (await ask("/desk", { cookie })).text();
  assert.ok(
    desk.includes("anna@bailee.localhost") && desk.includes("You cannot read mail from here"),
  );
  assert.equal(
    (await ask("/portal", { cookie })).headers.get("location"),
    "/sign-in",
    "the desk is no client",
  );
  const [row] = await site.entrance.list();
  assert.ok(row);
  const path = `/desk/draft/${row.account}`;
  assert.equal((await ask(path)).headers.get("location"), "/desk");
  const form = {
    ground: "E2",
    class: "content",
    ids: ["b", "a"],
    asked: "two letters",
    reason: "fraud\r\nagainst her",
    actor: "0123456789abcdef",
    requesterName: "Bo",
    requesterKind: "staff",
    recipient: "ab".repeat(32),
    hours: "24",
    noticeUntil: "",
    noticeDocument: "",
    "demands.providerInterest": "ours",
    "demands.clientInterest": "",
  };
  const refused = await ask(path, { cookie, form });
  assert.equal(refused.status, 400);
  assert.match(await refused.text(), /E2 demands this/);
  const made = await ask(path, { cookie, form: { ...form, "demands.clientInterest": "hers" } });
  assert.match(made.headers.get("content-disposition") ?? "", /^attachment; filename="grant-E2-/);
  const grant = parseCanonical(new Uint8Array(await made.arrayBuffer())) as Record<string, unknown>;
  assert.equal(grant["purpose"], "protect-both");
  assert.equal(grant["reason"], "fraud\nagainst her");
  assert.deepEqual((grant["scope"] as { ids: string[] }).ids, ["a", "b"]);
});

test("what breaks is shown as an id and nothing from inside", async (t) => {
  const { ask, site } = openSite();
  t.mock.method(process.stderr, "write", () => true);
  Object.assign(site.visits, {
    report: () => Promise.reject(new Error("the disk of anna@example.org")),
  });
  const answer = await ask("/traffic");
  const text = await answer.text();
  assert.equal(answer.status, 500);
  assert.match(text, /under <code>[a-z2-7]{10}<\/code>/);
  assert.ok(!text.includes("anna@example.org"));
  assert.match(answer.headers.get("content-security-policy") ?? "", /default-src 'none'/);
});

test("a form of a megabyte is refused", async () => {
  const { ask } = openSite();
  const answer = await ask("/sign-in", { form: { login: "a".repeat(1 << 20), password } });
  assert.equal(answer.status, 400);
});

test("traffic leaves as CSV and JSON, and a formula in a domain's name stays text", async () => {
  const { ask, site } = openSite();
  const report = await site.visits.report({ days: 7 });
  Object.assign(site.visits, {
    report: async () => ({ ...report, isps: [{ name: '=cmd("x")', count: 11 }] }),
  });
  const csv = await (await ask("/traffic.csv?period=30-days")).text();
  assert.match(csv, /^fact,value,views\r\n/);
  assert.ok(csv.includes(`provider,"'=cmd(""x"")",11`));
  assert.equal(((await (await ask("/traffic.json")).json()) as { total: number }).total, 237);
});

test("the policy in the privacy vocabulary says of each class and ground what the table says", async () => {
  const { ask } = openSite();
  const answer = await ask("/policy.jsonld");
  assert.match(answer.headers.get("content-type") ?? "", /^application\/ld\+json/);
  const document = (await answer.json()) as {
    "@graph": {
      "@id": string;
      "dct:identifier"?: string;
      "dpv:hasProcess"?: { "@id": string; "dpv:hasPurpose": unknown }[];
    }[];
  };
  const [notice] = document["@graph"];
  assert.equal(notice?.["dct:identifier"], `sha256:${policyDigest}`);
  const purposesOf = new Map(
    notice?.["dpv:hasProcess"]?.map((each) => [
      each["@id"],
      JSON.stringify(each["dpv:hasPurpose"]),
    ]),
  );
  for (const [name, { purposes }] of Object.entries(classes)) {
    const said = purposes.map((purpose) => ({ "@id": `/policy#purpose-${purpose}` }));
    assert.equal(purposesOf.get(`/policy#class-${name}`), JSON.stringify(said));
  }
  const ids = new Set(document["@graph"].map((node) => node["@id"]));
  const named = [...JSON.stringify(document).matchAll(/\/policy#(?:purpose|data)-[\w-]+/g)];
  for (const [name] of named) assert.ok(ids.has(name), `${name} is described`);
});
