// English, the language that the program is written in. Its catalogue is the shape of every other: a key or an argument that
// another language lacks does not compile.
import * as entrance from "./en/entrance.ts";
import * as frame from "./en/frame.ts";
import * as home from "./en/home.ts";
import * as policy from "./en/policy.ts";
import * as visits from "./en/visits.ts";

export const english = { ...frame, ...home, ...visits, ...policy, ...entrance };

export type Words = typeof english;
