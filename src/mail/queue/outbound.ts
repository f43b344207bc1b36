// One transaction with another mail server: TLS as it is demanded, or when the peer offers it (RFC 7435), plain otherwise. Says what
// the peer said for each recipient; retries nothing but a TLS handshake that broke where none was demanded.
import type { X509Certificate } from "node:crypto";
import { Readable } from "node:stream";
import { TLSSocket } from "node:tls";
import { MINUTE } from "#base/time";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import type { NotifyOn } from "./contract.ts";
import { headerOf, inAscii, isAscii } from "./eightbit.ts";
import type { Shown, TlsFailure } from "./protection.ts";
import type { Host } from "./route.ts";
import { failed, later, unreachable, type Verdict, verdictOf } from "./verdict.ts";

export interface Transmission {
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly message: Uint8Array;
  readonly ret: "full" | "headers" | undefined;
  /** Decoded from xtext. */
  readonly envid: string | undefined;
  readonly notify: readonly NotifyOn[] | undefined;
  /** "rfc822;address", decoded from xtext. */
  readonly orcpt: string | undefined;
}

export interface Demand {
  /** From the first byte, by STARTTLS, or as the peer offers it. */
  readonly tls: "implicit" | "required" | "offered";
  /** What is wrong with the certificate. */
  readonly judge: (shown: Shown) => TlsFailure | undefined;
  /** When the judgement is not passed, nothing is sent. */
  readonly enforced: boolean;
  /** RFC 8689: the peer must promise to demand TLS onward. */
  readonly requireTls: boolean;
  readonly login?: { readonly user: string; readonly password: string } | undefined;
}

export interface Sent {
  /** False when another host may be tried. */
  readonly connected: boolean;
  /** One per recipient, in order. */
  readonly verdicts: readonly Verdict[];
  /** How TLS went; undefined when it did not come to that. */
  readonly tls: "success" | TlsFailure | undefined;
  /** True when the whole message was handed over and the peer did not say what became of it. */
  readonly uncertain: boolean;
}

export interface Outbound extends Disposable {
  send(host: Host, port: number, transmission: Transmission, demand: Demand): Promise<Sent>;
}

// RFC 5321 §4.5.3.2: five minutes for the greeting, ten for the end of the message.
const timeouts = { connectionTimeout: 30_000, greetingTimeout: 300_000, socketTimeout: 600_000 };
// Those begin anew with each octet. Whatever a peer drips, a session ends before its attempt counts as lost (ATTEMPT_LOST).
const LONGEST_SESSION = 25 * MINUTE;
// A hundred recipients' replies of 512 octets (RFC 5321 §4.5.3.1.5), five times over.
const MOST_REPLIES = 256 * 1024;
const WATCH_EVERY = 500;

type Attempt =
  | Sent
  | { readonly error: unknown; readonly secure: boolean; readonly offered: boolean };

/** What of nodemailer's connection is read here and not in its types; pinned, and held by tests. */
interface Inside {
  readonly _supportedExtensions: readonly string[];
  _sendCommand(command: string): void;
}

