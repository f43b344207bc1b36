// Fits the disclosure room to its pages, the desk's and the client's. Sessions pass through as they came: the desk's opens case data,
// the client's opens the client's own messages and signs.
import { newId } from "#base/ids";
import { logBroken } from "#base/log";
import type { Session } from "#clients";
import type { DeskSession } from "#desk";
import {
  becauses,
  closedRecord,
  determinedRecord,
  type Disclosure,
  draftGrant,
  outcomes,
  receivedRecord,
  verdicts,
} from "#disclosure";
import { decodeStructure, decodeWords } from "#mail/message";
import type { Store } from "#store";
import type { Support } from "#support";
import type { Clients } from "#clients";
import type { Clock } from "#base/time";
import { grantHash, type Keeper } from "#keeper";
import { openOpener } from "#vault";
import type { WebServerOptions } from "#web";
import { type CaseWork, clientOpener, workOnCases } from "./disclosure.ts";
import type { Desk } from "#desk";
import type { Engine } from "#engine";

type Pages = Pick<WebServerOptions["ports"], "cases" | "approvals">;

interface Rooms {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly clients: Clients;
  readonly desk: Desk;
  readonly keeper: Keeper;
  readonly store: Store;
  readonly disclosure: Disclosure;
  readonly support: Pick<Support, "notify">;
}

export function fitCasePages(rooms: Rooms): Pages {
  return { cases: deskCases(rooms, workOnCases(rooms)), approvals: ownApprovals(rooms) };
}

function deskCases(rooms: Rooms, work: CaseWork): Pages["cases"] {
  const { cases, approvals } = rooms.disclosure;
  // The pages hand back the desk's session as they were given it; nobody else makes one.
  const whole = (session: object): DeskSession => session as DeskSession;
  return {
    list: () => work.list() as ReturnType<typeof cases.list>,
    async read(desk, id) {
      await work.facts(id);
      return cases.read(whole(desk), id);
    },
    async add(form) {
      const made = await cases.add(form);
      return made.ok ? { ok: true, id: made.value.id } : made;
    },
    async step(id, step, words, grant) {
      const moved = await work.step(id, step, words, grant);
      return moved.ok ? { ok: true, words: "Noted." } : { ok: false, words: sentence(moved.why) };
    },
    async preserve(desk, id, words) {
      const found = await cases.read(whole(desk), id);
      if (found === undefined) return { ok: false, words: "There is no such case." };
      const held = await work.preserve(id, found.request.about, words);
      return held.ok
        ? {
            ok: true,
            words:
              "The hold is set: nothing of the client’s is destroyed. They are told when it is over.",
          }
        : { ok: false, words: sentence(held.why) };
    },
    async record(desk, id, wanted) {
      const found = await cases.read(whole(desk), id);
      if (found === undefined) return undefined;
      const about = { case: id, now: rooms.clock.now(), nonce: newId() };
      if (wanted.what === "received") return receivedRecord(about, found.request);
      if (wanted.what === "determined") {
        const verdict = verdicts.find((each) => each === wanted.verdict);
        return verdict && determinedRecord(about, verdict);
      }
      const outcome = outcomes.find((each) => each === wanted.outcome);
      const known = Object.hasOwn(becauses, wanted.because);
      return outcome && known ? closedRecord(about, outcome, wanted.because) : undefined;
    },
    approvals: () => approvals.list(),
    approval: (desk, id) => approvals.read(whole(desk), id),
    async ask(asked) {
      const made = await approvals.ask(asked);
      if (!made.ok) return { ok: false, words: askWords[made.refusal] };
      await tellAsked(rooms, asked, made.value);
      return { ok: true, words: "Asked.", id: made.value.id };
    },
    async draft(desk, id, by) {
      const found = await approvals.read(whole(desk), id);
      const { clientSignature, until } = found ?? {};
      if (found === undefined || clientSignature === undefined || until === undefined)
        return undefined;
      const made = draftE1(rooms, { ...found, clientSignature, until }, by);
      if (made.ok) await approvals.drafted(id, grantHash(made.value));
      return made;
    },
  };
}

const askWords = {
  unknown: "There is no such client.",
  "not-now": "It was answered already.",
  "no-ids": "Choose the messages, up to fifty.",
  "words-missing":
    "The number of the client’s request and the reason are needed, in plain characters.",
  "cannot-seal":
    "The client’s key in the database is not the one that was certified; nothing was asked.",
} as const;

