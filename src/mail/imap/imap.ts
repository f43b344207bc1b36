// Reading mail by IMAP4rev1 and IMAP4rev2: the front door. Takes an opened mailbox from the sign-in; holds no key itself.
export { openRecents } from "./recents.ts";
export { type ImapServer, type ImapServerOptions, openImapServer } from "./server.ts";
export type { SignedIn, SignIn, SignInRefusal } from "./ports.ts";
