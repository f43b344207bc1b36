// A client of a test's Bailee, made by the command line as an operator's script makes one, and its mailbox looked at by raw IMAP.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { House } from "./house.ts";
import { connectImap, fetchedBodies } from "./imap.ts";

export interface TestClient {
  readonly address: string;
  readonly password: string;
  /** Opens a connection of its own, looks into the folder, gives all that the server said to the command. Changes nothing. */
  look(folder: string, command: string): Promise<string>;
  /** What a UID SEARCH by these criteria finds in the folder. */
  find(folder: string, criteria: string): Promise<number[]>;
  /** The octets of each message of the folder, in its order. */
  letters(folder: string): Promise<Buffer[]>;
  /** Selects the folder and gives a command that changes something; throws when it is refused. */
  change(folder: string, command: string): Promise<void>;
}

/** Makes NAME@bailee.localhost. The password is kept out of the house's folder. */
export async function addClient(
  house: Pick<House, "run" | "ports">,
  name: string,
): Promise<TestClient> {
  const address = `${name}@bailee.localhost`;
  const password = `${name} keeps a long password`;
  const folder = await mkdtemp(join(tmpdir(), "bailee-password-"));
  const file = join(folder, "password");
  try {
    await writeFile(file, `${password}\n`);
    const ran = await house.run(["client", "add", address, "--password-file", file]);
    if (ran.code !== 0) throw new Error(`client add ended with ${ran.code}: ${ran.stderr}`);
  } finally {
    await rm(folder, { recursive: true });
  }
  const ask = async (open: string, mailbox: string, command: string): Promise<Buffer> => {
    using imap = await connectImap(house.ports.IMAP, address, password);
    let untagged: Buffer = Buffer.alloc(0);
    for (const line of [`${open} "${mailbox}"`, command]) {
      const reply = await imap.command(line);
      if (!reply.status.startsWith("OK")) throw new Error(`${line}: ${reply.status}`);
      untagged = reply.untagged;
    }
    return untagged;
  };
  return {
    address,
    password,
    look: async (mailbox, command) => (await ask("EXAMINE", mailbox, command)).toString("latin1"),
    async find(mailbox, criteria) {
      const said = await ask("EXAMINE", mailbox, `UID SEARCH ${criteria}`);
      return (/^\* SEARCH([ \d]*)/m.exec(said.toString("latin1"))?.[1] ?? "")
        .split(" ")
        .filter((uid) => uid !== "")
        .map(Number);
    },
    async letters(mailbox) {
      const [number] =
        (await ask("EXAMINE", mailbox, "UID SEARCH ALL")).toString().match(/\d+/) ?? [];
      if (number === undefined) return []; // FETCH 1:* is an error in an empty folder
      const said = await ask("EXAMINE", mailbox, "UID FETCH 1:* (UID BODY.PEEK[])");
      return fetchedBodies(said).map(({ bytes }) => bytes);
    },
    async change(mailbox, command) {
      await ask("SELECT", mailbox, command);
    },
  };
}

/** Asks every 50 ms until the answer is neither undefined nor false, for 20 s at most. */
export async function until<Answer>(
  what: string,
  ask: () => Promise<Answer | undefined | false>,
): Promise<Answer> {
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await new Promise((later) => setTimeout(later, 50));
  }
  throw new Error(`waited in vain for ${what}`);
}
