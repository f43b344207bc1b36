// Requests as their files travel: written, signed by each approver, handed in to a keeper in a process of its own.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { toHex } from "#base/bytes";
import { canonicalBytes, type Canonical } from "#base/canonical";
import { DAY, dayOf } from "#base/time";
import { exampleGenesis, exampleKeys, keyId, spawnKeeper } from "#keeper";
import { policyDocument } from "#policy";
import { newSigningKeyPair } from "#vault";
import { type CliCommand, exits, runCommand } from "./command.ts";
import { approveHandIn, approvePerson, approvePolicy, approveRequest } from "./request.ts";

/** Runs a command in this process; what it printed, without the last line end. */
async function run(
  t: TestContext,
  command: CliCommand,
  argv: readonly string[],
): Promise<{ readonly code: number; readonly printed: string }> {
  const printed: string[] = [];
  const take = (text: unknown): boolean => printed.push(String(text)) > 0;
  const mocks = [
    t.mock.method(process.stdout, "write", take),
    t.mock.method(process.stderr, "write", (): boolean => true),
  ];
  try {
    return { code: await runCommand("approve", command, argv), printed: printed.join("").trim() };
  } finally {
    for (const mock of mocks) mock.mock.restore();
  }
}

test("a person is enrolled and a policy announced by files that two approvers sign", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "bailee-requests-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const place = {
    folder: join(folder, "keeper"),
    publishedFolder: join(folder, "published"),
    origin: "bailee.example/ledger",
    publishSeconds: 300,
  };
  const keysFolder = join(folder, "keys");
  await exampleGenesis({ keysFolder, keeperFolder: place.folder, origin: place.origin });
  const { approvers, operator } = exampleKeys(keysFolder);
  await using keeper = await spawnKeeper(place);
  const socket = join(place.folder, "keeper.sock");
  const file = (name: string): string => join(folder, name);
  const sign = async (request: string, key: string): Promise<string> =>
    (await run(t, approveRequest, [file(request), "--key", key])).printed;
  const handIn = async (request: string, keys: readonly string[], ...more: string[]) => {
    const lines: string[] = [];
    for (const key of keys) lines.push("--signature", await sign(request, key));
    return run(t, approveHandIn, [file(request), ...lines, "--keeper", socket, ...more]);
  };

  const counsel = newSigningKeyPair();
  const about = ["--person", "Counsel", "--role", "counsel", "--as", "approver"];
  const key = ["--public-key", toHex(counsel.publicKey)];
  await run(t, approvePerson, [...about, ...key, "--out", file("person")]);
  assert.equal((await handIn("person", [approvers[0]])).code, exits.refused);
  assert.equal((await handIn("person", [approvers[0], operator])).code, exits.refused);
  const enrolled = await handIn("person", approvers);
  assert.match(enrolled.printed, /^enrolled Counsel \(approver\)/);
  const ids = (await keeper.people()).map((person) => person.keyId);
  assert.ok(ids.includes(keyId(counsel.publicKey)));

  const amended: Canonical = { ...(policyDocument() as object), words: "amended" };
  await writeFile(file("policy.json"), canonicalBytes(amended));
  const document = ["--document", file("policy.json")];
  const from = ["--from", dayOf(Date.now() + 40 * DAY), "--words", "One word more."];
  await run(t, approvePolicy, [...document, ...from, "--out", file("request")]);
  const announced = await handIn("request", approvers, ...document);
  assert.match(announced.printed, /^announced [0-9a-f]{64}, from /);
  assert.equal((await handIn("request", approvers, ...document)).code, exits.refused, "once only");
});
