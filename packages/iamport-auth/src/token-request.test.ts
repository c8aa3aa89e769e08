import { leaksIn } from "@x/testing/leaks";
import { json, startRecorder } from "@x/testing/recorder";
import { TokenError, type TokenErrorCode } from "@x/token-cache-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emulated, failureOf } from "./emulated.test-support.ts";
import { createIamportAuth } from "./index.ts";
import { buildTokenRequest, parseTokenAnswer } from "./token-request.ts";

const CANARY = { impKey: "canary-imp-key-3f9a", impSecret: "canary+secret/key=9b2e" };
const SENT_AT = { wall: 1_512_446_940_123, monotonic: 5_000 };
/** The guide's own example. */
const TOKEN = {
  access_token: "a9ace025c90c0da2161075da6ddd3492a2fca776",
  now: 1_512_446_940,
  expired_at: 1_512_448_740,
};

const answerWith = (changes: object) => ({ code: 0, message: null, response: { ...TOKEN, ...changes } });

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
  it("is the documented JSON, byte for byte", async () => {
    await using server = await startRecorder((response) => json(response, 200, answerWith({})));
    await using iamport = createIamportAuth({ ...CANARY, tokenUrl: `${server.origin}/users/getToken` });
    await iamport.getToken();

    const [request] = server.requests;
    expect(server.requests).toHaveLength(1);
    expect(request).toMatchObject({ method: "POST", target: "/users/getToken" });
    expect(request?.body).toBe('{"imp_key":"canary-imp-key-3f9a","imp_secret":"canary+secret/key=9b2e"}');
    expect(request?.headers).toMatchObject({
      "content-type": "application/json",
      accept: "application/json",
      "content-length": String(request?.body.length),
    });
    expect(Object.keys(request?.headers ?? {})).not.toContain("authorization");
    expect(Object.keys(request?.headers ?? {})).not.toContain("tier");
  });

  it("arrives at the provider with key and secret only, and nothing in the query string", async () => {
    await using world = await emulated();
    await world.createAuth({ tier: "001" }).getToken();
    expect(world.emulator.journal).toMatchObject([
      {
        endpoint: "iamport.token",
        method: "POST",
        queryNames: [],
        contentType: "application/json",
        body: { parameters: [{ name: "imp_key" }, { name: "imp_secret" }] },
        status: 200,
      },
    ]);
  });

  it("keeps whatever keys there are inside their fields", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (impKey, impSecret) => {
        const body = JSON.parse(buildTokenRequest({ impKey, impSecret }).body);
        expect(body).toEqual({ imp_key: impKey, imp_secret: impSecret });
      }),
    );
  });
});

describe("an answer with a token", () => {
  it("gives the value, iamport's time, and a life that began when the request was sent", async () => {
    expect(await judged(answerWith({}))).toEqual({
      value: TOKEN.access_token,
      lifetimeMs: 1_800_000,
      sentAt: SENT_AT,
      serverTimeMs: 1_512_446_940_000,
    });
  });

  it.each([
    ["an hour", { expired_at: TOKEN.now + 3_600 }, 3_600_000],
    ["a year", { expired_at: TOKEN.now + 31_535_999 }, 31_535_999_000],
    ["a second", { expired_at: TOKEN.now + 1 }, 1_000],
    ["strings of digits", { now: "1512446940", expired_at: "1512448740" }, 1_800_000],
    ["a day of another century", { now: 0, expired_at: 1_800 }, 1_800_000],
  ])("case 11: a life of %s is what lies between iamport's two times", async (_what, changes, lifetimeMs) => {
    expect((await judged(answerWith(changes))).lifetimeMs).toBe(lifetimeMs);
  });

  const NONSENSE = [undefined, null, Number.NaN, Number.POSITIVE_INFINITY, "soon", "", "-1", [TOKEN.now], true, 0.5];
  it.each(["now", "expired_at"])("case 11: no answer of iamport has a nonsensical %s", async (field) => {
    for (const value of NONSENSE)
      expect((await errorOf(answerWith({ [field]: value }))).code, String(value)).toBe("invalid_response");
  });

  it.each([-1, 0, 1e12, null, "soon"])("case 11: no token is handed out that lives %j s", async (value) => {
    await using world = await emulated();
    world.emulator.fault({ endpoint: "iamport.token", kind: "expires-in", value });
    await expect(world.createAuth().getToken()).rejects.toMatchObject({ code: "invalid_response" });
    expect(world.emulator.requestCount("iamport.token")).toBe(3);
  });

  it.each([
    ["no access_token", answerWith({ access_token: undefined })],
    ["an access_token that is no string", answerWith({ access_token: 1 })],
    ["another code", { ...answerWith({}), code: 1 }],
    ["a code that is no number", { ...answerWith({}), code: "0" }],
    ["no code", { ...answerWith({}), code: undefined }],
  ])("with %s is refused", async (_what, body) => {
    expect((await errorOf(body)).code).toBe("invalid_response");
  });

  it.each([["two words"], ["line\nend"], [""], ["한글"]])("whose value is %j is refused", async (value) => {
    await using server = await startRecorder((response) => json(response, 200, answerWith({ access_token: value })));
    await using world = await emulated();
    const iamport = world.createAuth({ tokenUrl: server.origin });
    await expect(iamport.getToken()).rejects.toMatchObject({ code: "invalid_response" });
  });

  it("is taken with HTTP 200 only, with a positive, finite lifetime, whatever else it holds", async () => {
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
        expect(issued.value).toBe((body as ReturnType<typeof answerWith>).response.access_token);
        expect(issued.lifetimeMs).toBeGreaterThan(0);
        expect(Number.isFinite(issued.lifetimeMs)).toBe(true);
      }),
    );
  });
});

