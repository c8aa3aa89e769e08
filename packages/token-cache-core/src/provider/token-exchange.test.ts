import { getEventListeners } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { Agent } from "undici";
import undici from "undici/package.json" with { type: "json" };
import { describe, expect, test } from "vitest";
import { failureOf, HOUR, SECOND } from "../cache/token-source.test-support.ts";
import { TokenError } from "../contract/token-error.ts";
import { ManualClock } from "../testing/index.ts";
import { SyncedServerClock } from "../time/server-clock.ts";
import { exchangeToken } from "./token-exchange.ts";

const SECRET = "canary-secret";
const TIMEOUT_MS = 5 * SECOND;

/** A real server on loopback, and how many requests reached it. */
async function listen(answer: RequestListener) {
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/token`,
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** One exchange with the server at `url`, on a clock of its own. */
function exchangeWith(url: string, fetch: typeof globalThis.fetch = globalThis.fetch) {
  const clock = new ManualClock({ startAt: Date.now() });
  const serverClock = new SyncedServerClock();
  const flight = new AbortController();
  const request = { body: `client_secret=${SECRET}` };
  const hostState = <T>(_name: string, create: () => T) => create();
  const context = { signal: flight.signal, clock, serverClock, sharedFlights: true, hostState };
  const tokenUrl = new URL(url);
  const exchange = () => exchangeToken({ provider: "p", tokenUrl, request, fetch, timeoutMs: TIMEOUT_MS }, context);
  const offset = () => serverClock.offset({ wall: clock.wall(), monotonic: clock.monotonic() });
  return { clock, flight, exchange, offset };
}

describe("a token exchange", () => {
  test("returns status, headers, parsed body and the time of sending, whatever the status", async () => {
    await using server = await listen((_, response) => {
      response.writeHead(400, { "content-type": "text/plain", "x-trace": "7" }).end('{"error":"invalid_client"}');
    });
    const { clock, exchange } = exchangeWith(server.url);
    const answer = await exchange();
    const now = { wall: clock.wall(), monotonic: clock.monotonic() };
    expect(answer).toMatchObject({ status: 400, body: { error: "invalid_client" }, sentAt: now, receivedAt: now });
    expect(answer.headers.get("x-trace")).toBe("7");
    expect(clock.pendingTimers).toBe(0);
  });

  test.each(["", "<html>502 Bad Gateway</html>", "{"])(
    "case 29: has no body if the answer is no JSON: %o",
    async (text) => {
      await using server = await listen((_, response) => void response.end(text));
      expect((await exchangeWith(server.url).exchange()).body).toBeUndefined();
    },
  );

  test("reads text whose characters are cut between two packets, and a byte order mark", async () => {
    const bytes = Buffer.from('\uFEFF{"message":"한글"}');
    await using server = await listen((_, response) => {
      response.write(bytes.subarray(0, 17));
      setImmediate(() => response.end(bytes.subarray(17)));
    });
    expect((await exchangeWith(server.url).exchange()).body).toEqual({ message: "한글" });
  });

  test("case 29: stops reading beyond 64 KiB, and accepts exactly 64 KiB", async () => {
    const limit = 64 * 1024;
    let size = limit;
    await using server = await listen((_, response) => void response.end(JSON.stringify("a".repeat(size - 2))));
    expect((await exchangeWith(server.url).exchange()).body).toHaveLength(limit - 2);
    size = limit + 1;
    const error = await failureOf(exchangeWith(server.url).exchange());
    expect(error).toMatchObject({ code: "invalid_response", providerStatus: 200, provider: "p" });
  });

  test("case 29: does not wait for the end of an answer that has none", async () => {
    await using server = await listen((_, response) => {
      const more = () => response.write("a".repeat(8_192), () => setImmediate(more));
      more();
    });
    expect((await failureOf(exchangeWith(server.url).exchange())).code).toBe("invalid_response");
  });
});

describe("a token exchange is cached by nobody (case 52)", () => {
  test("and says so to HTTP caches and to Next.js", async () => {
    let seen: RequestInit | undefined;
    await using server = await listen((_, response) => void response.end("{}"));
    await exchangeWith(server.url, (input, init) => {
      seen = init;
      return fetch(input, init);
    }).exchange();
    expect(seen).toMatchObject({ cache: "no-store", next: { internal: true } });
  });
});

describe("a token exchange that meets a redirect", () => {
  const redirectTo =
    (location: string, status: number): RequestListener =>
    (_, response) => {
      response.writeHead(status, { location }).end("moved");
    };

  test.each([301, 302, 303, 307, 308])(
    "case 22: never contacts the target of a %i, though a plain fetch would",
    async (status) => {
      await using target = await listen((_, response) => void response.end('{"access_token":"evil"}'));
      await using server = await listen(redirectTo(target.url, status));
      const error = await failureOf(exchangeWith(server.url).exchange());
      expect(error).toMatchObject({
        code: "origin_not_allowed",
        retryable: false,
        providerStatus: status,
        provider: "p",
      });
      expect(target.requests()).toBe(0);

      await (await fetch(server.url, { method: "POST", body: "harmless" })).text();
      expect(target.requests()).toBe(1);
    },
  );

  test("gets no answer, also from a platform that hides it, or with any status from 300 to 399", async () => {
    const hidden = Object.defineProperty(new Response(), "type", { value: "opaqueredirect" });
    for (const answer of [hidden, new Response("{}", { status: 300 }), new Response("{}", { status: 399 })]) {
      const { exchange } = exchangeWith("https://auth.test", async () => answer);
      expect((await failureOf(exchange())).code).toBe("origin_not_allowed");
    }
  });

  test("case 22: accepts no answer from a fetch that followed it", async () => {
    await using target = await listen((_, response) => void response.end('{"access_token":"evil"}'));
    await using server = await listen(redirectTo(target.url, 307));
    const following: typeof fetch = (input, init) => fetch(input, { ...init, redirect: "follow" });
    expect((await failureOf(exchangeWith(server.url, following).exchange())).code).toBe("origin_not_allowed");
  });
});

describe("a token exchange that goes wrong on the way", () => {
  test("ends at its time limit, and not before, if the server hangs", async () => {
    const arrived = Promise.withResolvers<void>();
    await using server = await listen(() => arrived.resolve());
    const { clock, exchange } = exchangeWith(server.url);
    const failure = failureOf(exchange());
    await arrived.promise;
    clock.advance(TIMEOUT_MS - 1);
    expect(clock.pendingTimers).toBe(1);
    clock.advance(1);
    expect(await failure).toMatchObject({ code: "timeout", retryable: true, provider: "p" });
    expect((await failure).message).toContain(new URL(server.url).host);
    expect((await failure).message).toContain("5000 ms");
  });

  test("ends at its time limit in the middle of a body that never ends", async () => {
    await using server = await listen((_, response) => void response.write('{"access_'));
    const begun = Promise.withResolvers<void>();
    const noticing: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      begun.resolve();
      return response;
    };
    const { clock, exchange } = exchangeWith(server.url, noticing);
    const failure = failureOf(exchange());
    await begun.promise;
    clock.advance(TIMEOUT_MS);
    expect((await failure).code).toBe("timeout");
  });

  test("ends at its time limit with a fetch that ignores its signal", async () => {
    const deaf: typeof fetch = () => new Promise(() => {});
    const { clock, exchange } = exchangeWith("https://auth.test", deaf);
    const failure = failureOf(exchange());
    clock.advance(TIMEOUT_MS);
    expect((await failure).code).toBe("timeout");
  });

  test("ends at once if the flight has ended before", async () => {
    const deaf: typeof fetch = () => new Promise(() => {});
    const { flight, exchange } = exchangeWith("https://auth.test", deaf);
    const reason = new TokenError("closed", { message: "closed" });
    flight.abort(reason);
    expect(await failureOf(exchange())).toBe(reason);
  });

  test("leaves no timer and no listener, whether it succeeds or fails", async () => {
    for (const answer of [Response.json({}), Response.error()]) {
      const { clock, flight, exchange } = exchangeWith("https://auth.test", async () => answer);
      await exchange().catch(() => {});
      expect(clock.pendingTimers).toBe(0);
      expect(getEventListeners(flight.signal, "abort")).toEqual([]);
    }
  });

  test("ends with the flight's reason when the flight ends, and closes the connection", async () => {
    const arrived = Promise.withResolvers<void>();
    const cut = Promise.withResolvers<void>();
    await using server = await listen((request) => {
      request.once("close", () => cut.resolve());
      arrived.resolve();
    });
    const { flight, exchange } = exchangeWith(server.url);
    const failure = failureOf(exchange());
    await arrived.promise;
    const reason = new TokenError("closed", { message: "closed" });
    flight.abort(reason);
    expect(await failure).toBe(reason);
    await cut.promise;
  });

  test.each<[string, RequestListener, string | undefined]>([
    ["cuts the connection before the answer", (request) => void request.socket.destroy(), "UND_ERR_SOCKET"],
    [
      "cuts it in the middle of the body",
      (request, response) => {
        response.writeHead(200, { "content-length": "100" });
        response.write('{"access_token":', () => request.socket.destroy());
      },
      undefined,
    ],
    ["talks no HTTP", (request) => void request.socket.end("SSH-2.0-server\r\n"), undefined],
  ])("is a transient network error if the server %s", async (_, answer, systemCode) => {
    await using server = await listen(answer);
    const error = await failureOf(exchangeWith(server.url).exchange());
    expect(error).toMatchObject({ code: "network", retryable: true, provider: "p" });
    if (systemCode !== undefined) expect(error.message).toContain(systemCode);
  });

  test("says why there is no connection, and nothing of the request", async () => {
    const server = await listen(() => {});
    await server[Symbol.asyncDispose]();
    const error = await failureOf(exchangeWith(server.url).exchange());
    expect(error.code).toBe("network");
    expect(error.message).toContain("ECONNREFUSED");
    expect(error.message).toContain(new URL(server.url).host);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(SECRET);
  });

  test("says so if the dispatcher is of another undici than the fetch", async () => {
    const [node = 0, installed = 0] = [process.versions["undici"], undici.version].map((each) =>
      Number.parseInt(`${each}`, 10),
    );
    const dispatcher = new Agent() as unknown as NonNullable<RequestInit["dispatcher"]>;
    await using server = await listen((_, response) => void response.end("{}"));
    const through: typeof fetch = (input, init) => fetch(input, { ...init, dispatcher });
    if (node >= installed) {
      expect((await exchangeWith(server.url, through).exchange()).status).toBe(200);
    } else {
      const error = await failureOf(exchangeWith(server.url, through).exchange());
      expect(error).toMatchObject({ code: "invalid_options", retryable: false });
      expect(error.message).toMatch(/undici.*option fetch/);
      expect(error.message).not.toContain("DNS");
    }
  });

  test("case 23: keeps nothing of an HTTP client's error, which may hold the whole request", async () => {
    const leaking: typeof fetch = () =>
      Promise.reject(
        Object.assign(new Error(SECRET, { cause: { code: SECRET } }), {
          code: `E_${SECRET}`,
          request: { body: SECRET },
        }),
      );
    const error = await failureOf(exchangeWith("https://auth.test", leaking).exchange());
    expect(error.code).toBe("network");
    expect(`${inspect(error, { depth: 10, showHidden: true })}${JSON.stringify(error)}${error.stack}`).not.toContain(
      SECRET,
    );
  });
});

describe("a token exchange learns the server's clock", () => {
  const ahead = new Date(Date.now() + HOUR).toUTCString();
  const answerWith =
    (headers: Record<string, string>): RequestListener =>
    (_, response) => {
      response.sendDate = false;
      response.writeHead(401, headers).end("{}");
    };
  const offsetAfter = async (headers: Record<string, string>) => {
    await using server = await listen(answerWith(headers));
    const { exchange, offset } = exchangeWith(server.url);
    await exchange();
    return offset();
  };

  test("case 13: from the answer that refuses", async () => {
    const { lowerMs } = (await offsetAfter({ date: ahead })) ?? expect.unreachable();
    expect(lowerMs).toBeGreaterThan(HOUR - 5 * SECOND);
    expect(lowerMs).toBeLessThanOrEqual(HOUR);
  });

  test.each<[string, Record<string, string>]>([
    ["from a cache", { date: ahead, age: "3600" }],
    ["with a date that is none", { date: "tomorrow" }],
    ["without a date", {}],
  ])("case 14: but not from an answer %s", async (_, headers) => {
    expect(await offsetAfter(headers)).toBeUndefined();
  });
});
