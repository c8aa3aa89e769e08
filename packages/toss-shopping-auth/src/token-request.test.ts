import { leaksIn } from "@x/testing/leaks";
import { json, startRecorder } from "@x/testing/recorder";
import { TokenError, type TokenErrorCode } from "@x/token-cache-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emulated, failureOf } from "./emulated.test-support.ts";
import { createTossShoppingAuth } from "./index.ts";
import { buildTokenRequest, parseTokenAnswer } from "./token-request.ts";

const CANARY = { accessKey: "canary-access-key-3f9a", secretKey: "canary+secret/key=9b2e" };
const SCOPE = "toss-shopping-fep:write";
const SENT_AT = { wall: 1_794_713_600_123, monotonic: 5_000 };
const TOKEN = { access_token: "a-token", scope: SCOPE, token_type: "Bearer", expires_in: 3599 };

/** Judges an answer with this body. */
function judged(
  body: unknown,
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
) {
  return parseTokenAnswer({ status, headers: new Headers(headers), body, sentAt: SENT_AT, receivedAt: SENT_AT });
}

async function errorOf(...answer: Parameters<typeof judged>): Promise<TokenError> {
  try {
    await judged(...answer);
  } catch (error) {
    if (TokenError.is(error)) return error;
    throw error;
  }
  throw new Error("the answer was taken for a token");
}

describe("the token request", () => {
  it("is the documented form, byte for byte", async () => {
    await using server = await startRecorder((response) => json(response, 200, TOKEN));
    await using toss = createTossShoppingAuth({ ...CANARY, tokenUrl: `${server.origin}/token` });
    await toss.getToken();

    const [request] = server.requests;
    expect(server.requests).toHaveLength(1);
    expect(request).toMatchObject({ method: "POST", target: "/token" });
    expect(request?.body).toBe(
      "grant_type=client_credentials&client_id=canary-access-key-3f9a&client_secret=canary%2Bsecret%2Fkey%3D9b2e" +
        "&scope=toss-shopping-fep%3Awrite",
    );
    expect(request?.headers).toMatchObject({
      "content-type": "application/x-www-form-urlencoded",
      accept: "application/json",
      "content-length": String(request?.body.length),
    });
    expect(Object.keys(request?.headers ?? {})).not.toContain("authorization");
    expect(Object.keys(request?.headers ?? {})).not.toContain("cookie");
  });

  it("arrives at the provider with the documented parameters only, and nothing in the query string", async () => {
    await using world = await emulated();
    await world.createAuth().getToken();
    expect(world.emulator.journal).toMatchObject([
      {
        endpoint: "toss.token",
        method: "POST",
        queryNames: [],
        contentType: "application/x-www-form-urlencoded",
        body: {
          parameters: [
            { name: "grant_type", value: "client_credentials" },
            { name: "client_id" },
            { name: "client_secret" },
            { name: "scope", value: SCOPE },
          ],
        },
        status: 200,
      },
    ]);
  });

  it("keeps whatever keys there are inside their parameters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (accessKey, secretKey) => {
        const form = new URLSearchParams(buildTokenRequest({ accessKey, secretKey }, SCOPE).body);
        expect([...form]).toEqual([
          ["grant_type", "client_credentials"],
          ["client_id", accessKey.toWellFormed()],
          ["client_secret", secretKey.toWellFormed()],
          ["scope", SCOPE],
        ]);
      }),
    );
  });
});

