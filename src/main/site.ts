// Where our own pages are, for links in letters: known once the web listens, or from the settings when nothing does.
import { type Config, isTryingOut } from "#config";

export interface SiteAddress {
  /** "https://example.org", without a slash at its end. */
  url(): string;
  /** The port that the web took. */
  listensOn(port: number): void;
}

export function siteAddress(config: Config): SiteAddress {
  let port = config.webPort;
  const isSecure = !isTryingOut(config);
  const scheme = isSecure ? "https" : "http";
  const host = isSecure ? config.domain : "localhost";
  return {
    url: () => `${scheme}://${host}${port === 443 && isSecure ? "" : `:${port}`}`,
    listensOn: (taken) => void (port = taken),
  };
}
