// Fetching mail by POP3: the front door. Takes an opened mailbox from the sign-in; holds no key itself.
export { type Pop3Server, type Pop3ServerOptions, openPop3Server } from "./server.ts";
