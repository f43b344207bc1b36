// Our own static files, named by the hash of their content so that a browser may keep them for a year. Read once at start;
// serves no path from the disk.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const types = { css: "text/css; charset=utf-8", svg: "image/svg+xml" } as const;

interface StaticFile {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface StaticFiles {
  /** The path to write into a page: "/files/site-1a2b3c4d.css". */
  path(name: string): string;
  /** The file behind a name with its hash; undefined for anything else. */
  find(hashedName: string): StaticFile | undefined;
}

function readFiles(): StaticFiles {
  const byName = new Map<string, string>();
  const byHash = new Map<string, StaticFile>();
  for (const name of ["site.css", "seal.svg"] as const) {
    const bytes = new Uint8Array(readFileSync(join(import.meta.dirname, "files", name)));
    const [stem, extension] = name.split(".") as [string, keyof typeof types];
    const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
    const hashed = `${stem}-${hash}.${extension}`;
    byName.set(name, `/files/${hashed}`);
    byHash.set(hashed, { type: types[extension], bytes });
  }
  return {
    path: (name) => byName.get(name) ?? "",
    find: (hashedName) => byHash.get(hashedName),
  };
}

export const staticFiles: StaticFiles = readFiles();
