// Runs code in a real browser. Bundles it as for a web page, serves it on loopback, and opens it in headless Chromium.

import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { rolldown } from "rolldown";
import { HEADLESS_FLAGS } from "./chromium.ts";
import { startRecorder } from "./recorder.ts";

/**
 * Opens a page with a script, bundled as for a Web Worker. Returns what the script has put into `globalThis.result`,
 * through JSON.
 *
 * @param code a module; bare imports are found as from a file in `folder`
 */
export async function resultInBrowser(chromium: string, code: string, folder: URL): Promise<unknown> {
  const script = await bundledForBrowser(code, folder, ["worker", "import"]);
  const page =
    `<!doctype html><meta charset="utf-8"><body><script type="module">${script.replaceAll("</script", "<\\/script")}` +
    "\ndocument.body.dataset.result = encodeURIComponent(JSON.stringify(globalThis.result));</script>";
  await using server = await startRecorder((response) => response.setHeader("content-type", "text/html").end(page));
  const result = /data-result="([^"]*)"/.exec(await domOf(chromium, server.origin))?.[1];
  if (result === undefined) throw new Error("the page's script did not run to its end");
  return JSON.parse(decodeURIComponent(result));
}

/** The page's DOM once it is loaded. The browser then ends by itself, or is ended. */
async function domOf(chromium: string, url: string): Promise<string> {
  const profile = await mkdtemp(join(tmpdir(), "browser-test-"));
  try {
    const args = ["--dump-dom", ...HEADLESS_FLAGS, `--user-data-dir=${profile}`, url];
    const { stdout } = await promisify(execFile)(chromium, args, { timeout: 20_000, killSignal: "SIGKILL" });
    return stdout;
  } finally {
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/**
 * One file, as a web developer's bundler makes it.
 *
 * @throws if an import cannot be resolved
 */
export async function bundledForBrowser(code: string, folder: URL, conditionNames: string[]): Promise<string> {
  const entry = join(fileURLToPath(folder), "page.js");
  const bundle = await rolldown({
    input: entry,
    platform: "browser",
    resolve: { conditionNames },
    logLevel: "warn",
    onLog(_level, { code, message }) {
      if (code === "UNRESOLVED_IMPORT") throw new Error(message);
    },
    plugins: [{ name: "entry", load: (id: string) => (id === entry ? code : undefined), resolveId: own }],
  });
  try {
    const { output } = await bundle.generate({ format: "esm", codeSplitting: false });
    return output[0].code;
  } finally {
    await bundle.close();
  }

  function own(id: string) {
    return id === entry ? entry : undefined;
  }
}
