/** How many moments (epoch ms) at most lie within a minute. */
export function busiestMinute(times: readonly number[]): number {
  const counts = times.map((start) => times.filter((at) => at >= start && at < start + 60_000).length);
  return Math.max(0, ...counts);
}

/** The value that this share of a list does not exceed; 0 the smallest, 1 the largest. */
export function share(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

/** A repeatable source of chance (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
