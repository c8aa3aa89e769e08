// Builds and starts the program, and looks for the token in every file that Next.js writes. For that, it adds pages
// with each `fetchCache`, a page of the pages router, and one that is rendered while the server runs. Then the program
// runs in development, where an edit must not cost a token request. A client component that imports the client must not
// build.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname } from "node:path";
import { createNaverCommerceAuth, naverResult } from "@x/naver-commerce-auth";

const next = "node_modules/next/dist/bin/next";
const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", CI: "1" };
const emulator = process.env.COMMERCE_AUTH_EMULATOR;

const ownClient = `import { createNaverCommerceAuth, naverResult } from "@x/naver-commerce-auth";
const account = (options) => naverResult(createNaverCommerceAuth().api.get("v1/seller/account", options));`;
const fetchCaches = ["auto", "default-cache", "default-no-store", "force-cache", "only-cache", "force-no-store"];
for (const mode of fetchCaches) {
  // "only-cache" and "force-cache" need cached API answers: the caller's option reaches Next.js.
  const asked = mode === "only-cache" ? '{ cache: "force-cache" }' : "";
  addPage(`app/mode/${mode}/page.jsx`, `export const fetchCache = "${mode}";`, asked);
}
addPage("app/on-demand/[id]/page.jsx", "export const revalidate = 1;\nexport const dynamicParams = true;", "");
addPage("app/tagged/page.jsx", "", '{ next: { revalidate: 3600, tags: ["account"] } }');
addPagesRouterPage();
addRoute("app/api/edited/route.js", 'import * as naver from "../../../lib/naver.js";', "Object.keys(naver)");

const built = build();
assert.equal(built.status, 0, built.output);
const isStatic = (route) => new RegExp(`○ ${route.replaceAll("/", "\\/")}(\\s|$)`, "m").test(built.output);
assert.ok(isStatic("/"), `the ISR page is not static:\n${built.output}`);
assert.ok(isStatic("/tagged"), `the page with tagged calls is not static:\n${built.output}`);
await assertNoTokenOnDisk("after the build");

await whileRunning("start", async (page) => {
  const first = await page("/");
  assert.equal(await page("/"), first, "the ISR page was rendered again");
  assert.notEqual(await page("/live"), await page("/live"), "the dynamic page was not rendered again");
  assert.match(await page("/api/account"), /accountId/);
  assert.match(await page("/api/edge"), /accountId/);
  for (const mode of fetchCaches) await page(`/mode/${mode}`);
  for (const _ of [1, 2]) {
    await page("/on-demand/7");
    await page("/pages-router");
    await new Promise((resolve) => setTimeout(resolve, 1_200));
  }
  await page("/on-demand/7");
  const asked = await tokenRequests();
  for (const path of ["/live", "/api/account", "/api/edge"]) await page(path);
  assert.equal(await tokenRequests(), asked, "one client per process shares its token");
  await assertNoTokenOnDisk("while the server runs");
});
console.log(`Next.js ${readVersion()}: no token in ${files().length} files, and the ISR page is static.`);

// Polls for edits, since some file systems do not report them.
writeFileSync("next.config.mjs", "export default { watchOptions: { pollIntervalMs: 200 } };\n");
await whileRunning("dev", async (page) => {
  const paths = ["/live", "/api/account", "/"];
  for (const path of paths) await page(path);
  const asked = await tokenRequests();
  for (const name of ["first", "second", "third"]) {
    await edit(page, name);
    for (const path of paths) await page(path);
  }
  assert.equal(await tokenRequests(), asked, "an edit made another client");
  assert.match(await page("/api/edge"), /accountId/);
});

addClientComponent();
const refused = build();
assert.notEqual(refused.status, 0, "a client component that imports the client was built");
assert.match(refused.output, /naver-commerce-auth runs on servers only/, refused.output);
console.log("Edits cost no token request, and no client component gets the client.");

