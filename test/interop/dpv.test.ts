// The policy as linked data, read by a stranger's library: Debian's rdflib, which knows nothing of us, answers two questions from it.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { test } from "node:test";
import { classes, type Ground, groundRow, grounds, policyInDpv } from "#policy";
import { requireOrSkip } from "../require.ts";

// Debian's own Python: another one on the PATH does not see Debian's packages.
const python = "/usr/bin/python3";
const questions = `
import json, rdflib, sys
page = "https://provider.example/policy"
graph = rdflib.Graph()
graph.parse(data=sys.stdin.read(), format="json-ld", publicID=page + ".jsonld")
rows = graph.query("""PREFIX dpv: <https://w3id.org/dpv#>
  SELECT ?process ?purpose WHERE {
    <%s> a dpv:PrivacyNotice ; dpv:hasProcess ?process .
    ?process a dpv:Process ; dpv:hasPurpose ?purpose ; dpv:hasPersonalData <%s#data-content> }""" % (page, page))
kept = graph.query("""PREFIX dpv: <https://w3id.org/dpv#> PREFIX time: <http://www.w3.org/2006/time#>
  SELECT ?length WHERE { <%s#class-visit> dpv:hasStorageCondition/dpv:hasDuration/time:hasXSDDuration ?length }""" % page)
name = lambda iri: str(iri).removeprefix(page + "#")
print(json.dumps([sorted(name(a) + " " + name(b) for a, b in rows), [str(row.length) for row in kept]]))
`;

test("an RDF library reads from the policy for what mail may be opened, and how long visits are kept", (t) => {
  const hasRdflib = spawnSync(python, ["-c", "import rdflib"]).status === 0;
  if (!requireOrSkip(t, hasRdflib, "not installed: python3-rdflib")) return;
  const answer = execFileSync(python, ["-c", questions], { input: JSON.stringify(policyInDpv()) });
  const [openedFor, visitsKept] = JSON.parse(answer.toString()) as [string[], string[]];
  const onGrounds = (Object.keys(grounds) as Ground[])
    .filter((ground) => groundRow(ground).classes.includes("content"))
    .map((ground) => `ground-${ground} purpose-${groundRow(ground).purpose}`);
  const own = classes.content.purposes.map((purpose) => `class-content purpose-${purpose}`);
  assert.deepEqual(openedFor, [...own, ...onGrounds].sort());
  assert.equal(openedFor.length, 7);
  assert.match(visitsKept.join(), /^(400 days|P400D)/);
});
