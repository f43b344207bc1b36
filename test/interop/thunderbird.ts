// A real Thunderbird without a window, with a profile of its own and one account at a test's Bailee. What it is told to do stands
// in thunderbird-inside.js and runs inside it; nothing here speaks IMAP or SMTP.
import { spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { TestClient } from "../client.ts";
import type { House } from "../house.ts";
import { openMarionette } from "./marionette.ts";

export interface Thunderbird {
  readonly version: string;
  /** What it found for the address by itself: type, host, port and kind of socket (3: TLS); undefined where it was told. */
  readonly found: unknown;
  /** Calls a function of thunderbird-inside.js by its name and gives what it resolves with. */
  call<Answer>(name: string, ...args: unknown[]): Promise<Answer>;
}

// Starting, a first time on a slow machine, is a matter of seconds; a step inside waits for the server at most this long.
const START_MS = 60_000;
const STEP_MS = 30_000;

/** Starts Thunderbird with the client's account, its password saved and the house's certificate trusted; it is ended, and its profile removed, when the test ends. */
export async function startThunderbird(
  t: TestContext,
  house: House,
  client: TestClient,
  /** Whether its settings are written for it, or it finds them by asking the address's domain (on port 80). */
  by: "settings" | "autoconfig" = "settings",
): Promise<Thunderbird> {
  const folder = await mkdtemp(join(tmpdir(), "bailee-thunderbird-"));
  const profile = join(folder, "profile");
  await mkdir(profile);
  await writeFile(
    join(profile, "user.js"),
    preferences(by === "settings" ? account(house, client) : {}),
  );
  const child = spawn(
    "thunderbird",
    [
      "--headless",
      "--no-remote",
      "--profile",
      profile,
      "--marionette",
      "--remote-allow-system-access",
    ],
    {
      env: {
        PATH: process.env["PATH"],
        HOME: folder,
        LANG: "C.UTF-8",
        TMPDIR: folder,
        MOZ_CRASHREPORTER_DISABLE: "1",
        ...debugging(),
      },
      stdio: "ignore",
      detached: true, // its own process group: its content processes end with it
    },
  );
  const ended = new Promise<void>((done) => child.once("exit", () => done()));
  t.after(async () => {
    if (child.pid !== undefined) killGroup(child.pid);
    await ended;
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  const marionette = await openMarionette(await listeningPort(profile, child));
  t.after(() => marionette[Symbol.dispose]());
  await marionette.command("WebDriver:SetTimeouts", { script: STEP_MS });
  const inside = readFileSync(join(import.meta.dirname, "thunderbird-inside.js"), "utf8");
  const call = async <Answer>(name: string, ...args: unknown[]): Promise<Answer> => {
    const said = (await marionette.command("WebDriver:ExecuteAsyncScript", {
      script: `${inside}${calling}`,
      args: [{ name, args }],
    })) as { value: { answer?: Answer; error?: string } };
    if (said.value.error !== undefined) throw new Error(`${name}: ${said.value.error}`);
    return said.value.answer as Answer;
  };
  const { address, password } = client;
  const found =
    by === "autoconfig" ? await call<unknown>("configure", address, password) : undefined;
  const pem = await readFile(join(house.data, "server", "tls", "cert.pem"));
  const { IMAPS, SUBMISSION, SUBMISSIONS } = house.ports;
  const version = await call<string>("trust", {
    address,
    password,
    certificate: new X509Certificate(pem).raw.toString("base64"),
    ports: [IMAPS, SUBMISSION, SUBMISSIONS],
  });
  return { version, found, call };
}

// The last argument of an asynchronous script is what it calls when it is done.
const calling = `
  const finish = arguments[arguments.length - 1];
  const { name, args } = arguments[0];
  inside[name](...args).then(
    (answer) => finish({ answer: answer ?? null }),
    (error) => finish({ error: error + " " + error.stack }),
  );`;

function debugging(): NodeJS.ProcessEnv {
  const log = process.env["BAILEE_TEST_THUNDERBIRD_LOG"];
  return log === undefined ? {} : { MOZ_LOG: "sync,timestamp,IMAP:4,SMTP:4", MOZ_LOG_FILE: log };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}

/** Thunderbird picks a free port and writes it into its profile once it listens. */
async function listeningPort(
  profile: string,
  child: { readonly exitCode: number | null },
): Promise<number> {
  for (const until = Date.now() + START_MS; Date.now() < until;) {
    if (child.exitCode !== null) throw new Error(`Thunderbird ended with ${child.exitCode}`);
    const port = await readFile(join(profile, "MarionetteActivePort"), "utf8").catch(() => "");
    if (port !== "") return Number(port);
    await new Promise((later) => setTimeout(later, 50));
  }
  throw new Error("Thunderbird did not listen");
}

type Preferences = { readonly [name: string]: string | number | boolean };

/** The account as its settings dialogue writes it: IMAP over TLS, submission with STARTTLS, an ordinary password. */
function account(house: House, { address }: TestClient): Preferences {
  const server = "mail.server.server1";
  return {
    "mail.accountmanager.accounts": "account1",
    "mail.accountmanager.defaultaccount": "account1",
    "mail.account.account1.server": "server1",
    "mail.account.account1.identities": "id1",
    [`${server}.type`]: "imap",
    [`${server}.hostname`]: "127.0.0.1",
    [`${server}.port`]: house.ports.IMAPS,
    [`${server}.userName`]: address,
    [`${server}.name`]: address,
    [`${server}.socketType`]: 3, // TLS
    [`${server}.authMethod`]: 3, // ordinary password
    [`${server}.login_at_startup`]: false,
    [`${server}.check_new_mail`]: false, // what shows up unasked came by IDLE
    "mail.identity.id1.useremail": address,
    "mail.identity.id1.fullName": "Thunderbird",
    "mail.identity.id1.smtpServer": "smtp1",
    "mail.identity.id1.compose_html": false,
    "mail.identity.id1.valid": true,
    "mail.smtpservers": "smtp1",
    "mail.smtp.defaultserver": "smtp1",
    "mail.smtpserver.smtp1.hostname": "127.0.0.1",
    "mail.smtpserver.smtp1.port": house.ports.SUBMISSION,
    "mail.smtpserver.smtp1.username": address,
    "mail.smtpserver.smtp1.try_ssl": 2, // STARTTLS
    "mail.smtpserver.smtp1.authMethod": 3,
  };
}

function preferences(more: Preferences): string {
  const values: Preferences = {
    ...more,
    "marionette.port": 0,
    // It asks nothing of anybody but the server under test.
    "mail.provider.enabled": false,
    "mail.spotlight.firstRunDone": true,
    "mail.winsearch.firstRunDone": true,
    "mail.shell.checkDefaultClient": false,
    "mail.rights.version": 1,
    "mailnews.start_page.enabled": false,
    "app.update.enabled": false,
    "app.donation.eoy.version.viewed": 999,
    "app.normandy.enabled": false,
    "browser.safebrowsing.malware.enabled": false,
    "browser.safebrowsing.phishing.enabled": false,
    "datareporting.policy.dataSubmissionEnabled": false,
    "datareporting.healthreport.uploadEnabled": false,
    "toolkit.telemetry.enabled": false,
    "extensions.update.enabled": false,
    "extensions.getAddons.cache.enabled": false,
    "network.connectivity-service.enabled": false,
    "network.captive-portal-service.enabled": false,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "calendar.timezone.useSystemTimezone": true,
  };
  return Object.entries(values)
    .map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`)
    .join("");
}
