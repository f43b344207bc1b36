// The writer that src/ledger/log.test.ts kills: appends one leaf after the other and prints a line for each that was acknowledged.
import { leafOf, newCover, openLog } from "#ledger";

try {
  const log = await openLog(process.argv[2] ?? "", {
    origin: "log.example/ledger",
    signingSecret: Buffer.alloc(32, 7),
  });
  for (;;) {
    const { firstIndex } = await log.append([leafOf(newCover())]);
    process.stdout.write(`${firstIndex}\n`);
  }
} catch {
  process.exitCode = 3;
}
