import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { findChromium } from "../testing/src/chromium.ts";

const folder = mkdtempSync(join(tmpdir(), "programs-"));
afterEach(() => rmSync(folder, { recursive: true }));

test("an empty variable says that the program is missing, also if it is on the PATH", () => {
  const program = join(folder, "chromium");
  writeFileSync(program, "#!/bin/sh\n");
  chmodSync(program, 0o755);
  vi.stubEnv("PATH", folder);
  vi.stubEnv("CHROMIUM", undefined);
  expect(findChromium()).toBe("chromium");
  vi.stubEnv("CHROMIUM", "");
  expect(findChromium()).toBeUndefined();
});
