// A letter from the house itself to a client: what is being asked of them, or who looked. Plain text; holds nothing that was opened.
import { fromUtf8 } from "#base/bytes";
import { newId } from "#base/ids";

/** RFC 5322 with CRLF line ends; words are ours, in lines of at most 76 characters where they have spaces. */
export function houseLetter(about: {
  readonly domain: string;
  readonly to: string;
  readonly subject: string;
  readonly paragraphs: readonly string[];
  /** Milliseconds since 1970. */
  readonly at: number;
}): Uint8Array {
  const { domain, to, subject, paragraphs, at } = about;
  return fromUtf8(
    [
      `Date: ${new Date(at).toUTCString().replace("GMT", "+0000")}`,
      `From: Your mail provider <postmaster@${domain}>`,
      `To: <${to}>`,
      `Message-ID: <${newId()}@${domain}>`,
      `Subject: ${subject}`,
      // RFC 3834 §5: nobody's absence note answers it.
      "Auto-Submitted: auto-generated",
      "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8",
      "Content-Transfer-Encoding: 8bit",
      "",
      ...paragraphs.flatMap((paragraph) => [...wrapped(paragraph), ""]),
    ].join("\r\n"),
  );
}

const WIDTH = 76;

function wrapped(paragraph: string): string[] {
  const lines: string[] = [""];
  for (const word of paragraph.split(/\s+/)) {
    const line = lines.at(-1) ?? "";
    if (line !== "" && line.length + 1 + word.length > WIDTH) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines;
}
