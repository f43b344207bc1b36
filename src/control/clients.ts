// What the operator may ask about one client's standing: see it, move it, hold it. Each change carries a reason that the client
// reads in their log. Nothing sealed passes here.
import type { Answer, Operations, Plain } from "./socket.ts";

export interface OperatedStanding {
  readonly client: string;
  readonly address: string;
  readonly status: string;
  /** Milliseconds since 1970, as all times here. */
  readonly since: number;
  readonly level: string;
  readonly serving: {
    readonly imap: string;
    readonly submission: boolean;
    readonly web: string;
    readonly inbound: string;
  };
  readonly next: { readonly level: string; readonly at: number } | undefined;
  readonly holds: readonly {
    readonly kind: string;
    readonly since: number;
    readonly until: number | undefined;
    readonly inForce: boolean;
    /** Kept from the client until it is over. */
    readonly quiet?: true;
  }[];
  readonly plan: string;
  readonly mode: string;
  readonly clientSince: number;
  readonly closing: { readonly closedAt: number; readonly eraseAfter: number } | undefined;
}

type Done = { readonly ok: true } | { readonly ok: false; readonly refusal: string };

export interface OperatedClients {
  /** By an address; undefined when no client has it. */
  standing(address: string): Promise<OperatedStanding | undefined>;
  move(client: string, to: string, reason: string, by: string): Promise<Done>;
  hold(client: string, kind: string, until: number | undefined, reason: string): Promise<Done>;
  lift(client: string, kind: string, reason: string): Promise<Done>;
}

/** What `client status` and `client hold` take; anything else is refused in words before it is tried. */
const states = ["pending", "active", "past-due", "suspended"];
const movers = ["operator", "abuse"];
const kinds = ["legal-hold", "abuse-block", "do-not-suspend"];

export function clientOperations(clients: OperatedClients): Operations {
  const withStanding = async (
    args: { readonly [name: string]: Plain },
    act: (standing: OperatedStanding) => Promise<Answer>,
  ): Promise<Answer> => {
    const standing = await clients.standing(text(args["address"]));
    return standing === undefined
      ? refused(`no client has the address ${text(args["address"])}`, "unknown")
      : act(standing);
  };
  return {
    "client.show": (args) => withStanding(args, async (standing) => shown(standing)),
    "client.status": (args) =>
      withStanding(args, async ({ client, address }) => {
        const [to, reason, by] = [text(args["to"]), text(args["reason"]), text(args["by"])];
        if (!states.includes(to)) return refused(`a status is one of: ${states.join(", ")}`);
        if (!movers.includes(by)) return refused(`it is moved by one of: ${movers.join(", ")}`);
        if (reason === "") return refused("the client is told a reason: --reason");
        const done = await clients.move(client, to, reason, by);
        return done.ok
          ? said(`${address} is ${to}; its log says so`, { address, status: to })
          : refused(`${address} was not moved: ${moveWords[done.refusal] ?? done.refusal}`);
      }),
    "client.hold": (args) => withStanding(args, (standing) => hold(clients, standing, args)),
  };
}

const moveWords: { readonly [refusal: string]: string } = {
  "not-allowed": "there is no such move from where it is",
  unknown: "there is no such client",
  held: "a promise not to suspend is in force",
};

async function hold(
  clients: OperatedClients,
  { client, address }: OperatedStanding,
  args: { readonly [name: string]: Plain },
): Promise<Answer> {
  const [kind, reason, until] = [text(args["kind"]), text(args["reason"]), text(args["until"])];
  if (!kinds.includes(kind)) return refused(`a hold is one of: ${kinds.join(", ")}`);
  if (reason === "") return refused("the client is told a reason: --reason");
  if (args["lift"] === true) {
    const done = await clients.lift(client, kind, reason);
    return done.ok
      ? said(`${kind} of ${address} is lifted`, { address, kind })
      : refused(`${address} has no ${kind} in force`);
  }
  const end = until === "" ? undefined : Date.parse(`${until}T00:00:00Z`);
  if (end !== undefined && Number.isNaN(end)) return refused("--until is a day: 2027-01-31");
  if (end === undefined && kind !== "legal-hold")
    return refused(`${kind} has an end: --until, a day`);
  const done = await clients.hold(client, kind, end, reason);
  return done.ok
    ? said(`${kind} of ${address} is set; its log says so`, { address, kind })
    : refused(`--until is over already`);
}

function shown(standing: OperatedStanding): Answer {
  const { address, client, status, since, level, serving, next, holds, plan, mode } = standing;
  const day = (at: number): string => new Date(at).toISOString().slice(0, 16).replace("T", " ");
  const lines = [
    `${address}  client ${client}`,
    `  ${status} since ${day(since)}; plan ${plan}; lost password: ${mode}; client since ${day(standing.clientSince)}`,
    `  level ${level}: reading ${serving.imap}, sending ${serving.submission ? "on" : "off"}, pages ${serving.web}, incoming mail ${serving.inbound}`,
    ...(next === undefined ? [] : [`  next: ${next.level} on ${day(next.at)}`]),
    ...holds.map(
      (one) =>
        `  ${one.kind}${one.quiet ? " (quiet: the client is told when it is over)" : ""} since ${day(one.since)}${one.until === undefined ? "" : ` until ${day(one.until)}`}${one.inForce ? "" : " (over)"}`,
    ),
    ...(standing.closing === undefined
      ? []
      : [
          `  closed ${day(standing.closing.closedAt)}; erased after ${day(standing.closing.eraseAfter)}`,
        ]),
  ];
  return said(lines.join("\n"), {
    ...standing,
    next: next && { ...next },
    holds: holds.map((one) => ({ ...one })),
    closing: standing.closing && { ...standing.closing },
    serving: { ...serving },
  });
}

function said(words: string, value: Plain): Answer {
  return { ok: true, text: words, value };
}

function refused(why: string, refusal?: string): Answer {
  return { ok: false, text: why, value: { refused: why, ...(refusal && { refusal }) } };
}

function text(value: Plain): string {
  if (value === undefined) return "";
  if (typeof value !== "string") throw new TypeError("an operation's argument is not text");
  return value;
}
