// MTA-STS policies of other domains: found by their record, fetched over HTTPS, kept as long as they say (RFC 8461 §3 and §5.1).
// What is kept on disk names nobody: it is found by a mark and sealed, since it tells which domains our clients write to.
import { fromUtf8, toUtf8 } from "#base/bytes";
import { logBroken } from "#base/log";
import { type Clock, DAY, MINUTE, SECOND } from "#base/time";
import type { Dns } from "#dns";
import type { Engine } from "#engine";
import { keepPolicy } from "./commands.ts";
import type { Lasting } from "./contract.ts";
import { fetchPolicy, type PolicyServer } from "./https.ts";
import { parseStsPolicy, stsId, type StsPolicy } from "./sts.ts";
import type { Tables } from "./tables.ts";

export type StsFailure = "sts-policy-fetch-error" | "sts-policy-invalid" | "sts-webpki-invalid";

/** Undefined when the domain has no policy; a failure when it says that it has one and it cannot be had. */
export type PolicyOf = (domain: string) => Promise<StsPolicy | StsFailure | undefined>;

interface Kept {
  readonly id: string;
  readonly until: number;
  readonly text: string;
}

// RFC 8461 §3.3: a failed fetch is not tried again for five minutes.
const AFTER_FAILURE = 5 * MINUTE;
// Domains remembered in memory between letters; a few hundred bytes each.
const MAX_REMEMBERED = 2000;
// §3.3 leaves refreshing open: a policy half over is fetched anew, so that it does not run out under a broken server.
const REFRESH_AFTER = DAY;

export function openPolicies(parts: {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly dns: Dns;
  readonly lasting: Lasting | undefined;
  readonly https: PolicyServer;
}): PolicyOf {
  const { engine, clock, dns, lasting } = parts;
  const remembered = new Map<string, Kept & { readonly fetched: number }>();
  const failures = new Map<string, { readonly failure: StsFailure; readonly until: number }>();

  const read = async (domain: string): Promise<(Kept & { fetched: number }) | undefined> => {
    const known = remembered.get(domain);
    if (known !== undefined) return known;
    if (lasting === undefined) return undefined;
    // The keeper is not asked for its key while nothing is kept.
    const any = await engine
      .reader<Tables>()
      .selectFrom("queue_sts")
      .select("mark")
      .limit(1)
      .executeTakeFirst();
    if (any === undefined) return undefined;
    const mark = await lasting.mac(`sts ${domain}`);
    const row = await engine
      .reader<Tables>()
      .selectFrom("queue_sts")
      .select(["sealed", "fetched"])
      .where("mark", "=", mark)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const opened = await lasting.open(`sts-${mark}`, row.sealed);
    const text = opened === undefined ? undefined : toUtf8(opened);
    if (text === undefined) return undefined;
    return { ...(JSON.parse(text) as Kept), fetched: row.fetched };
  };

  const keep = async (domain: string, kept: Kept): Promise<void> => {
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    const fetched = clock.now();
    remembered.set(domain, { ...kept, fetched });
    if (lasting === undefined) return;
    const mark = await lasting.mac(`sts ${domain}`);
    const sealed = await lasting.seal(`sts-${mark}`, fromUtf8(JSON.stringify(kept)));
    await engine.write(keepPolicy, { mark, fetched, expires: kept.until, sealed });
  };

  const fetched = async (domain: string, id: string): Promise<StsPolicy | StsFailure> => {
    const now = clock.now();
    const failed = failures.get(domain);
    if (failed !== undefined && now < failed.until) return failed.failure;
    const text = await fetchPolicy(dns, domain, parts.https);
    const policy = text.ok ? parseStsPolicy(text.text) : undefined;
    if (text.ok && policy !== undefined) {
      failures.delete(domain);
      await keep(domain, { id, until: now + policy.maxAge * SECOND, text: text.text });
      return policy;
    }
    const failure = text.ok ? "sts-policy-invalid" : text.failure;
    if (failures.size >= MAX_REMEMBERED) failures.clear();
    failures.set(domain, { failure, until: now + AFTER_FAILURE });
    return failure;
  };

  return async (domain) => {
    const now = clock.now();
    const [answer, cached] = await Promise.all([
      dns.lookup(`_mta-sts.${domain}`, "TXT"),
      // What is kept is only a help: without it the policy is fetched.
      read(domain).catch((error: unknown) => void logBroken("queue.sts", error)),
    ]);
    const known = cached !== undefined && now < cached.until ? cached : undefined;
    const knownPolicy = known && parseStsPolicy(known.text);
    const id = answer.ok ? stsId(answer.records) : undefined;
    // §5.1: a record that is gone or cannot be had does not end a policy that is kept; only its age does.
    if (id === undefined) return knownPolicy;
    const fresh = known !== undefined && known.id === id && now < known.fetched + REFRESH_AFTER;
    if (fresh) return knownPolicy;
    const found = await fetched(domain, id);
    return typeof found === "string" ? (knownPolicy ?? found) : found;
  };
}
