// A disk that fails at one moment: every write of this process to the file system is counted, and the one with the number asked for is the one
// that goes wrong. To be called before anything is imported that writes.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * `before` and `after`: killed just before or just after the write. `torn`: killed when half of the octets are written. `eio`: that one write
 * fails. `full`: half of its octets fit, and from then on nothing does.
 */
export const faults = ["before", "after", "torn", "eio", "full"] as const;
export type Fault = (typeof faults)[number];

export interface FaultyDisk {
  /** Counts from here on. */
  arm(): void;
  /** Writes since then. */
  count(): number;
}

type Work = (...args: unknown[]) => Promise<unknown>;

/** `at` is the number of the write, from 1; 0 only counts. */
export async function breakDisk(fault: Fault, at: number): Promise<FaultyDisk> {
  let armed = false;
  let count = 0;
  const kill: () => never = () => {
    process.kill(process.pid, "SIGKILL");
    // Nothing more is done while the signal is on its way.
    for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  };
  const failing = (code: string): Error => Object.assign(new Error(`${code}: a fault`), { code });
  const wrapped = (real: Work, half: ((args: unknown[]) => unknown[]) | undefined): Work =>
    async function (this: unknown, ...args) {
      if (!armed) return real.apply(this, args);
      count += 1;
      if (fault === "full" && at > 0 && count > at) throw failing("ENOSPC");
      if (count !== at) return real.apply(this, args);
      if (fault === "before") kill();
      if (fault === "eio") throw failing("EIO");
      if (fault === "after" || half === undefined) {
        if (fault === "full") throw failing("ENOSPC");
        await real.apply(this, args);
        kill();
      }
      await real.apply(this, half?.(args) ?? args);
      if (fault === "full") throw failing("ENOSPC");
      return kill();
    };
  const halved = ([bytes, ...rest]: unknown[]): unknown[] =>
    typeof bytes === "string"
      ? [bytes.slice(0, bytes.length >> 1), ...rest]
      : bytes instanceof Uint8Array
        ? [bytes.subarray(0, bytes.byteLength >> 1), ...rest]
        : [bytes, ...rest];
  const probe = join(tmpdir(), `bailee-probe-${process.pid}`);
  const handle = await fs.promises.open(probe, "w");
  const methods = Object.getPrototypeOf(handle) as { [method: string]: Work };
  await handle.close();
  await fs.promises.rm(probe);
  for (const name of ["writeFile", "appendFile", "write"])
    methods[name] = wrapped(methods[name] as Work, halved);
  for (const name of ["sync", "datasync", "truncate"])
    methods[name] = wrapped(methods[name] as Work, undefined);
  const promises = fs.promises as unknown as { [name: string]: Work };
  for (const name of ["rename", "rm", "unlink", "link", "mkdir"])
    promises[name] = wrapped(promises[name] as Work, undefined);
  syncBuiltinESMExports();
  return { arm: () => void (armed = true), count: () => count };
}
