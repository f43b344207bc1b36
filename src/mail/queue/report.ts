// Delivery status notifications (RFC 3464 in RFC 6522's multipart/report): failed, delayed, delivered, relayed. Pure: bytes
// out of facts. A report goes out with the null reverse-path, and none is ever made about a report.
import { asBuffer, concatBytes, fromUtf8 } from "#base/bytes";
import type { NotifyOn, Outgoing, OutgoingRecipient, QueueOptions } from "./contract.ts";
import type { Reason } from "./verdict.ts";

export type Action = "failed" | "delayed" | "delivered" | "relayed";

export interface Reported {
  readonly recipient: OutgoingRecipient;
  readonly action: Action;
  /** Undefined for success. */
  readonly reason: Reason | undefined;
}

export interface ReportFacts {
  readonly id: string;
  readonly hostname: string;
  /** Milliseconds since 1970: now, when the message came, when the queue gives up. */
  readonly at: number;
  readonly arrived: number;
  readonly givesUp: number;
  readonly original: Pick<
    Outgoing,
    "client" | "account" | "sender" | "raw" | "ret" | "envid" | "requireTls"
  >;
  readonly reported: readonly Reported[];
}

// A whole message is returned only where it is small: the sender has theirs, and a report should fit into any mailbox.
const MAX_RETURNED = 256 * 1024;
const MAX_RETURNED_HEADER = 64 * 1024;

const subjects: { readonly [action in Action]: string } = {
  failed: "Your message was not delivered",
  delayed: "Your message is delayed",
  delivered: "Your message was delivered",
  relayed: "Your message was passed on",
};

const openings: { readonly [action in Action]: string } = {
  failed: "Your message could not be delivered to the addresses below. It will not be tried again.",
  delayed:
    "Your message has not reached the addresses below yet. You need do nothing: it is tried again until",
  delivered: "Your message was delivered to the addresses below, as you asked to be told.",
  relayed:
    "Your message was passed on to a mail server that sends no reports of delivery. Nothing more will be told about the addresses below.",
};

/** RFC 3461 §4.1: whether the sender wants to hear of this. Without NOTIFY: of failure, and of delay. */
export function wantsReport(notify: readonly NotifyOn[] | undefined, action: Action): boolean {
  if (action === "failed") return notify === undefined || notify.includes("failure");
  if (action === "delayed") return notify === undefined || notify.includes("delay");
  return notify?.includes("success") ?? false;
}

/** The report as a message for the queue. All of `reported` have one action. */
function reportMessage(facts: ReportFacts): Outgoing {
  const { id, hostname, at, original, reported } = facts;
  const action = reported[0]?.action ?? "failed";
  const boundary = `report-${id}`;
  const header = [
    `Date: ${mailDate(at)}`,
    `From: Mail delivery <postmaster@${hostname}>`,
    `To: <${original.sender}>`,
    `Message-ID: <${id}@${hostname}>`,
    `Subject: ${subjects[action]}`,
    "Auto-Submitted: auto-replied",
    "MIME-Version: 1.0",
    `Content-Type: multipart/report; report-type=delivery-status;`,
    `\tboundary="${boundary}"`,
    "",
    `--${boundary}`,
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: 8bit",
    "",
    ...explanation(facts, action),
    "",
    `--${boundary}`,
    "Content-Type: message/delivery-status",
    "",
    ...statusFields(facts),
    `--${boundary}`,
    "",
  ].join("\r\n");
  const raw = concatBytes(
    fromUtf8(header),
    returned(original, action),
    fromUtf8(`\r\n--${boundary}--\r\n`),
  );
  const { client, account, sender, requireTls } = original;
  const recipients = [{ address: sender, notify: ["never"] as const, orcpt: undefined }];
  return {
    client,
    account,
    sender: "",
    recipients,
    raw,
    ret: undefined,
    envid: undefined,
    requireTls,
  };
}

/** The same as it leaves: with the signatures that the house puts in front of it, where it has keys. */
export async function signedReport(
  { signReport }: Pick<QueueOptions, "signReport">,
  facts: ReportFacts,
): Promise<Outgoing> {
  const report = reportMessage(facts);
  return signReport === undefined ? report : { ...report, raw: await signReport(report.raw) };
}

function explanation({ reported, givesUp }: ReportFacts, action: Action): string[] {
  const until = action === "delayed" ? ` ${mailDate(givesUp)}.` : "";
  return [
    `${openings[action]}${until}`,
    "",
    ...reported.flatMap(({ recipient, reason }) => [
      `  ${recipient.address}`,
      ...(reason === undefined
        ? []
        : [`    ${reason.fromPeer ? "the other server said: " : ""}${reason.text}`]),
    ]),
  ];
}

/** RFC 3464 §2.2 and §2.3. */
function statusFields(facts: ReportFacts): string[] {
  const { hostname, arrived, at, givesUp, original, reported } = facts;
  const perMessage = [
    ...(original.envid === undefined ? [] : [`Original-Envelope-Id: ${fromXtext(original.envid)}`]),
    `Reporting-MTA: dns; ${hostname}`,
    `Arrival-Date: ${mailDate(arrived)}`,
    "",
  ];
  const perRecipient = reported.flatMap(({ recipient, action, reason }) => [
    ...(recipient.orcpt === undefined ? [] : [`Original-Recipient: ${fromXtext(recipient.orcpt)}`]),
    `Final-Recipient: rfc822; ${recipient.address}`,
    `Action: ${action}`,
    `Status: ${reason?.status ?? "2.0.0"}`,
    ...(reason?.fromPeer === true && reason.host !== undefined
      ? [`Remote-MTA: dns; ${reason.host}`, `Diagnostic-Code: smtp; ${reason.text}`]
      : []),
    `Last-Attempt-Date: ${mailDate(at)}`,
    ...(action === "delayed" ? [`Will-Retry-Until: ${mailDate(givesUp)}`] : []),
    "",
  ]);
  return [...perMessage, ...perRecipient];
}

/** The original, whole or its header only (RFC 3461 §4.3; of a delay or success never the whole). */
function returned(original: ReportFacts["original"], action: Action): Uint8Array {
  const raw = asBuffer(original.raw);
  // RFC 8689 §5: what had to stay under TLS is not sent back through who knows where.
  const wanted = original.ret !== "headers" && original.requireTls !== true;
  const whole = action === "failed" && wanted && raw.byteLength <= MAX_RETURNED;
  const end = raw.indexOf("\r\n\r\n");
  const header = raw.subarray(
    0,
    Math.min(end === -1 ? raw.byteLength : end + 2, MAX_RETURNED_HEADER),
  );
  const type = whole ? "message/rfc822" : "text/rfc822-headers";
  const bytes = whole ? raw : header;
  const encoding = bytes.some((octet) => octet > 127) ? "8bit" : "7bit";
  const head = `Content-Type: ${type}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`;
  return concatBytes(fromUtf8(head), bytes);
}

/** RFC 3461 §4: "+2B" is "+". What would break a header line is left out. */
export function fromXtext(text: string): string {
  return text
    .replaceAll(/\+([0-9A-F]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
    .replaceAll(/[^\x20-\x7e]/g, "");
}

function mailDate(at: number): string {
  return new Date(at).toUTCString().replace("GMT", "+0000");
}
