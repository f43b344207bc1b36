// Fits the queue to the house: what it keeps from letter to letter under the keeper's key for rules, the smarthost with its sign-in,
// and the operator's hand on it.
import { readFileSync } from "node:fs";
import { Broken } from "#base/errors";
import type { Clock } from "#base/time";
import type { Clients } from "#clients";
import type { Config } from "#config";
import { type Operations, queueOperations } from "#control";
import type { Engine } from "#engine";
import { type Lasting, openQueueOperator, openSuppression, type QueueOptions } from "#mail/queue";
import type { Rules } from "./rules.ts";

export function lastingOf(rules: Rules): Lasting {
  const name = (object: string) => ({ client: "", account: "", object, part: "queue" });
  return {
    mac: (text) => rules.mac(`queue ${text}`),
    seal: (object, bytes) => rules.seal(name(object), bytes),
    open: (object, sealed) => rules.open(name(object), sealed),
  };
}

/** Throws Broken when the file of the sign-in cannot be read or has not two lines: a letter must not find that out. */
export function smarthostOf({
  smarthost,
  smarthostLoginFile: file,
}: Pick<Config, "smarthost" | "smarthostLoginFile">): QueueOptions["smarthost"] {
  if (smarthost === undefined || file === undefined) return smarthost;
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new Broken("BAILEE_SMARTHOST_LOGIN_FILE names a file that cannot be read", error);
  }
  const [user = "", password = ""] = text.split(/\r?\n/);
  if (user === "" || password === "")
    throw new Broken("the smarthost's sign-in is a file of two lines: user, password");
  return { ...smarthost, login: { user, password } };
}

export function operationsOfQueue(rooms: {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly clients: Clients;
  readonly rules: Rules;
}): Operations {
  const { engine, clock, clients, rules } = rooms;
  const suppression = openSuppression(engine, lastingOf(rules));
  return queueOperations({
    ...openQueueOperator(engine, clock),
    now: () => clock.now(),
    resolve: (address) => clients.resolve(address),
    suppressed: (client) => suppression.list(client),
    lift: (client, recipient) => suppression.lift(client, recipient),
  });
}
