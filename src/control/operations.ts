// What the operator may ask of a running server, or of a house opened for one operation. States the few things it needs
// of the other rooms as ports; holds no key and sees no text of anybody's.
import { randomBytes } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import { toBase64Url } from "#base/bytes";
import type { Answer, Operations, Plain, Progress } from "./socket.ts";

export interface OperatedRooms {
  readonly domain: string;
  signUp(request: { address: string; password: string; plan?: string }): Promise<
    | {
        readonly ok: true;
        readonly value: {
          readonly client: string;
          readonly account: string;
          readonly address: string;
        };
      }
    | { readonly ok: false; readonly refusal: string }
  >;
  list(): Promise<readonly ClientFacts[]>;
  resolve(
    address: string,
  ): Promise<
    { readonly client: string; readonly account: string; readonly address: string } | undefined
  >;
  /** Every message of an mbox into the inbox, byte for byte. */
  importMbox(
    owner: { readonly client: string; readonly account: string },
    path: string,
    progress: (done: number, failed: number) => void,
  ): Promise<{ readonly imported: number; readonly failed: readonly string[] }>;
  listMessages(owner: {
    readonly client: string;
    readonly account: string;
  }): Promise<
    readonly { readonly messageId: string; readonly size: number; readonly receivedAt: number }[]
  >;
  /** Ids of what is held of a class between two instants (milliseconds; from the first, before the second). */
  idsHeld(
    owner: { readonly client: string; readonly account: string },
    dataClass: string,
    between: { readonly from: number; readonly until: number },
  ): Promise<readonly string[]>;
  /** The sealed objects that a filed grant names, handed to the keeper; the package comes back sealed to its recipient. */
  release(hash: string): Promise<
    | {
        readonly ok: true;
        readonly value: {
          readonly package: Uint8Array;
          readonly items: number;
          readonly intentIndex: number;
          readonly outcomeIndex: number;
        };
      }
    | { readonly ok: false; readonly refusal: string; readonly why: string }
  >;
  /** Findings of a check over everything that can be checked without a key; empty when all is well. */
  check(progress: Progress): Promise<readonly string[]>;
}

export interface ClientFacts {
  readonly client: string;
  readonly account: string;
  readonly address: string;
  readonly status: string;
  readonly plan: string;
  readonly mode: string;
  readonly since: number;
}

/** The operations by name. Each answers in words and in plain data. */
export function operationsOver(rooms: OperatedRooms): Operations {
  return {
    "client.add": (args) => addClient(rooms, text(args["address"]), args["password"], args["plan"]),
    "client.list": async () => listClients(await rooms.list()),
    import: (args, progress) =>
      importInto(rooms, text(args["address"]), text(args["path"]), progress),
    "grant.resolve": async (args) => {
      const found = await rooms.resolve(text(args["address"]));
      if (found === undefined) return refused(`no client has the address ${text(args["address"])}`);
      return { ok: true, text: found.client, value: { ...found } };
    },
    "grant.messages": (args) => listMessages(rooms, text(args["address"])),
    "grant.held": (args) => listHeld(rooms, args),
    "grant.release": (args) => release(rooms, text(args["hash"]), text(args["out"])),
    check: async (_args, progress) => {
      const findings = await rooms.check(progress);
      if (findings.length === 0)
        return { ok: true, text: "everything checked is as it should be", value: { findings: [] } };
      return { ok: false, text: findings.join("\n"), value: { findings: [...findings] } };
    },
  };
}

async function addClient(
  rooms: OperatedRooms,
  name: string,
  given: Plain,
  plan: Plain,
): Promise<Answer> {
  const address = name.includes("@") ? name : `${name}@${rooms.domain}`;
  // 120 bits: as long as it is short enough to type from one screen to another.
  const password = typeof given === "string" ? given : toBase64Url(randomBytes(15));
  const made = await rooms.signUp({
    address,
    password,
    ...(typeof plan === "string" ? { plan } : {}),
  });
  if (!made.ok) {
    const { refusal } = made;
    return refused(`${address} was not made: ${signUpWords[refusal] ?? refusal}`, refusal);
  }
  const shown = typeof given === "string" ? {} : { password };
  const said = typeof given === "string" ? "" : `\npassword, shown this once: ${password}`;
  return {
    ok: true,
    text: `made ${made.value.address}${said}`,
    value: { ...made.value, ...shown },
  };
}