function draftE1(
  { clock }: Rooms,
  found: {
    readonly client: string;
    readonly account: string;
    readonly ids: readonly string[];
    readonly reason: string;
    readonly ticket: string;
    readonly clientSignature: string;
    readonly until: number;
  },
  by: { readonly actor: string; readonly recipient: string },
) {
  const { client, account, ids, reason, ticket, clientSignature, until } = found;
  // The grant must not outlive the signature; hours are whole.
  const hours = Math.floor((until - clock.now()) / 3_600_000);
  return draftGrant(
    {
      ground: "E1",
      class: "content",
      client,
      account,
      ids,
      asked: `${ids.length === 1 ? "one message" : `${ids.length} messages`}, for request ${ticket}`,
      reason,
      requesterName: "support",
      requesterKind: "staff",
      ...by,
      demands: { clientSignature },
      hours: String(hours),
      noticeUntil: "",
      noticeDocument: "",
    },
    clock.now(),
    newId(),
  );
}

async function tellAsked(
  rooms: Rooms,
  owner: { readonly client: string; readonly account: string },
  { id, items }: { readonly id: string; readonly items: number },
): Promise<void> {
  const what = items === 1 ? "one message" : `${items} messages`;
  try {
    await rooms.support.notify(owner.client, "look-asked", { what }, `asked ${id}`);
  } catch (error) {
    // It is asked on their page all the same.
    logBroken("disclosure.letter", error);
  }
  await logged(rooms, owner, { what: "asked to approve a look", items });
}

function logged(
  { clients, clock }: Rooms,
  { client, account }: { readonly client: string; readonly account: string },
  fields: { readonly [name: string]: string | number },
): Promise<void> {
  return clients.log(client, account, { kind: "change", at: clock.now(), fields });
}

function ownApprovals(rooms: Rooms): Pages["approvals"] {
  const { approvals } = rooms.disclosure;
  const whole = (session: object): Session => session as Session;
  return {
    async list(given) {
      const session = whole(given);
      const { client, account } = session;
      const found = await approvals.ofClient(client, account, clientOpener(session));
      const ids = [...new Set(found.flatMap((each) => each.ids))];
      const messages = await messagesOf(rooms.store, session, ids);
      return found.map(({ ids: named, ...each }) => ({
        ...each,
        messages: named.map(
          (id) => messages.get(id) ?? { id, subject: id, from: "", receivedAt: undefined },
        ),
      }));
    },
    async approve(given, id) {
      const session = whole(given);
      const { client, account } = session;
      const done = await approvals.approve(client, account, id, clientOpener(session));
      if (!done.ok) return { ok: false, words: answerWords[done.refusal] };
      await logged(rooms, session, { what: "approved a look", items: done.value.items });
      return {
        ok: true,
        words: "Signed. It is good for twelve hours; you can take it back below.",
      };
    },
    async refuse(given, id) {
      const session = whole(given);
      const done = await approvals.refuse(session.client, id);
      if (!done.ok) return { ok: false, words: answerWords[done.refusal] };
      const isBack = done.value.state === "withdrawn";
      const what = isBack ? "took an approval back" : "refused a look";
      await logged(rooms, session, { what, items: done.value.items });
      return { ok: true, words: isBack ? "Taken back." : "You said no. Nothing is opened." };
    },
  };
}

const answerWords = {
  ...askWords,
  unknown: "There is no such question.",
  "not-now": "It was answered or used already.",
} as const;

/** Subjects and senders, opened in the client's own session. */
async function messagesOf(store: Store, session: Session, ids: readonly string[]) {
  const { keys, sealer } = session;
  const opener = openOpener(keys.boxSecret);
  const mailbox = store.openMailbox(session, { opener, sealer, nameKey: keys.nameKey });
  const [structures, listed] = await Promise.all([
    mailbox.structures(ids),
    store.listMessages(session),
  ]);
  const received = new Map(listed.map((each) => [each.messageId, each.receivedAt]));
  return new Map(
    [...structures].map(([id, bytes]) => {
      const { envelope } = decodeStructure(bytes);
      const [from] = envelope.from ?? [];
      const message = {
        id,
        subject: decodeWords(envelope.subject ?? "") || "(no subject)",
        from: from === undefined ? "" : `${from.mailbox ?? ""}@${from.host ?? ""}`,
        receivedAt: received.get(id),
      };
      return [id, message] as const;
    }),
  );
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
