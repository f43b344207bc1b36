// Posts a TLS report where a domain asks for that (RFC 8460 §5.4): HTTPS with a right certificate, no redirect, bounded in time, and never to a
// machine on our own networks, whatever the DNS says of a name.
import { lookup as systemLookup } from "node:dns/promises";
import { request } from "node:https";
import { isLocalNetwork } from "#base/network";

const TIMEOUT = 30_000;

/** False when it was not taken. `authorities` (PEM) and `local` are for tests. */
export async function postReport(
  url: URL,
  gzipped: Uint8Array,
  {
    authorities,
    local = false,
  }: { readonly authorities?: readonly string[]; readonly local?: boolean } = {},
): Promise<boolean> {
  const found = await systemLookup(url.hostname, { all: true }).catch(() => []);
  const to = found.find(({ address }) => local || !isLocalNetwork(address));
  if (to === undefined) return false;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const headers = {
    host: url.host,
    "content-type": "application/tlsrpt+gzip",
    "content-length": gzipped.byteLength,
  };
  const post = request(
    {
      host: to.address,
      port: url.port === "" ? 443 : Number(url.port),
      path: `${url.pathname}${url.search}`,
      method: "POST",
      headers,
      servername: url.hostname,
      agent: false,
      signal: AbortSignal.timeout(TIMEOUT),
      ...(authorities === undefined ? {} : { ca: [...authorities] }),
    },
    (response) => {
      response.resume();
      const { statusCode = 0 } = response;
      resolve(statusCode >= 200 && statusCode < 300);
    },
  );
  post.on("error", () => resolve(false));
  post.end(gzipped);
  return promise;
}