describe("an answer with a token", () => {
  it("gives the value, the granted scope, and a life that began when the request was sent", async () => {
    expect(await judged(TOKEN)).toEqual({ value: "a-token", scope: SCOPE, lifetimeMs: 3_599_000, sentAt: SENT_AT });
  });

  it.each([
    ["an hour", 3599, 3_599_000],
    ["a year", 31_535_999, 31_535_999_000],
    ["a string of digits", "3600", 3_600_000],
    ["a fraction", 0.5, 500],
  ])("case 11: expires_in as %s is read", async (_what, expires_in, lifetimeMs) => {
    expect((await judged({ ...TOKEN, expires_in })).lifetimeMs).toBe(lifetimeMs);
  });

  it.each([
    ["missing", undefined],
    ["null", null],
    ["NaN", Number.NaN],
    ["a word", "soon"],
    ["empty", ""],
    ["a number with a sign", "-1"],
    ["a number in hex", "0x10"],
    ["a list", [3600]],
    ["true", true],
  ])("case 11: expires_in %s is no answer of Toss", async (_what, expires_in) => {
    expect((await errorOf({ ...TOKEN, expires_in })).code).toBe("invalid_response");
  });

  it.each([-1, 0, 1e12, 1e308, "0", null])("case 11: no token is handed out whose expires_in is %j", async (value) => {
    await using world = await emulated();
    world.emulator.fault({ endpoint: "toss.token", kind: "expires-in", value });
    await expect(world.createAuth().getToken()).rejects.toMatchObject({ code: "invalid_response" });
    expect(world.emulator.requestCount("toss.token")).toBe(3);
  });

  it.each([
    ["no access_token", { access_token: undefined }],
    ["an access_token that is no string", { access_token: 1 }],
    ["another token type", { token_type: "mac" }],
    ["an error beside it", { error: "server_error" }],
  ])("with %s is refused", async (_what, changes) => {
    expect(["invalid_response", "provider_unavailable"]).toContain((await errorOf({ ...TOKEN, ...changes })).code);
  });

  it.each([["two words"], ["line\nend"], [""], ["한글"]])("whose value is %j is refused", async (value) => {
    await using server = await startRecorder((response) => json(response, 200, { ...TOKEN, access_token: value }));
    await using world = await emulated();
    const toss = world.createAuth({ tokenUrl: server.origin });
    await expect(toss.getToken()).rejects.toMatchObject({ code: "invalid_response" });
  });

  it("is taken with HTTP 200 only, for the value and the lifetime that it says, whatever else it holds", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 200, max: 599 }), anyBody(), async (status, body) => {
        let issued: Awaited<ReturnType<typeof judged>>;
        try {
          issued = await judged(body, { status });
        } catch (error) {
          expect(TokenError.is(error)).toBe(true);
          return;
        }
        expect(status).toBe(200);
        const { access_token, expires_in } = body as typeof TOKEN;
        expect(issued.value).toBe(access_token);
        expect(issued.lifetimeMs).toBe(Number(expires_in) * 1_000);
      }),
    );
  });
});

