import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { fromUtf8 } from "#base/bytes";
import { type EngineSettings, invoke } from "#engine";
import { databasesFor } from "../../test/contract/databases.ts";
import { billingRoom, invoiceHtml, invoicePdf } from "./billing.ts";
import { finaliseInvoice } from "./commands.ts";
import type { Tables } from "./tables.ts";
import { failAfter, failingRoom } from "./testing/failing.ts";
import { openRoom, type TestRoom } from "../../test/billing-room.ts";
import { type Booked, statement } from "./testing/statements.ts";

const databases = databasesFor([billingRoom, failingRoom]);

/** The same story over both databases. */
function onBoth(name: string, story: (room: TestRoom) => Promise<void>): void {
  const run = async (settings: EngineSettings): Promise<void> => {
    await using room = await openRoom(settings);
    await story(room);
  };
  test(`${name} (SQLite)`, async () => run(await databases.sqlite()));
  test(`${name} (PostgreSQL)`, async (t: TestContext) => {
    const settings = await databases.postgres(t);
    if (settings !== undefined) await run(settings);
  });
}

const bankFile = (...entries: Booked[]): Uint8Array => fromUtf8(statement("08", entries));

async function numbers(room: TestRoom): Promise<string[]> {
  return (await room.billing.invoices()).map(({ number, state }) => `${number} ${state}`);
}

onBoth("invoices are numbered without a gap, through a rollback and runs at once", async (room) => {
  for (const client of ["ada", "bob", "cyd"]) room.addClient(client);
  room.addClient("free", "free");
  assert.deepEqual(await room.billing.run(), { drafted: 0, issued: 0, left: [] });
  room.turnTo("2026-02-28");
  room.keeperAway = true;
  await room.billing.keepInformation("ada", information);
  const kept = await room.billing.run();
  assert.deepEqual([kept.drafted, kept.issued, kept.left.length], [3, 2, 1]);
  room.keeperAway = false;

  // A crash between the number and the commit: the transaction that holds both is undone.
  const draft = (await room.billing.invoices()).find(({ state }) => state === "draft");
  assert.equal(draft?.client, "ada");
  const final = {
    invoice_id: draft.id,
    number: 3,
    reference: "RF",
    issued: "2026-02-28",
    due: "2026-03-14",
    policy: "",
    sealed: Uint8Array.of(1),
  };
  await assert.rejects(
    room.engine.writeTogether([invoke(finaliseInvoice, final), invoke(failAfter, {})]),
  );
  assert.equal(await room.engine.write(finaliseInvoice, { ...final, number: 9 }), "moved-on");
  assert.deepEqual(await numbers(room), [" draft", "000002 open", "000001 open"]);

  const runs = await Promise.all([room.billing.run(), room.billing.run()]);
  assert.ok(runs.every(({ left }) => left.length === 0));
  room.turnTo("2026-03-31");
  await Promise.all([room.billing.run(), room.billing.run(), room.billing.run()]);
  assert.deepEqual(
    await numbers(room),
    [6, 5, 4, 3, 2, 1].map((number) => `00000${number} open`),
  );
  assert.equal((await room.billing.run()).drafted, 0, "a month is invoiced once");
});

const information = {
  name: "Ada Quibble",
  company: "Quibble & Daughters",
  address: "1 Long Lane\nLondon",
  vatId: "gb 123.456.789",
};

