// What each call must look like before the keeper reads it: one table of shapes and the function that compares. The socket
// is the border; behind it every argument has the type that the port says.
import type { Keeper } from "./port.ts";

type Shape = "text" | "bytes" | "integer" | readonly [Shape] | { readonly [field: string]: Shape };

const context = {
  class: "text",
  client: "text",
  account: "text",
  object: "text",
  part: "text",
} as const;
const objects = [{ context, sealed: "bytes" }] as const;
const ownRequest = {
  client: "text",
  account: "text",
  at: "integer",
  nonce: "text",
  signature: "bytes",
} as const;

const calls: { readonly [method in Exclude<keyof Keeper, symbol>]: readonly Shape[] } = {
  hello: [],
  enrol: [
    {
      client: "text",
      account: "text",
      mode: "text",
      contentKey: "bytes",
      signingKey: "bytes",
      bundle: "bytes",
    },
  ],
  certifyAddress: [{ address: "text", client: "text", account: "text" }],
  dayKeys: ["text"],
  queueKeys: [],
  destroyQueueKey: ["text"],
  expireKeys: [],
  own: [ownRequest, objects],
  looks: [ownRequest],
  fileGrant: ["bytes", "bytes"],
  showGrant: ["text"],
  listGrants: [],
  approveGrant: ["text", "text", "bytes"],
  release: ["text", objects],
  people: [],
  enrolPerson: ["bytes", [{ approver: "text", signature: "bytes" }]],
  amendPolicy: ["bytes", "bytes", [{ approver: "text", signature: "bytes" }]],
  standing: ["text", objects],
  erase: [{ client: "text", account: "text", notBefore: "integer", signature: "bytes" }],
  certifyDesk: ["bytes"],
  ruleKey: [],
  rotateRoot: [],
  recordCase: ["bytes", "bytes"],
  matchReport: [{ client: "text", account: "text", fingerprint: "bytes" }, objects],
  intercept: ["text"],
  interceptions: [],
  endInterception: ["text", "integer"],
  dueNotices: [],
  noticed: [["integer"]],
  publish: [],
  askReset: [{ client: "text", account: "text", key: "text", at: "integer" }],
  approveReset: ["text", "text", "bytes"],
  cancelReset: ["text", "bytes"],
  handOver: ["text"],
  resets: [],
  witnessing: [],
  cosigned: ["bytes"],
};

/** Carries out a call on the keeper; undefined when it is no call of the port or its arguments have another shape. */
export function dispatch(
  keeper: Keeper,
  method: string,
  args: readonly unknown[],
): Promise<unknown> | undefined {
  if (!isCall(method)) return undefined;
  const shapes: readonly Shape[] = calls[method];
  if (args.length !== shapes.length) return undefined;
  if (!shapes.every((shape, at) => fits(shape, args[at]))) return undefined;
  const carryOut = keeper[method] as (...given: readonly unknown[]) => Promise<unknown>;
  return carryOut(...args);
}

export const methods = Object.keys(calls) as readonly (keyof typeof calls)[];

function isCall(method: string): method is keyof typeof calls {
  return Object.hasOwn(calls, method);
}

function fits(shape: Shape, value: unknown): boolean {
  if (shape === "text") return typeof value === "string";
  if (shape === "integer") return Number.isSafeInteger(value);
  if (shape === "bytes") return value instanceof Uint8Array;
  if (isList(shape)) return Array.isArray(value) && value.every((item) => fits(shape[0], item));
  if (typeof value !== "object" || value === null) return false;
  const given: { readonly [field: string]: unknown } = { ...value };
  const wanted = Object.entries(shape);
  // No field more: what is not known here would travel on into manifests and entries.
  return (
    Object.keys(given).length === wanted.length &&
    wanted.every(([field, inner]) => fits(inner, given[field]))
  );
}

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape);
}
