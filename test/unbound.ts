// A private unbound from Debian as a validating resolver, with zones that ldns has signed, on loopback and a free port. It validates
// as any resolver would; only its trust anchors are ours.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { openDns } from "#dns";
import { freePorts } from "./ports.ts";
import { findProgram, requirePrograms } from "./require.ts";

const run = promisify(execFile);

export interface SignedZone {
  readonly name: string;
  /** Lines after the SOA and NS, names relative to the zone. */
  readonly records: readonly string[];
  /** Not signed, and nothing says that it should be. */
  readonly unsigned?: boolean;
  /** Changes the signed file, as an attacker would. */
  readonly forge?: (signed: string) => string;
}

export function requireUnbound(t: TestContext): boolean {
  return requirePrograms(t, "unbound", "ldns-keygen", "ldns-signzone");
}

/** Its address and port, as BAILEE_DNS takes them; stopped when the test ends. */
export async function startUnbound(t: TestContext, zones: readonly SignedZone[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bailee-unbound-"));
  const anchors: string[] = [];
  for (const zone of zones) anchors.push(...(await writeZone(folder, zone)));
  // It takes the port for UDP and TCP: from a block that no other test draws on, and the system for no connection.
  const [port = 0] = await freePorts(1);
  await writeFile(join(folder, "unbound.conf"), configuration(folder, port, zones, anchors));
  const program = findProgram("unbound") ?? "unbound";
  const child: ChildProcess = spawn(program, ["-d", "-c", join(folder, "unbound.conf")], {
    stdio: "ignore",
  });
  t.after(async () => {
    if (child.exitCode === null) {
      child.kill();
      await once(child, "exit");
    }
    await rm(folder, { recursive: true, force: true });
  });
  const server = `127.0.0.1:${port}`;
  await answering(server, zones[0]?.name ?? "");
  return server;
}

/** Writes the zone's file and returns its trust anchors. */
async function writeZone(folder: string, zone: SignedZone): Promise<readonly string[]> {
  const file = join(folder, `${zone.name}.zone`);
  const head = [
    `$ORIGIN ${zone.name}.`,
    "$TTL 60",
    `@ IN SOA ns.${zone.name}. hostmaster.${zone.name}. 1 3600 600 86400 60`,
    `@ IN NS ns.${zone.name}.`,
    "ns IN A 127.0.0.1",
  ];
  await writeFile(file, `${[...head, ...zone.records].join("\n")}\n`);
  if (zone.unsigned === true) return [];
  const options = { cwd: folder };
  const { stdout } = await run("ldns-keygen", ["-k", "-a", "ECDSAP256SHA256", zone.name], options);
  const key = stdout.trim();
  await run("ldns-signzone", ["-f", `${file}.signed`, file, key], options);
  const signed = await readFile(`${file}.signed`, "utf8");
  await writeFile(file, zone.forge === undefined ? signed : zone.forge(signed));
  const anchor = (await readdir(folder)).find((name) => name === `${key}.key`);
  return anchor === undefined ? [] : [join(folder, anchor)];
}

function configuration(
  folder: string,
  port: number,
  zones: readonly SignedZone[],
  anchors: readonly string[],
): string {
  const server = [
    "server:",
    '  chroot: ""',
    '  username: ""',
    `  directory: "${folder}"`,
    `  pidfile: "${join(folder, "pid")}"`,
    "  use-syslog: no",
    `  logfile: "${join(folder, "log")}"`,
    `  interface: 127.0.0.1@${port}`,
    "  do-ip6: no",
    "  do-daemonize: no",
    "  access-control: 127.0.0.0/8 allow",
    '  module-config: "validator iterator"',
    ...anchors.map((file) => `  trust-anchor-file: "${file}"`),
  ];
  const data = zones.flatMap(({ name }) => [
    "auth-zone:",
    `  name: "${name}."`,
    `  zonefile: "${join(folder, `${name}.zone`)}"`,
    "  for-downstream: no",
    "  for-upstream: yes",
    "  fallback-enabled: no",
  ]);
  return `${[...server, "remote-control:", "  control-enable: no", ...data].join("\n")}\n`;
}

async function answering(server: string, name: string): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    const answer = await openDns(server, { timeout: 200 }).lookup(name, "SOA");
    if (answer.ok || answer.why !== "trouble") return;
    await wait(50);
  }
  throw new Error("unbound did not answer within twenty seconds");
}
