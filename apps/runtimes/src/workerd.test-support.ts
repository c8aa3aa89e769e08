import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import type { WorkerRequest } from "./worker.ts";

/** No Node compatibility: every Worker has all that the packages need. */
const CONFIG = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      compatibilityDate = "2026-11-01",
    )),
    (name = "internet", network = (allow = ["public", "private", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`;

export interface Workerd extends AsyncDisposable {
  /** Sends a request to the Worker. */
  ask(request: WorkerRequest, signal?: AbortSignal): Promise<{ status: number; body: unknown }>;
  /** What it wrote to stdout and stderr. */
  readonly output: string;
}

/** Bundles the Worker as a developer's tools do, and starts workerd with it on a free port. */
export async function startWorkerd(program: string): Promise<Workerd> {
  const folder = await mkdtemp(join(tmpdir(), "workerd-test-"));
  const bundle = await rolldown({
    input: fileURLToPath(new URL("worker.ts", import.meta.url)),
    platform: "browser",
    resolve: { conditionNames: ["workerd", "worker", "browser", "import", "default"] },
    logLevel: "silent",
  });
  const { output } = await bundle.generate({ format: "esm", codeSplitting: false });
  await bundle.close();
  await writeFile(join(folder, "worker.js"), output[0].code);
  await writeFile(join(folder, "config.capnp"), CONFIG);

  const child = spawn(program, ["serve", join(folder, "config.capnp"), "--control-fd=3"], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  let written = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (written += chunk));
  const ended = new Promise<never>((_, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`workerd ended with ${code}: ${written}`)));
  });
  ended.catch(() => {});
  const port = await Promise.race([ended, listeningPort(child.stdio[3] as Readable)]);

  return {
    async ask(request, signal) {
      const init = { method: "POST", body: JSON.stringify(request), ...(signal && { signal }) };
      const response = await fetch(`http://127.0.0.1:${port}/`, init);
      const text = await response.text();
      return { status: response.status, body: /^[[{]/.test(text) ? JSON.parse(text) : text };
    },
    get output() {
      return written;
    },
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended.catch(() => {});
      await rm(folder, { recursive: true });
    },
  };
}

async function listeningPort(control: Readable): Promise<number> {
  for await (const line of createInterface(control)) {
    const { event, port } = JSON.parse(line);
    if (event === "listen") return port;
  }
  throw new Error("workerd listens nowhere");
}
