// Opens the file of second copies that an interception's recipient was handed, with the recipient's own key.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseCopies } from "#disclosure";
import { openOpener } from "#vault";

/** Opens a file of second copies into a folder; undefined when it is none, or one does not open with this key for this grant. */
export async function openCopies(
  secret: Uint8Array,
  grant: string,
  bytes: Uint8Array,
  folder: string,
): Promise<number | undefined> {
  const parsed = parseCopies(bytes);
  if (parsed?.grant !== grant) return undefined;
  const opener = openOpener(secret);
  const letters: { readonly name: string; readonly bytes: Uint8Array }[] = [];
  for (const { id, at, direction, sealed } of parsed.copies) {
    const context = {
      class: "case",
      client: "",
      account: "",
      object: grant,
      part: `copy/${id}`,
    } as const;
    const opened = opener.open(context, "handle-case", sealed);
    if (!opened.ok) return undefined;
    const when = new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, "");
    letters.push({ name: `${when}-${direction}-${id}.eml`, bytes: opened.value });
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const { name, bytes: letter } of letters)
    await writeFile(join(folder, name), letter, { mode: 0o600 });
  return letters.length;
}