onBoth("an invoice is sealed as it was, and is what its owner downloads", async (room) => {
  room.addClient("ada");
  assert.deepEqual(await room.billing.keepInformation("ada", information), { ok: true });
  room.turnTo("2026-02-28");
  await room.billing.run();
  await room.billing.keepInformation("ada", { ...information, name: "Somebody Else" });
  const [row] = await room.engine.reader<Tables>().selectFrom("invoice").selectAll().execute();
  assert.equal(Buffer.from(row?.sealed ?? []).includes("Quibble"), false);
  const id = row?.invoice_id ?? "";
  const text = await room.billing.invoiceText("ada", id, room.ownOf("ada"));
  assert.equal(text?.buyer.name, "Ada Quibble");
  assert.equal(text.buyer.vatId, "GB123456789");
  assert.equal(text.cents, 300);
  assert.match(text.policy, /^[0-9a-f]{64}$/);
  assert.equal(await room.billing.invoiceText("bob", id, room.ownOf("bob")), undefined);
  const html = await invoiceHtml(text);
  assert.match(html, /Invoice 000001/);
  assert.match(html, /Quibble &amp; Daughters/);
  const pdf = Buffer.from(await invoicePdf(text));
  assert.equal(pdf.subarray(0, 5).toString(), "%PDF-");
  assert.deepEqual(pdf, Buffer.from(await invoicePdf(text)), "the same text gives the same file");
  assert.deepEqual(await room.billing.objectsOf("ada"), ["billing", id]);
  assert.equal((await room.billing.sealedOf("ada", ["billing", id, "other"])).length, 2);
});

onBoth("payments are matched exactly, over, under, by nobody, and never twice", async (room) => {
  for (const client of ["ada", "bob", "cyd"]) room.addClient(client);
  room.turnTo("2026-02-28");
  await room.billing.run();
  const { billing } = room;
  const of = async (client: string) => {
    const own = await billing.own(client);
    assert.ok(own !== undefined);
    return own;
  };
  const reference = async (client: string) => (await of(client)).invoices[0]?.reference ?? "";
  const file = bankFile(
    { cents: 300, reference: await reference("ada"), bankReference: "B-1" },
    { cents: 1000, reference: await reference("bob"), bankReference: "B-2" },
    { cents: 100, words: `inv ${await reference("cyd")}`, bankReference: "B-3" },
    { cents: 300, reference: "RF18539007547034", bankReference: "B-4" },
    { cents: 300, reference: await reference("cyd"), currency: "USD", bankReference: "B-5" },
    { cents: 300, indicator: "DBIT", reversal: true, bankReference: "B-6" },
  );
  const report = await billing.importStatement(file);
  assert.deepEqual(report, {
    ok: true,
    value: {
      outcomes: {
        exact: 1,
        over: 1,
        under: 1,
        "unknown-reference": 1,
        "wrong-currency": 1,
        returned: 1,
      },
      credited: 1400,
      passedOver: 0,
      waiting: 3,
    },
  });
  const [again, atOnce] = await Promise.all([
    billing.importStatement(file),
    billing.importStatement(file),
  ]);
  for (const second of [again, atOnce])
    assert.deepEqual(second.ok && [second.value.outcomes, second.value.credited], [
      { "seen-before": 6 },
      0,
    ]);
  assert.deepEqual([(await of("ada")).credit, (await of("ada")).invoices[0]?.state], [0, "paid"]);
  assert.deepEqual([(await of("bob")).credit, (await of("bob")).invoices[0]?.state], [700, "paid"]);
  const [cyd] = (await of("cyd")).invoices;
  assert.deepEqual([cyd?.state, cyd?.paidCents], ["open", 100]);

  // What is left is the next invoice's; what waits, a person settles.
  const waiting = (await billing.waiting()).find(({ outcome }) => outcome === "unknown-reference");
  assert.deepEqual(await billing.settle(waiting?.id ?? "", 77), {
    ok: false,
    refusal: "no-such-invoice",
  });
  assert.deepEqual(await billing.settle(waiting?.id ?? "", Number(cyd?.number)), {
    ok: true,
    value: "assigned",
  });
  assert.deepEqual(await billing.settle(waiting?.id ?? "", Number(cyd?.number)), {
    ok: false,
    refusal: "not-waiting",
  });
  assert.deepEqual([(await of("cyd")).credit, (await of("cyd")).invoices[0]?.state], [100, "paid"]);
  const other = (await billing.waiting()).find(({ outcome }) => outcome === "wrong-currency");
  assert.deepEqual(await billing.settle(other?.id ?? "", Number(cyd?.number)), {
    ok: false,
    refusal: "not-to-be-credited",
  });
  assert.deepEqual(await billing.settle(other?.id ?? "", undefined), {
    ok: true,
    value: "set-aside",
  });
  room.turnTo("2026-03-31");
  await billing.run();
  assert.deepEqual([(await of("bob")).credit, (await of("bob")).invoices[0]?.state], [400, "paid"]);
  assert.deepEqual((await of("cyd")).invoices[0]?.paidCents, 100);
  // The money that moved is the money that came.
  const sum = (await of("bob")).moves.reduce((total, { cents }) => total + cents, 0);
  assert.equal(sum, 400);
});

