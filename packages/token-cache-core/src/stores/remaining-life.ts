/** Servers count lives in whole ms and in signed 64 bits; no token lives for 3,000 years. */
const LONGEST_MS = 1e14;

/** A life in whole ms, rounded down, that any server can count. What is no life at all, is 0. */
export function wholeMs(ms: number): number {
  return ms > 0 ? Math.floor(Math.min(ms, LONGEST_MS)) : 0;
}
