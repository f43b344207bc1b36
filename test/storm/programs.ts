// What the storm of mail programs compares: a mailbox as imapflow reads it and a Maildir as it lies there, message by message: which, its
// flags, and its octets but for line ends and what the programs themselves put in.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ImapFlow } from "imapflow";
import { makeLetter } from "../letters.ts";

/** By folder, by Message-ID: flags in the letters of Maildir, and a hash. */
export type Letters = ReadonlyMap<string, ReadonlyMap<string, string>>;

// What mbsync and offlineimap add to a message that they upload, so that they find it again.
const ADDED = /^(?:X-TUID|X-OfflineIMAP)[^\n]*\n/gim;

function told(bytes: Uint8Array, flags: string): readonly [id: string, told: string] {
  const text = Buffer.from(bytes).toString("latin1").replaceAll("\r\n", "\n");
  const end = text.indexOf("\n\n");
  const header = text.slice(0, end + 1).replaceAll(ADDED, "");
  const id = /^Message-ID: (.*)$/im.exec(header)?.[1] ?? "none";
  const hash = createHash("sha256").update(header).update(text.slice(end).trimEnd()).digest("hex");
  return [id, `${flags.split("").sort().join("")} ${hash.slice(0, 16)}`];
}

const letterOf: { readonly [flag: string]: string } = {
  "\\Seen": "S",
  "\\Flagged": "F",
  "\\Answered": "R",
  "\\Deleted": "T",
  "\\Draft": "D",
};

export async function readMailbox(flow: ImapFlow, folders: readonly string[]): Promise<Letters> {
  const all = new Map<string, Map<string, string>>();
  for (const name of folders) {
    const messages = new Map<string, string>();
    const box = await flow.mailboxOpen(name);
    if (box.exists > 0)
      for await (const { source, flags } of flow.fetch("1:*", { source: true, flags: true })) {
        const marks = [...(flags ?? [])].map((flag) => letterOf[flag] ?? "").join("");
        messages.set(...told(source ?? new Uint8Array(), marks));
      }
    all.set(name, messages);
  }
  return all;
}

export async function readMaildir(mail: string, folders: readonly string[]): Promise<Letters> {
  const all = new Map<string, Map<string, string>>();
  for (const name of folders) {
    const messages = new Map<string, string>();
    for (const part of ["cur", "new"])
      for (const file of await readdir(join(mail, name, part)).catch(() => [])) {
        const flags = /:2,([A-Z]*)$/.exec(file)?.[1] ?? "";
        messages.set(...told(await readFile(join(mail, name, part, file)), flags));
      }
    all.set(name, messages);
  }
  return all;
}

/** Fails with the first messages that differ. */
export function bothSides(near: Letters, far: Letters, when: string): void {
  for (const [name, there] of far) {
    const here = near.get(name) ?? new Map<string, string>();
    const differ = [...new Set([...there.keys(), ...here.keys()])].filter(
      (id) => there.get(id) !== here.get(id),
    );
    const shown = differ
      .slice(0, 5)
      .map((id) => `${id}: near ${here.get(id) ?? "-"}, far ${there.get(id) ?? "-"}`);
    assert.deepEqual(shown, [], `${when}, ${name}: ${differ.length} differ`);
  }
}

/** An mbox of letters of many shapes, each with a Message-ID of its own; the same for the same arguments. */
export function variousLetters(count: number, to: string): Buffer {
  const letters: Buffer[] = [];
  for (let n = 0; n < count; n += 1) {
    const bytes = Buffer.from(
      Array.from({ length: 200 + (n % 40) * 97 }, (_, at) => (at * n) % 251),
    );
    const letter = makeLetter({
      from: n % 3 === 0 ? `"Bob, the ${n}." <bob${n}@example.org>` : `bob${n % 50}@example.org`,
      to,
      subject: n % 4 === 0 ? `Grüße aus dem ${n}. Garten` : `letter ${n}`,
      text: `A quince ${n % 100} on line one.\n${"and a line more\n".repeat(n % 30)}${n % 7 === 0 ? ".\nFrom the dot\n" : ""}`,
      ...(n % 5 === 0 && { html: `<p>A <b>quince</b> ${n}</p>` }),
      ...(n % 8 === 0 && {
        attachments: [{ name: `Größe ${n}.bin`, type: "application/octet-stream", bytes }],
      }),
      ...(n % 6 === 0 && {
        headers: [`In-Reply-To: <m${n - 1}@storm.example>`, "List-Id: <a.list>"],
      }),
      date: new Date(Date.UTC(2026, 0, 1) + n * 60_000),
      messageId: `m${n}@storm.example`,
    });
    const escaped = letter
      .toString("latin1")
      .replaceAll("\r\n", "\n")
      .replaceAll(/^(>*From )/gm, ">$1");
    letters.push(
      Buffer.from(`From bob@example.org Thu Jan  1 00:00:00 2026\n${escaped}\n\n`, "latin1"),
    );
  }
  return Buffer.concat(letters);
}
