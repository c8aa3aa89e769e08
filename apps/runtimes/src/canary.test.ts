// Case 23: secrets, signatures and tokens that can be recognised, every way to fail, and a search of all output.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { type Emulator, type Fault, startEmulator } from "@x/commerce-auth-emulator";
import { createIamportAuth, IamportApiError, iamportResult } from "@x/iamport-auth";
import { createNaverCommerceAuth, NaverApiError, naverResult } from "@x/naver-commerce-auth";
import { leaksIn } from "@x/testing/leaks";
import { TokenCache, TokenError, type TokenEvent } from "@x/token-cache-core";
import { openTelemetry } from "@x/token-cache-core/opentelemetry";
import type { TokenAuth, TokenAuthOptions } from "@x/token-cache-core/provider";
import { ManualClock } from "@x/token-cache-core/testing";
import { createTossShoppingAuth, TossApiError, tossResult } from "@x/toss-shopping-auth";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const SECRETS = {
  toss: { accessKey: "canary-toss-access-key", secretKey: "canary-toss-secret-key+/=&" },
  naver: { clientId: "canary-naver-client", clientSecret: "$2a$04$CanaryCanaryCanaryCana" },
  iamport: { impKey: "canary-imp-key", impSecret: "canary-imp-secret+/=&" },
};
const WRONG = {
  toss: { accessKey: SECRETS.toss.accessKey, secretKey: "canary-wrong-toss-secret" },
  naver: { clientId: SECRETS.naver.clientId, clientSecret: "$2a$04$WrongCanaryWrongCanar." },
  iamport: { impKey: SECRETS.iamport.impKey, impSecret: "canary-wrong-imp-secret" },
};
type Provider = keyof typeof SECRETS;

interface Subject extends TokenAuth {
  readonly fetch: typeof globalThis.fetch;
  call(init?: { signal?: AbortSignal }): Promise<unknown>;
  readonly url: string;
}

/** Client ids are not secret. Toss's and iamport's keys only identify, but must not appear either. */
const seen = new Set<string>();
const written: string[] = [];

beforeEach(() => {
  seen.clear();
  written.length = 0;
  for (const secrets of [...Object.values(SECRETS), ...Object.values(WRONG)]) {
    for (const [name, value] of Object.entries(secrets)) if (name !== "clientId") seen.add(value);
  }
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, "write").mockImplementation((chunk) => written.push(String(chunk)) > 0);
  }
  for (const method of ["log", "info", "warn", "error", "debug", "trace", "dir", "table"] as const) {
    vi.spyOn(console, method).mockImplementation((...all: unknown[]) => {
      written.push(inspect(all, { depth: 10 }));
    });
  }
});

afterEach(() => {
  expect(leaksIn(written.join("\n"), [...seen])).toEqual([]);
});

/** The platform's fetch, which notes each token and signature that passes: they are secrets, too. */
const watchingFetch: typeof globalThis.fetch = async (input, init) => {
  const authorization = new Headers(init?.headers).get("authorization");
  if (authorization !== null) seen.add(authorization.replace(/^Bearer /, ""));
  const { body } = init ?? {};
  const sent = new URLSearchParams(body instanceof Uint8Array ? new TextDecoder().decode(body) : String(body ?? ""));
  const signature = sent.get("client_secret_sign");
  if (signature !== null) seen.add(signature);
  const response = await globalThis.fetch(input, init);
  const [, token] =
    /"access_token":"([^"]+)"/.exec(
      await response
        .clone()
        .text()
        .catch(() => ""),
    ) ?? [];
  if (token !== undefined) seen.add(token);
  return response;
};

function startCanary() {
  return startEmulator({
    toss: { sellers: [SECRETS.toss], reissue: "same-token" },
    naver: { applications: [SECRETS.naver] },
    iamport: { accounts: [SECRETS.iamport], echoCredentials: true },
  });
}

