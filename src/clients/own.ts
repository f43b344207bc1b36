// What a client asks of the keeper for themselves, signed with the account's own key. Opens nothing here.
import { seconds, type Clock } from "#base/time";
import { newId } from "#base/ids";
import { signBytes } from "#vault";
import type { Session } from "./contract.ts";
import type { KeeperPort, OwnRequestBytes, Sealed } from "./ports.ts";

export type AskOwn = (
  session: Pick<Session, "client" | "account" | "keys">,
  objects: readonly Sealed[],
) => ReturnType<KeeperPort["own"]>;

export function openOwn(
  keeper: KeeperPort,
  ownRequestBytes: OwnRequestBytes,
  clock: Clock,
): AskOwn {
  return (session, objects) => {
    const { client, account, keys } = session;
    const request = { client, account, at: seconds(clock.now()), nonce: newId() };
    const signature = signBytes(keys.signingSecret, ownRequestBytes(request, objects));
    return keeper.own({ ...request, signature }, objects);
  };
}
