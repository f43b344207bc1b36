// Fits the abuse room: sealing, the keeper's comparison, the store's withholding, letters; its mail, its records, its job, its pages.
import { type Abuse, type AbusePorts, abuseRoom, type DecisionRecord, openAbuse } from "#abuse";
import { Broken } from "#base/errors";
import type { Clock } from "#base/time";
import type { Clients, Forgetter, Session } from "#clients";
import type { Desk, DeskSession } from "#desk";
import type { Engine } from "#engine";
import type { Keeper } from "#keeper";
import type { DeliveryOutcome } from "#mail/delivery";
import type { Store } from "#store";
import type { Support } from "#support";
import { type Context, openOpener } from "#vault";
import type { WebServerOptions } from "#web";
import type { ProviderMail } from "./doors.ts";
import type { RecordActs } from "./records.ts";
import type { Rules } from "./rules.ts";
import type { Job } from "./schedule.ts";

export { abuseRoom };

interface Rooms {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly clients: Clients;
  readonly desk: Desk;
  readonly keeper: Pick<Keeper, "matchReport">;
  readonly rules: Rules;
  readonly store: Store;
  readonly support: Pick<Support, "notify">;
}

export function fitAbuse(rooms: Rooms): Promise<Abuse & Disposable> {
  return openAbuse({ engine: rooms.engine, clock: rooms.clock, ports: portsOf(rooms) });
}

// What one comparison opens: more messages than most receive in two weeks, and a frame of less than two megabytes for the keeper.
const MOST_COMPARED = 10_000;

function portsOf(rooms: Rooms): AbusePorts {
  const { clients, desk, keeper, rules, store, support } = rooms;
  return {
    resolve: (address) => clients.resolve(address),
    client: async (id) => (await clients.list()).find((row) => row.client === id),
    sealForDesk: (object, part, bytes) => desk.seal(object, part, bytes),
    async sealForClient(owner, object, part, bytes) {
      const sealer = await clients.sealerFor(owner.client, owner.account);
      return sealer?.seal(decisionContext(owner, object, part), bytes);
    },
    rules: {
      seal: (object, bytes) => rules.seal(blockName(object), bytes),
      open: (object, sealed) => rules.open(blockName(object), sealed),
      mac: (text) => rules.mac(text),
    },
    async match({ client, account }, fingerprint, between) {
      const held = await store.sealedFingerprints({ client, account }, between, MOST_COMPARED);
      const objects = held.map(({ messageId, fingerprint: sealed }) => ({
        context: {
          class: "content",
          client,
          account,
          object: messageId,
          part: "fingerprint",
        } as const,
        sealed,
      }));
      const matched = await keeper.matchReport({ client, account, fingerprint }, objects);
      return matched.ok ? { ok: true, ids: matched.value, tried: objects.length } : matched;
    },
    async held(owner, ids) {
      const messages = await store.listMessages(owner);
      const there = new Set(messages.map(({ messageId }) => messageId));
      return ids.filter((id) => there.has(id));
    },
    withholding: store.withholding,
    async setSuspended(client, suspended) {
      const because = {
        reason: suspended ? "a decision on a report" : "a decision was reversed",
        by: "abuse",
      } as const;
      const to = suspended ? "suspended" : "active";
      const moved = await clients.moveStatus(client, to, because);
      return moved.ok || (await clients.standing(client))?.status === to;
    },
    async tell(client, { kind, fields }, key) {
      // One of two kinds, each with its own fields: said apart so that the types hold.
      const given =
        kind === "statement-of-reasons"
          ? await support.notify(client, kind, fields, key)
          : await support.notify(client, kind, fields, key);
      // Somebody whose mailbox takes nothing has the same words on their page.
      if (!given.ok && given.refusal === "cannot-seal")
        throw new Broken("a client could not be told of a decision");
    },
  };
}

const blockName = (object: string) => ({ client: "", account: "", object, part: "sender" });

function decisionContext(
  { client, account }: { readonly client: string; readonly account: string },
  decision: string,
  part: string,
): Context<"content"> {
  return { class: "content", client, account, object: decision, part: `decision/${part}` };
}

/** abuse@ as a door: taken and durable, or refused in the mail protocol's words. */
export function abuseMail(abuse: Abuse): ProviderMail {
  return (local) =>
    local === "abuse"
      ? async ({ sender, peerDomain }, raw): Promise<DeliveryOutcome> => {
          const taken = await abuse.letter({ sender, peerDomain }, raw);
          if (taken.ok) return { ok: true, messageId: taken.value, uid: 0 };
          // Enough about somebody is an answer, not a failure: nothing is gained by sending it again.
          if (taken.refusal === "enough") return { ok: true, messageId: "counted", uid: 0 };
          return { ok: false, refusal: "suspended-for-now" };
        }
      : undefined;
}

export function abuseActs(abuse: Abuse): Pick<RecordActs, "decision" | "appeal-decided"> {
  return {
    decision: {
      check: (record) => abuse.checkDecision(record satisfies DecisionRecord),
      wasDone: (record) => abuse.wasDecided(record),
      carryOut: ({ record, index }) => abuse.decide(record, index),
    },
    "appeal-decided": {
      check: (record) => abuse.checkAppeal(record),
      carryOut: ({ record }) => abuse.decideAppeal(record),
    },
  };
}

export function abuseJobs(abuse: Pick<Abuse, "endByDate">): readonly Job[] {
  return [
    {
      name: "abuse",
      words:
        "ends deletions whose time for an appeal is over, senders kept out until today, and old reports",
      run: async () => ({ ...(await abuse.endByDate()) }),
    },
  ];
}

export function abuseForgetters(abuse: Pick<Abuse, "forget">): readonly Forgetter[] {
  return [
    {
      what: "reports and decisions",
      forget: async ({ client }) => void (await abuse.forget(client)),
    },
  ];
}

export function fitAbusePages(abuse: Abuse): WebServerOptions["ports"]["abuse"] {
  // The pages hand back the sessions as they were given them; nobody else makes one.
  const atDesk = (session: object): DeskSession => session as DeskSession;
  const reader = (session: object) => clientReader(session as Session);
  return {
    report: (report) => abuse.report(report),
    list: () => abuse.list(MOST_LISTED),
    read: (desk, report) => abuse.read(atDesk(desk), report),
    match: (desk, report) => abuse.match(atDesk(desk), report),
    draftDecision: (report, form) => abuse.draftDecision(report, form),
    draftAppeal: (report, decision, form) => abuse.draftAppeal(report, decision, form),
    decisionsOf: (session) => abuse.decisionsOf(reader(session)),
    appeal: (session, decision, words) => abuse.appeal(reader(session), decision, words),
  };
}

// As many as a person looks through; decided ones come last.
const MOST_LISTED = 200;

function clientReader({ client, account, keys }: Session) {
  const opener = openOpener(keys.boxSecret);
  return {
    client,
    account,
    open(object: string, part: string, sealed: Uint8Array): Uint8Array | undefined {
      const context = decisionContext({ client, account }, object, part);
      const opened = opener.open(context, "own", sealed);
      return opened.ok ? opened.value : undefined;
    },
  };
}
