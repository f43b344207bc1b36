// DMARC (RFC 9989): whose letter it says it is, whether SPF or DKIM vouch for that, and what the domain asks for otherwise. The tree
// walk of RFC 9989 §4.10 finds the organisation; `pct` is gone.
import type { DmarcCheck, Policy, PublishedPolicy, Signed, SpfCheck } from "./evidence.ts";
import type { Library } from "./library.ts";
import type { NodeResolver } from "./resolver.ts";
import { tagList } from "./tags.ts";

const noneAligned = { spf: false, dkim: false };

export async function checkDmarc(
  { evaluateDmarc }: Pick<Library, "evaluateDmarc">,
  resolver: NodeResolver,
  {
    dkim,
    authors,
    fromFields,
    spf,
  }: Pick<Signed, "dkim" | "authors" | "fromFields"> & { readonly spf: readonly SpfCheck[] },
): Promise<DmarcCheck> {
  const { response, reason } = await evaluateDmarc({
    headerFrom: [...authors],
    fromFields,
    spfDomains: spfAuthenticated(spf),
    dkimDomains: dkim.flatMap(({ result, domain }) =>
      result === "pass" && domain !== undefined ? [{ domain }] : [],
    ),
    resolver,
    strict: true,
  });
  if (response === false) {
    // RFC 9989 §11.5: no author is no claim to be anybody; several are a way round the policy of one.
    const several = reason === "multiple-author-domains" || reason === "multiple-from-fields";
    return {
      result: several ? "permerror" : "none",
      reason: several ? "more than one author domain" : undefined,
      from: undefined,
      policy: undefined,
      published: undefined,
      aligned: noneAligned,
    };
  }
  const { status, alignment } = response;
  const from = typeof status.header?.from === "string" ? status.header.from : undefined;
  const published = response.rr === undefined ? undefined : publishedPolicy(response);
  return {
    result: dmarcResult(status.result),
    reason: undefined,
    from,
    policy: published === undefined ? undefined : asPolicy(response.policy),
    published,
    aligned:
      alignment === undefined
        ? noneAligned
        : {
            spf: alignment.spf.result !== undefined,
            dkim: alignment.dkim.result !== undefined,
          },
  };
}

/** The MAIL FROM identity; with the null reverse-path that is the one of HELO (RFC 7208 §2.4). */
function spfAuthenticated(spf: readonly SpfCheck[]): string[] {
  const checked = spf.find(({ identity }) => identity === "mailfrom") ?? spf[0];
  return checked?.result === "pass" ? [checked.domain] : [];
}

type Response = Exclude<Awaited<ReturnType<Library["evaluateDmarc"]>>["response"], false>;

function publishedPolicy(response: Response): PublishedPolicy {
  const { rr = "", policyDomain, domain, p, sp, np, alignment, testMode } = response;
  const tags = tagList(rr);
  return {
    domain: policyDomain ?? domain,
    organisation: domain,
    p,
    sp,
    np,
    adkim: alignment.dkim.strict ? "s" : "r",
    aspf: alignment.spf.strict ? "s" : "r",
    testing: testMode,
    fo: tags.get("fo"),
    rua: tags.get("rua"),
  };
}

function dmarcResult(result: string): DmarcCheck["result"] {
  return result === "pass" || result === "fail" || result === "temperror" || result === "permerror"
    ? result
    : "none";
}

function asPolicy(policy: string): Policy {
  return policy === "reject" || policy === "quarantine" ? policy : "none";
}