describe("an answer without a token", () => {
  const BAD_KEYS = "인증에 실패하였습니다. API키와 secret을 확인하세요.";
  const MISSING_KEYS = "imp_key, imp_secret 파라메터가 누락되었습니다.";
  const ECHO = `${BAD_KEYS} (imp_key: ${CANARY.impKey}, imp_secret: ${CANARY.impSecret})`;

  const FAILURES: [status: number, message: string | null, code: TokenErrorCode, hint: RegExp][] = [
    [401, BAD_KEYS, "invalid_credentials", /key and secret/],
    [401, ECHO, "invalid_credentials", /key and secret/],
    [401, null, "invalid_credentials", /key and secret/],
    [200, BAD_KEYS, "invalid_credentials", /key and secret/],
    [200, ECHO, "invalid_credentials", /key and secret/],
    [400, MISSING_KEYS, "invalid_options", /impKey, impSecret/],
    [400, BAD_KEYS, "invalid_credentials", /key and secret/],
    [200, MISSING_KEYS, "invalid_options", /impKey, impSecret/],
    [403, "Forbidden", "permission_denied", /admin console/],
    [429, "Too Many Requests", "rate_limited", /one cache/],
    [500, "Internal Server Error", "provider_unavailable", /later/],
    [500, BAD_KEYS, "provider_unavailable", /later/],
    [200, "unheard of", "invalid_response", /tokenUrl/],
  ];

  it.each(FAILURES)("HTTP %i with code -1 and %j is %s", async (status, message, code, hint) => {
    const failure = await errorOf({ code: -1, message, response: null }, { status });
    expect(failure).toMatchObject({ code, providerStatus: status, providerCode: "-1", provider: "iamport" });
    expect(failure.message).toMatch(hint);
    expect(leaksIn(failure, [CANARY.impKey, CANARY.impSecret])).toEqual([]);
  });

  const BARE: [status: number, code: TokenErrorCode][] = [
    [200, "invalid_response"],
    [204, "invalid_response"],
    [400, "invalid_options"],
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
  const BODIES = [undefined, null, "", [], {}, { code: "constructor" }, { code: 0, message: null, response: null }];

  it.each(BARE)("HTTP %i with a body that says nothing is %s", async (status, code) => {
    for (const body of BODIES) {
      const failure = await errorOf(body, { status });
      expect(failure.code, JSON.stringify(body)).toBe(code);
      expect(failure.providerCode).toBeUndefined();
    }
  });

  it("says how long to wait where iamport does, in seconds or as a date by iamport's own clock", async () => {
    const wait = async (headers: Record<string, string>) => (await errorOf({}, { status: 429, headers })).retryAfterMs;
    expect(await wait({})).toBeUndefined();
    expect(await wait({ "retry-after": "7" })).toBe(7_000);
    expect(await wait({ "retry-after": new Date(SENT_AT.wall + 30_000).toUTCString() })).toBeGreaterThan(28_000);
    expect(await wait({ "retry-after": "soon" })).toBeUndefined();
  });

  it.each([false, true])(
    "case 18: wrong keys are told so, whether iamport repeats them: %s",
    async (echoCredentials) => {
      await using world = await emulated({ iamport: { echoCredentials } });
      const failure = await failureOf(world.createAuth(CANARY).getToken());
      expect(failure).toMatchObject({ code: "invalid_credentials", retryable: false, providerStatus: 401 });
      expect(leaksIn([failure, world.life.events], [CANARY.impKey, CANARY.impSecret])).toEqual([]);
      expect(world.emulator.requestCount("iamport.token")).toBe(1);
    },
  );

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
    expect(await outcome({ endpoint: "iamport.token", kind: "html" })).toBe("provider_unavailable");
    expect(await outcome({ endpoint: "iamport.token", kind: "html", status: 200 })).toBe("invalid_response");
    expect(await outcome({ endpoint: "iamport.token", kind: "empty" })).toBe("invalid_response");
    expect(await outcome({ endpoint: "iamport.token", kind: "empty", status: 503 })).toBe("provider_unavailable");
    expect(await outcome({ endpoint: "iamport.token", kind: "tokenless" })).toBe("invalid_credentials");
    expect(await outcome({ endpoint: "iamport.token", kind: "null-response" })).toBe("invalid_response");
    expect(await outcome({ endpoint: "iamport.token", kind: "cut" })).toBe("network");
    expect(await outcome({ endpoint: "iamport.token", kind: "cut", when: "mid-body" })).toBe("network");
    expect((await createAuth().getToken()).value).toBeTruthy();
  });

  it.each([true, false])("case 29: 2 MiB of body are refused, length declared: %s", async (declareLength) => {
    await using world = await emulated({ cache: { maxAttempts: 1 } });
    world.emulator.fault({ endpoint: "iamport.token", kind: "huge", declareLength });
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
  const { impKey, impSecret } = CANARY;
  const secrets = [impSecret];

  it("are not in an error, whatever part of the answer repeats them", async () => {
    const echo = `${impKey} ${impSecret}`;
    const bodies = [
      { code: -1, message: echo, response: null },
      { code: -1, message: null, response: { access_token: echo, now: echo, expired_at: echo } },
      { code: echo, message: echo, response: echo },
      { code: 0, message: echo, response: null, [impSecret]: impSecret },
      echo,
      [echo],
    ];
    for (const body of bodies) {
      for (const status of [200, 400, 401, 403, 429, 500]) {
        expect(leaksIn(await errorOf(body, { status }), secrets)).toEqual([]);
      }
    }
  });

  it("are not in an error or an event of a request that failed on the way", async () => {
    await using world = await emulated();
    const boom = new TypeError(`cannot send ${impSecret}`, { cause: { body: impSecret, code: "ECONNRESET" } });
    const failing: (typeof globalThis.fetch)[] = [
      () => Promise.reject(boom),
      () => Promise.reject(impSecret),
      () => Promise.resolve(new Response(impSecret, { status: 502 })),
    ];
    for (const fetch of failing) {
      const iamport = world.createAuth({ ...CANARY, impKey: `${impKey}-${failing.indexOf(fetch)}`, fetch });
      const failure = await failureOf(iamport.getToken());
      expect(leaksIn(failure, secrets)).toEqual([]);
      expect(leaksIn(iamport, secrets)).toEqual([]);
    }
    expect(world.life.events.length).toBeGreaterThan(3);
    expect(leaksIn(world.life.events, [...secrets, impKey])).toEqual([]);
  });

  it("nor is the token in what a program might print of it", async () => {
    await using world = await emulated();
    const iamport = world.createAuth();
    const token = await iamport.getToken();
    await iamport.getToken();
    expect(token.value.length).toBeGreaterThan(20);
    expect(leaksIn({ token, iamport, events: world.life.events }, [token.value])).toEqual([]);
  });

  it("are found by this search where they are", () => {
    const careless = new Error("failed", { cause: new Error(`with imp_secret=${encodeURIComponent(impSecret)}`) });
    expect(leaksIn(careless, secrets)).toEqual(secrets);
    expect(leaksIn({ deep: { down: { here: impSecret } } }, secrets)).toEqual(secrets);
  });
});

function anyBody() {
  const seconds = fc.oneof(
    fc.double(),
    fc.integer(),
    fc.string(),
    fc.constantFrom("1512446940", null, undefined, true),
  );
  const response = fc.record(
    { access_token: fc.oneof(fc.string(), fc.anything()), now: seconds, expired_at: seconds },
    { requiredKeys: [] },
  );
  const code = fc.oneof(fc.constantFrom(0, -1, "0"), fc.anything());
  const message = fc.oneof(fc.string(), fc.anything());
  return fc.oneof(
    fc.anything(),
    fc.record({ code, message, response: fc.oneof(response, fc.anything()) }, { requiredKeys: [] }),
  );
}