describe("an answer without a token", () => {
  const FAILURES: [status: number, error: string, code: TokenErrorCode, hint: RegExp][] = [
    [400, "invalid_client", "invalid_credentials", /access key and secret key/],
    [401, "invalid_client", "invalid_credentials", /access key and secret key/],
    [400, "invalid_grant", "invalid_credentials", /access key and secret key/],
    [401, "invalid_grant", "invalid_credentials", /access key and secret key/],
    [400, "unauthorized_client", "permission_denied", /Ask Toss/],
    [401, "unauthorized_client", "permission_denied", /Ask Toss/],
    [400, "access_denied", "permission_denied", /IP allow-list/],
    [403, "access_denied", "permission_denied", /IP allow-list/],
    [400, "invalid_scope", "permission_denied", /option scope/],
    [400, "invalid_request", "invalid_options", /tokenUrl/],
    [400, "unsupported_grant_type", "invalid_options", /tokenUrl/],
    [400, "temporarily_unavailable", "provider_unavailable", /later/],
    [500, "server_error", "provider_unavailable", /later/],
    [503, "temporarily_unavailable", "provider_unavailable", /later/],
    [500, "invalid_client", "provider_unavailable", /later/],
    [200, "server_error", "provider_unavailable", /later/],
    [200, "invalid_client", "invalid_credentials", /access key and secret key/],
    [429, "too_many_requests", "rate_limited", /one cache/],
  ];

  it.each(FAILURES)("HTTP %i %s is %s", async (status, error, code, hint) => {
    const failure = await errorOf({ error, error_description: "a description" }, { status });
    expect(failure).toMatchObject({ code, providerStatus: status, providerCode: error, provider: "toss-shopping" });
    expect(failure.message).toMatch(hint);
    expect(failure.message).not.toContain("a description");
  });

  const BARE: [status: number, code: TokenErrorCode][] = [
    [200, "invalid_response"],
    [204, "invalid_response"],
    [400, "invalid_credentials"],
    [401, "invalid_credentials"],
    [403, "permission_denied"],
    [404, "invalid_options"],
    [418, "invalid_response"],
    [429, "rate_limited"],
    [500, "provider_unavailable"],
    [502, "provider_unavailable"],
    [503, "provider_unavailable"],
    [504, "provider_unavailable"],
  ];
  const BODIES = [undefined, null, "", [], {}, { error: null }, { error: "unheard_of" }, { error: "constructor" }];

  it.each(BARE)("HTTP %i with a body that says nothing is %s", async (status, code) => {
    for (const body of BODIES) expect((await errorOf(body, { status })).code, JSON.stringify(body)).toBe(code);
  });

  it("says how long to wait where Toss does, in seconds or as a date by Toss's own clock", async () => {
    const wait = async (headers: Record<string, string>) => (await errorOf({}, { status: 429, headers })).retryAfterMs;
    expect(await wait({})).toBeUndefined();
    expect(await wait({ "retry-after": "7" })).toBe(7_000);
    expect(await wait({ "retry-after": new Date(SENT_AT.wall + 30_000).toUTCString() })).toBeGreaterThan(28_000);
    expect(await wait({ "retry-after": "soon" })).toBeUndefined();
  });

  it.each([400, 401] as const)("case 18: wrong keys are told so, with HTTP %i too", async (errorStatus) => {
    await using world = await emulated({ toss: { errorStatus } });
    const failure = await failureOf(world.createAuth(CANARY).getToken());
    expect(failure).toMatchObject({ code: "invalid_credentials", retryable: false, providerStatus: errorStatus });
    expect(world.emulator.requestCount("toss.token")).toBe(1);
  });

  it("case 29: an HTML page, an empty body and an error inside a 200 have codes of their own", async () => {
    await using world = await emulated();
    const { emulator, createAuth, life } = world;
    const outcome = async (fault: Parameters<typeof emulator.fault>[0]) => {
      const lift = emulator.fault(fault);
      const failure = await failureOf(createAuth().getToken());
      lift();
      life.pass(3_600_000);
      return failure.code;
    };
    expect(await outcome({ endpoint: "toss.token", kind: "html" })).toBe("provider_unavailable");
    expect(await outcome({ endpoint: "toss.token", kind: "html", status: 200 })).toBe("invalid_response");
    expect(await outcome({ endpoint: "toss.token", kind: "empty" })).toBe("invalid_response");
    expect(await outcome({ endpoint: "toss.token", kind: "empty", status: 503 })).toBe("provider_unavailable");
    expect(await outcome({ endpoint: "toss.token", kind: "tokenless" })).toBe("provider_unavailable");
    expect(await outcome({ endpoint: "toss.token", kind: "cut" })).toBe("network");
    expect(await outcome({ endpoint: "toss.token", kind: "cut", when: "mid-body" })).toBe("network");
    expect((await createAuth().getToken()).value).toBeTruthy();
  });

  it.each([true, false])("case 29: 2 MiB of body are refused, length declared: %s", async (declareLength) => {
    await using world = await emulated({ cache: { maxAttempts: 1 } });
    world.emulator.fault({ endpoint: "toss.token", kind: "huge", declareLength });
    await expect(world.createAuth().getToken()).rejects.toMatchObject({
      code: "invalid_response",
      providerStatus: 200,
    });
  });

  it("case 29: a body without end is left after a bounded part of it", async () => {
    let hungUp: () => void = () => {};
    const left = new Promise<void>((resolve) => {
      hungUp = resolve;
    });
    await using server = await startRecorder((response) => {
      const more = () => {
        while (response.write(Buffer.alloc(64 * 1024, " ")));
      };
      response.on("drain", more).on("close", hungUp);
      more();
    });
    await using world = await emulated({ cache: { maxAttempts: 1 } });
    await expect(world.createAuth({ tokenUrl: server.origin }).getToken()).rejects.toMatchObject({
      code: "invalid_response",
    });
    await left;
  });
});

