// How mail programs are told where our servers are, in the four forms that they ask for. Says only what anybody may know: no address
// is looked up, so none can be probed for. Each form takes its settings from the same list that the portal shows.
import { createHash } from "node:crypto";
import { html } from "hono/html";
import type { Html } from "./html.ts";
import type { MailSetting } from "./ports.ts";

const socketTypes: { readonly [security: string]: string } = { TLS: "SSL", STARTTLS: "STARTTLS" };

const isReading = ({ use }: MailSetting): boolean => use === "Reading";

/** TLS from the first octet comes first (RFC 8314 §3): programs take the first that they can. */
function inOrder(settings: readonly MailSetting[]): readonly MailSetting[] {
  const rank = ({ protocol, security }: MailSetting): number =>
    (protocol === "POP3" ? 2 : 0) + (security === "TLS" ? 0 : 1);
  return settings.toSorted((a, b) => rank(a) - rank(b));
}

/** Mozilla's config-v1.1.xml. The program itself puts the address in the place of %EMAILADDRESS%. */
export function mozillaConfig(domain: string, settings: readonly MailSetting[]): Html {
  const lines = inOrder(settings);
  const server = ({ host, port, security }: MailSetting): Html =>
    html`<hostname>${host}</hostname>
      <port>${port}</port>
      <socketType>${socketTypes[security]}</socketType>
      <authentication>password-cleartext</authentication>
      <username>%EMAILADDRESS%</username>`;
  return html`<?xml version="1.0" encoding="UTF-8"?>
    <clientConfig version="1.1">
      <emailProvider id="${domain}">
        <domain>${domain}</domain>
        <displayName>${domain}</displayName>
        <displayShortName>${domain}</displayShortName>
        ${lines
          .filter(isReading)
          .map(
            (line) =>
              html`<incomingServer type="${line.protocol.toLowerCase()}">
                ${server(line)}
              </incomingServer> `,
          )}${lines
          .filter((line) => !isReading(line))
          .map((line) => html`<outgoingServer type="smtp"> ${server(line)} </outgoingServer> `)}
      </emailProvider>
    </clientConfig> `;
}

/**
 * Outlook's answer (Autodiscover, "POX"). Only ports with TLS from the first octet, said by SSL alone: where an Encryption
 * element says TLS as well, Outlook tries STARTTLS on them.
 */
export function autodiscover(address: string, settings: readonly MailSetting[]): Html {
  const lines = inOrder(settings).filter(({ security }) => security === "TLS");
  return html`<?xml version="1.0" encoding="utf-8"?>
    <Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">
      <Response
        xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
      >
        <User><DisplayName>${address}</DisplayName></User>
        <Account>
          <AccountType>email</AccountType>
          <Action>settings</Action>
          ${lines.map(
            ({ protocol, host, port }) =>
              html`<Protocol>
                <Type>${protocol}</Type>
                <Server>${host}</Server>
                <Port>${port}</Port>
                <LoginName>${address}</LoginName>
                <DomainRequired>off</DomainRequired>
                <SPA>off</SPA>
                <SSL>on</SSL>
                <AuthRequired>on</AuthRequired>
              </Protocol> `,
          )}
        </Account>
      </Response>
    </Autodiscover> `;
}

/** A profile for Apple's Mail, without a password: it asks for that. The same address gives the same profile, which replaces the old. */
export function mobileConfig(
  address: string,
  domain: string,
  settings: readonly MailSetting[],
): Html | undefined {
  const find = (protocol: string): MailSetting | undefined =>
    settings.find((line) => line.protocol === protocol && line.security === "TLS");
  const [reading, sending] = [find("IMAP"), find("SMTP")];
  if (reading === undefined || sending === undefined) return undefined;
  const text = (key: string, value: string): Html =>
    html`<key>${key}</key><string>${value}</string> `;
  const server = (kind: "Incoming" | "Outgoing", { host, port }: MailSetting): Html =>
    html`${text(`${kind}MailServerHostName`, host)}<key>${kind}MailServerPortNumber</key
      ><integer>${port}</integer> <key>${kind}MailServerUseSSL</key
      ><true /> ${text(`${kind}MailServerUsername`, address)}${text(
        `${kind}MailServerAuthentication`,
        "EmailAuthPassword",
      )}`;
  const reversed = domain.split(".").reverse().join(".");
  return html`<?xml version="1.0" encoding="UTF-8"?>
    <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
    <plist version="1.0">
      <dict>
        <key>PayloadType</key><string>Configuration</string> <key>PayloadVersion</key
        ><integer>1</integer> <key>PayloadIdentifier</key><string>${reversed}.mail</string>
        <key>PayloadUUID</key><string>${steadyId(`profile ${address}`)}</string>
        <key>PayloadDisplayName</key><string>${address}</string>
        <key>PayloadContent</key>
        <array>
          <dict>
            <key>PayloadVersion</key><integer>1</integer>
            <key>OutgoingPasswordSameAsIncomingPassword</key><true />
            ${text("PayloadType", "com.apple.mail.managed")}${text("PayloadIdentifier", `${reversed}.mail.account`)}${text(
              "PayloadUUID",
              steadyId(`account ${address}`),
            )}${text("PayloadDisplayName", address)}${text("EmailAccountType", "EmailTypeIMAP")}${text(
              "EmailAddress",
              address,
            )}${server("Incoming", reading)}${server("Outgoing", sending)}
          </dict>
        </array>
      </dict>
    </plist> `;
}

/** A UUID of version 8 (RFC 9562 §5.8) that is the same for the same words. */
function steadyId(words: string): string {
  const octets = createHash("sha256").update(words).digest().subarray(0, 16);
  octets[6] = ((octets[6] ?? 0) & 0x0f) | 0x80;
  octets[8] = ((octets[8] ?? 0) & 0x3f) | 0x80;
  const hex = octets.toString("hex");
  return [0, 8, 12, 16, 20].map((from, at) => hex.slice(from, [8, 12, 16, 20, 32][at])).join("-");
}