/** A client whose cache reports everything and fails at once. Its clock runs, and can be moved. */
function subjectOf(
  provider: Provider,
  emulator: Emulator,
  options: TokenAuthOptions & { tokenUrl?: string } = {},
  secrets = SECRETS,
  given: (keys: object) => object = (keys) => keys,
) {
  const events: TokenEvent[] = [];
  const clock = new ManualClock({ ticking: true });
  const sdk = startSdk();
  const cache = new TokenCache({
    clock,
    maxAttempts: 1,
    observer: (event) => events.push(event),
    telemetry: openTelemetry({ ...sdk.providers, perIdentity: true, perLane: true }),
  });
  const { tokenUrl, apiBaseUrl } = emulator[provider];
  const all = { fetch: watchingFetch, rateLimit: false as const, cache, tokenUrl, apiBaseUrl, ...options };
  const ky = { retry: 0 };
  const make: Record<Provider, () => Subject> = {
    toss() {
      const { solutionCode } = emulator.toss.credentials;
      const auth = createTossShoppingAuth({ ...all, ...given(secrets.toss), solutionCode });
      const path = "products/categories/children";
      return {
        ...auth,
        url: `${apiBaseUrl}/${solutionCode}/${path}`,
        call: (init) => tossResult(auth.api.get(path, { ...ky, ...init })),
      };
    },
    naver() {
      const auth = createNaverCommerceAuth({ ...all, ...given(secrets.naver) });
      const path = "v1/seller/account";
      return {
        ...auth,
        url: `${apiBaseUrl}/${path}`,
        call: (init) => naverResult(auth.api.get(path, { ...ky, ...init })),
      };
    },
    iamport() {
      const auth = createIamportAuth({ ...all, ...given(secrets.iamport) });
      const path = "payments/imp_448280090638";
      return {
        ...auth,
        url: `${apiBaseUrl}/${path}`,
        call: (init) => iamportResult(auth.api.get(path, { ...ky, ...init })),
      };
    },
  };
  return { subject: make[provider](), events, clock, cache, telemetry: sdk.exported };
}

/** OpenTelemetry's SDK, and everything that it would export. */
function startSdk() {
  const reader = new MetricsInMemory();
  const spans = new InMemorySpanExporter();
  const spanProcessors = [new SimpleSpanProcessor({ exporter: spans })];
  return {
    providers: {
      meterProvider: new MeterProvider({ readers: [reader] }),
      tracerProvider: new TracerProvider({ spanProcessors }),
    },
    async exported() {
      const { resourceMetrics } = await reader.collect();
      const finished = spans.getFinishedSpans().map(({ name, attributes, status, events, links }) => {
        return { name, attributes, status, events, links };
      });
      return { metrics: resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics), spans: finished };
    },
  };
}

class MetricsInMemory extends MetricReader {
  protected override async onForceFlush() {}
  protected override async onShutdown() {}
}

