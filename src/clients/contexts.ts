// What each sealed object of this room is called where it is sealed and where it is opened: the two must never differ.
import type { Context } from "#vault";

/** The contact card, one per client. */
export function contactContext(client: string): Context<"contact"> {
  return { class: "contact", client, account: "", object: "contact", part: "card" };
}

/** An event of the client's log; `part` names the key of its kind and day. */
export function logContext(
  client: string,
  account: string,
  event: string,
  kind: string,
  day: string,
): Context<"clientlog"> {
  return { class: "clientlog", client, account, object: event, part: `${kind}/${day}` };
}
