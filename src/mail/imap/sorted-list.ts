// A sorted result that is kept up to date (RFC 5267 §4.3): what goes and what comes, as the places at which a mail program that holds the
// list carries it out, one after the other. Pure.

/** From this place on, counted from 1, these go, or come in this order. */
export interface Run<Each> {
  readonly place: number;
  readonly these: readonly Each[];
}

export interface Change<Each> {
  readonly list: readonly Each[];
  readonly runs: readonly Run<Each>[];
}

/** REMOVEFROM (RFC 5267 §4.3.4): each run is gone before the next one's place is counted. */
export function removed<Each>(list: readonly Each[], goes: (each: Each) => boolean): Change<Each> {
  const left: Each[] = [];
  const runs: { readonly place: number; readonly these: Each[] }[] = [];
  for (const each of list) {
    if (!goes(each)) {
      left.push(each);
      continue;
    }
    const place = left.length + 1;
    const last = runs.at(-1);
    if (last?.place === place) last.these.push(each);
    else runs.push({ place, these: [each] });
  }
  return { list: left, runs };
}

/** ADDTO (RFC 5267 §4.3.3): the first of a run takes its place, and what was there moves on. */
export function added<Each>(
  list: readonly Each[],
  come: readonly Each[],
  compare: (a: Each, b: Each) => number,
): Change<Each> {
  const waiting = come.toSorted(compare);
  const whole: Each[] = [];
  const runs: { readonly place: number; readonly these: Each[] }[] = [];
  let next = 0;
  const takeUntil = (before: Each | undefined): void => {
    const these: Each[] = [];
    for (; next < waiting.length; next += 1) {
      const each = waiting[next];
      if (each === undefined || (before !== undefined && compare(each, before) > 0)) break;
      these.push(each);
    }
    if (these.length === 0) return;
    runs.push({ place: whole.length + 1, these });
    whole.push(...these);
  };
  for (const each of list) {
    takeUntil(each);
    whole.push(each);
  }
  takeUntil(undefined);
  return { list: whole, runs };
}
