// The billing room with a real engine, real seals and a clock that tests turn. In the clients' and the keeper's place stand a map
// of clients and their payment keys; the real ones are met in test/stories/payment.test.ts.
import { type EngineSettings, openEngine, type Engine } from "#engine";
import { no, yes } from "#base/errors";
import { newBoxKeyPair, openOpener, openSealer } from "#vault";
import {
  type BilledClient,
  type Billing,
  type NoticeKind,
  openBilling,
  type OpenOwn,
  type Seller,
  trialSeller,
} from "#billing";

export interface TestRoom extends AsyncDisposable {
  readonly billing: Billing;
  readonly engine: Engine;
  /** What clients were told, in order: "client kind number". */
  readonly told: string[];
  readonly clock: { now(): number };
  /** Turns the clock to noon of a day. */
  turnTo(day: string): void;
  addClient(client: string, plan?: string): void;
  status(client: string): string | undefined;
  setStatus(client: string, status: BilledClient["status"]): void;
  ownOf(client: string): OpenOwn;
  keeperAway: boolean;
}

export async function openRoom(
  settings: EngineSettings,
  seller: Seller = trialSeller,
): Promise<TestRoom> {
  const engine = await openEngine(settings);
  let now = Date.parse("2026-01-31T12:00:00Z");
  const clock = { now: () => now };
  const clients = new Map<string, BilledClient>();
  const keys = new Map<string, ReturnType<typeof newBoxKeyPair>>();
  const told: string[] = [];
  const open =
    (purpose: "own" | "process-payment"): OpenOwn =>
    async (objects) =>
      objects.map(({ context, sealed }) => {
        const opened = openOpener(keys.get(context.client)?.secretKey ?? new Uint8Array(32)).open(
          context,
          purpose,
          sealed,
        );
        if (!opened.ok) throw new Error(opened.refusal);
        return opened.value;
      });
  const room: TestRoom = {
    engine,
    told,
    clock,
    keeperAway: false,
    billing: openBilling({
      engine,
      clock,
      seller,
      currency: "EUR",
      ports: {
        clients: async () => [...clients.values()],
        price: (plan) => ({ cents: plan === "free" ? 0 : 300, currency: "EUR" }),
        async seal(context, bytes) {
          const key = keys.get(context.client);
          return key && openSealer(key.publicKey, clock).seal(context, bytes);
        },
        async openForPayment(objects) {
          if (room.keeperAway) return { ok: false, refusal: "over-the-share", why: "so it is" };
          return { ok: true, value: await open("process-payment")(objects) };
        },
        async moveStatus(client, to) {
          const row = clients.get(client);
          if (row === undefined) return no("unknown");
          clients.set(client, { ...row, status: to });
          return yes(true);
        },
        async notify(client, kind: NoticeKind, fields) {
          told.push([client, kind, fields["number"] ?? ""].join(" ").trim());
        },
      },
    }),
    turnTo: (day) => void (now = Date.parse(`${day}T12:00:00Z`)),
    addClient(client, plan = "personal") {
      keys.set(client, newBoxKeyPair());
      const address = `${client}@example.test`;
      clients.set(client, { client, address, status: "active", plan, planVersion: 1, since: now });
    },
    status: (client) => clients.get(client)?.status,
    setStatus(client, status) {
      const row = clients.get(client);
      if (row !== undefined) clients.set(client, { ...row, status });
    },
    ownOf: () => open("own"),
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
  return room;
}
