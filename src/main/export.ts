// A client's export: everything that is held of them, opened in their own session and by the keeper for them, as one ZIP that is
// made while it is sent. Holds one message at a time, and writes no temporary file.
import { Readable } from "node:stream";
import { ZipFile } from "yazl";
import { logBroken } from "#base/log";
import type { Clients, OwnDomain, Session } from "#clients";
import type { Look } from "#keeper";
import { mboxMessage } from "#mail/message";
import { classes, type LogKind, policyDigest } from "#policy";
import type { Folder, Mailbox, Placement } from "#store";

/** A file of the export, made when its turn comes. */
export interface ExportFile {
  readonly name: string;
  readonly content: () => AsyncIterable<Uint8Array>;
}

interface Exported {
  readonly session: Session;
  readonly clients: Clients;
  readonly domains: readonly OwnDomain[];
  readonly mailbox: Mailbox;
  readonly looks: () => Promise<readonly Look[]>;
  readonly now: number;
  /** What other rooms add: invoices. */
  readonly more: readonly ExportFile[];
}

// Lines of the log opened by one question to the keeper.
const LOG_LINES = 500;
// Messages whose sealed bodies are read ahead by one query.
const BODIES_AT_ONCE = 20;

/** The ZIP as it is being made. What breaks on the way breaks the stream off, so that half an export never looks whole. */
export async function exportZip(exported: Exported): Promise<ReadableStream<Uint8Array>> {
  const files = await filesOf(exported);
  const zip = new ZipFile();
  const out = zip.outputStream as Readable;
  zip.on("error", (error: unknown) => {
    logBroken("export", error);
    out.destroy(error instanceof Error ? error : undefined);
  });
  for (const { name, content } of files)
    zip.addReadStreamLazy(name, { mtime: new Date(exported.now) }, (opened) =>
      opened(undefined, Readable.from(content(), { objectMode: false })),
    );
  zip.end();
  return Readable.toWeb(out) as ReadableStream<Uint8Array>;
}

async function filesOf(exported: Exported): Promise<readonly ExportFile[]> {
  const { session, clients, mailbox, looks } = exported;
  const folders = await mailbox.folders();
  const seen = await looks();
  return [
    { name: "README.txt", content: () => once(readme(session.address, exported.now)) },
    {
      name: "held.json",
      content: async function* () {
        yield json(await held(exported, folders));
      },
    },
    ...(["sign-in", "traffic", "change", "look"] as const).map((kind) => ({
      name: `log/${kind}.jsonl`,
      content: () => logLines(clients, session, kind),
    })),
    { name: "looks.json", content: () => once(json(seen.map(withoutProof))) },
    ...seen.flatMap(proofFiles),
    ...folders.flatMap((folder, at) => folderFiles(mailbox, folder, at)),
    ...exported.more,
  ];
}

function withoutProof({ proof, openings, ...look }: Look) {
  return { ...look, published: proof !== undefined && openings !== undefined };
}

function proofFiles(look: Look): readonly ExportFile[] {
  const openings = look.openings?.map((line) => `${line}\n`).join("");
  return [
    [`ledger/entry-${look.index}.tlog-proof`, look.proof],
    [`ledger/entry-${look.index}.openings.jsonl`, openings],
  ].flatMap(([name, text]) =>
    name === undefined || text === undefined ? [] : [{ name, content: () => once(text) }],
  );
}

async function held({ clients, session, domains }: Exported, folders: readonly Folder[]) {
  return {
    policy: policyDigest,
    standing: await clients.standing(session.client),
    addresses: await clients.addresses.list(session),
    domains: domains.map(({ domain, state, since, created }) => ({
      domain,
      state,
      since,
      created,
    })),
    contact: (await clients.readContact(session)) ?? "none: signed up without a name",
    credential: "a verifier of the password and wrapped keys; neither is the password",
    folders: folders.map(({ name, role, subscribed, uidValidity, uidNext }) => ({
      name,
      role,
      subscribed,
      uidValidity,
      uidNext,
    })),
    classes,
  };
}

async function* logLines(
  clients: Clients,
  session: Session,
  kind: LogKind,
): AsyncGenerator<Uint8Array> {
  let before: string | undefined;
  do {
    const page = await clients.readLogPage(session, LOG_LINES, { kind, before });
    for (const { at, fields } of page.events)
      yield Buffer.from(`${JSON.stringify({ at: new Date(at).toISOString(), kind, ...fields })}\n`);
    before = page.older;
  } while (before !== undefined);
}

/** The folder's messages as an mbox, and what an mbox has no place for beside it, in the same order. */
function folderFiles(mailbox: Mailbox, folder: Folder, at: number): readonly ExportFile[] {
  const name = `mail/${String(at + 1).padStart(2, "0")} ${fileName(folder.name)}`;
  const placements = async (): Promise<readonly Placement[]> =>
    (await mailbox.snapshot(folder.id))?.placements ?? [];
  return [
    {
      name: `${name}.mbox`,
      async *content() {
        const all = await placements();
        for (let from = 0; from < all.length; from += BODIES_AT_ONCE) {
          const some = all.slice(from, from + BODIES_AT_ONCE);
          const dates = new Map(some.map((one) => [one.messageId, one.receivedAt]));
          for await (const { messageId, bytes } of mailbox.bodies([...dates.keys()]))
            yield mboxMessage(bytes, dates.get(messageId) ?? 0);
        }
      },
    },
    {
      name: `${name}.json`,
      content: async function* () {
        yield json((await placements()).map(withoutId));
      },
    },
  ];
}

/** The id is ours alone; all else says how the message stands. */
function withoutId(placement: Placement): Omit<Placement, "messageId"> {
  const { uid, size, receivedAt, savedAt, flags, keywords, modseq } = placement;
  return { uid, size, receivedAt, savedAt, flags, keywords, modseq };
}

/** A folder's name as part of a path that no unpacker can be led astray by. */
function fileName(folder: string): string {
  return folder.replaceAll(/[^\p{L}\p{N} _-]/gu, "_").slice(0, 80);
}

function json(value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`);
}

async function* once(text: string | Uint8Array): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

function readme(address: string, now: number): string {
  return `What is held of ${address}, as of ${new Date(now).toISOString()}

held.json       by class: standing, addresses with your notes, domains, contact data, folders; the policy's table of classes, purposes and times
log/            your log by kind, one JSON object a line, newest first, as far as its retention has left it
looks.json      who looked, when, on which ground
ledger/         for each look the proof that its entry stands in the public ledger, and what the entry says
mail/           a folder each: an mbox ("mboxrd"), and a JSON list in the same order with UIDs, flags and keywords
invoices/       your invoices, where there are any

An entry of the ledger is checked with its proof and the ledger's key: bailee verify checks the ledger as a whole.
`;
}