onBoth("a code pays an invoice once, and no table tells which code it was", async (room) => {
  room.addClient("ada");
  room.addClient("bob");
  room.turnTo("2026-02-28");
  await room.billing.run();
  const [code = "", other = ""] = await room.billing.makeCodes(2, 500);
  const before = await everything(room);
  assert.equal(before.includes(code.replaceAll("-", "")), false, "a code stands nowhere in words");
  const [first, second] = await Promise.all([
    room.billing.redeem("ada", code.toUpperCase()),
    room.billing.redeem("bob", code),
  ]);
  assert.deepEqual([first.ok, second.ok].filter(Boolean).length, 1);
  assert.deepEqual(await room.billing.redeem("ada", "nonsense"), {
    ok: false,
    refusal: "no-such-code",
  });
  const payer = first.ok ? "ada" : "bob";
  const own = await room.billing.own(payer);
  assert.deepEqual([own?.credit, own?.invoices[0]?.state], [200, "paid"]);
  assert.deepEqual(
    own?.moves.filter(({ kind }) => kind === "code"),
    [{ day: "2026-02-28", kind: "code", cents: 500, invoice: "" }],
  );
  const after = await everything(room);
  assert.deepEqual(await room.billing.codesOut(), { count: 1, cents: 500 });
  // Of the code's row nothing is left: what both databases say of hashes is the other code's alone.
  const hashes = (text: string): string[] => text.match(/\b[0-9a-f]{64}\b/g) ?? [];
  assert.equal(new Set(hashes(before)).size - new Set(hashes(after)).size, 1);
  const gone = hashes(before).filter((hash) => !hashes(after).includes(hash));
  assert.equal(gone.length, 1);
  assert.equal(after.includes(gone[0] ?? "?"), false);
  assert.ok((await room.billing.redeem(payer, other)).ok);
  const codes = (await everything(room)).match(/"kind":"code"[^}]*/g) ?? [];
  assert.equal(codes.length, 2);
  assert.equal(new Set(codes).size, 1, "two codes of one day and one amount leave the same behind");
  assert.equal(
    room.told.some((line) => line.includes("code")),
    false,
  );
});

/** All rows of all tables of this room but the ids and keys that policy and sealing bring. */
async function everything({ engine }: TestRoom): Promise<string> {
  const reader = engine.reader<Tables>();
  const rows: unknown[] = [];
  for (const table of [
    "billing_balance",
    "billing_information",
    "bank_entry",
    "prepaid_code",
    "dunned_client",
    "billing_series",
  ] as const)
    rows.push(await reader.selectFrom(table).selectAll().execute());
  rows.push(
    await reader
      .selectFrom("billing_move")
      .select(["day", "kind", "cents", "invoice_id"])
      .where("kind", "=", "code")
      .execute(),
    await reader.selectFrom("invoice").select(["invoice_id", "paid_cents", "state"]).execute(),
  );
  return JSON.stringify(rows);
}

