// The parameters of MAIL and RCPT: SIZE (RFC 1870), BODY (RFC 6152), SMTPUTF8 (RFC 6531), REQUIRETLS (RFC 8689), AUTH (RFC 4954),
// and RET, ENVID, NOTIFY, ORCPT (RFC 3461). Pure and total; what we do not advertise is unknown, and nothing may come twice.

export interface MailParameters {
  /** Octets as the peer announced them. */
  readonly size: number | undefined;
  readonly utf8: boolean;
  readonly eightBit: boolean;
  /** The letter may go on under verified TLS only. */
  readonly requireTls: boolean;
  readonly ret: "full" | "headers" | undefined;
  /** As it was sent, xtext. */
  readonly envid: string | undefined;
}

export type NotifyOn = "never" | "success" | "failure" | "delay";

export interface RecipientParameters {
  /** Undefined when the peer did not say: failure, and delay as we see fit (RFC 3461 §4.1). */
  readonly notify: readonly NotifyOn[] | undefined;
  /** As it was sent: address type, ";", xtext. */
  readonly orcpt: string | undefined;
}

type ParameterProblem = "unknown-parameter" | "bad-parameter";

export type Parsed<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problem: ParameterProblem };

// RFC 3461 §4.4: an envid has up to 100 characters before its encoding; each may take three.
const MAX_ENVID = 300;
// RFC 3461 §4.2: an original recipient has up to 500 characters.
const MAX_ORCPT = 500;

const XTEXT = /^(?:[\x21-\x2a\x2c-\x3c\x3e-\x7e]|\+[0-9A-F]{2})*$/;
const none = {
  size: undefined,
  utf8: false,
  eightBit: false,
  requireTls: false,
  ret: undefined,
  envid: undefined,
} as const satisfies MailParameters;

export function parseMailParameters(text: string): Parsed<MailParameters> {
  return fold(text, none, (known: MailParameters, name, value) => {
    switch (name) {
      case "SIZE":
        return /^\d{1,20}$/.test(value ?? "") ? { ...known, size: Number(value) } : undefined;
      case "BODY":
        if (!/^(?:7BIT|8BITMIME)$/i.test(value ?? "")) return undefined;
        return { ...known, eightBit: value?.startsWith("8") ?? false };
      case "SMTPUTF8":
        return value === undefined ? { ...known, utf8: true } : undefined;
      case "REQUIRETLS":
        return value === undefined ? { ...known, requireTls: true } : undefined;
      case "AUTH": // RFC 4954 §5: we trust nobody's word on whose message it is, and may ignore it
        return value !== undefined && XTEXT.test(value) ? known : undefined;
      case "RET":
        if (!/^(?:FULL|HDRS)$/i.test(value ?? "")) return undefined;
        return { ...known, ret: /^F/i.test(value ?? "") ? "full" : "headers" };
      case "ENVID":
        if (value === undefined) return undefined;
        return XTEXT.test(value) && value.length <= MAX_ENVID
          ? { ...known, envid: value }
          : undefined;
      default:
        return "unknown";
    }
  });
}

export function parseRecipientParameters(text: string): Parsed<RecipientParameters> {
  const nothing: RecipientParameters = { notify: undefined, orcpt: undefined };
  return fold(text, nothing, (known: RecipientParameters, name, value) => {
    switch (name) {
      case "NOTIFY": {
        const notify = parseNotify(value ?? "");
        return notify === undefined ? undefined : { ...known, notify };
      }
      case "ORCPT": {
        const [, encoded] = /^[A-Za-z0-9-]+;(.*)$/.exec(value ?? "") ?? [];
        if (encoded === undefined || value === undefined || value.length > MAX_ORCPT)
          return undefined;
        // RFC 6533 §3 lets an address of type utf-8 be itself.
        const wellFormed = XTEXT.test(encoded) || /^utf-8;/i.test(value);
        return wellFormed ? { ...known, orcpt: value } : undefined;
      }
      default:
        return "unknown";
    }
  });
}

function parseNotify(value: string): readonly NotifyOn[] | undefined {
  const words = value.toLowerCase().split(",");
  if (words.length === 1 && words[0] === "never") return ["never"];
  const known = words.every((word) => word === "success" || word === "failure" || word === "delay");
  return known ? ([...new Set(words)] as NotifyOn[]) : undefined;
}

function fold<Value>(
  text: string,
  start: Value,
  take: (known: Value, name: string, value: string | undefined) => Value | undefined | "unknown",
): Parsed<Value> {
  let value = start;
  const names = new Set<string>();
  for (const word of text.split(" ")) {
    if (word === "") continue;
    const equals = word.indexOf("=");
    const name = (equals === -1 ? word : word.slice(0, equals)).toUpperCase();
    const next = take(value, name, equals === -1 ? undefined : word.slice(equals + 1));
    if (next === "unknown") return { ok: false, problem: "unknown-parameter" };
    if (next === undefined || names.has(name)) return { ok: false, problem: "bad-parameter" };
    names.add(name);
    value = next;
  }
  return { ok: true, value };
}
