// Asks rspamd about a letter, over its HTTP interface (POST /checkv2). The letter is in memory here and there, and is kept nowhere.
import { toUtf8 } from "#base/bytes";
import { logBroken } from "#base/log";
import { SECOND } from "#base/time";
import type { AskContent, Opinion } from "./contract.ts";

// Its own rules ask the network and take some seconds; the peer that brings the letter waits ten minutes (RFC 5321 §4.5.3.2.6).
const TIMEOUT = 25 * SECOND;
// An answer has some kilobytes of symbols.
const MAX_ANSWER = 1 << 20;

/** rspamd's words for what should happen. Greylisting is the client's own choice here, so its wish for it is none. */
const opinions: { readonly [action: string]: Opinion } = {
  "no action": "clean",
  greylist: "clean",
  "add header": "junk",
  "rewrite subject": "junk",
  "soft reject": "later",
  reject: "refuse",
};

/** `base` is where rspamd listens, e.g. http://127.0.0.1:11333. */
export function askRspamd(base: string, timeout = TIMEOUT): AskContent {
  const url = new URL("/checkv2", base);
  return async ({ peer, helo, sender, raw }, addresses) => {
    const headers = new Headers({ ip: peer.address, from: octets(sender) });
    // A peer may call itself anything; what is no header value stays out.
    if (/^[\x21-\x7e]{1,255}$/.test(helo)) headers.set("helo", helo);
    if (peer.name !== undefined) headers.set("hostname", peer.name);
    for (const address of addresses) headers.append("rcpt", octets(address));
    try {
      const answer = await fetch(url, {
        method: "POST",
        headers,
        body: new Uint8Array(raw),
        redirect: "error",
        signal: AbortSignal.timeout(timeout),
      });
      if (!answer.ok) throw new Error(`rspamd answered ${answer.status}`);
      return opinionIn(new Uint8Array(await bounded(answer)));
    } catch (error) {
      logBroken("transit.content", error);
      return undefined;
    }
  };
}

/** Headers take one character per octet; rspamd reads UTF-8. */
function octets(address: string): string {
  return Buffer.from(address).toString("latin1");
}

async function bounded(answer: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_ANSWER) throw new Error("rspamd answers without end");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Total: whatever is no answer of rspamd's is no opinion. */
export function opinionIn(bytes: Uint8Array): Opinion | undefined {
  try {
    const value = JSON.parse(toUtf8(bytes) ?? "") as unknown;
    if (typeof value !== "object" || value === null || !("action" in value)) return undefined;
    const { action } = value;
    return typeof action === "string" && Object.hasOwn(opinions, action)
      ? opinions[action]
      : undefined;
  } catch {
    return undefined;
  }
}