/** Checks a failure's error, the events, and the objects that the application holds: none contains a secret. */
async function expectSilent(
  { subject, events, cache, telemetry }: ReturnType<typeof subjectOf>,
  failure: Promise<unknown>,
  what: string,
) {
  const thrown = await failure.then(
    (value) => expect.unreachable(`${what} did not fail: ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
  expect(seen.size).toBeGreaterThan(5);
  for (const each of [thrown, ...events, events, subject, subject.source, subject.peek(), cache]) {
    expect(leaksIn(each, [...seen]), what).toEqual([]);
  }
  const { metrics, spans } = await telemetry();
  expect(metrics.length).toBeGreaterThan(0);
  for (const each of [...metrics.map(json), ...spans.map(json)]) expect(leaksIn(each, [...seen]), what).toEqual([]);
  return thrown;
}

function json(value: unknown): string {
  return JSON.stringify(value);
}

type FaultOf = Fault extends infer Each ? (Each extends Fault ? Omit<Each, "endpoint"> : never) : never;

/** Answers of a server that echoes everything. */
const ECHO = JSON.stringify({
  ...SECRETS,
  error: "canary",
  code: "canary",
  message: Object.values(SECRETS.toss).join(),
});

const TOKEN_FAULTS: readonly FaultOf[] = [
  ...[400, 401, 403, 404, 418, 429, 500, 503].map((status) => ({ kind: "status" as const, status, body: ECHO })),
  ...[200, 401, 502].map((status) => ({ kind: "html" as const, status })),
  { kind: "empty" },
  { kind: "huge" },
  { kind: "hang" },
  { kind: "cut", when: "before-headers" },
  { kind: "cut", when: "mid-body" },
  { kind: "redirect", location: "http://127.0.0.1:1/?canary", status: 307 },
  { kind: "tokenless" },
  { kind: "null-response" },
  { kind: "expires-in" },
  { kind: "expires-in", value: -1 },
  { kind: "expires-in", value: "soon" },
  { kind: "provider-error", code: "invalid_client" },
  { kind: "provider-error", code: "GW.IP_NOT_ALLOWED" },
];

const API_FAULTS: readonly FaultOf[] = [
  ...[400, 401, 403, 404, 418, 429, 500, 503].map((status) => ({ kind: "status" as const, status })),
  ...[200, 401, 502].map((status) => ({ kind: "html" as const, status })),
  { kind: "empty" },
  { kind: "cut", when: "before-headers" },
  { kind: "cut", when: "mid-body" },
  { kind: "redirect", location: "http://127.0.0.1:1/", status: 302 },
  { kind: "provider-error" },
  { kind: "provider-error", code: "GW.AUTHN", status: 401 },
];

describe.each(Object.keys(SECRETS) as Provider[])("%s", (provider) => {
  it("keeps its secrets when a token request fails in any way", async () => {
    await using emulator = await startCanary();
    const codes = new Set<string>();
    for (const fault of TOKEN_FAULTS) {
      const isForeign = fault.kind === "null-response" && provider !== "iamport";
      const world = subjectOf(provider, emulator, fault.kind === "hang" ? { timeoutMs: 100 } : {});
      const remove = emulator.fault({
        endpoint: `${provider}.token`,
        ...(isForeign ? { kind: "empty" } : fault),
      } as Fault);
      const thrown = await expectSilent(world, world.subject.getToken(), JSON.stringify(fault));
      expect(TokenError.is(thrown), `${JSON.stringify(fault)}: ${thrown}`).toBe(true);
      if (TokenError.is(thrown)) codes.add(thrown.code);
      remove();
    }
    expect(codes.size).toBeGreaterThan(5);
  });

  it("keeps its secrets when they are wrong, the network fails, or a fetch throws all that it received", async () => {
    await using emulator = await startCanary();
    const wrong = subjectOf(provider, emulator, {}, WRONG);
    await expectSilent(wrong, wrong.subject.getToken(), "wrong secrets");

    const nobody = subjectOf(provider, emulator, { tokenUrl: "http://127.0.0.1:1/token" });
    await expectSilent(nobody, nobody.subject.call(), "no connection");

    const plain = createServer();
    await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
    const tlsUrl = `https://127.0.0.1:${(plain.address() as AddressInfo).port}/token`;
    const tls = subjectOf(provider, emulator, { tokenUrl: tlsUrl });
    await expectSilent(tls, tls.subject.call(), "no TLS");
    plain.close();

    const throwing = subjectOf(provider, emulator, {
      async fetch(input, init) {
        const error = new Error(
          `failed: ${input} ${init?.body instanceof Uint8Array ? new TextDecoder().decode(init.body) : init?.body}`,
        );
        throw Object.assign(error, { config: init, code: "ERR_CANARY", cause: new Error(JSON.stringify(SECRETS)) });
      },
    });
    const thrown = await expectSilent(throwing, throwing.subject.getToken(), "a fetch that tells all");
    expect(thrown).toMatchObject({ code: "network", message: expect.stringContaining("ERR_CANARY") });
  });

  it("keeps the secrets that a function fetches: in use, refused, malformed, and in all that it throws", async () => {
    await using emulator = await startCanary();
    const { [provider]: right } = SECRETS;
    const text = JSON.stringify(right);
    const telling = Object.assign(new Error(text), { name: text, code: text, cause: right });
    const functions: Record<string, () => unknown> = {
      refused: () => WRONG[provider],
      throws: () => Promise.reject(telling),
      "throws its secret": () => Promise.reject(Object.values(right)[1]),
      "returns a text": () => text,
      "returns white space": () =>
        Object.fromEntries(Object.entries(right).map(([name, value]) => [name, `${value} `])),
      "returns half": () => ({ other: text }),
    };
    for (const [what, credentials] of Object.entries(functions)) {
      const world = subjectOf(provider, emulator, {}, SECRETS, () => ({ credentials }));
      await expectSilent(world, world.subject.getToken(), what);
      expect(leaksIn(await world.subject.check(), [...seen]), what).toEqual([]);
    }
    const world = subjectOf(provider, emulator, {}, SECRETS, () => ({ credentials: async () => right }));
    await world.subject.getToken();
    for (const each of [...world.events, world.subject, world.subject.source, await world.subject.check()]) {
      expect(leaksIn(each, [...seen])).toEqual([]);
    }
  });

  it("keeps its tokens when an API call fails in any way", { timeout: 30_000 }, async () => {
    await using emulator = await startCanary();
    const classes = new Set<unknown>();
    for (const fault of API_FAULTS) {
      const world = subjectOf(provider, emulator);
      const { value } = await world.subject.getToken();
      expect([...seen]).toContain(value);
      world.clock.advance(5_000);
      const remove = emulator.fault({ endpoint: `${provider}.api`, ...fault } as Fault);
      const what = JSON.stringify(fault);
      const isSuccess = provider === "naver" && fault.kind === "empty";
      if (!isSuccess) classes.add((await expectSilent(world, world.subject.call(), what))?.constructor);
      const direct = await world.subject.fetch(world.subject.url).catch((error: unknown) => error);
      if (direct instanceof Error) expect(leaksIn(direct, [...seen]), what).toEqual([]);
      remove();
    }
    expect(classes).toContain({ toss: TossApiError, naver: NaverApiError, iamport: IamportApiError }[provider]);
    expect([...classes].some((each) => each === TokenError)).toBe(true);
  });

  it("keeps its tokens if a call is invalid or aborted, or its token is refused for good", async () => {
    await using emulator = await startCanary();
    const world = subjectOf(provider, emulator);
    const { subject, clock } = world;
    const token = await subject.getToken();
    clock.advance(5_000);
    const used = new Request(subject.url, { method: "POST", body: "text" });
    await used.text();
    const mistakes: [string, () => Promise<unknown>][] = [
      ["a foreign URL", () => subject.fetch("https://elsewhere.test/")],
      ["no URL", () => subject.fetch("elsewhere")],
      [
        "a header of one's own",
        () => subject.fetch(subject.url, { headers: { authorization: `Bearer ${token.value}` } }),
      ],
      ["a used Request", () => subject.fetch(used)],
      ["a GET with a body", () => subject.fetch(subject.url, { body: "text" })],
      ["given up before", () => subject.fetch(subject.url, { signal: AbortSignal.abort() })],
    ];
    for (const [what, call] of mistakes) await expectSilent(world, call(), what);

    emulator.fault({ endpoint: `${provider}.api`, kind: "hang", times: 1 });
    await expectSilent(world, subject.call({ signal: AbortSignal.timeout(50) }), "given up meanwhile");

    emulator.revoke(provider, undefined, { reissue: "same-token" });
    expect(await expectSilent(world, subject.call(), "refused")).toMatchObject({ code: "token_refused" });
    await world.cache.close();
    expect(await expectSilent(world, subject.call(), "closed")).toMatchObject({ code: "closed" });
  });

  it("keeps unusable secrets out of the error that says so", () => {
    const padded = " canary-padded-secret ";
    for (const make of [
      () => createTossShoppingAuth({ accessKey: "key", secretKey: padded }),
      () => createNaverCommerceAuth({ clientId: "id", clientSecret: "canary-no-salt" }),
      () => createIamportAuth({ impKey: "key", impSecret: padded }),
    ]) {
      expect(make).toThrow(TokenError);
      try {
        make();
      } catch (error) {
        expect(leaksIn(error, ["canary-padded-secret", "canary-no-salt"])).toEqual([]);
      }
    }
  });
});

