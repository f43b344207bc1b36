// A private Postfix from Debian as another mail server: its own configuration, queue and mailboxes in a temporary folder, on
// loopback, started and stopped as root. friend@far.example has a mailbox there, later@ is refused for now, others for good. Asked to,
// it speaks TLS and hands mail for our domain on to us, never without TLS.
import { execFile } from "node:child_process";
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { promisify } from "node:util";
import { findProgram, requireOrSkip, requirePrograms } from "./require.ts";

const run = promisify(execFile);

export interface Postfix {
  readonly port: number;
  /** The mailbox of friend@far.example, as mbox. */
  mailbox(): Promise<string>;
  /** What it wrote into its log. */
  log(): Promise<string>;
}

export interface PostfixMore {
  /** PEM. It then offers STARTTLS. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Where it hands on mail for bailee.example. */
  readonly handsOnTo?: number;
}

export function requirePostfix(t: TestContext): boolean {
  if (!requirePrograms(t, "postfix", "postconf")) return false;
  return requireOrSkip(t, userInfo().uid === 0, "Postfix is started by root only");
}

const services = (port: number) => `
127.0.0.1:${port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
smtp unix - - n - - smtp
postlog unix-dgram n - n - 1 postlogd
`;

/** Starts it on a port that the caller knows to be free; stopped and deleted when the test ends. */
export async function startPostfix(
  t: TestContext,
  port: number,
  more: PostfixMore = {},
): Promise<Postfix> {
  const folder = await mkdtemp(join(tmpdir(), "bailee-postfix-"));
  await chmod(folder, 0o755);
  const { stdout } = await run("id", ["-u", "postfix"]);
  const { stdout: group } = await run("id", ["-g", "postfix"]);
  const [uid, gid] = [Number(stdout), Number(group)];
  for (const name of ["conf", "queue", "data", "box"]) await mkdir(join(folder, name));
  for (const name of ["data", "box"]) await chown(join(folder, name), uid, gid);
  const settings = {
    compatibility_level: "3.6",
    queue_directory: join(folder, "queue"),
    data_directory: join(folder, "data"),
    command_directory: "/usr/sbin",
    daemon_directory: "/usr/lib/postfix/sbin",
    mail_owner: "postfix",
    setgid_group: "postdrop",
    maillog_file: join(folder, "log"),
    maillog_file_prefixes: folder,
    inet_interfaces: "127.0.0.1",
    inet_protocols: "ipv4",
    myhostname: "mx.far.example",
    mydestination: "",
    alias_maps: "",
    local_recipient_maps: "",
    virtual_mailbox_domains: "far.example",
    virtual_mailbox_base: join(folder, "box"),
    virtual_mailbox_maps: "inline:{friend@far.example=friend, later@far.example=later}",
    virtual_uid_maps: `static:${uid}`,
    virtual_gid_maps: `static:${gid}`,
    virtual_minimum_uid: "1",
    smtpd_recipient_restrictions:
      "check_recipient_access inline:{later@far.example=DEFER_IF_PERMIT}, permit_auth_destination, reject",
    smtpd_relay_restrictions: "reject_unauth_destination",
    smtpd_forbid_bare_newline: "yes",
    ...(await settingsFor(more, folder)),
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  await writeFile(join(folder, "conf", "main.cf"), `${lines.join("\n")}\n`);
  await writeFile(join(folder, "conf", "master.cf"), services(port));
  const postfix = findProgram("postfix") ?? "postfix";
  const tell = (word: string) => run(postfix, ["-c", join(folder, "conf"), word]);
  t.after(async () => {
    await tell("stop").catch(() => {});
    await rm(folder, { recursive: true, force: true });
  });
  await tell("start");
  return {
    port,
    log: () => readFile(join(folder, "log"), "utf8").catch(() => ""),
    mailbox: () => readFile(join(folder, "box", "friend"), "utf8").catch(() => ""),
  };
}

async function settingsFor({ tls, handsOnTo }: PostfixMore, folder: string) {
  const settings: Record<string, string> = {};
  if (tls !== undefined) {
    const [key, cert] = [join(folder, "conf", "key.pem"), join(folder, "conf", "cert.pem")];
    await writeFile(key, tls.key, { mode: 0o600 });
    await writeFile(cert, tls.cert);
    Object.assign(settings, {
      smtpd_tls_security_level: "may",
      smtpd_tls_key_file: key,
      smtpd_tls_cert_file: cert,
      smtpd_tls_received_header: "yes",
    });
  }
  if (handsOnTo !== undefined)
    Object.assign(settings, {
      transport_maps: `inline:{bailee.example=smtp:[127.0.0.1]:${handsOnTo}}`,
      mynetworks: "127.0.0.0/8",
      smtpd_recipient_restrictions: "permit_mynetworks, reject",
      smtpd_relay_restrictions: "permit_mynetworks, reject",
      smtp_tls_security_level: "encrypt",
      smtp_dns_support_level: "disabled",
      minimal_backoff_time: "1s",
      queue_run_delay: "1s",
    });
  return settings;
}
