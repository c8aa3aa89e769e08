import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const START = fileURLToPath(new URL("start.ts", import.meta.url));
const KEYS = /^(TOSS_SHOPPING|NAVER_COMMERCE|IAMPORT)_/;

/** Starts it as `npm start` does, with these keys only. */
function start(args: readonly string[], keys: NodeJS.ProcessEnv = {}) {
  const others = Object.entries(process.env).filter(([name]) => !KEYS.test(name));
  const child = spawn(process.execPath, [START, ...args], { env: { ...Object.fromEntries(others), ...keys } });
  const output = { text: "" };
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output.text += chunk));
  return { child, output };
}

async function originOf({ child, output }: ReturnType<typeof start>): Promise<string> {
  for (;;) {
    const origin = /Open +(http:\S+)/.exec(output.text)?.[1];
    if (origin !== undefined && output.text.includes("Ctrl-C")) return origin;
    if (child.exitCode !== null) throw new Error(output.text);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null) await once(child, "exit");
  return child.exitCode;
}

/** A request with headers that fetch does not let a caller set. */
function statusOf(origin: string, headers: Record<string, string>, body?: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const options = { method: body === undefined ? "GET" : "POST", headers };
    const sent = request(`${origin}/${body === undefined ? "" : "actions"}`, options, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

describe("npm start", () => {
  it.each(["SIGINT", "SIGTERM"] as const)(
    "serves the page until %s, and ends with 0 though a page is open",
    async (signal) => {
      const started = start(["--port", "0"]);
      const origin = await originOf(started);
      expect(await (await fetch(origin)).text()).toContain("Commerce tokens");
      const events = await fetch(`${origin}/events`);
      expect((await events.body?.getReader().read())?.done).toBe(false);
      started.child.kill(signal);
      expect(await ended(started.child)).toBe(0);
      await expect(fetch(origin)).rejects.toThrow();
    },
  );

  it("says that a port is taken", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { child, output } = start(["--port", String(port)]);
    expect(await ended(child)).toBe(2);
    expect(output.text).toContain(`Port ${port} is taken`);
    server.close();
  });

  it.each([["--port", "seven"], ["--unknown"]])("ends with 2 and the usage at %s %s", async (...args) => {
    const { child, output } = start(args);
    expect(await ended(child)).toBe(2);
    expect(output.text).toContain("npm start");
  });

  it("refuses requests that come from another site, by name or by origin", async () => {
    const started = start(["--port", "0"]);
    const origin = await originOf(started);
    const { host } = new URL(origin);
    const json = { "content-type": "application/json" };
    const get = JSON.stringify({ action: "get", provider: "toss" });
    expect(await statusOf(origin, { host: "rebound.example" })).toBe(403);
    expect(await statusOf(origin, { host, origin: "http://elsewhere.example", ...json }, get)).toBe(403);
    expect(await statusOf(origin, { host, "content-type": "text/plain" }, get)).toBe(400);
    expect(await statusOf(origin, { host, ...json }, JSON.stringify({ action: "constructor" }))).toBe(400);
    expect(await statusOf(origin, { host, ...json }, get)).toBe(200);
    started.child.kill("SIGINT");
    await ended(started.child);
  });

  it("needs keys to go live, and names the variables", async () => {
    const { child, output } = start(["--live"]);
    expect(await ended(child)).toBe(2);
    expect(output.text).toContain("TOSS_SHOPPING_ACCESS_KEY, TOSS_SHOPPING_SECRET_KEY");
  });

  it("goes live with one provider's keys, says so, and has no button for the emulator's", async () => {
    const started = start(["--live", "--port", "0"], { IAMPORT_IMP_KEY: "key", IAMPORT_IMP_SECRET: "secret" });
    const origin = await originOf(started);
    expect(started.output.text).toContain("REAL providers");
    const events = await fetch(`${origin}/events`);
    const chunk = await events.body?.getReader().read();
    const { live, cards } = JSON.parse(/^data: (.*)$/m.exec(new TextDecoder().decode(chunk?.value))?.[1] ?? "");
    expect(live).toBe(true);
    expect(cards.map(({ state }: { state: string }) => state)).toEqual(["no-keys", "no-keys", "none"]);
    started.child.kill("SIGINT");
    expect(await ended(started.child)).toBe(0);
  });
});
