// Reports in: by form, in ARF, or as any letter to abuse@. Known again, held up and counted before anything is kept; nothing follows
// from a report, or from ten thousand, but a line on the desk's list.
import type { Engine } from "#engine";
import { no, type Result, yes } from "#base/errors";
import { newId } from "#base/ids";
import { networkPrefix } from "#base/network";
import { type Clock, HOUR } from "#base/time";
import { parseMessage, searchText, textPieces } from "#mail/message";
import { attachedLetter, parseArf, printable } from "./arf.ts";
import { takeReport } from "./commands.ts";
import type { Abuse, Letter, NewReport, TakeRefusal } from "./contract.ts";
import type { AbusePorts, KnownClient } from "./ports.ts";
import { encodeReport, makeReport, partiesOf, type Report } from "./report.ts";
import type { ReportKind } from "./tables.ts";

// Two pages; who has more to say has a copy to add, or writes a letter.
const MAX_WHAT = 8000;
const MAX_CONTACT = 320;
// A school or an office behind one address may have a bad day; a program that floods the form is stopped soon.
const FORM_AN_HOUR = 30;
// A mailbox provider forwards its users' complaints from one domain.
const MAIL_AN_HOUR = 300;
// Networks that reported within the hour; beyond that the oldest are forgotten, and memory stays small.
const MOST_NETWORKS = 10_000;

interface Parts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly ports: AbusePorts;
}

export function openIntake(parts: Parts): Pick<Abuse, "report" | "letter"> {
  const held = openHold(parts.clock);
  return {
    async report(given) {
      const refusal = refusalOf(given);
      if (refusal !== undefined) return no(refusal);
      if (held.mustWait(`form ${networkPrefix(given.peer)}`, FORM_AN_HOUR)) return no("too-many");
      const { what, contact, about, copy } = given;
      const report = makeReport({ what, contact, about, copy, feedback: "", isWhole: true });
      return keep(parts, "form", report, copy, about);
    },
    async letter(about, raw) {
      if (held.mustWait(`mail ${about.peerDomain}`, MAIL_AN_HOUR)) return no("too-many");
      const { kind, report, copy } = readLetter(about, raw);
      return keep(parts, kind, report, copy, "");
    },
  };
}

function refusalOf({ what, copy, contact, about }: NewReport): TakeRefusal | undefined {
  if (what.trim() === "" && (copy === undefined || copy.byteLength === 0)) return "empty";
  if (what.length > MAX_WHAT || contact.length > MAX_CONTACT || about.length > MAX_CONTACT)
    return "too-long";
  return undefined;
}

function readLetter(
  { sender }: Letter,
  raw: Uint8Array,
): {
  readonly kind: ReportKind;
  readonly report: Report;
  readonly copy: Uint8Array | undefined;
} {
  const arf = parseArf(raw);
  if (arf.ok) {
    const { copy, words, feedbackType, isWhole } = arf.value;
    const from = { contact: sender, about: "", feedback: feedbackType };
    return { kind: "arf", report: makeReport({ what: words, copy, isWhole, ...from }), copy };
  }
  const message = parseMessage(raw);
  const copy = attachedLetter(raw, message);
  // What claims to be a report and is none is read by a person, with the reason.
  const claims = arf.refusal === "bad-report" ? `(No report in ARF: ${arf.why}.)\n` : "";
  let what = claims;
  for (const piece of searchText(raw, textPieces(message, "body"))) {
    what += `${printable(piece.slice(0, MAX_WHAT))}\n`;
    if (what.length > MAX_WHAT) break;
  }
  const report = makeReport({
    what: what.slice(0, MAX_WHAT),
    contact: sender,
    about: "",
    feedback: "",
    copy,
    isWhole: true,
  });
  return { kind: "letter", report, copy };
}

async function keep(
  { engine, clock, ports }: Parts,
  kind: ReportKind,
  report: Report,
  copy: Uint8Array | undefined,
  about: string,
): Promise<Result<string, TakeRefusal>> {
  const known = await reported(ports, about, copy);
  const id = newId();
  const now = clock.now();
  // The same message about the same client is one case, whoever reports it; without a copy, the same words are.
  const same = report.fingerprint === "" ? `words ${report.what}` : `copy ${report.fingerprint}`;
  const { taken, id: kept } = await engine.write(takeReport, {
    report_id: id,
    client_id: known?.client ?? "",
    account_id: known?.account ?? "",
    state: "open",
    kind,
    at: now,
    changed: now,
    times: 1,
    mac: await ports.rules.mac(`abuse report ${known?.client ?? ""} ${same}`),
    sealed: await ports.sealForDesk(id, "report", encodeReport(report)),
    matched: null,
  });
  return taken === "enough" ? no("enough") : yes(kept);
}

/** Whom a report is about: the address that it names, or else the first party of the copy that is a client here. */
async function reported(
  ports: AbusePorts,
  about: string,
  copy: Uint8Array | undefined,
): Promise<KnownClient | undefined> {
  if (about.trim() !== "") return ports.resolve(about.trim());
  for (const address of copy === undefined ? [] : partiesOf(copy)) {
    const known = await ports.resolve(address);
    if (known !== undefined) return known;
  }
  return undefined;
}

/** How many reports came from where within the hour; in memory only. */
function openHold(clock: Clock): { mustWait(name: string, most: number): boolean } {
  const seen = new Map<string, { until: number; count: number }>();
  return {
    mustWait(name, most) {
      const now = clock.now();
      const held = seen.get(name);
      const window = held === undefined || held.until <= now ? undefined : held;
      if (window !== undefined && window.count >= most) return true;
      const next = window ?? { until: now + HOUR, count: 0 };
      next.count += 1;
      seen.delete(name);
      seen.set(name, next);
      const [oldest] = seen.keys();
      if (seen.size > MOST_NETWORKS && oldest !== undefined) seen.delete(oldest);
      return false;
    },
  };
}
