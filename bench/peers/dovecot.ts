// Starts Debian's Dovecot in a folder of its own, as a peer to measure against.
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findProgram } from "../../test/require.ts";
import { freePorts } from "../../test/ports.ts";

export interface Dovecot extends AsyncDisposable {
  readonly version: string;
  readonly imapPort: number;
  readonly lmtpPort: number;
  /** Password of every user. */
  readonly password: string;
  /** All its processes. */
  pids(): readonly number[];
}

/** Users are "u0" to "uN"; undefined when Dovecot is not installed. */
export async function startDovecot(users: number): Promise<Dovecot | undefined> {
  const program = findProgram("dovecot");
  if (program === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), "bailee-dovecot-"));
  const [imapPort = 0, lmtpPort = 0] = await freePorts(2);
  const owner = ids("mail");
  const values: Record<string, string> = {
    FOLDER: folder,
    USER: owner.name,
    GROUP: owner.group,
    IMAP_PORT: String(imapPort),
    LMTP_PORT: String(lmtpPort),
  };
  const template = await readFile(join(import.meta.dirname, "dovecot.conf"), "utf8");
  const config = join(folder, "dovecot.conf");
  await writeFile(
    config,
    template.replaceAll(/@([A-Z_]+)@/g, (_, name: string) => values[name] ?? ""),
  );
  const password = "bench";
  const lines = Array.from({ length: users }, (_, index) => `u${index}:${password}::::::\n`);
  await writeFile(join(folder, "users"), lines.join(""));
  await mkdir(join(folder, "mail"));
  await chown(join(folder, "mail"), owner.uid, owner.gid);
  await chown(folder, owner.uid, owner.gid);
  await chmod(folder, 0o755);
  const child = spawn(program, ["-F", "-c", config], { stdio: "ignore" });
  await listening(imapPort);
  await listening(lmtpPort);
  return {
    version: spawnSync(program, ["--version"], { encoding: "utf8" }).stdout.trim(),
    imapPort,
    lmtpPort,
    password,
    pids: () => descendants(child.pid ?? 0),
    async [Symbol.asyncDispose]() {
      const ended = new Promise((done) => child.once("exit", done));
      child.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A process and all below it, from /proc. */
function descendants(pid: number): readonly number[] {
  let below = "";
  try {
    below = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1");
  } catch {
    // It ended in this instant.
  }
  const children = below.split(" ").filter((each) => each !== "");
  return [pid, ...children.flatMap((child) => descendants(Number(child)))];
}

function ids(user: string): { name: string; group: string; uid: number; gid: number } {
  const number = (flag: string): number =>
    Number(spawnSync("id", [flag, user], { encoding: "utf8" }).stdout.trim());
  return { name: user, group: user, uid: number("-u"), gid: number("-g") };
}

async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const answered = await new Promise<boolean>((done) => {
      const socket = connect(port, "127.0.0.1", () => done(true)).on("error", () => done(false));
      socket.on("connect", () => socket.destroy());
    });
    if (answered) return;
    await sleep(50);
  }
  throw new Error(`nothing listens on port ${port}`);
}