onBoth(
  "the ladder tells each step once, moves the status, and a payment moves it back",
  async (room) => {
    for (const client of ["ada", "bob"]) room.addClient(client);
    room.turnTo("2026-02-28"); // due 2026-03-14
    await room.billing.run();
    const own = await room.billing.own("ada");
    assert.deepEqual(
      own?.invoices[0]?.ladder.map(({ step, day }) => `${step} ${day}`),
      ["due 2026-03-14", "reminder 2026-03-21", "past-due 2026-03-28", "suspended 2026-04-11"],
    );
    const pay = async (client: string, bankReference: string) => {
      const [invoice] = (await room.billing.own(client))?.invoices ?? [];
      assert.ok(invoice !== undefined);
      await room.billing.importStatement(
        bankFile({ cents: 300, reference: invoice.reference, bankReference }),
      );
    };
    room.turnTo("2026-03-14");
    assert.deepEqual(await room.billing.climb(), { told: 0, moved: 0 });
    await pay("bob", "B-1");
    room.turnTo("2026-03-15");
    assert.deepEqual(await room.billing.climb(), { told: 1, moved: 0 });
    assert.deepEqual(await room.billing.climb(), { told: 0, moved: 0 });
    room.turnTo("2026-03-21");
    await room.billing.climb();
    room.turnTo("2026-03-28");
    assert.deepEqual(await room.billing.climb(), { told: 1, moved: 1 });
    assert.equal(room.status("ada"), "past-due");
    assert.equal(room.status("bob"), "active");
    room.turnTo("2026-04-11");
    await room.billing.climb();
    assert.equal(room.status("ada"), "suspended");
    assert.deepEqual(
      room.told.filter((line) => line.startsWith("ada")),
      [
        "ada invoice 000001",
        "ada payment-due 000001",
        "ada payment-reminder 000001",
        "ada payment-past-due 000001",
        "ada payment-suspension 000001",
      ],
    );
    await pay("ada", "B-2");
    assert.equal(room.status("ada"), "active");
    // A suspension that others gave is not the ladder's to lift.
    room.setStatus("bob", "suspended");
    await room.billing.climb();
    assert.equal(room.status("bob"), "suspended");
  },
);

onBoth(
  "an invoice is corrected by a credit note alone, and what was paid becomes credit",
  async (room) => {
    room.addClient("ada");
    await room.billing.keepInformation("ada", information);
    room.turnTo("2026-02-28");
    await room.billing.run();
    const [invoice] = await room.billing.invoices();
    await room.billing.importStatement(
      bankFile({ cents: 300, reference: invoice?.reference ?? "" }),
    );
    const made = await room.billing.creditNote(1, "the month was free");
    assert.ok(made.ok);
    assert.deepEqual([made.value.number, made.value.cents], ["000002", -300]);
    const note = await room.billing.invoiceText("ada", made.value.id, room.ownOf("ada"));
    assert.deepEqual(
      [note?.corrects, note?.because, note?.tax.netCents],
      ["000001", "the month was free", -300],
    );
    assert.match(await invoiceHtml(note ?? assert.fail()), /Credit note 000002/);
    assert.equal((await room.billing.own("ada"))?.credit, 300);
    assert.deepEqual(await numbers(room), ["000002 note", "000001 credited"]);
    assert.deepEqual(await room.billing.creditNote(1, "again"), { ok: false, refusal: "not-open" });
    assert.deepEqual(await room.billing.creditNote(2, "a note"), {
      ok: false,
      refusal: "no-such-invoice",
    });
    // Whoever pays a credited invoice all the same has credit.
    await room.billing.importStatement(
      bankFile({ cents: 200, reference: invoice?.reference ?? "", bankReference: "B-2" }),
    );
    assert.equal((await room.billing.own("ada"))?.credit, 500);
  },
);

onBoth(
  "a client who is erased leaves numbers, amounts and days, and nothing else",
  async (room) => {
    room.addClient("ada");
    await room.billing.keepInformation("ada", information);
    room.turnTo("2026-02-28");
    await room.billing.run();
    const [code = ""] = await room.billing.makeCodes(1, 500);
    await room.billing.redeem("ada", code);
    await room.billing.forget("ada");
    const own = await room.billing.own("ada");
    assert.deepEqual([own?.credit, own?.moves, own?.hasInformation], [0, [], false]);
    assert.deepEqual(await numbers(room), ["000001 paid"]);
  },
);