/** Connections under our name. `authorities` (PEM) stand in for the system's. Disposing breaks off those that are open. */
export function openOutbound(
  hostname: string,
  {
    authorities,
    patience,
  }: { authorities?: readonly string[] | undefined; patience?: number | undefined } = {},
): Outbound {
  const open = new Set<SMTPConnection>();
  const waits =
    patience === undefined
      ? timeouts
      : { connectionTimeout: patience, greetingTimeout: patience, socketTimeout: patience };
  const attempt = async (
    host: Host,
    port: number,
    what: Transmission,
    demand: Demand,
    plain: boolean,
  ): Promise<Attempt> => {
    const began = performance.now();
    const connection = new SMTPConnection({
      host: host.address,
      port,
      name: hostname,
      secure: demand.tls === "implicit",
      ignoreTLS: plain,
      requireTLS: demand.tls === "required",
      opportunisticTLS: demand.tls === "offered",
      // Judged below: of a stranger's certificate a policy may want less, or something else.
      tls: {
        rejectUnauthorized: false,
        ...serverName(host),
        ...(authorities === undefined ? {} : { ca: [...authorities] }),
      },
      allowInternalNetworkInterfaces: true,
      ...waits,
    });
    open.add(connection);
    const longest = patience === undefined ? LONGEST_SESSION : patience * 10;
    const watch = setInterval(() => {
      const socket = connection._socket;
      if (!socket) return;
      if (performance.now() - began > longest || socket.bytesRead > MOST_REPLIES)
        socket.destroy(new Error("the peer goes on without an end"));
    }, WATCH_EVERY);
    try {
      await connected(connection);
      const tls = judged(connection, demand);
      const refusal = refusalOf(connection, demand, tls);
      if (refusal === undefined && demand.login !== undefined)
        await signedIn(connection, demand.login);
      if (refusal !== undefined) {
        connection.quit();
        return { ...ofAll(what, refusal, false), tls };
      }
      const sent = await transmitted(connection, host, what, demand.requireTls);
      connection.quit();
      return { ...sent, tls };
    } catch (error) {
      connection.close();
      return { error, secure: connection.secure, offered: codeOf(error) === "ETLS" };
    } finally {
      clearInterval(watch);
      open.delete(connection);
    }
  };
  return {
    async send(host, port, what, demand) {
      let result = await attempt(host, port, what, demand, false);
      let broken: TlsFailure | undefined;
      if ("error" in result && result.offered) {
        broken = tlsFailureOf(result.error);
        if (demand.tls === "offered" && !demand.requireTls)
          result = await attempt(host, port, what, demand, true);
      }
      if (!("error" in result)) return { ...result, tls: broken ?? result.tls };
      const refused = demand.login !== undefined && codeOf(result.error) === "EAUTH";
      const verdict = refused
        ? later("4.7.0", "the smarthost does not take our sign-in") // the operator's to mend: no letter comes back for it
        : broken !== undefined && demand.tls !== "offered"
          ? untrusted(broken, demand)
          : refusedAtOnce(result.error, host);
      return { ...ofAll(what, verdict, false), tls: broken };
    },
    [Symbol.dispose]() {
      for (const connection of open) connection.close();
    },
  };
}

function ofAll(what: Transmission, verdict: Verdict, connected: boolean): Sent {
  return {
    connected,
    verdicts: what.recipients.map(() => verdict),
    tls: undefined,
    uncertain: false,
  };
}

/** Undefined when the session is plain and may be. */
function judged(connection: SMTPConnection, { judge, tls }: Demand): Sent["tls"] {
  const socket = connection._socket;
  if (!(socket instanceof TLSSocket)) {
    // The demand was for TLS where offered: a policy that only watches hears that it was not.
    return tls === "offered" ? "starttls-not-supported" : undefined;
  }
  return judge({ chain: chainOf(socket), wrong: wrongOf(socket) }) ?? "success";
}

/** Why nothing may be sent over this connection. */
function refusalOf(
  connection: SMTPConnection,
  demand: Demand,
  tls: Sent["tls"],
): Verdict | undefined {
  if (demand.enforced && tls !== "success")
    return untrusted(tls ?? "starttls-not-supported", demand);
  if (demand.requireTls && !supports(connection, "REQUIRETLS"))
    return failed("5.7.30", "the mail server does not promise to pass it on under TLS only");
  return undefined;
}

/** RFC 8689 §4.2.1 wants the letter back; a policy of the receiving domain may be mended (RFC 8461 §5, RFC 7672 §2.2). */
function untrusted(failure: TlsFailure, { requireTls }: Demand): Verdict {
  const text = `no connection that is protected as it must be (${failure})`;
  if (requireTls) return failed("5.7.10", text);
  return later(failure === "starttls-not-supported" ? "4.7.4" : "4.7.5", text);
}

function supports(connection: SMTPConnection, extension: string): boolean {
  return (connection as unknown as Inside)._supportedExtensions.includes(extension);
}

/** The certificates as the peer sent them, its own first. */
function chainOf(socket: TLSSocket): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  const seen = new Set<string>();
  let certificate = socket.getPeerX509Certificate();
  while (certificate !== undefined && !seen.has(certificate.fingerprint256)) {
    seen.add(certificate.fingerprint256);
    chain.push(certificate);
    certificate = certificate.issuerCertificate;
  }
  return chain;
}

function wrongOf(socket: TLSSocket): TlsFailure | undefined {
  if (socket.authorized) return undefined;
  // The types say Error; at run time it is the code.
  const error: unknown = socket.authorizationError;
  const code = typeof error === "string" ? error : codeOf(error);
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return "certificate-host-mismatch";
  if (code === "CERT_HAS_EXPIRED") return "certificate-expired";
  return "certificate-not-trusted";
}

function tlsFailureOf(error: unknown): TlsFailure {
  const response = (error as { response?: unknown } | undefined)?.response;
  return typeof response === "string" ? "starttls-not-supported" : "validation-failure";
}

