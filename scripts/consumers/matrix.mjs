// The consumers of the packages: one a row, with its expected output.

import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { build as buildWithEsbuild } from "esbuild";
import { Miniflare } from "miniflare";
import { rollup } from "rollup";
import { build as buildWithTsup } from "tsup";
import { build as buildWithVite } from "vite";
import webpack from "webpack";
import { findProgram } from "../../apps/runtimes/src/programs.test-support.ts";
import { readJson } from "../workspace.mjs";

/** @typedef {import("./consumer.mjs").Consumer} Consumer */
/**
 * @typedef {object} Row
 * @property {string} group
 * @property {string} name
 * @property {string} [how] a detail for the reader
 * @property {string} [never] the reason, if there can be no such consumer
 * @property {(consumer: Consumer, world: World) => Promise<string>} [use] returns the output of its program
 * @property {string} [expected] its output, if that is not the app's report
 */
/**
 * @typedef {object} World
 * @property {Record<string, string>} tarballs our packages
 * @property {string} nextCore core as of its next minor
 * @property {object} options for a program that has no environment
 */

const APP_REPORT = JSON.stringify({
  toss: true,
  naver: true,
  iamport: "imp_448280090638",
  issued: 3,
  code: "origin_not_allowed",
});
const MAIN = ["app.ts", "main.ts"];

const versionOf = (name) => readJson(join(folderOf(name), "package.json")).version;
const folderOf = (name) => join(import.meta.dirname, "node_modules", name);

/** @type {Row[]} */
export const matrix = [...runtimes(), ...compilers(), ...commonJs(), ...bundlers(), ...installers(), ...mocks()].map(
  (row) => ({ expected: APP_REPORT, ...row }),
);

function runtimes() {
  const deno = ["run", "--allow-all", "--no-lock", "--node-modules-dir=manual"];
  const programs = [
    ["Node.js 22", () => program("node22"), []],
    ["Node.js 24", () => process.execPath, []],
    ["Node.js 26", () => program("node26"), []],
    ["Bun", () => program("bun"), []],
    ["Deno", () => program("deno"), deno],
  ];
  return [
    ...programs.map(([name, find, args]) => ({
      group: "Runtimes",
      name,
      async use(consumer) {
        consumer.copyAsJavaScript(...MAIN);
        return consumer.run(find(), [...args, "main.js"]);
      },
    })),
    {
      group: "Runtimes",
      name: "workerd",
      how: "a Worker without Node.js compatibility, bundled by esbuild",
      use: inWorkerd,
    },
  ];
}

function program(name) {
  const found = findProgram(name);
  if (found === undefined) throw new Error(`${name} is not there for ${process.platform}-${process.arch}.`);
  return found;
}

async function inWorkerd(consumer, { options }) {
  consumer.copy("app.ts", "worker.ts");
  const { outputFiles } = await buildWithEsbuild({
    absWorkingDir: consumer.folder,
    entryPoints: ["worker.ts"],
    bundle: true,
    format: "esm",
    conditions: ["workerd", "worker", "browser"],
    write: false,
  });
  const worker = new Miniflare({
    modules: true,
    compatibilityDate: "2026-07-01",
    script: outputFiles[0].text,
    bindings: { options },
  });
  try {
    return await (await worker.dispatchFetch("http://worker.test/")).text();
  } finally {
    await worker.dispose();
  }
}

function compilers() {
  const resolutions = [
    ["nodenext", "module", { module: "NodeNext" }],
    ["bundler", "module", { module: "ESNext", moduleResolution: "Bundler" }],
    ["node", "commonjs", { module: "CommonJS", moduleResolution: "Node10" }],
  ];
  return ["typescript54", "typescript59", "typescript", "typescript7"].flatMap((compiler) => {
    const version = versionOf(compiler);
    const major = Number(version.split(".")[0]);
    return resolutions.map(([resolution, type, modules]) => ({
      group: "TypeScript",
      name: `TypeScript ${version}, ${resolution}`,
      ...(resolution === "node" && major >= 7 && { never: "TypeScript 7 has no such resolution" }),
      async use(consumer) {
        const { dependencies } = readJson(join(consumer.folder, "package.json"));
        consumer.write("package.json", { private: true, type, dependencies });
        consumer.copy(...MAIN);
        const deprecations = resolution === "node" && major === 6 ? { ignoreDeprecations: "6.0" } : {};
        await compile(consumer, compiler, { ...modules, ...deprecations });
        return consumer.run(process.execPath, ["out/main.js"]);
      },
    }));
  });
}

/** As strict as it gets, declarations of packages included, and with no types but the browser's. */
async function compile(consumer, compiler, modules) {
  const strict = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, types: [] };
  const target = { target: "ES2022", lib: ["ES2022", "DOM", "DOM.Iterable"], rootDir: ".", outDir: "out" };
  consumer.write("tsconfig.json", { compilerOptions: { ...strict, ...target, declaration: true, ...modules } });
  await consumer.run(process.execPath, [join(folderOf(compiler), "bin/tsc")]);
}

function commonJs() {
  const programs = {
    "Node.js 22": () => program("node22"),
    "Node.js 24": () => process.execPath,
    "Node.js 26": () => program("node26"),
  };
  return Object.entries(programs).map(([name, find]) => ({
    group: "CommonJS",
    name: `require() in ${name}`,
    async use(consumer) {
      consumer.copy("main.cjs");
      return consumer.run(find(), ["main.cjs"]);
    },
  }));
}

