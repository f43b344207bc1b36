// The floor plan carries the promise: reads every import under src/ and fails when a room reaches where it may not.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { test } from "node:test";

const src = resolve(import.meta.dirname, "../src");

/** Each room and the rooms that it may import. What is not listed is not allowed. */
const plan: { readonly [room: string]: readonly string[] } = {
  base: [],
  config: ["base"],
  policy: ["base"],
  engine: ["base"],
  vault: ["base", "policy"],
  ledger: ["base"],
  witness: ["base", "ledger"],
  certificates: ["base"],
  dns: ["base"],
  control: ["base"],
  keeper: ["base", "policy", "vault", "ledger"],
  store: ["base", "engine", "policy", "vault"],
  clients: ["base", "engine", "policy", "vault"],
  desk: ["base", "engine", "policy", "vault"],
  abuse: ["base", "engine", "policy", "mail/message"],
  visitors: ["base", "engine", "policy"],
  support: ["base", "engine", "mail/message"],
  lists: ["base", "engine", "mail/message"],
  "mail/message": ["base"],
  "mail/delivery": ["base", "mail/message", "vault", "engine", "store"],
  "mail/authentication": ["base", "mail/message"],
  "mail/smtp": ["base", "mail/message", "mail/delivery"],
  "mail/imap": ["base", "mail/message", "store"],
  "mail/pop3": ["base", "store"],
  "mail/sending": ["base", "engine"],
  "mail/transit": ["base", "engine"],
  "mail/reports": ["base", "engine", "mail/message"],
  "mail/queue": ["base", "dns", "engine", "policy", "vault", "mail/message"],
  disclosure: ["base", "engine", "policy"],
  billing: ["base", "engine", "policy"],
  web: ["base", "policy", "visitors", "disclosure"],
  cli: [
    "base",
    "config",
    "control",
    "disclosure",
    "policy",
    "vault",
    "ledger",
    "keeper",
    "witness",
    "keeper/custody", // the root key, while no keeper runs: the operator's hand and nobody else's
    "mail/message",
    "main",
  ],
  main: [
    "base",
    "config",
    "certificates",
    "control",
    "dns",
    "engine",
    "policy",
    "vault",
    "ledger",
    "witness",
    "keeper",
    "store",
    "clients",
    "desk",
    "support",
    "abuse",
    "lists",
    "visitors",
    "disclosure",
    "billing",
    "web",
    "mail/message",
    "mail/delivery",
    "mail/smtp",
    "mail/imap",
    "mail/pop3",
    "mail/queue",
    "mail/sending",
    "mail/transit",
    "mail/reports",
    "mail/authentication",
  ],
};

interface Import {
  readonly file: string;
  readonly room: string;
  readonly target: string;
}

const imports = globSync("**/*.ts", { cwd: src }).flatMap((file): Import[] => {
  const text = readFileSync(join(src, file), "utf8");
  const specifiers = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\b[^;]*?from\s*"([^"]+)"|import\s*\(\s*"([^"]+)"\s*\)|(?:^|\n)import\s*"([^"]+)"/g,
  );
  return [...specifiers].map((match) => ({
    file,
    room: roomOf(file),
    target: match[1] ?? match[2] ?? match[3] ?? "",
  }));
});

function roomOf(file: string): string {
  const parts = file.split("/");
  if (parts[0] === "mail") return parts.slice(0, 2).join("/");
  return (parts[0] ?? "").replace(/\.ts$/, "");
}

function targetRoom({ file, target }: Import): string | undefined {
  if (target.startsWith("#base/")) return "base";
  if (target.startsWith("#")) return target.slice(1);
  if (target.startsWith(".")) return roomOf(relative(src, resolve(src, dirname(file), target)));
  return undefined;
}

test("every room reaches only the rooms that the floor plan allows", () => {
  assert.ok(imports.length > 20, "the scan found imports");
  const wrong = imports.filter((line) => {
    const target = targetRoom(line);
    if (target === undefined || target === line.room) return false;
    if (line.file.endsWith(".test.ts")) return false; // tests use real parts of other rooms
    return !(plan[line.room] ?? []).includes(target);
  });
  assert.deepEqual(
    wrong.map(({ file, target }) => `${file} imports ${target}`),
    [],
  );
});

test("a sibling is entered by its alias, never by a path", () => {
  const wrong = imports.filter((line) => {
    // What tests share stands outside the rooms, in test/, and has no alias.
    const isSharedByTests =
      line.file.endsWith(".test.ts") && /^(?:\.\.\/)+test\//.test(line.target);
    return line.target.startsWith(".") && !isSharedByTests && targetRoom(line) !== line.room;
  });
  assert.deepEqual(
    wrong.map(({ file, target }) => `${file} imports ${target}`),
    [],
  );
});

test("the keeper, and all that it stands on, imports nothing from npm", () => {
  const rooms = new Set(["keeper", ...(plan["keeper"] ?? [])]);
  const wrong = imports.filter(
    (line) =>
      rooms.has(line.room) &&
      !line.file.endsWith(".test.ts") &&
      !/^(?:#|\.|node:)/.test(line.target),
  );
  assert.deepEqual(
    wrong.map(({ file, target }) => `${file} imports ${target}`),
    [],
  );
});

test("desks, pages, billing and counters never hold keys; counters and billing never see mail", () => {
  for (const room of ["disclosure", "abuse", "web", "billing", "visitors", "support", "lists"])
    assert.ok(!(plan[room] ?? []).includes("vault"), room);
  for (const room of ["visitors", "billing"]) {
    assert.ok(
      !(plan[room] ?? []).some((target) => target === "store" || target.startsWith("mail")),
      room,
    );
  }
  assert.ok(
    !(plan["store"] ?? []).some((target) => target === "clients" || target.startsWith("mail")),
  );
  assert.ok(
    !Object.entries(plan).some(([room, targets]) => room !== "cli" && targets.includes("main")),
  );
});

/** What of node:net and node:tls only reads text. */
const opensNothing = new Set(["isIP", "isIPv4", "isIPv6", "checkServerIdentity"]);

test("only the files named server and outbound open sockets for a protocol", () => {
  const wrong = imports.filter(
    (line) =>
      line.room.startsWith("mail/") &&
      /^node:(?:net|tls)$/.test(line.target) &&
      !/\/(?:server|outbound|.*\.test)\.ts$/.test(line.file) &&
      !namesFrom(line).every((name) => opensNothing.has(name)),
  );
  assert.deepEqual(
    wrong.map(({ file, target }) => `${file} imports ${target}`),
    [],
  );
});

function namesFrom({ file, target }: Import): readonly string[] {
  const text = readFileSync(join(src, file), "utf8");
  const lists = text.matchAll(/import\s*\{([^}]*)\}\s*from\s*"([^"]+)"/g);
  const names = [...lists].filter((match) => match[2] === target).map((match) => match[1] ?? "");
  const found = names.flatMap((list) => list.split(",").map((name) => name.trim()));
  // An import in any other form is of everything.
  return found.length > 0 ? found.filter((name) => name !== "") : ["*"];
}
