import type { Output } from "./io.ts";

const QUIET_MS = 1_000;
const CLEAR_LINE = "\r\u001b[2K";

/** Shows on a terminal what takes longer than a second, in one line that vanishes afterwards. */
export async function withProgress<T>(output: Output, text: string, work: Promise<T>): Promise<T> {
  if (output.isTTY !== true) return await work;
  const began = performance.now();
  // The timer may ring a moment before its time.
  const show = () => output.write(`${CLEAR_LINE}… ${text} (${Math.round((performance.now() - began) / 1_000)} s)`);
  let isShown = false;
  const timer = setInterval(() => {
    isShown = true;
    show();
  }, QUIET_MS);
  try {
    return await work;
  } finally {
    clearInterval(timer);
    if (isShown) output.write(CLEAR_LINE);
  }
}
