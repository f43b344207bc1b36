// A person's home folder as docs/mail-programs.md has it: their password, the certificate, and the settings of a program taken from the page.
import assert from "node:assert/strict";
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import type { TestClient } from "../client.ts";
import { type House, type Ran, root, runProgram } from "../house.ts";

export interface Home {
  readonly path: string;
  /** Writes the page's block of that name, with the house's ports and the client's name, to a file of the folder; `change` may bend it. */
  readonly settle: (
    block: string,
    file: string,
    change?: (settings: string) => string,
  ) => Promise<void>;
  readonly run: (program: string, args: readonly string[], input?: string) => Promise<Ran>;
}

/** Removed when the test ends. */
export async function openHome(
  t: TestContext,
  house: Pick<House, "data" | "ports">,
  client: TestClient,
): Promise<Home> {
  const path = await mkdtemp(join(tmpdir(), "bailee-home-"));
  t.after(() => rm(path, { recursive: true, force: true, maxRetries: 5 }));
  await writeFile(join(path, ".bailee-password"), `${client.password}\n`, { mode: 0o600 });
  await copyFile(join(house.data, "server/tls/cert.pem"), join(path, ".bailee.pem"));
  const page = await readFile(join(root, "docs/mail-programs.md"), "utf8");
  const env = { PATH: process.env["PATH"], HOME: path, TERM: "xterm", LANG: "C.UTF-8" };
  const [name = ""] = client.address.split("@");
  return {
    path,
    async settle(block, file, change = (settings) => settings) {
      const found = new RegExp(`^\`\`\`${block}\\n(.*?)^\`\`\``, "ms").exec(page)?.[1];
      assert.ok(found !== undefined, `the page has a block ${block}`);
      const { IMAPS, SUBMISSIONS, POP3S } = house.ports;
      const ours = found
        .replaceAll("2993", `${IMAPS}`)
        .replaceAll("2465", `${SUBMISSIONS}`)
        .replaceAll("2995", `${POP3S}`)
        .replaceAll("alice", name);
      const folder = dirname(join(path, file));
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(join(path, file), change(ours), { mode: 0o600 });
      // getmail reads nothing from a folder that others may read.
      if (folder !== path) await chmod(folder, 0o700);
    },
    run: (program, args, input) => runProgram(program, args, { env, cwd: path, input }),
  };
}

/** getmail writes no Maildir as root, which tests may be: then a command puts each letter there. */
export function deliveringAsRoot(settings: string): string {
  if (process.getuid?.() !== 0) return settings;
  const command = `type = MDA_external
path = /bin/sh
arguments = ("-c", "cat > $HOME/mail/INBOX/new/$$")
allow_root_commands = true
`;
  return settings.replace(/type = Maildir\n.*\n/, () => command);
}
