// German, the second language.
import type { Words } from "./en.ts";
import * as entrance from "./de/entrance.ts";
import * as frame from "./de/frame.ts";
import * as home from "./de/home.ts";
import * as policy from "./de/policy.ts";
import * as visits from "./de/visits.ts";

export const german: Words = { ...frame, ...home, ...visits, ...policy, ...entrance };
