// A grant in words for people who are about to sign it: all of it, nothing folded away.
import type { Grant, Shown } from "#keeper";
import { type Demand, demands, groundRow, isGround } from "#policy";

export function grantWords(shown: Shown): string {
  const grant = JSON.parse(Buffer.from(shown.grant).toString("utf8")) as Grant;
  const ground = isGround(grant.ground) ? groundRow(grant.ground).words : "not in the table";
  const lines: [string, string][] = [
    ["hash", shown.hash],
    [
      "state",
      `${shown.state}; ${shown.approvals.length} of ${shown.approvalsNeeded} approvals; used ${shown.uses} of ${shown.usesAllowed}`,
    ],
    ["ground", `${grant.ground}: ${ground}`],
    ["purpose", grant.purpose],
    [
      "opens",
      `${grant.class} of client ${grant.client}${grant.account === "" ? "" : `, account ${grant.account}`}`,
    ],
    ...scopeWords(grant),
    ["asked for", grant.asked],
    ["reason", grant.reason],
    ["actor", grant.actor],
    ["requester", `${grant.requester.name} (${grant.requester.kind})`],
    ["package goes to", grant.recipient],
    ...Object.entries(grant.demands).map(([name, value]): [string, string] => [
      name,
      `${String(value)}  [${demands[name as Demand]}]`,
    ]),
    ["valid", `${instant(grant.notBefore)} to ${instant(grant.expires)}`],
    [
      "client is told",
      grant.notice === "now"
        ? "at once"
        : `not before ${instant(grant.notice.until)}: ${grant.notice.document}`,
    ],
    ["policy", grant.policy],
    ...shown.approvals.map(({ approver, at }): [string, string] => [
      "approved by",
      `${approver} at ${instant(at)}`,
    ]),
  ];
  return lines
    .map(([label, value]) => `${label.padEnd(17)}${value.replaceAll("\n", `\n${" ".repeat(17)}`)}`)
    .join("\n");
}

function scopeWords({ scope, maxItems }: Grant): [string, string][] {
  if (!("ids" in scope))
    return [
      ["intercepts", `mail that comes from ${instant(scope.from)} to ${instant(scope.until)}`],
      ["items", `at most ${maxItems} messages`],
    ];
  return [
    ["items", `${scope.ids.length}, at most ${maxItems}; root ${scope.root}`],
    ...scope.ids.map((id): [string, string] => ["", id]),
  ];
}

function instant(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