/** A page with its own client at each rendering, so that its token request comes from this page. */
function addPage(file, head, callOptions) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    file,
    `${ownClient}
${head}
export default async function Page() {
  const { accountId } = await account(${callOptions});
  return <p>{accountId}, rendered {Date.now()}</p>;
}
`,
  );
}

function addRoute(file, head, answer) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    file,
    `${head}
export const dynamic = "force-dynamic";
export function GET() {
  return Response.json(${answer});
}
`,
  );
}

function addClientComponent() {
  mkdirSync("app/in-the-browser");
  writeFileSync(
    "app/in-the-browser/page.jsx",
    `"use client";
import { createNaverCommerceAuth } from "@x/naver-commerce-auth";
export default function Page() {
  return <button onClick={() => createNaverCommerceAuth()}>Order</button>;
}
`,
  );
}

function addPagesRouterPage() {
  mkdirSync("pages", { recursive: true });
  writeFileSync(
    "pages/pages-router.jsx",
    `${ownClient}
export async function getStaticProps() {
  return { props: await account(), revalidate: 1 };
}
export default function Page({ accountId }) {
  return <p>{accountId}</p>;
}
`,
  );
}

/** Edits the module with the client until the server has seen it. */
async function edit(page, name) {
  for (let tries = 0; !(await page("/api/edited")).includes(name); tries++) {
    assert.ok(tries < 20, "the server sees no edit");
    appendFileSync("lib/naver.js", `\nexport const ${name}${tries} = true;\n`);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

/** Builds the program again. */
function build() {
  rmSync(".next", { recursive: true, force: true });
  const { status, stdout, stderr } = spawnSync("node", [next, "build"], { env, encoding: "utf8" });
  return { status, output: `${stdout}${stderr}` };
}

/** Runs the program by one of Next.js's commands, and ends it. */
async function whileRunning(command, use) {
  const port = await freePort();
  const server = spawn("node", [next, command, "--port", String(port)], { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [server.stdout, server.stderr]) stream.on("data", (chunk) => (output += chunk));

  /** A page's text, once the server runs. */
  async function page(path) {
    for (let tries = 0; ; tries++) {
      const { status, text } = await fetch(`http://127.0.0.1:${port}${path}`).then(
        async (response) => ({ status: response.status, text: await response.text() }),
        (error) => ({ status: 0, text: String(error) }),
      );
      if (status === 200) return text;
      assert.ok(status === 0 && tries < 300 && server.exitCode === null, `${path}: ${status} ${text}\n${output}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  try {
    await use(page);
    assert.doesNotMatch(output, /DynamicServerError|Error:/, output);
  } finally {
    server.kill("SIGTERM");
    if (server.exitCode === null) await once(server, "exit");
  }
}

async function tokenRequests() {
  const { requests } = await (await fetch(`${emulator}/_emulator/counters`)).json();
  assert.ok(requests["naver.token"] > 0);
  return requests["naver.token"];
}

/** The files of the build and the cache that contain a text, as it is or in base64. */
function filesWith(text) {
  const shifted = [0, 1, 2].map((shift) =>
    Buffer.from(`${" ".repeat(shift)}${text}`)
      .toString("base64")
      .slice(4, -4),
  );
  return files().filter((file) => {
    const content = readFileSync(file, "latin1");
    return [text, ...shifted].some((form) => content.includes(form));
  });
}

function files() {
  return globSync(".next/**/*").filter((file) => statSync(file).isFile());
}

async function assertNoTokenOnDisk(when) {
  // Naver sends the same token again: this is the one that the program has.
  await using naver = createNaverCommerceAuth();
  const { value } = await naver.getToken();
  assert.deepEqual(filesWith(value), [], `a token is on the disk ${when}`);
  const { accountId } = await naverResult(naver.api.get("v1/seller/account"));
  const cached = filesWith(accountId).filter((file) => file.includes("fetch-cache"));
  assert.notDeepEqual(cached, [], "the search finds nothing, not even the API's cached answers");
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return port;
}

function readVersion() {
  return JSON.parse(readFileSync("node_modules/next/package.json", "utf8")).version;
}
