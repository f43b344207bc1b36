// The policy once more, for programs: the same table as JSON-LD in the W3C community's Data Privacy Vocabulary (DPV 2.1,
// https://w3id.org/dpv). Pure; every statement comes from the table, and only the pairing with DPV's terms is written here.
import { DAY } from "#base/time";
import { classes, type DataClass, dataClasses, type Purpose } from "./classes.ts";
import { policyDigest } from "./digest.ts";
import { type DisclosurePurpose, type Ground, groundRow, grounds } from "./grounds.ts";

/** What DPV calls the kind of purpose that each of ours is one of. */
const broader: { readonly [purpose in Purpose | DisclosurePurpose]: string } = {
  "analyse-traffic": "ServiceUsageAnalytics",
  "improve-content": "ImproveExistingProductsAndServices",
  "facilitate-interaction": "ServiceProvision",
  "establish-service": "EstablishContractualAgreement",
  "support-relationship": "CustomerCare",
  "process-payment": "PaymentManagement",
  "provide-service": "RequestedServiceProvision",
  "transmit-and-deliver": "RequestedServiceProvision",
  authenticate: "IdentityAuthentication",
  operate: "EnforceAccessControl",
  "handle-case": "DisputeManagement",
  own: "RightsFulfillment",
  "disclose-harm": "DisputeManagement",
  "disclose-law": "LegalCompliance",
  "client-case": "RequestedServiceProvision",
  "protect-both": "MisusePreventionAndDetection",
  "legal-process": "LegalCompliance",
  "report-crime": "PublicBenefit",
  "review-harm": "MisusePreventionAndDetection",
};

type Node = { readonly [property: string]: unknown };

/** The policy as one JSON-LD document. Its names are fragments of /policy, relative to wherever the document was fetched. */
export function policyInDpv(): Node {
  const purposes = Object.entries(broader).map(([name, term]) => ({
    "@id": `/policy#purpose-${name}`,
    "@type": "dpv:Purpose",
    "skos:broader": { "@id": `dpv:${term}` },
    "skos:prefLabel": name,
  }));
  const data = dataClasses.map((name) => ({
    "@id": dataId(name),
    "@type": "dpv:PersonalData",
    "skos:prefLabel": name,
    "dct:description": classes[name].holds,
  }));
  return {
    "@context": {
      dct: "http://purl.org/dc/terms/",
      dpv: "https://w3id.org/dpv#",
      skos: "http://www.w3.org/2004/02/skos/core#",
      time: "http://www.w3.org/2006/time#",
      xsd: "http://www.w3.org/2001/XMLSchema#",
    },
    "@graph": [
      {
        "@id": "/policy",
        "@type": "dpv:PrivacyNotice",
        "dct:identifier": `sha256:${policyDigest}`,
        "dct:source": { "@id": "/policy.json" },
        "dpv:hasProcess": [
          ...dataClasses.map(keptProcess),
          ...(Object.keys(grounds) as Ground[]).map(disclosureProcess),
        ],
      },
      ...purposes,
      ...data,
    ],
  };
}

function dataId(name: DataClass): string {
  return `/policy#data-${name}`;
}

/** What is done with a class without anybody else being shown it. */
function keptProcess(name: DataClass): Node {
  const { purposes, kept } = classes[name];
  const days = "days" in kept ? kept.days : undefined;
  return {
    "@id": `/policy#class-${name}`,
    "@type": "dpv:Process",
    "dpv:hasDataSubject": {
      "@id": name === "visit" || name === "cookie" ? "dpv:User" : "dpv:Customer",
    },
    "dpv:hasPersonalData": { "@id": dataId(name) },
    "dpv:hasPurpose": purposes.map((purpose) => ({ "@id": `/policy#purpose-${purpose}` })),
    "dpv:hasProcessing": [{ "@id": "dpv:Store" }, { "@id": "dpv:Use" }],
    "dpv:hasStorageCondition": {
      "@type": "dpv:StorageDuration",
      "dct:description": kept.rule,
      ...(days === undefined ? {} : { "dpv:hasDuration": duration(days) }),
    },
    ...(name === "visit" ? {} : { "dpv:hasTechnicalMeasure": [{ "@id": "dpv:EncryptionAtRest" }] }),
  };
}

/** On which ground somebody else may be shown something, and what that demands. */
function disclosureProcess(ground: Ground): Node {
  const row = groundRow(ground);
  return {
    "@id": `/policy#ground-${ground}`,
    "@type": "dpv:Process",
    "dct:description": row.words,
    "dpv:hasDataSubject": { "@id": "dpv:Customer" },
    "dpv:hasPersonalData": [...row.classes, ...row.namedClasses].map((name) => ({
      "@id": dataId(name),
    })),
    "dpv:hasPurpose": { "@id": `/policy#purpose-${row.purpose}` },
    "dpv:hasProcessing": {
      "@id": ground === "support" || ground === "A" ? "dpv:Use" : "dpv:Disclose",
    },
    "dpv:hasDuration": duration(row.lifeMs / DAY),
    "dpv:hasOrganisationalMeasure": {
      "@type": "dpv:AuthorisationProcedure",
      "dct:description": `approvals: ${row.approvals}; uses: ${row.uses}; demands: ${row.demands.join(", ")}`,
    },
  };
}

/** In days, as a number that may have a fraction. */
function duration(days: number): Node {
  return {
    "@type": "dpv:TemporalDuration",
    "time:hasXSDDuration": {
      "@type": "xsd:dayTimeDuration",
      "@value": Number.isInteger(days) ? `P${days}D` : `PT${days * 24}H`,
    },
  };
}
