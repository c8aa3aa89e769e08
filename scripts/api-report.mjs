// The public surface of a package as text, one report an entry, kept in its folder api/: a change of the surface shows in
// a diff. Runs in a package's folder, on what is in dist. Compares; with --update it writes.

import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Extractor, ExtractorConfig, ExtractorLogLevel } from "@microsoft/api-extractor";
import { readJson } from "./workspace.mjs";

/**
 * @param {string} folder a package's, built
 * @returns {Map<string, string>} the report of each entry, by its file name
 */
export function apiReports(folder) {
  const manifest = readJson(join(folder, "package.json"));
  const temporary = mkdtempSync(join(tmpdir(), "api-report-"));
  try {
    return new Map(
      Object.entries(manifest.exports ?? {})
        .filter(([, { types }]) => types)
        .map(([path, { types }]) => {
          const name = `${path === "." ? "index" : basename(path)}.api.md`;
          extract({ folder, types: join(folder, types), temporary, name });
          return [name, readFileSync(join(temporary, name), "utf8")];
        }),
    );
  } finally {
    rmSync(temporary, { recursive: true });
  }
}

function extract({ folder, types, temporary, name }) {
  const compilerOptions = {
    target: "ES2023",
    module: "NodeNext",
    lib: ["ES2024", "ESNext.Disposable", "DOM", "DOM.Iterable"],
    types: ["node"],
    strict: true,
    skipLibCheck: true,
  };
  const configObject = {
    projectFolder: folder,
    mainEntryPointFilePath: types,
    compiler: { overrideTsconfig: { compilerOptions, files: [types] } },
    apiReport: {
      enabled: true,
      reportFolder: temporary,
      reportTempFolder: join(temporary, "temp"),
      reportFileName: name,
    },
    docModel: { enabled: false },
    dtsRollup: { enabled: false },
    tsdocMetadata: { enabled: false },
    newlineKind: /** @type {const} */ ("lf"),
    messages: {
      compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
      // What documentation must say, typedoc checks.
      extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
    },
  };
  const packageJsonFullPath = join(folder, "package.json");
  const config = ExtractorConfig.prepare({ configObject, packageJsonFullPath, configObjectFullPath: undefined });
  Extractor.invoke(config, { localBuild: true, messageCallback: quiet });
}

/** The console shows only what differs. */
function quiet(message) {
  message.handled = message.logLevel !== ExtractorLogLevel.Error;
}

/**
 * @param {string} folder a package's
 * @param {Map<string, string>} reports of what is in dist now
 * @returns {string[]} the kept reports that differ
 */
export function apiProblems(folder, reports) {
  const problems = [];
  for (const [name, report] of reports) {
    const file = keptIn(folder, name);
    if (!existsSync(file)) problems.push(`api/${name} is missing.`);
    else if (readFileSync(file, "utf8") !== report)
      problems.push(`api/${name} differs from what the entry exports now.`);
  }
  return [...problems, ...leftovers(folder, reports).map((name) => `api/${name} is the report of no entry.`)];
}

/** Keeps these reports. */
export function updateApi(folder, reports) {
  if (reports.size > 0) mkdirSync(join(folder, "api"), { recursive: true });
  for (const [name, report] of reports) writeFileSync(keptIn(folder, name), report);
  for (const name of leftovers(folder, reports)) rmSync(keptIn(folder, name));
}

function leftovers(folder, reports) {
  return globSync("*.api.md", { cwd: join(folder, "api") }).filter((name) => !reports.has(name));
}

function keptIn(folder, name) {
  return join(folder, "api", name);
}

if (import.meta.main) {
  const folder = process.cwd();
  const reports = apiReports(folder);
  if (process.argv.includes("--update")) updateApi(folder, reports);
  const problems = apiProblems(folder, reports);
  for (const problem of problems) console.error(`${basename(folder)}: ${problem}`);
  if (problems.length > 0) console.error("If the change is meant: 'pnpm api:update', and commit the reports.");
  process.exitCode = problems.length > 0 ? 1 : 0;
}
