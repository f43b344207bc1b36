// One transaction with another mail server: TLS when it offers it (RFC 7435: some protection, unauthenticated), plain
// otherwise. Says what the peer said for each recipient; retries nothing but a broken TLS handshake.
import SMTPConnection from "nodemailer/lib/smtp-connection";
import type { NotifyOn } from "./contract.ts";
import type { Host } from "./route.ts";
import { unreachable, type Verdict, verdictOf } from "./verdict.ts";

export interface Transmission {
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly message: Uint8Array;
  readonly eightBit: boolean;
  readonly ret: "full" | "headers" | undefined;
  /** Decoded from xtext. */
  readonly envid: string | undefined;
  readonly notify: readonly NotifyOn[] | undefined;
  /** "rfc822;address", decoded from xtext. */
  readonly orcpt: string | undefined;
}

export interface Outbound extends Disposable {
  /** One verdict per recipient, in order; `connected` is false when another host may be tried. */
  send(
    host: Host,
    port: number,
    transmission: Transmission,
  ): Promise<{ readonly connected: boolean; readonly verdicts: readonly Verdict[] }>;
}

// RFC 5321 §4.5.3.2: five minutes for the greeting, ten for the end of the message.
const timeouts = { connectionTimeout: 30_000, greetingTimeout: 300_000, socketTimeout: 600_000 };

/** Connections under our name. Disposing breaks off those that are open. */
export function openOutbound(hostname: string): Outbound {
  const open = new Set<SMTPConnection>();
  const attempt = async (host: Host, port: number, what: Transmission, plain: boolean) => {
    const connection = new SMTPConnection({
      host: host.address,
      port,
      name: hostname,
      secure: false,
      ignoreTLS: plain,
      opportunisticTLS: true,
      tls: { rejectUnauthorized: false, ...serverName(host) },
      allowInternalNetworkInterfaces: true,
      ...timeouts,
    });
    open.add(connection);
    try {
      await connected(connection);
      const verdicts = await transmitted(connection, host, what);
      connection.quit();
      return { connected: true, verdicts };
    } catch (error) {
      connection.close();
      return { connected: false, error };
    } finally {
      open.delete(connection);
    }
  };
  return {
    async send(host, port, what) {
      let result = await attempt(host, port, what, false);
      if (result.error !== undefined && codeOf(result.error) === "ETLS")
        result = await attempt(host, port, what, true);
      if (result.verdicts !== undefined) return { connected: true, verdicts: result.verdicts };
      const verdict = refusedAtOnce(result.error, host);
      return { connected: false, verdicts: what.recipients.map(() => verdict) };
    },
    [Symbol.dispose]() {
      for (const connection of open) connection.close();
    },
  };
}

function connected(connection: SMTPConnection): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.on("error", reject);
    connection.on("end", () => reject(new Error("the peer hung up")));
    connection.connect((error) => (error ? reject(error) : resolve()));
  });
}

function transmitted(
  connection: SMTPConnection,
  host: Host,
  what: Transmission,
): Promise<readonly Verdict[]> {
  const { sender, recipients, message, eightBit } = what;
  const envelope = {
    from: sender === "" ? (false as const) : sender,
    to: [...recipients],
    size: message.byteLength,
    use8BitMime: eightBit,
    ...dsnOf(what),
  };
  return new Promise((resolve) => {
    // Once the connection stands, whatever goes wrong is an answer about this message.
    connection.on("error", (error) => resolve(recipients.map(() => refusedAtOnce(error, host))));
    connection.send(envelope, Buffer.from(message), (error, info) => {
      const replies = repliesByRecipient(error ?? info);
      const whole = error === null ? undefined : refusedAtOnce(error, host);
      const reports = info?.ehlo?.some((line) => /^DSN\b/i.test(line)) ?? false;
      const sent: Verdict = { kind: "sent", host: host.name, reports };
      resolve(
        recipients.map((recipient) => {
          const reply = replies.get(recipient);
          return reply === undefined ? (whole ?? sent) : verdictOf(reply, host.name);
        }),
      );
    });
  });
}

/** What the peer said to each recipient that it refused. */
function repliesByRecipient(outcome: object | undefined | null): ReadonlyMap<string, string> {
  const replies = new Map<string, string>();
  const errors: unknown =
    outcome && "rejectedErrors" in outcome ? outcome.rejectedErrors : undefined;
  for (const error of Array.isArray(errors) ? (errors as unknown[]) : []) {
    if (typeof error !== "object" || error === null) continue;
    const { recipient, response } = error as { recipient?: unknown; response?: unknown };
    if (typeof recipient === "string" && typeof response === "string")
      replies.set(recipient, response);
  }
  return replies;
}

function refusedAtOnce(error: unknown, host: Host): Verdict {
  const response = (error as { response?: unknown } | undefined)?.response;
  if (typeof response === "string" && /^[45]\d\d/.test(response))
    return verdictOf(response, host.name);
  return unreachable(`cannot talk to the mail server (${codeOf(error)})`, host.name);
}

/** RFC 3461 §5.2.1: what the sender asked is passed on to a peer that knows DSN; nodemailer sends it to no other. */
function dsnOf({ ret, envid, notify, orcpt }: Transmission) {
  if (ret === undefined && envid === undefined && notify === undefined && orcpt === undefined)
    return {};
  const dsn = {
    ...(ret === undefined ? {} : { ret: ret === "full" ? "FULL" : "HDRS" }),
    ...(envid === undefined ? {} : { envid }),
    ...(notify === undefined ? {} : { notify: notify.map((word) => word.toUpperCase()) }),
    ...(orcpt === undefined ? {} : { orcpt }),
  };
  return { dsn };
}

function serverName({ name, address }: Host): { servername?: string } {
  return name === address ? {} : { servername: name };
}

function codeOf(error: unknown): string {
  const { originalCode, code } = (error ?? {}) as { originalCode?: unknown; code?: unknown };
  if (code === "ETLS") return "ETLS";
  if (typeof originalCode === "string") return originalCode;
  return typeof code === "string" ? code : "no connection";
}