function connected(connection: SMTPConnection): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.on("error", reject);
    connection.on("end", () => reject(new Error("the peer hung up")));
    connection.connect((error) => (error ? reject(error) : resolve()));
  });
}

function signedIn(
  connection: SMTPConnection,
  { user, password }: { readonly user: string; readonly password: string },
): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.login({ credentials: { user, pass: password } }, (error) =>
      error ? reject(error) : resolve(),
    );
  });
}

async function transmitted(
  connection: SMTPConnection,
  host: Host,
  what: Transmission,
  requireTls: boolean,
): Promise<Sent> {
  const { message, recipients } = what;
  const utf8 = supports(connection, "SMTPUTF8");
  const ascii = isAscii(message);
  const header = ascii || isAscii(headerOf(message));
  // RFC 6531 §3.6 and RFC 6152 §3: what the peer cannot take goes back; to rewrite it would break its signature.
  if (!utf8 && (!header || inAscii(what.sender) === undefined))
    return ofAll(what, failed("5.6.7", "the mail server takes no internationalized mail"), true);
  if (!ascii && !supports(connection, "8BITMIME"))
    return ofAll(what, failed("5.6.3", "the mail server takes no 8-bit text"), true);
  const ways = recipients.map((address) => (utf8 ? address : inAscii(address)));
  const to = ways.filter((address) => address !== undefined);
  if (to.length === 0)
    return ofAll(what, failed("5.6.7", "the mail server takes no internationalized address"), true);
  const sender = utf8 ? what.sender : (inAscii(what.sender) ?? "");
  if (utf8 && !header) announceUtf8(connection);
  const spoken = await said(
    connection,
    host,
    { ...what, sender, recipients: to },
    ascii,
    requireTls,
  );
  const left = [...spoken.verdicts];
  const unsaid = failed("5.6.7", "the mail server takes no internationalized address");
  return {
    ...spoken,
    verdicts: ways.map((address) => (address === undefined ? unsaid : (left.shift() ?? unsaid))),
  };
}

/** RFC 6531 §3.4 wants SMTPUTF8 also for addresses in ASCII when the header is not; nodemailer looks at addresses only. */
function announceUtf8(connection: SMTPConnection): void {
  const inside = connection as unknown as Inside;
  const send = inside._sendCommand.bind(connection);
  inside._sendCommand = (command) =>
    send(
      command.startsWith("MAIL FROM:") && !/ SMTPUTF8\b/.test(command)
        ? `${command} SMTPUTF8`
        : command,
    );
}

function said(
  connection: SMTPConnection,
  host: Host,
  what: Transmission,
  ascii: boolean,
  requireTls: boolean,
): Promise<Sent> {
  const { sender, recipients, message } = what;
  const envelope = {
    from: sender === "" ? (false as const) : sender,
    to: [...recipients],
    size: message.byteLength,
    use8BitMime: !ascii,
    requireTLSExtensionEnabled: requireTls,
    ...dsnOf(what),
  };
  // Read to its end, the message is with the socket; what comes after that, the peer alone knows.
  const body = Readable.from([Buffer.from(message)], { objectMode: false });
  const progress = { handedOver: false };
  body.on("end", () => (progress.handedOver = true));
  return new Promise((resolve) => {
    const lost = (error: unknown): void => {
      const verdict = refusedAtOnce(error, host);
      const uncertain = progress.handedOver && verdict.kind === "later" && !verdict.fromPeer;
      resolve({ ...ofAll(what, verdict, true), uncertain });
    };
    // Once the connection stands, whatever goes wrong is an answer about this message.
    connection.on("error", lost);
    connection.send(envelope, body, (error, info) => {
      const replies = repliesByRecipient(error ?? info);
      if (error !== null && replies.size === 0) return lost(error);
      const whole = error === null ? undefined : refusedAtOnce(error, host);
      const reports = supports(connection, "DSN");
      const sent: Verdict = { kind: "sent", host: host.name, reports };
      const verdicts = recipients.map((recipient) => {
        const reply = replies.get(recipient);
        return reply === undefined ? (whole ?? sent) : verdictOf(reply, host.name);
      });
      resolve({ connected: true, verdicts, tls: undefined, uncertain: false });
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
  // The peer's SIZE is smaller than the message (RFC 1870 §6.1); an answer that is no SMTP reply has the same code.
  if (codeOf(error) === "EMESSAGE" && typeof response !== "string")
    return failed("5.3.4", "the message is larger than the mail server takes");
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
