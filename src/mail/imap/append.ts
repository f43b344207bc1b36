// APPEND and REPLACE: messages that a mail program puts into a folder (RFC 9051 §6.3.12, RFC 3502, RFC 8508). All of a command or none.
import { never } from "#base/errors";
import { encodeStructure, fingerprintOf, parseMessage } from "#mail/message";
import type { FlaggedMessage } from "#store";
import { gather, type Gathering, newGathering } from "./catenate.ts";
import type { AppendedMessage, Command } from "./command.ts";
import { readFlags } from "./flags.ts";
import {
  bad,
  findFolder,
  mailboxOf,
  missingTarget,
  notePlaced,
  noteTaken,
  ok,
  outOfRange,
  refuse,
  type Reply,
  resolveSet,
  selectedOf,
  type Session,
  tell,
} from "./session.ts";
import { formatSet } from "./sets.ts";

export const overQuota = (): Reply => refuse("There is no room left for that", "OVERQUOTA");

export async function append(
  session: Session,
  command: Extract<Command, { name: "APPEND" }>,
): Promise<Reply> {
  const { folder } = await findFolder(session, command.folder);
  if (folder === undefined) return missingTarget();
  const messages: FlaggedMessage[] = [];
  const gathering = newGathering();
  for (const message of command.messages) {
    const made = await make(session, message, gathering);
    if ("status" in made) return made;
    messages.push(made);
  }
  const placed = await mailboxOf(session).append(folder.id, messages);
  if (!placed.ok) return placed.refusal === "over-quota" ? overQuota() : missingTarget();
  notePlaced(session, folder.id, placed.value);
  session.dirty = true;
  const uids = formatSet(placed.value.map(({ uid }) => uid));
  return ok("Appended", `APPENDUID ${placed.value[0]?.uidValidity ?? folder.uidValidity} ${uids}`);
}

export async function replaceMessage(
  session: Session,
  command: Extract<Command, { name: "REPLACE" }>,
): Promise<Reply> {
  const selected = selectedOf(session);
  if (selected.readOnly) return refuse("The folder was opened read-only");
  const found = resolveSet(selected, command.set, command.uid);
  if (found === "out-of-range") return outOfRange();
  const [placement] = found;
  // RFC 8508 §3.4: without a message to remove nothing is put in.
  if (placement === undefined) return refuse("No such message; nothing was put in", "NONEXISTENT");
  const { folder } = await findFolder(session, command.folder);
  if (folder === undefined) return missingTarget();
  const made = await make(session, command.message, newGathering());
  if ("status" in made) return made;
  const mailbox = mailboxOf(session);
  const replaced = await mailbox.replace(selected.folderId, placement.uid, folder.id, made);
  session.dirty = true;
  if (!replaced.ok) return replaceRefusal(replaced.refusal);
  const { uid, uidValidity, modseq } = replaced.value;
  notePlaced(session, folder.id, [replaced.value]);
  noteTaken(session, [placement.uid]);
  // RFC 8508 §4.3: before the message that went is told to be gone.
  tell(session, `OK [APPENDUID ${uidValidity} ${uid}] Replacement is there`);
  return session.enabled.has("QRESYNC")
    ? ok("Replaced", `HIGHESTMODSEQ ${modseq}`)
    : ok("Replaced");
}

function replaceRefusal(refusal: "no-such-folder" | "over-quota" | "no-such-message"): Reply {
  switch (refusal) {
    case "no-such-folder":
      return missingTarget();
    case "over-quota":
      return overQuota();
    case "no-such-message":
      return refuse("The message is gone; nothing was put in", "EXPUNGEISSUED");
    default:
      return never(refusal);
  }
}

/** A message ready for the store, or the refusal of the command. */
async function make(
  session: Session,
  message: AppendedMessage,
  gathering: Gathering,
): Promise<FlaggedMessage | Reply> {
  const words = readFlags(message.flags);
  if (words === undefined) return bad("No such system flag");
  const raw = await gather(session, message, gathering);
  if ("status" in raw) return raw;
  return {
    prefix: new Uint8Array(0),
    raw,
    structure: encodeStructure(parseMessage(raw)),
    fingerprint: fingerprintOf(raw),
    receivedAt: message.date ?? session.house.clock.now(),
    ...words,
  };
}
