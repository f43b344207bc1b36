// What Dovecot makes of messages: its envelopes and body structures, read by doveadm from a folder of files, without a server.
import { spawnSync } from "node:child_process";
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram } from "../require.ts";

/** A parenthesized list as IMAP writes it: strings (one character per octet), numbers, null for NIL. */
export type Listed = string | number | null | readonly Listed[];

export interface Described {
  readonly envelope: Listed;
  readonly structure: Listed;
}

/** Dovecot's word on each message, in order. Throws when doveadm gave something else. */
export async function describeByDovecot(messages: readonly Uint8Array[]): Promise<Described[]> {
  const folder = await mkdtemp(join(tmpdir(), "bailee-doveadm-"));
  try {
    const mail = join(folder, "mail");
    for (const name of ["cur", "new", "tmp"]) await mkdir(join(mail, name), { recursive: true });
    for (const [index, bytes] of messages.entries()) {
      await writeFile(join(mail, "cur", `${100_000 + index}.one:2,`), bytes);
    }
    const user = await handOver(folder, mail);
    const config = join(folder, "dovecot.conf");
    await writeFile(config, settings(folder, user));
    return answers(config, user.name, messages.length);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Dovecot reads no mail as root; what root tries is given to an ordinary user. */
async function handOver(folder: string, mail: string): Promise<User> {
  const number = (...args: string[]) => spawnSync("id", args, { encoding: "utf8" }).stdout.trim();
  if (process.getuid?.() !== 0) {
    return { name: number("-un"), uid: Number(number("-u")), gid: Number(number("-g")) };
  }
  const user = {
    name: "mail",
    uid: Number(number("-u", "mail")),
    gid: Number(number("-g", "mail")),
  };
  await chmod(folder, 0o755);
  await chown(folder, user.uid, user.gid);
  for (const path of [mail, ...["cur", "new", "tmp"].map((name) => join(mail, name))]) {
    await chown(path, user.uid, user.gid);
  }
  return user;
}

function settings(folder: string, { uid, gid }: User): string {
  return `mail_location = maildir:${folder}/mail
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/log
protocols = imap
ssl = no
first_valid_uid = 1
mail_uid = ${uid}
mail_gid = ${gid}
mail_home = ${folder}
mail_fsync = never
`;
}

function answers(config: string, name: string, count: number): Described[] {
  const args = ["-c", config, "-f", "json", "fetch", "imap.envelope imap.bodystructure", "ALL"];
  const { stdout, stderr } = spawnSync(findProgram("doveadm") ?? "", args, {
    cwd: tmpdir(),
    env: { ...process.env, USER: name },
    maxBuffer: 1 << 30,
  });
  const rows = JSON.parse(stdout.toString("utf8") || "[]") as {
    readonly [field: string]: string;
  }[];
  if (rows.length !== count)
    throw new Error(`doveadm gave ${rows.length} of ${count}: ${stderr.toString()}`);
  return rows.map((row) => ({
    envelope: readList(latin1(row["imap.envelope"])),
    structure: readList(latin1(row["imap.bodystructure"])),
  }));
}

function latin1(text = ""): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** Reads what stands between the outer parentheses of a list, which doveadm leaves out. */
export function readList(text: string): readonly Listed[] {
  const open: Listed[][] = [[]];
  let at = 0;
  while (at < text.length) {
    const top = open.at(-1) ?? [];
    const rest = text.slice(at, at + 40);
    const literal = /^\{(\d+)\}\r?\n/.exec(rest);
    const word = /^[^\s()"{]+/.exec(rest)?.[0];
    if (rest.startsWith("(")) {
      open.push([]);
      at += 1;
    } else if (rest.startsWith(")")) {
      open.pop();
      open.at(-1)?.push(top);
      at += 1;
    } else if (rest.startsWith('"')) {
      const quoted = /"((?:[^"\\]|\\.)*)"/sy;
      quoted.lastIndex = at;
      const match = quoted.exec(text);
      if (match === null) throw new Error("a quoted string without an end");
      top.push((match[1] ?? "").replace(/\\(.)/gs, "$1"));
      at = quoted.lastIndex;
    } else if (literal !== null) {
      const from = at + literal[0].length;
      top.push(text.slice(from, from + Number(literal[1])));
      at = from + Number(literal[1]);
    } else if (word === undefined) {
      at += 1;
    } else {
      top.push(word === "NIL" ? null : Number(word));
      at += word.length;
    }
  }
  return open[0] ?? [];
}
