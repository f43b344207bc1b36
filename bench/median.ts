// The middle of repeated runs: these machines are noisy.

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

export function rounded(ratio: number): string {
  return ratio.toFixed(ratio < 10 ? 2 : 1);
}
