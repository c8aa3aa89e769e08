import { expect, test, vi } from "vitest";

/** The file as a development server loads it after an edit, or as a second copy of it. */
async function loadedAgain() {
  vi.resetModules();
  return (await import("./once-per-process.ts")).oncePerProcess;
}

test("a value is made once per process and name, whichever copy of it is asked", async () => {
  const create = vi.fn<() => object>(() => ({}));
  const first = (await loadedAgain())("one", create);
  expect((await loadedAgain())("one", create)).toBe(first);
  expect(create).toHaveBeenCalledTimes(1);
  expect((await loadedAgain())("another", create)).not.toBe(first);
});

test("a value that could not be made is made at the next call", async () => {
  const oncePerProcess = await loadedAgain();
  const failing = () => {
    throw new Error("no credentials");
  };
  expect(() => oncePerProcess("failing at first", failing)).toThrow("no credentials");
  expect(oncePerProcess("failing at first", () => 7)).toBe(7);
});
