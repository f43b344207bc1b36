// What every answer carries and what every request must pass before a page sees it: headers, same-site checks, and where
// passwords may travel. Decides on headers and connection only; knows no page.
import type { Connection } from "./site.ts";

// One policy for every page, without exception and without nonce: nothing inline, nothing from elsewhere.
const contentSecurityPolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ");

/** Headers of every answer. HSTS for a year, and only over TLS (RFC 6797 §7.2). */
export function securityHeaders(secure: boolean): { readonly [name: string]: string } {
  return {
    "content-security-policy": contentSecurityPolicy,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), interest-cohort=()",
    ...(secure ? { "strict-transport-security": "max-age=31536000" } : {}),
  };
}

/**
 * False for a request that changes something and comes from another site. Browsers say so in Sec-Fetch-Site, older ones in
 * Origin; a program that sends neither carries nobody's cookies by accident, so there is nothing to forge.
 */
export function isSameSite(request: Request): boolean {
  if (request.method === "GET" || request.method === "HEAD") return true;
  const site = request.headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin";
  const origin = request.headers.get("origin");
  if (origin === null) return true;
  const host = request.headers.get("host") ?? new URL(request.url).host;
  return URL.parse(origin)?.host === host;
}

export type Exposure = "no-tls" | "forwarded";

/** Why a password must not be typed here, or undefined. A trial is for direct connections on this machine only. */
export function exposure(
  request: Request,
  connection: Connection,
  tryingOut: boolean,
): Exposure | undefined {
  if (connection.secure) return undefined;
  if (!tryingOut) return "no-tls";
  const forwarded = [...request.headers.keys()].some(
    (name) =>
      name.startsWith("x-forwarded-") ||
      name === "x-real-ip" ||
      name === "forwarded" ||
      name === "via",
  );
  return forwarded ? "forwarded" : undefined;
}

/** A path of ours to go back to; "/" for anything that could lead elsewhere. */
export function ownPath(path: string | undefined): string {
  return path !== undefined && /^\/(?![/\\])[\w/.-]*$/.test(path) ? path : "/";
}
