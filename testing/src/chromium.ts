import { spawnSync } from "node:child_process";

/** Chromium's command: `CHROMIUM` if it is set, else the one on the PATH; `undefined` if there is none. */
export function findChromium(): string | undefined {
  const command = process.env["CHROMIUM"] ?? "chromium";
  // Set but empty: it is missing.
  if (command === "") return undefined;
  return spawnSync(command, ["--version"], { stdio: "ignore" }).status === 0 ? command : undefined;
}

/** Flags for a Chromium without a window that contacts no one but the page's server. */
export const HEADLESS_FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
