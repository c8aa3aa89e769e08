/** Servers count in whole ms and signed 64 bits. This is some 3,000 years. */
const LONGEST_MS = 1e14;

/** A remaining life in whole ms, rounded down, that any server can count. 0 if it is not a positive number. */
export function wholeMs(ms: number): number {
  return ms > 0 ? Math.floor(Math.min(ms, LONGEST_MS)) : 0;
}
