// The jobs in hand: read and not begun, by destination, each destination in its turn. Bounded, so that a destination with a hundred
// thousand letters waiting costs no more memory than one with a hundred, and stands in nobody's way.
import type { Job } from "./due.ts";

export interface Window {
  /** False when the destination has its share already. */
  add(job: Job): boolean;
  /** Takes the next job whose destination may have one now; each destination in turn. */
  take(may: (domain: string) => boolean): Job | undefined;
  /** Takes out all jobs of a destination. */
  clear(domain: string): readonly Job[];
  domains(): readonly string[];
  size(): number;
}

// Enough to keep ten connections busy between two looks.
const PER_DESTINATION = 100;

export function openWindow(): Window {
  const ready = new Map<string, Job[]>();
  let size = 0;
  return {
    add(job) {
      const jobs = ready.get(job.domain) ?? [];
      if (jobs.length >= PER_DESTINATION) return false;
      jobs.push(job);
      ready.set(job.domain, jobs);
      size += 1;
      return true;
    },
    take(may) {
      for (const [domain, jobs] of ready) {
        if (!may(domain)) continue;
        const job = jobs.shift();
        // To the end of the line: a map keeps the order of insertion.
        ready.delete(domain);
        if (jobs.length > 0) ready.set(domain, jobs);
        if (job === undefined) continue;
        size -= 1;
        return job;
      }
      return undefined;
    },
    clear(domain) {
      const jobs = ready.get(domain) ?? [];
      ready.delete(domain);
      size -= jobs.length;
      return jobs;
    },
    domains: () => [...ready.keys()],
    size: () => size,
  };
}
