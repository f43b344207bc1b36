// GETQUOTA and GETQUOTAROOT (RFC 9208): one quota root, the account, with the room and the number of messages that its plan gives.
import type { Usage } from "#store";
import type { Command } from "./command.ts";
import { nameText } from "./listing.ts";
import { decodeName } from "./names.ts";
import { mailboxOf, ok, refuse, type Reply, type Session, spelling, tell } from "./session.ts";

/** The root's name: the account itself has none. */
const ROOT = "";

export async function getQuota(
  session: Session,
  { root }: Extract<Command, { name: "GETQUOTA" }>,
): Promise<Reply> {
  if (root !== ROOT) return refuse("No such quota root", "NONEXISTENT");
  tellQuota(session, await mailboxOf(session).usage());
  return ok("Told");
}

/** RFC 9208 §4.1.2: the folder need not be there; it would come under the same root. */
export async function getQuotaRoot(
  session: Session,
  { folder }: Extract<Command, { name: "GETQUOTAROOT" }>,
): Promise<Reply> {
  const name = decodeName(folder, spelling(session).utf8);
  if (name === undefined || name === "") return refuse("That is not a folder's name", "CANNOT");
  tell(session, `QUOTAROOT ${nameText(session, name)} "${ROOT}"`);
  tellQuota(session, await mailboxOf(session).usage());
  return ok("Told");
}

/** STORAGE counts in units of 1,024 octets (RFC 9208 §5.1): usage rounded up, so that full says full. */
function tellQuota(session: Session, { octets, messages, allowance }: Usage): void {
  if (allowance === undefined) {
    tell(session, `QUOTA "${ROOT}" ()`);
    return;
  }
  const storage = `STORAGE ${Math.ceil(octets / 1024)} ${Math.floor(allowance.octets / 1024)}`;
  tell(session, `QUOTA "${ROOT}" (${storage} MESSAGE ${messages} ${allowance.messages})`);
}
