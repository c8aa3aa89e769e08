import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { TokenError } from "../contract/token-error.ts";
import { TokenCache, type TokenCacheOptions, type TokenEvent } from "../index.ts";
import {
  type AuthenticatedFetchOptions,
  createAuthenticatedFetch,
  instant,
  type TokenSource,
} from "../provider/index.ts";
import { ManualClock } from "../testing/index.ts";

/** A request as it arrived. */
export interface Received {
  readonly method: string;
  /** Path and query string, as sent. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The bearer token. */
  readonly token: string | undefined;
}

/** What a server answers; a string or nothing is a 200. */
export interface Reply {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

export interface Loopback extends AsyncDisposable {
  readonly origin: string;
  readonly requests: readonly Received[];
  /** The tokens that came, in the order of the requests. */
  readonly tokens: readonly (string | undefined)[];
  /** How many connections were opened, requests or not. */
  readonly connections: number;
}

/** A real server that writes down what arrives and answers what the test says. */
export async function startServer(
  reply: (request: Received) => Reply | Promise<Reply> = () => ({}),
): Promise<Loopback> {
  const requests: Received[] = [];
  let connections = 0;
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of incoming) chunks.push(chunk);
    } catch {
      return; // The client gave up while sending.
    }
    const { method = "", url: target = "", headers } = incoming;
    const token = /^Bearer (.*)$/.exec(headers.authorization ?? "")?.[1];
    const request = { method, target, headers, body: Buffer.concat(chunks), token };
    requests.push(request);
    const { status = 200, headers: answered = {}, body = "" } = await reply(request);
    response.writeHead(status, answered).end(body);
  });
  server.on("connection", () => {
    connections++;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    get tokens() {
      return requests.map(({ token }) => token);
    },
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Refuses the first token, and takes every other one. */
export function refusingFirst({ token }: Received): Reply {
  return token === "token-1" ? { status: 401, body: "refused" } : { body: "accepted" };
}

interface CallOptions extends Partial<AuthenticatedFetchOptions> {
  readonly cacheOptions?: TokenCacheOptions;
  readonly propagationMs?: number;
  /** Of the token endpoint. */
  readonly tokenOrigin?: string;
}

/** An authenticated fetch for some servers' origins, over tokens `token-1`, `token-2`, … that live an hour. */
export function authenticated(
  origins: readonly string[],
  { cacheOptions, propagationMs, tokenOrigin, ...options }: CallOptions = {},
) {
  const clock = new ManualClock({ startAt: Date.UTC(2026, 10, 15) });
  const events: TokenEvent[] = [];
  const tokens = {
    /** How many were requested. */
    issues: 0,
    /** Holds answers back until the test lets them go. */
    released: Promise.resolve(),
    value: (nth: number) => `token-${nth}`,
  };
  const source: TokenSource = {
    provider: "test-provider",
    origin: tokenOrigin ?? "https://auth.test",
    key: "test-provider:https://auth.test:0123",
    policy: { softWindow: { ms: 600_000 }, hardWindow: { ms: 60_000 }, jitter: 0, propagationMs: propagationMs ?? 0 },
    async issue(context) {
      const nth = ++tokens.issues;
      const sentAt = instant(context.clock);
      await tokens.released;
      return { value: tokens.value(nth), lifetimeMs: 3_600_000, sentAt };
    },
  };
  const cache = new TokenCache({ clock, observer: (event) => events.push(event), ...cacheOptions });
  const authFetch = createAuthenticatedFetch({
    cache,
    source,
    allowedOrigins: origins,
    isRefused: ({ status }) => status === 401,
    ...options,
  });
  return { clock, events, tokens, source, cache, fetch: authFetch };
}

/** What a call failed with. */
export async function failureOf(call: Promise<unknown>): Promise<TokenError> {
  const outcome = await call.catch((error: unknown) => error);
  if (TokenError.is(outcome)) return outcome;
  throw new Error("a TokenError was expected", { cause: outcome });
}

/** Until something has happened that no promise tells of; the test's own time limit ends it otherwise. */
export async function until(happened: () => boolean): Promise<void> {
  while (!happened()) await new Promise((resolve) => setImmediate(resolve));
}
