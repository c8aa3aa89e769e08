import { execFile } from "node:child_process";
import { describe, expect, test } from "vitest";

/** More than Node needs to start, and less than any timer that a run could wrongly wait for. */
const AT_ONCE_MS = 4_000;

/** Runs a script with a cache and a source in a process of its own, until it exits. */
async function run(script: string) {
  const program = `
    const { TokenCache, TokenError } = await import(${JSON.stringify(import.meta.resolve("../index.ts"))});
    const { instant } = await import(${JSON.stringify(import.meta.resolve("../provider/index.ts"))});
    const token = (clock, lifetimeMs = 3_600_000) => ({ value: "token", lifetimeMs, sentAt: instant(clock) });
    const busy = (retryAfterMs) => new TokenError("rate_limited", { message: "busy", retryAfterMs });
    const source = (issue) => ({ provider: "p", origin: "https://o", key: "k", policy: { softWindow: { share: 0.5 }, hardWindow: { ms: 0 }, jitter: 0 }, issue });
    const startedAt = performance.now();
    process.on("exit", () => console.error(performance.now() - startedAt));
    ${script}`;
  return new Promise<{ code: number | string | null | undefined; stdout: string; tookMs: number }>((resolve) => {
    execFile(
      process.execPath,
      ["--unhandled-rejections=strict", "--no-warnings", "--input-type=module", "--eval", program],
      { timeout: 9_000 },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : error.code, stdout, tookMs: Number(stderr) }),
    );
  });
}

describe.concurrent("a process", () => {
  test("exits at once when it has its token", async () => {
    const { code, stdout, tookMs } = await run(`
      const cache = new TokenCache();
      console.log((await cache.getToken(source(async ({ clock }) => token(clock)))).value);`);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "token\n" });
    expect(tookMs).toBeLessThan(AT_ONCE_MS);
  });

  test("case 6: exits at once while a background refresh waits between two attempts", async () => {
    const { code, stdout, tookMs } = await run(`
      let wall = 0;
      const { setTimer } = new TokenCache().clock;
      const cache = new TokenCache({ clock: { wall: () => wall, monotonic: () => wall, setTimer } });
      let issues = 0;
      const renewed = source(async ({ clock }) => {
        if (++issues === 1) return token(clock);
        throw busy(10_000);
      });
      await cache.getToken(renewed);
      wall += 2_000_000;
      console.log((await cache.getToken(renewed)).value, issues);`);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "token 2\n" });
    expect(tookMs).toBeLessThan(AT_ONCE_MS);
  });

  test("stays alive while a caller waits for a flight between two attempts", async () => {
    const { code, stdout } = await run(`
      let issues = 0;
      const cache = new TokenCache();
      const got = await cache.getToken(source(async ({ clock }) => {
        if (++issues < 3) throw busy(50);
        return token(clock);
      }));
      console.log(got.value, issues);`);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "token 3\n" });
  });

  test("stays alive while a caller waits for a source that hangs, until the time limit", async () => {
    const { code, stdout } = await run(`
      const cache = new TokenCache({ flightTimeoutMs: 100 });
      await cache.getToken(source(() => new Promise(() => {}))).catch((error) => console.log(error.code));`);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "timeout\n" });
  });

  test("stays alive while a caller with a refused token waits for a background refresh", async () => {
    const { code, stdout } = await run(`
      let wall = 0;
      const { setTimer } = new TokenCache().clock;
      const cache = new TokenCache({ clock: { wall: () => wall, monotonic: () => wall, setTimer } });
      let issues = 0;
      const renewed = source(async ({ clock }) => {
        if (++issues === 2) throw busy(100);
        return { ...token(clock), value: "token-" + issues };
      });
      const first = await cache.getToken(renewed);
      wall += 2_000_000;
      await cache.getToken(renewed);
      console.log((await cache.getToken(renewed, { refusedTokenId: first.id })).value);`);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "token-3\n" });
  });

  test("stays alive while a young token is waited out", async () => {
    const { code, stdout } = await run(`
      const cache = new TokenCache();
      const young = source(async ({ clock }) => token(clock));
      young.policy.propagationMs = 100;
      const { id } = await cache.getToken(young);
      console.log((await cache.getToken(young, { refusedTokenId: id })).id === id);`);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "true\n" });
  });

  test("exits at once when the last waiting caller has aborted, though the flight continues", async () => {
    const { code, tookMs } = await run(`
      const cache = new TokenCache();
      const signal = AbortSignal.timeout(50);
      setTimeout(() => {}, 60);
      await cache.getToken(source(async () => { throw busy(10_000); }), { signal }).catch((error) => error.name);`);
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(AT_ONCE_MS);
  });
});
