// One fetch of an MTA-STS policy (RFC 8461 §3.3): HTTPS with a certificate for the policy's host, no redirect, bounded in time and
// size. Tells nothing about anybody: the domain is all that is asked.
import { get } from "node:https";
import type { Dns } from "#dns";
import type { StsFailure } from "./policies.ts";
import { MAX_POLICY } from "./sts.ts";

const TIMEOUT = 30_000; // RFC 8461 §3.3 suggests one minute at most
const HTTPS_PORT = 443;

/** What tests put in the place of port 443 and the system's authorities (PEM). */
export interface PolicyServer {
  readonly port?: number | undefined;
  readonly ca?: readonly string[] | undefined;
}

type Fetched =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly failure: StsFailure };

export async function fetchPolicy(
  dns: Dns,
  domain: string,
  { port = HTTPS_PORT, ca }: PolicyServer,
): Promise<Fetched> {
  const host = `mta-sts.${domain}`;
  const [four, six] = await Promise.all([dns.lookup(host, "A"), dns.lookup(host, "AAAA")]);
  const address = [four, six].flatMap((answer) => (answer.ok ? answer.records : []))[0];
  if (address === undefined) return { ok: false, failure: "sts-policy-fetch-error" };
  return new Promise((resolve) => {
    const fail = (failure: StsFailure): void => resolve({ ok: false, failure });
    const request = get(
      {
        host: address,
        port,
        path: "/.well-known/mta-sts.txt",
        headers: { host, accept: "text/plain" },
        servername: host,
        agent: false,
        timeout: TIMEOUT,
        signal: AbortSignal.timeout(TIMEOUT),
        ...(ca === undefined ? {} : { ca: [...ca] }),
      },
      (response) => {
        const isText = /^text\/plain\b/i.test(response.headers["content-type"] ?? "");
        if (response.statusCode !== 200 || !isText) {
          response.destroy();
          fail("sts-policy-fetch-error");
          return;
        }
        const pieces: Buffer[] = [];
        let size = 0;
        response.on("data", (piece: Buffer) => {
          pieces.push(piece);
          size += piece.byteLength;
          if (size > MAX_POLICY) response.destroy(new Error("too long"));
        });
        response.on("error", () => fail("sts-policy-invalid"));
        response.on("end", () =>
          resolve({ ok: true, text: Buffer.concat(pieces).toString("utf8") }),
        );
      },
    );
    request.on("timeout", () => request.destroy(new Error("timeout")));
    request.on("error", (error: NodeJS.ErrnoException) =>
      fail(
        /CERT|SELF_SIGNED|UNABLE_TO/.test(error.code ?? "")
          ? "sts-webpki-invalid"
          : "sts-policy-fetch-error",
      ),
    );
  });
}
