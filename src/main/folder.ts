// The data folder: made for its owner alone, and refused where it cannot be kept so or its sockets have no room. Never
// loosens a mode that is there.
import { chmod, mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { Broken } from "#base/errors";

// What stands below is nobody else's, whatever mode the folder above was given; the published ledger alone is for others to read.
const shut = ["server", "keeper", "example-keys"];
// The sizes of sun_path, its closing zero not counted: unix(7) on Linux, sys/un.h on the BSDs and macOS.
const LONGEST_SOCKET_PATH = process.platform === "linux" ? 107 : 103;

/** Throws Broken when other users may write into the folder, or its path is too long for a Unix socket in it. */
export async function openDataFolder(folder: string): Promise<void> {
  const room = LONGEST_SOCKET_PATH - Buffer.byteLength(join(folder, "keeper", "keeper.sock"));
  if (room < 0)
    throw new Broken(
      `the path of the data folder is ${-room} bytes too long for the sockets in it; set BAILEE_DATA to a shorter one`,
    );
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (((await stat(folder)).mode & 0o002) !== 0)
    throw new Broken(
      "every user of this machine may write into the data folder; give Bailee one of its own",
    );
  for (const name of shut) {
    const path = join(folder, name);
    const there = await stat(path).catch(() => undefined);
    if (there !== undefined && (there.mode & 0o077) !== 0) await chmod(path, 0o700);
  }
}
