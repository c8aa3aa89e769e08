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

test("a promise that rejects is dropped, unless another value has taken its place", async () => {
  const oncePerProcess = await loadedAgain();
  const create = vi.fn(async () => "client").mockRejectedValueOnce(new Error("no credentials"));
  await expect(oncePerProcess("rejecting at first", create)).rejects.toThrow("no credentials");
  await expect(oncePerProcess("rejecting at first", create)).resolves.toBe("client");
  await oncePerProcess("rejecting at first", create);
  expect(create).toHaveBeenCalledTimes(2);

  const { promise, reject } = Promise.withResolvers<string>();
  void oncePerProcess("replaced", () => promise);
  const values = globalThis as unknown as Record<symbol, unknown>;
  values[Symbol.for("@x/token-cache-core/oncePerProcess/replaced")] = "another";
  reject(new Error("late"));
  await expect(promise).rejects.toThrow("late");
  expect(oncePerProcess("replaced", () => "new")).toBe("another");
});

test.each([null, undefined, 0, ""])("the value %j is kept too", async (value) => {
  const oncePerProcess = await loadedAgain();
  const create = vi.fn(() => value);
  for (let call = 0; call < 3; call++) expect(oncePerProcess(`the value ${String(value)}.`, create)).toBe(value);
  expect(create).toHaveBeenCalledTimes(1);
});