const signUpWords: { readonly [refusal: string]: string } = {
  "bad-address": "an address has letters, digits, dots and hyphens before the @",
  "not-our-domain": "its domain is not ours",
  "address-taken": "the address is taken, or reserved",
  "password-too-short": "the password is too short",
  "password-too-long": "the password is too long",
  "unknown-plan": "there is no such plan",
  "keeper-away": "the keeper does not answer, and without it no key can be made",
};

function listClients(rows: readonly ClientFacts[]): Answer {
  const lines = rows.map(
    (row) => `${row.address}  ${row.status}  ${row.plan}  ${row.mode}  client ${row.client}`,
  );
  return {
    ok: true,
    text:
      lines.length === 0
        ? "no clients yet; make one with: bailee client add ADDRESS"
        : lines.join("\n"),
    value: rows.map((row) => ({ ...row })),
  };
}

async function importInto(
  rooms: OperatedRooms,
  address: string,
  path: string,
  progress: Progress,
): Promise<Answer> {
  const owner = await rooms.resolve(address);
  if (owner === undefined) return refused(`no client has the address ${address}`);
  const result = await rooms.importMbox(owner, path, (done, failed) =>
    progress(`${done} imported, ${failed} not`),
  );
  const failures = result.failed.map((why) => `\n  ${why}`).join("");
  return {
    ok: result.failed.length === 0,
    text: `${result.imported} imported, ${result.failed.length} not${failures}`,
    value: { imported: result.imported, failed: [...result.failed] },
  };
}

async function listMessages(rooms: OperatedRooms, address: string): Promise<Answer> {
  const owner = await rooms.resolve(address);
  if (owner === undefined) return refused(`no client has the address ${address}`);
  const rows = await rooms.listMessages(owner);
  const lines = rows.map(
    (row) => `${row.messageId}  ${new Date(row.receivedAt).toISOString()}  ${row.size}`,
  );
  return { ok: true, text: lines.join("\n"), value: rows.map((row) => ({ ...row })) };
}

async function listHeld(
  rooms: OperatedRooms,
  args: { readonly [name: string]: Plain },
): Promise<Answer> {
  const owner = await rooms.resolve(text(args["address"]));
  if (owner === undefined) return refused(`no client has the address ${text(args["address"])}`);
  const between = { from: Number(args["from"]), until: Number(args["until"]) };
  const ids = await rooms.idsHeld(owner, text(args["class"]), between);
  return { ok: true, text: ids.join("\n"), value: [...ids] };
}

async function release(rooms: OperatedRooms, hash: string, out: string): Promise<Answer> {
  // A grant is used up by its release: the place for the package is made sure of first.
  const file = await openNew(out);
  if (file === undefined)
    return refused(`${out} cannot be written, or is there already; nothing was released`);
  let kept = false;
  try {
    const released = await rooms.release(hash);
    if (!released.ok) {
      const { refusal, why } = released;
      return refused(`the keeper refuses: ${refusal}: ${why}`, refusal);
    }
    await file.writeFile(released.value.package);
    kept = true;
    const { items, intentIndex, outcomeIndex } = released.value;
    const what = items === 1 ? "1 item" : `${items} items`;
    return {
      ok: true,
      text: `opened ${what} into ${out}, sealed to the recipient's key; ledger entries ${intentIndex} and ${outcomeIndex}`,
      value: { items, intentIndex, outcomeIndex, out },
    };
  } finally {
    await file.close();
    if (!kept) await rm(out, { force: true });
  }
}

async function openNew(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "wx", 0o600);
  } catch {
    return undefined; // there already, no such folder, or not allowed: the same to whoever asked
  }
}

function refused(why: string, refusal?: string): Answer {
  const value = refusal === undefined ? { refused: why } : { refused: why, refusal };
  return { ok: false, text: why, value };
}

function text(value: Plain): string {
  if (value === undefined) return "";
  if (typeof value !== "string") throw new TypeError("an operation's argument is not text");
  return value;
}
