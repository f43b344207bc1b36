// Mail arriving: SMTP for other servers (MX), submission for clients, LMTP for a mail server beside us. 250 is said only
// after the message is sealed, indexed and on the disk, here or in the queue. Relays nothing for strangers.
export type { NotifyOn } from "./parameters.ts";
export type {
  Examined,
  Letter,
  Mailbox,
  Outgoing,
  OutgoingRecipient,
  Peer,
  Screened,
  Screening,
  SmtpPorts,
  Submitter,
  SubmitRefusal,
} from "./ports.ts";
export { openSmtpServer, type SmtpServer, type SmtpServerOptions } from "./server.ts";
export type { SmtpRole } from "./state.ts";