describe("case 23: secrets", () => {
  const { accessKey, secretKey } = CANARY;
  const secrets = [secretKey];

  it("are not in an error, whatever part of the answer repeats them", async () => {
    const echo = `${accessKey} ${secretKey}`;
    const bodies = [
      { error: "invalid_client", error_description: echo },
      { error: echo, error_description: echo },
      { error: "invalid_client", [secretKey]: secretKey, error_uri: `https://toss.im/?${secretKey}` },
      echo,
      [echo],
    ];
    for (const body of bodies) {
      for (const status of [200, 400, 401, 403, 429, 500]) {
        expect(leaksIn(await errorOf(body, { status }), secrets)).toEqual([]);
      }
    }
  });

  it("are not taken for an error code, though they may look like one to others", async () => {
    for (const secret of ["tsk1QxV83bLmZ0aH5rUw", "live_sk_9f3b2c71", "E3B0-C442.98FC"]) {
      expect(leaksIn(await errorOf({ error: secret }, { status: 400 }), [secret])).toEqual([]);
    }
    expect(await errorOf({ error: "temporarily_unavailable" }, { status: 400 })).toMatchObject({
      providerCode: "temporarily_unavailable",
    });
  });

  it("are not in an error or an event of a request that failed on the way", async () => {
    await using world = await emulated();
    const boom = new TypeError(`cannot send ${secretKey}`, { cause: { body: secretKey, code: "ECONNRESET" } });
    const failing: (typeof globalThis.fetch)[] = [
      () => Promise.reject(boom),
      () => Promise.reject(secretKey),
      () => Promise.resolve(new Response(secretKey, { status: 502 })),
    ];
    for (const fetch of failing) {
      const toss = world.createAuth({ ...CANARY, fetch, scope: `scope-${failing.indexOf(fetch)}` });
      const failure = await failureOf(toss.getToken());
      expect(leaksIn(failure, secrets)).toEqual([]);
      expect(leaksIn(toss, secrets)).toEqual([]);
    }
    expect(world.life.events.length).toBeGreaterThan(3);
    expect(leaksIn(world.life.events, [...secrets, accessKey])).toEqual([]);
  });

  it("nor is the token in what a program might print of it", async () => {
    await using world = await emulated();
    const toss = world.createAuth();
    const token = await toss.getToken();
    await toss.getToken();
    expect(token.value.length).toBeGreaterThan(20);
    expect(leaksIn({ token, toss, events: world.life.events }, [token.value])).toEqual([]);
  });

  it("are found by this search where they are", () => {
    const careless = new Error("failed", { cause: new Error(`with client_secret=${encodeURIComponent(secretKey)}`) });
    expect(leaksIn(careless, secrets)).toEqual(secrets);
    expect(leaksIn({ deep: { down: { here: secretKey } } }, secrets)).toEqual(secrets);
  });
});

function anyBody() {
  const lifetime = fc.oneof(fc.double(), fc.integer(), fc.string(), fc.constantFrom("3600", null, undefined, true));
  return fc.oneof(
    fc.anything(),
    fc.record(
      {
        access_token: fc.oneof(fc.string(), fc.anything()),
        expires_in: lifetime,
        token_type: fc.constantFrom("Bearer", "bearer", "mac", 1),
        error: fc.string(),
      },
      { requiredKeys: [] },
    ),
  );
}
