// Letters of the provider's own accord: to one client by a key that makes it one letter, or one by one to all. Never opens contact
// data: a notice goes into the mailbox that we keep for the client anyway.
import { createHash } from "node:crypto";
import { canonicalText } from "#base/canonical";
import { type Engine, type Invocation, invoke } from "#engine";
import { no, yes } from "#base/errors";
import { newId } from "#base/ids";
import { logBroken } from "#base/log";
import { type Clock, DAY } from "#base/time";
import { beginNotice, finishNotice, recordGiven } from "./commands.ts";
import type { MassReport, NoticeState, Support } from "./contract.ts";
import { providerLetter } from "./mail.ts";
import {
  isServiceNotice,
  type NoticeFields,
  type NoticeKind,
  noticeWords,
  type ServiceNoticeKind,
} from "./notices.ts";
import type { KnownClient, SupportPorts } from "./ports.ts";
import type { Tables } from "./tables.ts";

export interface LetterParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly ports: SupportPorts;
  /** Where our pages are, without a slash at its end. */
  readonly site: () => string;
}

// Letters under way at once: enough to share an fsync, few enough to leave room for mail that arrives.
const AT_ONCE = 16;
// Who cannot be reached in a week (an account that waits to be opened) is told by their log when they come.
const GIVE_UP = 7 * DAY;
const PROGRESS_EVERY = 100;

type Letters = Pick<Support, "notify" | "sendNotice" | "notices" | "resumeNotices">;

export function openLetters(parts: LetterParts): Letters {
  const { engine, ports } = parts;
  const reader = engine.reader<Tables>();
  const stateOf = async (notice: string): Promise<NoticeState | undefined> =>
    (await states(parts, notice))[0];
  return {
    async notify(client, kind, fields, key, alongside = []) {
      const known = (await ports.clients()).find((row) => row.client === client);
      if (known === undefined) return no("no-such-user");
      return give(parts, known, kind, fields, key, alongside);
    },

    async sendNotice(kind, fields, progress = () => {}) {
      const text = canonicalText({ ...fields });
      const notice = idOf(kind, text);
      await engine.write(beginNotice, { notice, kind, fields: text, created: parts.clock.now() });
      return run(parts, kind, fields, notice, progress);
    },

    notices: () => states(parts),

    async resumeNotices() {
      const rows = await reader
        .selectFrom("service_notice")
        .selectAll()
        .where("finished", "is", null)
        .orderBy("created")
        .execute();
      let given = 0;
      let unfinished = 0;
      for (const { notice, kind, fields, created } of rows) {
        if (!isServiceNotice(kind)) continue;
        const said = JSON.parse(fields) as NoticeFields<typeof kind>;
        const report = await run(parts, kind, said, notice, () => {});
        given += report.given;
        const isOld = created < parts.clock.now() - GIVE_UP;
        if (isOld && !report.finished)
          await engine.write(finishNotice, { notice, at: parts.clock.now() });
        if ((await stateOf(notice))?.finished === undefined) unfinished += 1;
      }
      return { given, unfinished };
    },
  };
}

/** The same kind and fields are the same notice. */
function idOf(kind: string, fields: string): string {
  return createHash("sha256").update(`${kind}\n${fields}`).digest("hex").slice(0, 32);
}

async function give<Kind extends NoticeKind>(
  parts: LetterParts,
  to: KnownClient,
  kind: Kind,
  fields: NoticeFields<Kind>,
  key: string,
  alongside: readonly Invocation[],
): ReturnType<Support["notify"]> {
  const { clock, ports, site } = parts;
  const { client, account, address } = to;
  if (await wasGiven(parts, client, key)) return yes("had-it");
  const at = clock.now();
  const { subject, text } = noticeWords(kind, fields, site());
  const { domain } = ports;
  const id = newId();
  const letter = providerLetter({ domain, to: address, subject, text, at, id, automatic: true });
  const line = await ports.logged(
    { client, account },
    { kind: "change", at, fields: { what: "notice from us", notice: kind } },
  );
  const record = invoke(recordGiven, { client_id: client, notice: key, at });
  try {
    const put = await ports.putInInbox(address, letter, [record, line, ...alongside]);
    return put.ok ? yes("given") : no(put.refusal);
  } catch (error) {
    // Two at once with one key: the second write fails whole, and the first one's letter is there.
    if (await wasGiven(parts, client, key)) return yes("had-it");
    throw error;
  }
}

async function wasGiven({ engine }: LetterParts, client: string, notice: string): Promise<boolean> {
  const row = await engine
    .reader<Tables>()
    .selectFrom("notice_given")
    .select("at")
    .where("client_id", "=", client)
    .where("notice", "=", notice)
    .executeTakeFirst();
  return row !== undefined;
}

/** Gives the notice to every client who has not had it; safe to call again at any time. */
async function run<Kind extends ServiceNoticeKind>(
  parts: LetterParts,
  kind: Kind,
  fields: NoticeFields<Kind>,
  notice: string,
  progress: (done: number, of: number) => void,
): Promise<MassReport> {
  const { engine, clock, ports } = parts;
  const all = (await ports.clients()).filter(
    ({ status }) => !["closed", "erased"].includes(status),
  );
  const failed: { [refusal: string]: number } = {};
  let given = 0;
  let had = 0;
  const giveOne = async (client: KnownClient): Promise<void> => {
    let outcome: Awaited<ReturnType<Support["notify"]>>;
    try {
      outcome = await give(parts, client, kind, fields, notice, []);
    } catch (error) {
      logBroken("support.notice", error);
      failed["broken"] = (failed["broken"] ?? 0) + 1;
      return;
    }
    if (!outcome.ok) failed[outcome.refusal] = (failed[outcome.refusal] ?? 0) + 1;
    else if (outcome.value === "given") given += 1;
    else had += 1;
  };
  for (let at = 0; at < all.length; at += AT_ONCE) {
    await Promise.all(all.slice(at, at + AT_ONCE).map(giveOne));
    const done = Math.min(at + AT_ONCE, all.length);
    if (done === all.length || done % PROGRESS_EVERY < AT_ONCE) progress(done, all.length);
  }
  const finished = Object.keys(failed).length === 0;
  if (finished) await engine.write(finishNotice, { notice, at: clock.now() });
  return { notice, clients: all.length, had: had + given, given, failed, finished };
}

async function states({ engine }: LetterParts, notice?: string): Promise<readonly NoticeState[]> {
  let query = engine
    .reader<Tables>()
    .selectFrom("service_notice")
    .leftJoin("notice_given", "notice_given.notice", "service_notice.notice")
    .select((expression) => [
      "service_notice.notice",
      "service_notice.kind",
      "service_notice.created",
      "service_notice.finished",
      expression.fn.count<number>("notice_given.client_id").as("given"),
    ])
    .groupBy([
      "service_notice.notice",
      "service_notice.kind",
      "service_notice.created",
      "service_notice.finished",
    ])
    .orderBy("service_notice.created", "desc");
  if (notice !== undefined) query = query.where("service_notice.notice", "=", notice);
  const rows = await query.execute();
  return rows.map(({ finished, ...row }) => ({ ...row, finished: finished ?? undefined }));
}
