// The board, the alerts and the page name metrics that the exporter has, and the page's programs run.

import { readFile } from "node:fs/promises";
import { codeBlocks, run } from "@x/testing/readme";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { scrapeAllMetrics } from "./all-metrics.test-support.ts";
import { seriesIn } from "./exporter.test-support.ts";
import { findPromtool, promtool } from "./promtool.test-support.ts";

const folder = new URL("../../../docs/monitoring/", import.meta.url);
const page = new URL("README.md", folder);
const scraped = await scrapeAllMetrics();
const series = [...seriesIn(scraped).keys()].filter((each) => !each.startsWith("target_info"));

const board: unknown = JSON.parse(await readFile(new URL("grafana-board.json", folder), "utf8"));
const rules: unknown = parse(await readFile(new URL("alerts.yml", folder), "utf8"));

/** All strings under this name, however deep. */
function stringsUnder(name: string, value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) =>
    key === name && typeof each === "string" ? [each] : stringsUnder(name, each),
  );
}

const queries = [
  ...stringsUnder("expr", board),
  ...stringsUnder("query", board),
  ...stringsUnder("expr", rules),
].filter((query) => query.includes("token_cache"));

describe.each(queries)("%s", (query) => {
  test("names metrics and labels that the exporter gives", () => {
    const [patterns, rest] = [[...query.matchAll(/__name__=~"([^"]+)"/g)], query.replaceAll(/__name__=~"[^"]+"/g, "")];
    const names = [...new Set(series.map((each) => /^\w+/.exec(each)?.[0] ?? ""))];
    for (const [, pattern = ""] of patterns) {
      expect(names.filter((name) => new RegExp(`^(?:${pattern})$`).test(name))).toHaveLength(1);
    }
    const words = [...rest.matchAll(/\b(?:token_cache|error|http)_\w+/g)].map(([word]) => word);
    expect(patterns.length + words.length).toBeGreaterThan(0);
    const labels = new Set(series.flatMap((each) => [...each.matchAll(/(\w+)="/g)].map(([, label]) => label)));
    for (const word of words) expect([...names, ...labels]).toContain(word);
  });
});

test.skipIf(findPromtool() === undefined)("the board's queries are ones that Prometheus understands", async () => {
  const filled = stringsUnder("expr", board).map((query) =>
    query.replaceAll("$__rate_interval", "5m").replaceAll("$job", ".*"),
  );
  expect(filled.length).toBeGreaterThan(12);
  const group = { name: "board", rules: filled.map((expr, nth) => ({ record: `board:query:${nth}`, expr })) };
  await promtool(process.env["PROMTOOL"] || "promtool", ["check", "rules"], { groups: [group] });
});

test("the page lists all metrics, with their units", async () => {
  const [, rows = ""] = (await readFile(page, "utf8")).split("## Metrics");
  const listed = [...rows.matchAll(/^\| `(token_cache\.[\w.]+)` +\| `([^`]+)`/gm)].map(
    ([, name, unit]) => `${name} ${unit}`,
  );
  const given = [...scraped.matchAll(/^# UNIT (token_cache_\w+?)(?:_total)? (.+)$/gm)];
  expect(listed.map((each) => each.replaceAll(".", "_")).sort()).toEqual(
    given.map(([, name, unit]) => `${name} ${unit}`).sort(),
  );
});

test("the page lists all alerts", async () => {
  const text = await readFile(page, "utf8");
  for (const alert of stringsUnder("alert", rules)) expect(text).toContain(`| \`${alert}\` `);
});

describe("the page's programs", () => {
  /** Issues and uses a token of the emulator by the program's cache, and prints the wanted expression. */
  const used = (program: string, print: string) =>
    [
      'import { startEmulator } from "@x/commerce-auth-emulator";',
      'import { createIamportAuth } from "@x/iamport-auth";',
      program,
      "const emulator = await startEmulator();",
      "const auth = createIamportAuth({ ...emulator.iamport.options, cache });",
      "await auth.getToken(); await auth.getToken();",
      print,
      "await cache.close(); await emulator.close();",
    ].join("\n");
  const here = new URL("../", import.meta.url);

  test("switch OpenTelemetry on, in five lines", async () => {
    const [program = "", instrumentation = ""] = await codeBlocks(page, "js");
    expect(program.split("\n").filter((line) => line !== "")).toHaveLength(5);
    const registered = instrumentation.replace("port: 9464", "preventServerStart: true");
    expect(registered).not.toBe(instrumentation);
    const reader = registered.replace(/new PrometheusExporter\([^)]*\)/, "(globalThis.exporter = $&)");
    const print =
      "const { resourceMetrics } = await exporter.collect();" +
      "console.log(JSON.stringify(resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics.map((each) => each.descriptor.name))));";
    const environment = 'process.env.COMMERCE_AUTH_EMULATOR = "http://127.0.0.1:1";';
    expect(await run(used(`${reader}\n${environment}\n${program}`, print), here)).toContain("token_cache.lookups");
  });

  test("log events with pino, in ten lines", async () => {
    const [, , program = ""] = await codeBlocks(page, "js");
    expect(program.split("\n").filter((line) => line !== "").length).toBeLessThanOrEqual(10);
    const output = await run(used(program.replace("pino()", 'pino({ level: "debug" })'), ""), here);
    expect(output).toContain('"msg":"token issued"');
    expect(output).toContain('"msg":"token hit"');
  });

  test("count events with prom-client, in ten lines", async () => {
    const [, , , program = ""] = await codeBlocks(page, "js");
    expect(program.split("\n").filter((line) => line !== "").length).toBeLessThanOrEqual(10);
    const output = await run(used(program, "console.log(JSON.stringify((await events.get()).values));"), here);
    expect(output).toContain('{"value":1,"labels":{"provider":"iamport","type":"issued","code":""}}');
  });
});
