// The mailbox as a model of a page: folders are lists in memory, one counter. What the store must agree with after any sequence of steps.
import {
  type Arbitrary,
  array,
  constant,
  constantFrom,
  integer,
  nat,
  oneof,
  option,
  record,
  stringMatching,
  uniqueArray,
} from "fast-check";
import { flagBits } from "#store";

export interface ModelPlacement {
  readonly uid: number;
  readonly text: string;
  readonly flags: number;
  readonly keywords: readonly string[];
  readonly modseq: number;
}

export interface ModelFolder {
  placements: readonly ModelPlacement[];
  tombstones: readonly { readonly uid: number; readonly modseq: number }[];
  uidNext: number;
  highestModseq: number;
}

export type Step =
  | { readonly kind: "append"; readonly folder: number; readonly letters: readonly Letter[] }
  | {
      readonly kind: "copy" | "move";
      readonly folder: number;
      readonly target: number;
      readonly uids: readonly number[];
    }
  | {
      readonly kind: "flag";
      readonly folder: number;
      readonly uids: readonly number[];
      readonly operation: "add" | "remove" | "replace";
      readonly flags: number;
      readonly keywords: readonly string[];
      /** How far below the newest MODSEQ; undefined for an unconditional change. */
      readonly back: number | undefined;
    }
  | {
      readonly kind: "expunge";
      readonly folder: number;
      readonly uids: readonly number[] | undefined;
    };

interface Letter {
  readonly text: string;
  readonly flags: number;
  readonly keywords: readonly string[];
}

export const FOLDERS = 3;

const folder = nat(FOLDERS - 1);
const uids = uniqueArray(integer({ min: 1, max: 12 }), { maxLength: 6 });
const flags = nat(31);
const keywords = uniqueArray(constantFrom("a", "b", "$Junk"), { maxLength: 2 });
const letter = record({ text: stringMatching(/^[a-z]{1,8}$/), flags, keywords });

export const anyStep: Arbitrary<Step> = oneof(
  record({
    kind: constant("append" as const),
    folder,
    letters: array(letter, { minLength: 1, maxLength: 3 }),
  }),
  record({
    kind: constantFrom("copy" as const, "move" as const),
    folder,
    target: folder,
    uids,
  }),
  record({
    kind: constant("flag" as const),
    folder,
    uids,
    operation: constantFrom("add" as const, "remove" as const, "replace" as const),
    flags,
    keywords,
    back: option(nat(6), { nil: undefined }),
  }),
  record({
    kind: constant("expunge" as const),
    folder,
    uids: option(uids, { nil: undefined }),
  }),
);

/** Carries out a step on the model. `counter` is the account's last MODSEQ; the new one is returned. */
export function apply(folders: readonly ModelFolder[], counter: number, step: Step): number {
  const at = folders[step.folder];
  if (at === undefined) return counter;
  const next = counter + 1;
  if (step.kind === "append") {
    add(at, step.letters, next);
    return next;
  }
  if (step.kind === "expunge") {
    const going = at.placements.filter(
      ({ uid, flags: bits }) =>
        (bits & flagBits.deleted) !== 0 && (step.uids === undefined || step.uids.includes(uid)),
    );
    return going.length === 0 ? counter : remove(at, going, next);
  }
  if (step.kind === "flag") return flag(at, step, counter);
  const target = folders[step.target];
  const chosen = at.placements.filter(({ uid }) => step.uids.includes(uid));
  if (chosen.length === 0 || target === undefined) return counter;
  add(target, chosen, next);
  if (step.kind === "move") remove(at, chosen, next);
  return next;
}

function add(at: ModelFolder, letters: readonly Letter[], modseq: number): void {
  at.placements = [
    ...at.placements,
    ...letters.map((item, index) => ({
      uid: at.uidNext + index,
      text: item.text,
      flags: item.flags,
      keywords: item.keywords.toSorted(byText),
      modseq,
    })),
  ];
  at.uidNext += letters.length;
  at.highestModseq = modseq;
}

function remove(at: ModelFolder, going: readonly ModelPlacement[], modseq: number): number {
  const gone = new Set(going.map(({ uid }) => uid));
  at.placements = at.placements.filter(({ uid }) => !gone.has(uid));
  at.tombstones = [...at.tombstones, ...going.map(({ uid }) => ({ uid, modseq }))];
  at.highestModseq = modseq;
  return modseq;
}

function flag(at: ModelFolder, step: Step & { kind: "flag" }, counter: number): number {
  let changed = false;
  at.placements = at.placements.map((old) => {
    const refused = step.back !== undefined && old.modseq > counter - step.back;
    if (refused || !step.uids.includes(old.uid)) return old;
    const bits = {
      add: old.flags | step.flags,
      remove: old.flags & ~step.flags,
      replace: step.flags,
    }[step.operation];
    const words = {
      add: [...new Set([...old.keywords, ...step.keywords])],
      remove: old.keywords.filter((word) => !step.keywords.includes(word)),
      replace: step.keywords,
    }[step.operation].toSorted(byText);
    if (bits === old.flags && words.join() === old.keywords.join()) return old;
    changed = true;
    return { ...old, flags: bits, keywords: words, modseq: counter + 1 };
  });
  if (!changed) return counter;
  at.highestModseq = counter + 1;
  return counter + 1;
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1;
}
