// Signatures and ARC sets with anything wrong in them that a test asks for, made apart from the code that signs in earnest: the simple
// canonical forms, l=, any tag, any key. For tests alone; nothing here is careful.
import { createHash, type KeyObject, sign } from "node:crypto";
import { headerFields } from "#mail/message";

export type Tags = readonly (readonly [tag: string, value: string])[];

export interface ForgeKey {
  readonly algorithm: string;
  readonly key: KeyObject;
}

/** The tags in place of those of the same name; one that is new stands at the end, one whose value is "-" goes. */
export function withTags(tags: Tags, changes: Readonly<Record<string, string>>): Tags {
  const kept = tags.map(([tag, value]) => [tag, changes[tag] ?? value] as const);
  const added = Object.entries(changes).filter(([tag]) => tags.every(([known]) => known !== tag));
  return [...kept, ...added].filter(([, value]) => value !== "-");
}

/** One DKIM-Signature or ARC-Message-Signature with its CRLF. bh= and b= are worked out where `tags` have none; `write` spells the field. */
export function forgeSignature(
  letter: string,
  given: Tags,
  { algorithm, key }: ForgeKey,
  { name = "DKIM-Signature", write = (text: string) => text } = {},
): string {
  const tagOf = (wanted: string) => given.find(([tag]) => tag === wanted)?.[1] ?? "";
  const [headerForm = "", bodyForm = "simple"] = tagOf("c").split("/");
  const body = canonicalBody(letter.slice(letter.indexOf("\r\n\r\n") + 4), bodyForm);
  const length = tagOf("l") === "" ? undefined : Number(tagOf("l"));
  const hash = algorithm.endsWith("sha1") ? "sha1" : "sha256";
  const bodyHash = createHash(hash)
    .update(Buffer.from(body, "latin1").subarray(0, length))
    .digest("base64");
  const tags = given.some(([tag]) => tag === "bh") ? given : [...given, ["bh", bodyHash] as const];
  const field = `${name}: ${write(tags.map(([tag, value]) => `${tag}=${value}; `).join(""))}b=`;
  const canonical = headerForm === "relaxed" ? relaxed : (text: string) => text;
  const left = fieldsOf(letter);
  const signed = tagOf("h")
    .split(":")
    .map((each) => {
      const at = left.findLastIndex(([known]) => known === each.trim().toLowerCase());
      return at === -1 ? "" : canonical(left.splice(at, 1)[0]?.[1] ?? "");
    })
    .join("");
  const own = canonical(`${field}\r\n`).replace(/\r\n$/, "");
  return `${field}${signOver(signed + own, { algorithm, key })}\r\n`;
}

export interface SetOptions {
  readonly instance: number;
  readonly cv: string;
  readonly key: ForgeKey;
  readonly domain: string;
  readonly selector: string;
  /** The sets that the seal covers before its own, each field with CRLF; those of the letter in order where absent. */
  readonly covers?: readonly string[];
  readonly sealTags?: Readonly<Record<string, string>>;
  readonly messageTags?: Readonly<Record<string, string>>;
  readonly results?: string;
}

/** Seal, message signature and results, each with CRLF. */
export function forgeSet(letter: string, options: SetOptions): string {
  const { instance, cv, key, domain: d, selector: s, sealTags = {}, messageTags = {} } = options;
  const i = String(instance);
  const results = `ARC-Authentication-Results: i=${i}; ${options.results ?? "mx.peer.example; dmarc=pass"}\r\n`;
  const messageList = withTags(
    Object.entries({ i, a: key.algorithm, c: "relaxed/relaxed", d, s, h: "from:to:subject" }),
    messageTags,
  );
  const message = forgeSignature(letter, messageList, key, { name: "ARC-Message-Signature" });
  const kinds = ["arc-authentication-results", "arc-message-signature", "arc-seal"];
  const before =
    options.covers ??
    fieldsOf(letter)
      .filter(([name]) => kinds.includes(name))
      .map(([name, text]) => ({
        text,
        order: Number(/\bi=(\d+)/.exec(text)?.[1]) * 3 + kinds.indexOf(name),
      }))
      .toSorted((one, other) => one.order - other.order)
      .map(({ text }) => text);
  const sealList = withTags(Object.entries({ i, a: key.algorithm, cv, d, s }), sealTags);
  const seal = `ARC-Seal: ${sealList.map(([tag, value]) => `${tag}=${value}; `).join("")}b=`;
  const covered = [...before, results, message].map((text) => relaxed(text)).join("");
  return `${seal}${signOver(covered + relaxed(`${seal}\r\n`).replace(/\r\n$/, ""), key)}\r\n${message}${results}`;
}

function signOver(text: string, { algorithm, key }: ForgeKey): string {
  const bytes = Buffer.from(text, "latin1");
  const value = algorithm.startsWith("ed25519")
    ? sign(null, createHash("sha256").update(bytes).digest(), key)
    : sign(algorithm.endsWith("sha1") ? "sha1" : "sha256", bytes, key);
  return value.toString("base64");
}

function fieldsOf(letter: string): [name: string, text: string][] {
  const raw = Buffer.from(letter, "latin1");
  return [...headerFields(raw, 0, raw.byteLength)].map(({ name, start, end }) => [
    name,
    raw.toString("latin1", start, end),
  ]);
}

function relaxed(field: string): string {
  const colon = field.indexOf(":");
  const value = field
    .slice(colon + 1)
    .replaceAll("\r\n", "")
    .replaceAll(/[ \t]+/g, " ");
  return `${field.slice(0, colon).trim().toLowerCase()}:${value.trim()}\r\n`;
}

function canonicalBody(body: string, form: string): string {
  const lines = body.split("\r\n");
  const written =
    form === "relaxed"
      ? lines.map((line) => line.replaceAll(/[ \t]+/g, " ").replace(/ $/, ""))
      : lines;
  const whole = `${written.join("\r\n")}\r\n`.replace(/(?:\r\n)+$/, "\r\n");
  return form === "relaxed" && whole === "\r\n" ? "" : whole;
}
