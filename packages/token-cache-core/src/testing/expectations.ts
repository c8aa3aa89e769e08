/** @throws Error saying what was found, unless it holds */
export function expect(holds: boolean, found: string): void {
  if (!holds) throw new Error(`Not as expected: ${found}.`);
}

/** @throws Error saying what should hold */
export function expectTrue(holds: boolean, what: string): void {
  if (!holds) throw new Error(`Expected: ${what}.`);
}

/** Compares JSON-like values. @throws Error showing both */
export function expectEqual(actual: unknown, expected: unknown, what: string): void {
  const [found, wanted] = [text(actual), text(expected)];
  if (found !== wanted) throw new Error(`Expected ${what} to be ${short(wanted)}, but it is ${short(found)}.`);
}

/** The promise's outcome. @throws Error if it does not come in time */
export async function within<T>(limitMs: number, promise: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Expected within ${limitMs} ms: ${what}.`)), limitMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function text(value: unknown): string {
  return typeof value === "function" ? "a function" : (JSON.stringify(value) ?? "undefined");
}

function short(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}… (${text.length} characters)` : text;
}
