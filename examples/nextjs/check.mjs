// Builds and starts the program, and looks for the token in every file that Next.js writes. Pages with each `fetchCache`,
// a page of the pages router and one that is rendered while the server runs are added for that.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { globSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname } from "node:path";
import { createNaverCommerceAuth, naverResult } from "@x/naver-commerce-auth";

const next = "node_modules/next/dist/bin/next";
const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", CI: "1" };
const emulator = process.env.COMMERCE_AUTH_EMULATOR;

const ownClient = `import { createNaverCommerceAuth, naverResult } from "@x/naver-commerce-auth";
const { NAVER_TOKEN_URL: tokenUrl, NAVER_API_BASE_URL: apiBaseUrl } = process.env;
const account = (options) =>
  naverResult(createNaverCommerceAuth({ tokenUrl, apiBaseUrl }).api.get("v1/seller/account", options));`;
const fetchCaches = ["auto", "default-cache", "default-no-store", "force-cache", "only-cache", "force-no-store"];
for (const mode of fetchCaches) {
  // "only-cache" and "force-cache" want cached API answers: the caller's word goes through to Next.js.
  const asked = mode === "only-cache" ? '{ cache: "force-cache" }' : "";
  addPage(`app/mode/${mode}/page.jsx`, `export const fetchCache = "${mode}";`, asked);
}
addPage("app/on-demand/[id]/page.jsx", "export const revalidate = 1;\nexport const dynamicParams = true;", "");
addPage("app/tagged/page.jsx", "", '{ next: { revalidate: 3600, tags: ["account"] } }');
addPagesRouterPage();

const built = spawnSync("node", [next, "build"], { env, encoding: "utf8" });
assert.equal(built.status, 0, `${built.stdout}${built.stderr}`);
const isStatic = (route) => new RegExp(`○ ${route.replaceAll("/", "\\/")}(\\s|$)`, "m").test(built.stdout);
assert.ok(isStatic("/"), `the ISR page is not static:\n${built.stdout}`);
assert.ok(isStatic("/tagged"), `the page with tagged calls is not static:\n${built.stdout}`);
await assertNoTokenOnDisk("after the build");

const port = await freePort();
const server = spawn("node", [next, "start", "--port", String(port)], { env, stdio: ["ignore", "pipe", "pipe"] });
let output = "";
for (const stream of [server.stdout, server.stderr]) stream.on("data", (chunk) => (output += chunk));
try {
  await ready();
  const first = await page("/");
  assert.equal(await page("/"), first, "the ISR page was rendered again");
  assert.notEqual(await page("/live"), await page("/live"), "the dynamic page was not rendered again");
  assert.match(await page("/api/account"), /accountId/);
  for (const mode of fetchCaches) await page(`/mode/${mode}`);
  for (const _ of [1, 2]) {
    await page("/on-demand/7");
    await page("/pages-router");
    await new Promise((resolve) => setTimeout(resolve, 1_200));
  }
  await page("/on-demand/7");
  const asked = await tokenRequests();
  await page("/live");
  await page("/api/account");
  assert.equal(await tokenRequests(), asked, "one client per process shares its token");
  await assertNoTokenOnDisk("while the server runs");
  assert.doesNotMatch(output, /DynamicServerError|Error:/, output);
} finally {
  server.kill("SIGTERM");
  if (server.exitCode === null) await once(server, "exit");
}
console.log(`Next.js ${readVersion()}: no token in ${files().length} files, and the ISR page is static.`);

/** A page with a client of its own at each rendering, so that its token request comes from this very page. */
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

async function page(path) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  const text = await response.text();
  assert.equal(response.status, 200, `${path}: ${text}\n${output}`);
  return text;
}

async function ready() {
  for (let tries = 0; tries < 300; tries++) {
    if (
      await fetch(`http://127.0.0.1:${port}/api/account`).then(
        (response) => response.ok,
        () => false,
      )
    )
      return;
    assert.equal(server.exitCode, null, output);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(`the server did not start:\n${output}`);
}

async function tokenRequests() {
  return (await (await fetch(`${emulator}/journal?endpoint=naver.token`)).json()).length;
}

/** The files of the build and the cache in which a text stands, as it is or inside of base64. */
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
  await using naver = createNaverCommerceAuth({
    tokenUrl: process.env.NAVER_TOKEN_URL,
    apiBaseUrl: process.env.NAVER_API_BASE_URL,
  });
  const { value } = await naver.getToken();
  assert.deepEqual(filesWith(value), [], `a token lies on the disk ${when}`);
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
