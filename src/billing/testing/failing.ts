// A command that throws, to be carried out with others: whatever is written with it must be undone. In a file of its own, because
// the writer's thread loads it.
import { command, type Room } from "#engine";
import type { Tables } from "../tables.ts";

export const failAfter = command<Tables, object, never>("billingtest.failAfter", () =>
  Promise.reject(new Error("as the test wishes")),
);

export const failingRoom: Room = {
  name: "billingtest",
  migrations: [],
  commands: import.meta.url,
};
