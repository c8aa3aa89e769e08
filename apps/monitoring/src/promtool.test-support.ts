// Prometheus's own tool: checks rules, and runs them over recorded time series.

import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const rulesFile = fileURLToPath(new URL("../../../docs/monitoring/alerts.yml", import.meta.url));

/** promtool's command: `PROMTOOL`, else the one on the PATH; `undefined` if there is none. */
export function findPromtool(): string | undefined {
  const command = process.env["PROMTOOL"] || "promtool";
  if (spawnSync(command, ["--version"], { stdio: "ignore" }).status === 0) return command;
  console.warn("No promtool found: the alerts are not tested. Install prometheus, or set PROMTOOL.");
  return undefined;
}

/** promtool's output for a file. Rejects with it if the check or the test fails. JSON is YAML. */
export async function promtool(command: string, args: readonly string[], content: unknown): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "promtool-"));
  try {
    const file = join(folder, "file.yml");
    await writeFile(file, JSON.stringify(content));
    const { stdout } = await promisify(execFile)(command, [...args, file], { timeout: 25_000, cwd: folder });
    return stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`promtool ${args.join(" ")}:\n${stdout}${stderr}`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Scrapes, one a minute, as time series for promtool. */
export class Recording {
  readonly #series = new Map<string, string[]>();
  #minutes = 0;

  add(scraped: ReadonlyMap<string, string>): void {
    for (const [series, value] of scraped) {
      const values = this.#series.get(series) ?? [];
      this.#series.set(series, [...values, ...Array(this.#minutes - values.length).fill("_"), value]);
    }
    this.#minutes++;
  }

  get minutes(): number {
    return this.#minutes;
  }

  /** A rule test's input. Every series has the labels that Prometheus adds to a scrape. */
  inputSeries(): { series: string; values: string }[] {
    return [...this.#series].map(([series, values]) => {
      const name = series.replace(/^(\w+)(?:\{(.*)\})?$/s, (_, metric, labels) =>
        [metric, "{", ...(labels ? [labels, ","] : []), 'job="shop",instance="127.0.0.1:9464"}'].join(""),
      );
      return { series: name, values: values.join(" ") };
    });
  }
}
