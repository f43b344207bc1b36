// The letters in which reports travel: an aggregate report attached (RFC 9990 §3.4), a TLS report as multipart/report (RFC 8460 §5.3).
import { concatBytes, fromUtf8, toBase64 } from "#base/bytes";
import { folded } from "#mail/message";

export interface Attached {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly messageId: string;
  readonly text: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** "mixed", or "report; report-type=tlsrpt". */
  readonly multipart: string;
  readonly type: string;
  readonly filename: string;
  readonly content: Uint8Array;
}

/** The whole letter with CRLF line ends. Every value is ASCII without line ends. */
export function letterWith(letter: Attached): Uint8Array {
  const { from, to, subject, at, messageId, text, fields, multipart, type, filename } = letter;
  const boundary = `bailee-${messageId.replace(/[^a-z0-9]/gi, "").slice(0, 40)}`;
  const header = [
    ["Date", new Date(at).toUTCString().replace("GMT", "+0000")],
    ["From", from],
    ["To", to],
    ["Subject", subject],
    ["Message-ID", `<${messageId}>`],
    // Nobody's absence note answers a report (RFC 3834 §2).
    ["Auto-Submitted", "auto-generated"],
    ...fields,
    ["MIME-Version", "1.0"],
    ["Content-Type", `multipart/${multipart}; boundary="${boundary}"`],
  ] as const;
  const base64 = toBase64(letter.content).replaceAll(/.{76}(?=.)/g, "$&\r\n");
  const lines = [
    header.map(([name, value]) => folded(name, value)).join(""),
    `--${boundary}`,
    "Content-Type: text/plain; charset=us-ascii",
    "",
    text.replaceAll("\n", "\r\n"),
    `--${boundary}`,
    `Content-Type: ${type}; name="${filename}"`,
    `Content-Disposition: attachment; filename="${filename}"`,
    "Content-Transfer-Encoding: base64",
    "",
    base64,
    `--${boundary}--`,
    "",
  ];
  return concatBytes(fromUtf8(lines.join("\r\n")));
}