/** Each bundles the app and all our code into one file, which runs alone. */
function bundlers() {
  const esbuild = (format) => (folder, outfile) =>
    buildWithEsbuild({ entryPoints: [join(folder, "main.js")], bundle: true, platform: "node", format, outfile });
  const tsup = (format) => async (folder, outfile) => {
    const outDir = join(folder, "tsup");
    const entry = { bundle: join(folder, "main.js") };
    await buildWithTsup({
      entry,
      outDir,
      format,
      noExternal: [/.*/],
      platform: "node",
      target: "node22",
      silent: true,
      config: false,
    });
    const made = format === "esm" ? "bundle.js" : "bundle.cjs";
    cpSync(join(outDir, made), outfile);
  };
  const all = [
    ["esbuild", "ES module", "mjs", esbuild("esm")],
    ["esbuild", "CommonJS", "cjs", esbuild("cjs")],
    ["webpack", "ES module", "mjs", bundleWithWebpack],
    ["rollup", "ES module", "mjs", bundleWithRollup],
    ["vite", "ES module", "mjs", bundleWithVite],
    ["tsup", "ES module", "mjs", tsup("esm")],
    ["tsup", "CommonJS", "cjs", tsup("cjs")],
  ];
  return all.map(([bundler, format, extension, bundle]) => ({
    group: "Bundlers",
    name: `${bundler} ${versionOf(bundler)}, ${format}`,
    how: "one file, run in a folder without node_modules",
    async use(consumer) {
      consumer.copyAsJavaScript(...MAIN);
      const alone = join(consumer.folder, "..", `${bundler}-${extension}-alone`);
      mkdirSync(alone);
      await bundle(consumer.folder, join(alone, `bundle.${extension}`));
      return consumer.run(process.execPath, [join(alone, `bundle.${extension}`)]);
    },
  }));
}

async function bundleWithWebpack(folder, outfile) {
  const compiler = webpack({
    mode: "production",
    target: "node22",
    context: folder,
    entry: "./main.js",
    experiments: { outputModule: true },
    output: { path: join(outfile, ".."), filename: "bundle.mjs", module: true, chunkFormat: "module" },
  });
  const stats = await new Promise((resolve, reject) =>
    compiler.run((error, done) => (error ? reject(error) : resolve(done))),
  );
  await new Promise((resolve) => compiler.close(resolve));
  if (stats.hasErrors()) throw new Error(stats.toString({ all: false, errors: true }));
}

async function bundleWithRollup(folder, file) {
  const built = await rollup({
    input: join(folder, "main.js"),
    plugins: [nodeResolve()],
    external: /^node:|^crypto$/,
    onwarn() {},
  });
  await built.write({ file });
  await built.close();
}

async function bundleWithVite(folder, outfile) {
  const output = { entryFileNames: "bundle.mjs" };
  const build = { ssr: join(folder, "main.js"), outDir: join(outfile, ".."), rolldownOptions: { output } };
  await buildWithVite({ root: folder, configFile: false, logLevel: "silent", ssr: { noExternal: true }, build });
}

function installers() {
  return [
    {
      group: "Installs",
      name: "strict pnpm",
      how: "nothing hoisted, declarations emitted",
      isEmpty: true,
      async use(consumer, { tarballs }) {
        const { "@x/commerce-auth-emulator": _, ...dependencies } = tarballs;
        await consumer.installWithStrictPnpm({ private: true, type: "module", dependencies }, tarballs);
        consumer.copy(...MAIN);
        await compile(consumer, "typescript", { module: "NodeNext" });
        return consumer.run(process.execPath, ["out/main.js"]);
      },
    },
    {
      group: "Installs",
      name: "two copies of core",
      how: "a cache of the next 0.x minor, compiled and run",
      expected: JSON.stringify({ otherCopy: true, tokens: 3, codes: Array(3).fill("origin_not_allowed") }),
      async use(consumer, { nextCore }) {
        await consumer.run("npm", [
          "install",
          "--no-audit",
          "--no-fund",
          "--prefer-offline",
          `next-core@file:${nextCore}`,
        ]);
        consumer.copy("two-copies.ts");
        await compile(consumer, "typescript", { module: "NodeNext", target: "ES2022" });
        return consumer.run(process.execPath, ["out/two-copies.js"]);
      },
    },
  ];
}

function mocks() {
  const { devDependencies } = readJson(join(import.meta.dirname, "package.json"));
  const calls = ["Bearer mocked-token", "Bearer mocked-token", "imp_1", 200];
  return ["msw", "nock"].map((name) => ({
    group: "Mocked networks",
    name: `${name} ${devDependencies[name]}`,
    how: "client created before the mock, and after it",
    expected: JSON.stringify({ tokens: 2, calls: [...calls, ...calls] }),
    async use(consumer) {
      await consumer.run("npm", [
        "install",
        "--no-audit",
        "--no-fund",
        "--prefer-offline",
        `${name}@${devDependencies[name]}`,
      ]);
      consumer.copy("mocks.mjs");
      return consumer.run(process.execPath, ["mocks.mjs"], { MOCKS: name, COMMERCE_AUTH_EMULATOR: "" });
    },
  }));
}
