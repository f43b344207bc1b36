// LOGIN, AUTHENTICATE PLAIN and what follows from them (RFC 9051 §6.2, RFC 4616). Keeps no password beyond the call.
import { never } from "#base/errors";
import { fromBase64, toUtf8 } from "#base/bytes";
import { openGate } from "./access.ts";
import type { Command } from "./command.ts";
import { MAX_CONNECTIONS_PER_ACCOUNT, MAX_FAILED_SIGN_INS, STRANGER_TIMEOUT } from "./limits.ts";
import { nextLine } from "./lines.ts";
import type { SignInRefusal } from "./ports.ts";
import {
  bad,
  capabilityLine,
  mayLogin,
  ok,
  refuse,
  type Reply,
  type Session,
  tell,
} from "./session.ts";

const needsTls = (): Reply => refuse("Not without TLS", "PRIVACYREQUIRED");

export async function login(
  session: Session,
  command: Extract<Command, { name: "LOGIN" }>,
): Promise<Reply> {
  if (!mayLogin(session)) return needsTls();
  return signIn(session, toUtf8(command.login), toUtf8(command.password));
}

export async function authenticate(
  session: Session,
  { mechanism, initial }: Extract<Command, { name: "AUTHENTICATE" }>,
): Promise<Reply> {
  if (mechanism !== "PLAIN") return refuse("Only PLAIN is known here", "CANNOT");
  if (!mayLogin(session)) return needsTls();
  let response = initial === "=" ? "" : initial;
  if (response === undefined) {
    session.io.out.text("+ \r\n");
    response = await nextLine(session, STRANGER_TIMEOUT);
    if (response === undefined) return bad("No answer came");
    if (response === "*") return bad("Given up");
  }
  const octets = fromBase64(response);
  const fields = octets === undefined ? undefined : toUtf8(octets)?.split("\0");
  if (fields?.length !== 3) return bad("That is no PLAIN message in base64");
  const [actFor = "", name = "", password = ""] = fields;
  // Nobody acts for another here.
  if (actFor !== "" && actFor !== name)
    return refuse("You can be yourself only", "AUTHORIZATIONFAILED");
  return signIn(session, name, password);
}

async function signIn(
  session: Session,
  name: string | undefined,
  password: string | undefined,
): Promise<Reply> {
  const { house, io } = session;
  const result =
    name === undefined || password === undefined
      ? ({ ok: false, refusal: "wrong" } as const)
      : await house.signIn(name, password, io.peer);
  if (!result.ok) return refused(session, result.refusal);
  const { mailbox, address, access } = result.value;
  const key = accountKey(mailbox.owner);
  const live = house.connections.get(key) ?? 0;
  if (live >= MAX_CONNECTIONS_PER_ACCOUNT)
    return refuse("Too many connections of this account", "LIMIT");
  house.connections.set(key, live + 1);
  const watch = mailbox.watch((folderId) => {
    const isSelected = session.selected?.folderId === folderId;
    if (isSelected) session.dirty = true;
    session.watch?.touched.add(folderId);
    if (isSelected || session.watch !== undefined) io.nudge();
  });
  session.account = {
    key,
    mailbox,
    address,
    watch,
    access: openGate(house.clock, house.recheck, access),
  };
  return ok("Signed in", capabilityLine(session));
}

function refused(session: Session, refusal: SignInRefusal): Reply {
  session.failedSignIns += 1;
  if (session.failedSignIns >= MAX_FAILED_SIGN_INS) {
    tell(session, "BYE Too many wrong passwords");
    session.over = true;
  }
  switch (refusal) {
    case "wrong":
      return refuse("Wrong login or password", "AUTHENTICATIONFAILED");
    case "suspended":
      return refuse("The account is suspended; see its page on the web", "CONTACTADMIN");
    case "too-many":
      return refuse("Too many tries; wait a little", "LIMIT");
    case "not-this-way":
      return refuse("This account does not sign in this way", "AUTHORIZATIONFAILED");
    case "key-differs":
      return refuse(
        "Somebody changed this account's key in the database. Its mail stays closed; see its page on the web",
        "CONTACTADMIN",
      );
    default:
      return never(refusal);
  }
}

/** Gives back what signing in took. */
export function signOut(session: Session): void {
  const { account, house } = session;
  if (account === undefined) return;
  session.account = undefined;
  session.selected = undefined;
  account.watch[Symbol.dispose]();
  const left = (house.connections.get(account.key) ?? 1) - 1;
  if (left > 0) {
    house.connections.set(account.key, left);
    return;
  }
  house.connections.delete(account.key);
  house.opened.drop(account.key);
}

function accountKey(owner: { readonly client: string; readonly account: string }): string {
  return `${owner.client}/${owner.account}`;
}
