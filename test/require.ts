// What a test needs from outside (a Debian program, a file) is asked for here: where it is missing the test is skipped with
// the reason, and under BAILEE_TEST_REQUIRE=all a skip is a failure.
import assert from "node:assert/strict";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { TestContext } from "node:test";

/** True when the test can go on. Otherwise skips it, or fails it where everything is required. */
export function requireOrSkip(t: TestContext, present: boolean, reason: string): boolean {
  if (present) return true;
  if (process.env["BAILEE_TEST_REQUIRE"] === "all") assert.fail(`required here: ${reason}`);
  t.skip(reason);
  return false;
}

/** True when every program is on the PATH or in /usr/sbin; otherwise skips, naming what is missing. */
export function requirePrograms(t: TestContext, ...programs: string[]): boolean {
  const missing = programs.filter((name) => findProgram(name) === undefined);
  return requireOrSkip(t, missing.length === 0, `not installed: ${missing.join(", ")}`);
}

/** The full path of a program, looked for on the PATH and where Debian keeps daemons. */
export function findProgram(name: string): string | undefined {
  const folders = [
    ...(process.env["PATH"] ?? "").split(delimiter),
    "/usr/sbin",
    "/sbin",
    "/usr/lib/postfix/sbin",
  ];
  return folders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** Real mail to try: the mbox that BAILEE_TEST_MBOX names. Never required, since it is nobody's to ship. */
export function testMbox(t: TestContext): string | undefined {
  const path = process.env["BAILEE_TEST_MBOX"];
  if (path === undefined || path === "") t.skip("BAILEE_TEST_MBOX names no mbox of real mail");
  return path === "" ? undefined : path;
}
