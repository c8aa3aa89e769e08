import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { authenticated } from "./loopback.test-support.ts";
import { sendAgainIfLost } from "./lost-connection.ts";

/** A server that resets its first requests, and answers the others. */
async function resetting(resets: number) {
  const methods: string[] = [];
  const server = createServer((request, response) => {
    methods.push(request.method ?? "");
    if (methods.length <= resets) request.socket.resetAndDestroy();
    else response.end("answered");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    methods,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe("a connection that is lost before the answer", () => {
  it.each(["GET", "HEAD", "get"])("does not fail a %s: it is sent again", async (method) => {
    await using server = await resetting(1);
    const fetch = authenticated([server.origin]).fetch;
    expect((await fetch(`${server.origin}/`, { method })).status).toBe(200);
    expect(server.methods).toHaveLength(2);
  });

  it("fails the request if it is lost three times", async () => {
    await using server = await resetting(3);
    await expect(authenticated([server.origin]).fetch(`${server.origin}/`)).rejects.toThrow("fetch failed");
    expect(server.methods).toHaveLength(3);
  });

  it.each(["POST", "PUT", "DELETE", "PATCH"])("fails a %s: the server may have processed it", async (method) => {
    await using server = await resetting(1);
    const call = authenticated([server.origin]).fetch(`${server.origin}/`, { method, body: "order" });
    await expect(call).rejects.toThrow("fetch failed");
    expect(server.methods).toEqual([method]);
  });

  it("is sent again with the same Request, headers included", async () => {
    await using server = await resetting(1);
    const request = new Request(`${server.origin}/`, { headers: { "x-kept": "1" } });
    expect(await (await authenticated([server.origin]).fetch(request)).text()).toBe("answered");
  });

  it("does not send anything again after the caller's abort", async () => {
    await using server = await resetting(1);
    const controller = new AbortController();
    const reset = Object.assign(new TypeError("fetch failed"), {
      cause: Object.assign(new Error(), { code: "EPIPE" }),
    });
    const fetch = vi.fn(async () => {
      controller.abort(new Error("the caller's"));
      throw reset;
    });
    const call = authenticated([server.origin], { fetch }).fetch(`${server.origin}/`, { signal: controller.signal });
    await expect(call).rejects.toThrow();
    expect(fetch).toHaveBeenCalledTimes(1);
  });
});

describe("an error", () => {
  const isSentAgain = async (error: unknown) => {
    const send = vi.fn(() => Promise.reject(error));
    await sendAgainIfLost({ method: "GET" }, send).catch(() => {});
    return send.mock.calls.length > 1;
  };
  const withCode = (code: unknown, cause?: unknown) => Object.assign(new Error("x", { cause }), { code });

  it.each([
    ["ECONNRESET of the socket", new TypeError("fetch failed", { cause: withCode("ECONNRESET") }), true],
    ["undici's own", new TypeError("fetch failed", { cause: withCode("UND_ERR_SOCKET") }), true],
    ["Bun's", withCode("ECONNRESET"), true],
    ["a refused connection", new TypeError("fetch failed", { cause: withCode("ECONNREFUSED") }), false],
    ["a failed lookup", new TypeError("fetch failed", { cause: withCode("ENOTFOUND") }), false],
    ["a time limit", new TypeError("fetch failed", { cause: withCode("UND_ERR_HEADERS_TIMEOUT") }), false],
    ["an abort", new DOMException("aborted", "AbortError"), false],
    ["no error at all", "ECONNRESET", false],
    ["nothing", undefined, false],
  ])("says that the connection was lost: %s", async (_what, error, expected) => {
    expect(await isSentAgain(error)).toBe(expected);
  });

  it("that is its own cause ends the search", async () => {
    const error = new Error("x");
    error.cause = error;
    expect(await isSentAgain(error)).toBe(false);
  });
});
