// The contact card: what it must hold, its bytes, and the change of one by its owner. Sealed to the client's certified key before
// it is stored; opened by the keeper only.
import { type Engine, invoke } from "#engine";
import { canonicalBytes, parseCanonical } from "#base/canonical";
import { Broken, no, yes } from "#base/errors";
import type { Clock } from "#base/time";
import type { Certificates } from "./certificates.ts";
import { replaceContact } from "./commands.ts";
import { contactContext } from "./contexts.ts";
import type { Clients, Contact } from "./contract.ts";
import type { ClientLog } from "./log.ts";

// Per field: the longest postal addresses have some 300 characters.
const MAX_FIELD = 500;

interface Parts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly certificates: Certificates;
  readonly log: Pick<ClientLog, "logged">;
}

/** See `Clients.correctContact`. */
export function openContactChange({
  engine,
  clock,
  certificates,
  log,
}: Parts): Clients["correctContact"] {
  return async ({ client, account }, given) => {
    const contact = tidyContact(given);
    if (!isComplete(contact)) return no("contact-incomplete");
    const sealer = await certificates.sealer(client, "", "contact");
    if (sealer === undefined) return no("key-not-certified");
    const sealed = sealer.seal(contactContext(client), encodeContact(contact));
    const event = await log.logged(client, account, {
      kind: "change",
      at: clock.now(),
      // That it was changed, and not to what: the log is opened for support, and the card for contact.
      fields: { what: "contact data changed", by: "client" },
    });
    await engine.writeTogether([invoke(replaceContact, { client_id: client, sealed }), event]);
    return yes(true);
  };
}

/** A name and where to write to, and one way to reach the person when the mailbox is what is broken. */
export function isComplete(contact: Contact): boolean {
  const { name, postal, phone, email } = contact;
  const fits = Object.values(contact).every((field) => field.length <= MAX_FIELD);
  return fits && name !== "" && postal !== "" && (phone !== "" || email !== "");
}

export function tidyContact(contact: Contact): Contact {
  const tidy = (text: string): string => text.trim().toWellFormed().normalize("NFC");
  const { name, postal, phone, email } = contact;
  return { name: tidy(name), postal: tidy(postal), phone: tidy(phone), email: tidy(email) };
}

export function encodeContact(contact: Contact): Uint8Array {
  const { name, postal, phone, email } = contact;
  return canonicalBytes({ name, postal, phone, email });
}

/** What we sealed ourselves has this form; anything else is broken. */
export function decodeContact(bytes: Uint8Array): Contact {
  const { name, postal, phone, email } = Object(parseCanonical(bytes)) as Partial<Contact>;
  if (name === undefined || postal === undefined || phone === undefined || email === undefined)
    throw new Broken("an opened contact card has another form");
  return { name, postal, phone, email };
}
