// AUTH PLAIN and LOGIN inside a session (RFC 4954, RFC 4616; LOGIN as mail programs have always spoken it). Pure.
import { fromBase64, fromUtf8, toBase64, toUtf8 } from "#base/bytes";
import { never, type Result } from "#base/errors";
import { mayAuthenticate } from "./capabilities.ts";
import { MAX_FAILED_SIGN_INS } from "./limits.ts";
import type { Submitter, SubmitRefusal } from "./ports.ts";
import { replies } from "./replies.ts";
import type { Rules, State, Step } from "./state.ts";

const challenge = (text: string): string => `334 ${toBase64(fromUtf8(text))}`;

export function beginAuth(
  rules: Rules,
  state: State,
  mechanism: string,
  initial: string | undefined,
): Step {
  if (!state.extended) return refuse(state, replies.notNow);
  if (state.submitter !== undefined) return refuse(state, replies.alreadySignedIn);
  if (!mayAuthenticate(rules, state)) return refuse(state, replies.tlsFirst);
  if (mechanism === "PLAIN") {
    const waiting: State = { ...state, phase: "auth-plain" };
    return initial === undefined ? say(waiting, "334 ") : continueAuth(waiting, initial);
  }
  if (mechanism === "LOGIN") {
    const waiting: State = { ...state, phase: "auth-login" };
    if (initial === undefined) return say(waiting, challenge("Username:"));
    return continueAuth(waiting, initial);
  }
  return refuse(state, replies.noSuchMechanism);
}

/** A line while an `auth-…` phase lasts: base64, or "*" to give up (RFC 4954 §4). */
export function continueAuth(state: State, line: string): Step {
  const ready: State = { ...state, phase: "ready", login: "" };
  if (line === "*") return say(ready, replies.authCancelled);
  const bytes = line === "=" ? new Uint8Array() : fromBase64(line);
  const text = bytes === undefined ? undefined : toUtf8(bytes);
  if (text === undefined) return refuse(ready, replies.badBase64);
  if (state.phase === "auth-login")
    return say({ ...state, phase: "auth-password", login: text }, challenge("Password:"));
  if (state.phase === "auth-password") return signIn(ready, state.login, text);
  const [authorize, login, password, ...more] = text.split("\0");
  if (login === undefined || password === undefined || more.length > 0)
    return refuse(ready, replies.badBase64);
  // Nobody acts for another here (RFC 4616 §2): who is named to act must be who signs in.
  if (authorize !== "" && authorize !== login) return refuse(ready, replies.wrongPassword);
  return signIn(ready, login, password);
}

export function afterSignIn(state: State, result: Result<Submitter, SubmitRefusal>): Step {
  const ready: State = { ...state, phase: "ready" };
  if (result.ok) return say({ ...ready, submitter: result.value }, replies.signedIn);
  const failedSignIns = state.failedSignIns + 1;
  const after = refuse({ ...ready, failedSignIns }, refusalReply(result.refusal));
  if (failedSignIns < MAX_FAILED_SIGN_INS) return after;
  return { ...after, replies: [...after.replies, replies.tooManyMistakes], next: { do: "close" } };
}

function refusalReply(refusal: SubmitRefusal): string {
  switch (refusal) {
    case "wrong":
      return replies.wrongPassword;
    case "suspended":
      return replies.suspendedClient;
    case "too-many":
      return replies.tooManySignIns;
    case "not-this-way":
      return replies.notThisWay;
    default:
      return never(refusal);
  }
}

function signIn(state: State, login: string, password: string): Step {
  const next = { do: "ask", ask: { kind: "sign-in", login, password } } as const;
  return { state: { ...state, phase: "waiting" }, replies: [], next };
}

function say(state: State, line: string): Step {
  return { state, replies: [line], next: { do: "read" } };
}

function refuse(state: State, line: string): Step {
  return say({ ...state, mistakes: state.mistakes + 1 }, line);
}