describe("the search itself", () => {
  it("covers every failure: a leak in an error, an event or the output is found", async () => {
    await using emulator = await startCanary();
    const world = subjectOf("naver", emulator);
    const { value } = await world.subject.getToken();
    const leaking = Promise.reject(new Error(`Bearer ${value}`));
    await expect(expectSilent(world, leaking, "a leak")).rejects.toThrow("a leak");
    const exporting = { ...world, telemetry: async () => ({ metrics: [{ value }], spans: [] }) as never };
    await expect(expectSilent(exporting, Promise.reject(new Error("failed")), "a metric")).rejects.toThrow("a metric");
    world.events.push({ type: value } as unknown as TokenEvent);
    const silent = Promise.reject(new Error("failed"));
    await expect(expectSilent(world, silent, "an event")).rejects.toThrow("an event");

    console.error("failed", { headers: { authorization: `Bearer ${value}` } });
    expect(leaksIn(written.splice(0), [...seen])).toContain(value);
    const signature = [...seen].at(-2);
    process.stdout.write(`signed ${signature}`);
    // A bcrypt hash begins with its salt, which is Naver's client secret: a signature reveals both.
    expect(leaksIn(written.splice(0), [...seen])).toEqual([SECRETS.naver.clientSecret, signature]);
  });

  const secret = "canary+/=&";
  const error = (message: string, more: object = {}) => Object.assign(new Error(message), more);

  it.each<[string, unknown]>([
    ["a message", error(`failed with ${secret}`)],
    ["a cause", new Error("failed", { cause: new Error("why", { cause: { body: secret } }) })],
    ["a property ten deep", error("failed", { a: { b: { c: { d: { e: { f: { g: { h: { i: secret } } } } } } } } })],
    ["a property that is not enumerable", Object.defineProperty(error("failed"), "request", { value: { secret } })],
    ["headers", error("failed", { headers: new Headers({ authorization: `Bearer ${secret}` }) })],
    ["a form", error("failed", { body: new URLSearchParams({ secret }).toString() })],
    ["a Map", new Map([["token", secret]])],
    ["toJSON", { toJSON: () => ({ secret }) }],
    ["base64", `Basic ${btoa(secret)}`],
    ["what was written", [`${secret}\n`].join("")],
  ])("finds a leak in %s", (_, value) => {
    expect(leaksIn(value, ["other", secret])).toEqual([secret]);
  });
});
