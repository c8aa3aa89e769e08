import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmulator } from "@x/commerce-auth-emulator";
import { TokenCache } from "@x/token-cache-core";
import { sqliteStore } from "@x/token-cache-core/sqlite";
import { createTossShoppingAuth } from "@x/toss-shopping-auth";
import { describe, expect, it } from "vitest";
import { credentialsOf, run } from "../command.test-support.ts";

describe("token", () => {
  it.each(["toss", "naver", "iamport"] as const)("prints %s's token, or its header, or JSON", async (provider) => {
    await using emulator = await startEmulator({ toss: { reissue: "same-token" } });
    const { tokenUrl } = emulator[provider];
    const env = credentialsOf(emulator)[provider];
    const token = await run(["token", provider, "--token-url", tokenUrl], { env });
    expect(token).toMatchObject({ code: 0, err: "", out: expect.stringMatching(/^\S{16,}\n$/) });
    const header = await run(["token", provider, "--header", "--token-url", tokenUrl], { env });
    expect(header.out).toBe(`Authorization: Bearer ${token.out}`);
    const json = await run(["token", provider, "--json", "--token-url", tokenUrl], { env });
    expect(JSON.parse(json.out)).toMatchObject({ token: token.out.trim(), tokenType: "Bearer" });
  });

  it("takes the application's own token from the shared store, without a request", async () => {
    const folder = await mkdtemp(join(tmpdir(), "token-"));
    const path = join(folder, "tokens.db");
    await using emulator = await startEmulator();
    const cache = new TokenCache({ store: sqliteStore({ path }) });
    const { value } = await createTossShoppingAuth({ ...emulator.toss.options, cache }).getToken();

    const env = { ...credentialsOf(emulator).toss, COMMERCE_AUTH_STORE: path };
    const { out } = await run(["token", "toss", "--token-url", emulator.toss.tokenUrl], { env });
    expect(out).toBe(`${value}\n`);
    expect(emulator.requestCount("toss.token")).toBe(1);

    // And the other way round: the application finds the command's token.
    await run(["token", "iamport", "--token-url", emulator.iamport.tokenUrl, "--store", `sqlite:${path}`], {
      env: credentialsOf(emulator).iamport,
    });
    await cache.close();
    expect(emulator.issuedCount("iamport")).toBe(1);
    await rm(folder, { recursive: true });
  });

  it.skipIf(!process.env["REDIS_SERVER"])("shares a token through Redis, under the prefix of the URL", async () => {
    await using emulator = await startEmulator();
    await using redis = await startRedis();
    const args = ["token", "toss", "--token-url", emulator.toss.tokenUrl, "--store", `${redis.url}?prefix=shop:`];
    const first = await run(args, { env: credentialsOf(emulator).toss });
    expect(first).toMatchObject({ code: 0, err: "" });
    expect(await run(args, { env: credentialsOf(emulator).toss })).toEqual(first);
    expect(emulator.requestCount("toss.token")).toBe(1);
  });

  it("continues without a store that is down, and says so", async () => {
    await using emulator = await startEmulator();
    const args = [
      "token",
      "toss",
      "--lang",
      "en",
      "--token-url",
      emulator.toss.tokenUrl,
      "--store",
      "redis://:hidden@127.0.0.1:1",
    ];
    const { code, out, err } = await run(args, { env: credentialsOf(emulator).toss });
    expect({ code, err }).toEqual({
      code: 0,
      err: "The shared store could not be used, so the token was requested.\n",
    });
    expect(out).toMatch(/^\S+\n$/);
  });

  it("waits no longer than --timeout in all, and names that option", async () => {
    await using emulator = await startEmulator();
    emulator.fault({ endpoint: "toss.token", kind: "hang" });
    const args = ["token", "toss", "--lang", "en", "--timeout", "0.5006", "--token-url", emulator.toss.tokenUrl];
    const { code, err } = await run(args, { env: credentialsOf(emulator).toss });
    expect(code).toBe(1);
    expect(err).toContain("No token arrived within 0.501 s. Check DNS, proxy and firewall, or raise --timeout.\n");
    expect(emulator.requestCount("toss.token")).toBe(1);
  });

  it.each(["REDIS://:hidden@127.0.0.1:1", "valkey://:hidden@127.0.0.1:1", "Valkeys://:hidden@127.0.0.1:1"])(
    "takes %s for a Redis URL",
    async (store) => {
      await using emulator = await startEmulator();
      const args = ["token", "toss", "--lang", "en", "--token-url", emulator.toss.tokenUrl, "--store", store];
      const { code, err } = await run(args, { env: credentialsOf(emulator).toss });
      expect(code).toBe(0);
      expect(err).toBe("The shared store could not be used, so the token was requested.\n");
      expect(existsSync(store)).toBe(false);
    },
  );

  it.each([
    "redis:hidden@host",
    "redis:/:hidden@host",
    " redis://:hidden@host",
    '"redis://:hidden@host"',
    "redis://:hid/den@host",
    "redis://:%zzhidden@host",
    "postgres://user:hidden@host/db",
    "user:hidden@host",
  ])("refuses the store %j, and does not repeat it", async (store) => {
    const TOSS = { TOSS_SHOPPING_ACCESS_KEY: "key", TOSS_SHOPPING_SECRET_KEY: "secret-key" };
    for (const [flags, env] of [
      [["--store", store], TOSS],
      [[], { ...TOSS, COMMERCE_AUTH_STORE: store }],
    ] as const) {
      const args = ["token", "toss", "--lang", "en", "--token-url", "http://127.0.0.1:1/token", ...flags];
      const { code, out, err } = await run(args, { env });
      expect({ code, out }).toEqual({ code: 2, out: "" });
      expect(err).toContain("must be a redis:// URL or the path of an SQLite file");
      expect(err).not.toMatch(/hid|host/);
      expect(existsSync(store)).toBe(false);
    }
  });

  it("says why there is no token, and where to ask", async () => {
    await using emulator = await startEmulator();
    const args = ["token", "toss", "--lang", "en", "--token-url", emulator.toss.tokenUrl];
    const env = { ...credentialsOf(emulator).toss, TOSS_SHOPPING_SECRET_KEY: "wrong-secret-key" };
    const { code, out, err } = await run(args, { env });
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain("Toss rejects the access key and secret key.");
    expect(err).toContain("commerce-auth doctor toss");
    expect(err).not.toContain("wrong-secret-key");
  });

  it("sends nothing without credentials", async () => {
    const { code, out, err } = await run(["token", "naver", "--lang", "en"], { env: {} });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain("NAVER_COMMERCE_CLIENT_ID: no value");
  });
});

/** A Redis server on a port of its own, in a folder of its own. */
async function startRedis() {
  const folder = await mkdtemp(join(tmpdir(), "redis-"));
  const socket = createServer().listen(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address() as AddressInfo;
  socket.close();
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder];
  const server = spawn(process.env["REDIS_SERVER"] ?? "redis-server", args);
  for await (const line of server.stdout) if (String(line).includes("Ready to accept connections")) break;
  return {
    url: `redis://127.0.0.1:${port}/`,
    async [Symbol.asyncDispose]() {
      server.kill();
      await once(server, "close");
      await rm(folder, { recursive: true });
    },
  };
}
