// ARC sets (RFC 8617 §5.1) for letters that came from elsewhere and leave again: what we found of them when they came, under our seal, so
// that whoever gets them next can know it although the letter was changed here. Pure: key, time and findings are handed in.
import { asBuffer } from "#base/bytes";
import { seconds } from "#base/time";
import { headerFields } from "#mail/message";
import { relaxedField } from "./canonical.ts";
import { authservId } from "./forged.ts";
import { contentOf, signedField, type SigningKey } from "./sign.ts";
import { tagList } from "./tags.ts";

export interface SealOptions {
  /** d= */
  readonly domain: string;
  readonly key: SigningKey;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** What stands in our Authentication-Results field behind its colon: our name first, each method on a line of its own. */
  readonly results: string;
}

// RFC 8617 §4.2.1. A chain as long as that ends here.
const MAX_INSTANCE = 50;

const kinds = ["arc-authentication-results", "arc-message-signature", "arc-seal"] as const;
type Kind = (typeof kinds)[number];

interface ArcField {
  readonly kind: Kind;
  readonly instance: number;
  readonly text: string;
}

/**
 * The three fields of the next instance, each with CRLF, to stand in front of a letter that is changed and signed already (§5.1 step 1);
 * "" where the chain has ended: a seal says cv=fail, or fifty are there. cv= is what our results say of the chain that came.
 */
export function arcSet(raw: Uint8Array, { domain, key, at, results }: SealOptions): string {
  const chain = arcFields(raw);
  const instance = Math.max(0, ...chain.map((field) => field.instance)) + 1;
  const lastSeal = chain.find(
    (field) => field.kind === "arc-seal" && field.instance === instance - 1,
  );
  if (instance > MAX_INSTANCE || cvOf(lastSeal) === "fail") return "";
  const cv = chainStatus(chain, results);
  // DKIM-Signature fields SHOULD be covered, Authentication-Results and ARC's own MUST NOT be (§4.1.2).
  const content = contentOf(raw, ["dkim-signature"]);
  if (content === undefined) return "";
  const found = `ARC-Authentication-Results: i=${instance};${results.trimEnd().replace(/^(?=\S)/, " ")}\r\n`;
  const message = signedField(
    [
      `ARC-Message-Signature: i=${instance}; a=${key.algorithm}; c=relaxed/relaxed; d=${domain};`,
      `\ts=${key.selector}; t=${seconds(at)}; bh=${content.bodyHash};`,
      `\th=${content.names};`,
    ],
    content.header,
    key,
  );
  // §5.1.2: over a chain that failed there is nothing to sign but our own set.
  const before = cv === "pass" ? inOrder(chain) : [];
  const covered = [...before.map(({ text }) => text), found, message];
  const seal = signedField(
    [
      `ARC-Seal: i=${instance}; a=${key.algorithm}; t=${seconds(at)}; cv=${cv};`,
      `\td=${domain}; s=${key.selector};`,
    ],
    covered.map((text) => `${relaxedField(text)}\r\n`).join(""),
    key,
  );
  return `${seal}${message}${found}`;
}

/**
 * The value of our own results field in what this server put in front of a letter; undefined where it wrote none. Never to be asked of
 * octets that a peer sent: anybody can write our name.
 */
export function ownResults(prefix: Uint8Array, hostname: string): string | undefined {
  for (const { name, valueStart, end } of headerFields(prefix, 0, prefix.byteLength)) {
    if (name !== "authentication-results") continue;
    const value = asBuffer(prefix).toString("latin1", valueStart, end);
    if (authservId(value) === hostname) return value;
  }
  return undefined;
}

/** A chain that was not found to pass has failed, also where nobody looked at it: a header too large to verify is one. */
function chainStatus(chain: readonly ArcField[], results: string): "none" | "pass" | "fail" {
  if (chain.length === 0) return "none";
  const passed = results.split(/;\r\n\t/).some((part) => /^arc=pass\b/.test(part));
  return passed && isWhole(chain) ? "pass" : "fail";
}

function arcFields(raw: Uint8Array): readonly ArcField[] {
  const bytes = asBuffer(raw);
  const found: ArcField[] = [];
  for (const { name, start, valueStart, end } of headerFields(raw, 0, raw.byteLength)) {
    const kind = kinds.find((each) => each === name);
    if (kind === undefined) continue;
    const value = bytes.toString("latin1", valueStart, end);
    const written =
      kind === "arc-authentication-results"
        ? /^(?:\s|\([^()\\]*\))*i\s*=\s*(\d+)/.exec(value)?.[1]
        : tagList(value).get("i");
    const instance = Number(written ?? 0);
    if (found.length > MAX_INSTANCE * kinds.length) break;
    found.push({ kind, instance, text: bytes.toString("latin1", start, end) });
  }
  return found;
}

function cvOf(seal: ArcField | undefined): string | undefined {
  return tagList(seal?.text.slice(seal.text.indexOf(":") + 1) ?? "")
    .get("cv")
    ?.toLowerCase();
}

/** One field of each kind for each instance, without a gap. */
function isWhole(chain: readonly ArcField[]): boolean {
  const names = new Set(chain.map(({ kind, instance }) => `${instance} ${kind}`));
  const last = Math.max(...chain.map(({ instance }) => instance));
  return names.size === chain.length && chain.length === last * kinds.length;
}

function inOrder(chain: readonly ArcField[]): readonly ArcField[] {
  return chain.toSorted(
    (one, other) =>
      one.instance - other.instance || kinds.indexOf(one.kind) - kinds.indexOf(other.kind),
  );
}
