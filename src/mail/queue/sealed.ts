// What of a queued message is sealed, and how: body, envelope (sender, RET, ENVID) and each recipient (address, NOTIFY,
// ORCPT) are objects of class content under the day's queue key, opened only to transmit and deliver.
import { fromUtf8, toUtf8 } from "#base/bytes";
import { newId } from "#base/ids";
import type { Context, Opener, Sealer } from "#vault";
import type { NewItem } from "./commands.ts";
import type { Outgoing, OutgoingRecipient } from "./contract.ts";

export interface Envelope {
  readonly sender: string;
  readonly ret: "full" | "headers" | undefined;
  readonly envid: string | undefined;
  readonly requireTls?: boolean | undefined;
  readonly submitted?: boolean | undefined;
  readonly place?: "inbox" | "junk" | undefined;
}

export interface ItemName {
  readonly client: string;
  readonly account: string;
  readonly item: string;
}

/** `blob` is to be put under the item's id before the rows are written. */
export interface SealedItem extends NewItem {
  readonly blob: Uint8Array | undefined;
}

// Beyond it a row makes every copy of the database's log larger; the same bound as the store's.
const MAX_ROW_BODY = 64 * 1024;

/** Rows for a message and its recipients, all due at once. */
export function sealItem(
  key: { readonly day: string; readonly sealer: Sealer },
  outgoing: Outgoing,
  now: number,
): SealedItem {
  const { client, account, sender, recipients, raw, ret, envid } = outgoing;
  const { requireTls, submitted, place } = outgoing;
  const name: ItemName = { client, account, item: newId() };
  const seal = (part: string, plain: Uint8Array): Uint8Array =>
    key.sealer.seal(context(name, part), plain);
  const sealed = seal("queue/body", raw);
  const isBlob = sealed.byteLength > MAX_ROW_BODY;
  return {
    blob: isBlob ? sealed : undefined,
    item: {
      client_id: client,
      account_id: account,
      item_id: name.item,
      day: key.day,
      created: now,
      size: raw.byteLength,
      envelope: seal(
        "queue/envelope",
        fromUtf8(JSON.stringify({ sender, ret, envid, requireTls, submitted, place })),
      ),
      body: isBlob ? new Uint8Array() : sealed,
      is_blob: isBlob ? 1 : 0,
      submitted: submitted === true ? 1 : 0,
    },
    recipients: recipients.map((recipient) => {
      const id = newId();
      return {
        client_id: client,
        item_id: name.item,
        recipient_id: id,
        state: "waiting",
        due: now,
        attempts: 0,
        delay_told: 0,
        last_status: "",
        uncertain: 0,
        dropping: 0,
        address: seal(`queue/recipient/${id}`, fromUtf8(JSON.stringify(recipient))),
      };
    }),
  };
}

/** Undefined when it does not open: another key's, moved, or damaged. */
export function openBody(
  opener: Opener,
  name: ItemName,
  sealed: Uint8Array,
): Uint8Array | undefined {
  const opened = opener.open(context(name, "queue/body"), "transmit-and-deliver", sealed);
  return opened.ok ? opened.value : undefined;
}

export function openEnvelope(
  opener: Opener,
  name: ItemName,
  sealed: Uint8Array,
): Envelope | undefined {
  return openJson<Envelope>(opener, context(name, "queue/envelope"), sealed);
}

export function openRecipient(
  opener: Opener,
  name: ItemName,
  id: string,
  sealed: Uint8Array,
): OutgoingRecipient | undefined {
  return openJson<OutgoingRecipient>(opener, context(name, `queue/recipient/${id}`), sealed);
}

// What opens was written by `sealItem`: the seal vouches for its shape.
function openJson<Value>(
  opener: Opener,
  about: Context<"content">,
  sealed: Uint8Array,
): Value | undefined {
  const opened = opener.open(about, "transmit-and-deliver", sealed);
  const text = opened.ok ? toUtf8(opened.value) : undefined;
  return text === undefined ? undefined : (JSON.parse(text) as Value);
}

function context({ client, account, item }: ItemName, part: string): Context<"content"> {
  return { class: "content", client, account, object: item, part };
}
