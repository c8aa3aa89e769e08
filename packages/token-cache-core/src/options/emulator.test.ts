import { beforeEach, describe, expect, test, vi } from "vitest";
import { TokenError } from "../contract/token-error.ts";
import { checkUrl } from "./checks.ts";
import { emulatedFetch, emulatedOptions, type ProviderOnEmulator } from "./emulator.ts";

interface Options {
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly tokenUrl?: string;
  readonly apiBaseUrl?: string;
  readonly timeoutMs?: number;
}

const EMULATOR: ProviderOnEmulator<Options> = {
  realApiBaseUrls: ["https://api.test/external", "https://second.test"],
  tokenPath: "/p/token",
  apiPath: "/p",
  credentials: { clientId: "emulated-id", clientSecret: "emulated-secret" },
};
const EMULATED = {
  ...EMULATOR.credentials,
  tokenUrl: "http://127.0.0.1:4010/p/token",
  apiBaseUrl: "http://127.0.0.1:4010/p",
};
const REAL: Options = { clientId: "real-id", clientSecret: "canary-secret", timeoutMs: 7 };

function optionsWith(variable: string, options = REAL, hosts?: string): Options {
  vi.stubEnv("COMMERCE_AUTH_EMULATOR", variable);
  vi.stubEnv("COMMERCE_AUTH_EMULATOR_HOSTS", hosts);
  return { ...emulatedOptions("p", options, EMULATOR) };
}

function refusal(variable: string, hosts?: string): TokenError {
  try {
    optionsWith(variable, REAL, hosts);
  } catch (error) {
    if (TokenError.is(error)) return error;
    throw error;
  }
  return expect.unreachable("an error was expected");
}

beforeEach(() => {
  vi.stubEnv("COMMERCE_AUTH_EMULATOR", undefined);
  vi.stubEnv("COMMERCE_AUTH_EMULATOR_HOSTS", undefined);
});

describe("options without COMMERCE_AUTH_EMULATOR", () => {
  test("do not change", () => {
    expect(emulatedOptions("p", REAL, EMULATOR)).toBe(REAL);
    expect(optionsWith("")).toEqual(REAL);
  });
});

describe("options with COMMERCE_AUTH_EMULATOR", () => {
  test.each(["http://127.0.0.1:4010", "http://127.0.0.1:4010/"])("are the emulator's: %s", (variable) => {
    expect(optionsWith(variable)).toEqual({ ...EMULATED, timeoutMs: 7 });
  });

  test.each([
    ["real URLs", { tokenUrl: "https://oauth.test/token", apiBaseUrl: "https://api.test/partner" }],
    ["the emulator's host under another scheme", { tokenUrl: "https://emulator.test/token" }],
    ["a host that looks like this machine", { tokenUrl: "http://127.0.0.1.evil.test/token" }],
    ["a token URL that is none", { tokenUrl: "/token" }],
    ["a token URL that is no text", { tokenUrl: new URL("http://127.0.0.1:5000/token") as never }],
  ])("hold no real credentials, whatever else they hold: %s", (_what, urls) => {
    const options = optionsWith("http://127.0.0.1:4010", { ...REAL, ...urls });
    expect(options).toEqual({ ...EMULATED, timeoutMs: 7 });
    expect(JSON.stringify(options)).not.toContain("canary");
  });

  test("stay as they are if they name a server on this machine: another emulator in a test", () => {
    const options = { ...REAL, tokenUrl: "http://127.0.0.1:5000/token", apiBaseUrl: "http://127.0.0.1:5000" };
    expect(optionsWith("http://127.0.0.1:4010", options)).toEqual(options);
  });

  test("are read once, without a polluted prototype", () => {
    Object.defineProperty(Object.prototype, "apiBaseUrl", { value: "https://evil.test", configurable: true });
    try {
      vi.stubEnv("COMMERCE_AUTH_EMULATOR", "http://localhost:1");
      const options = emulatedOptions("p", REAL, { ...EMULATOR, credentials: {} });
      expect(options.apiBaseUrl).toBe("http://localhost:1/p");
      expect(Object.getPrototypeOf(options)).toBeNull();
    } finally {
      Reflect.deleteProperty(Object.prototype, "apiBaseUrl");
    }
  });

  test.each(["http://localhost:4010", "http://[::1]:4010", "http://127.1.2.3", "https://127.0.0.1:4010"])(
    "are for this machine: %s",
    (variable) => {
      expect(optionsWith(variable).tokenUrl).toBe(`${variable}/p/token`);
    },
  );

  test.each([
    "http://emulator:4010",
    "http://10.0.0.5:4010",
    "https://api.commerce.example",
    "http://127.0.0.1.evil.test",
    "http://localhost.evil.test",
    "http://0.0.0.0:4010",
  ])("are for no other machine: %s", (variable) => {
    const error = refusal(variable);
    expect(error).toMatchObject({ code: "invalid_options", provider: "p" });
    expect(error.message).toContain(new URL(variable).hostname);
    expect(error.message).toContain("COMMERCE_AUTH_EMULATOR_HOSTS");
  });

  test.each([
    ["http://emulator:4010", "emulator"],
    ["http://Emulator:4010", " proxy , EMULATOR"],
    ["http://10.0.0.5:4010", "10.0.0.5"],
    ["https://emulator.internal", "emulator.internal"],
  ])("are for another machine that the list names: %s in %j", (variable, hosts) => {
    const { origin } = new URL(variable);
    expect(optionsWith(variable, REAL, hosts)).toMatchObject({
      ...EMULATOR.credentials,
      tokenUrl: `${origin}/p/token`,
    });
  });

  test.each([
    ["http://emulator:4010", "emulator2,other"],
    ["http://emulator.evil.test", "emulator"],
    ["http://emulator", ""],
    ["http://emulator", "*"],
  ])("are not for a machine that the list does not name: %s in %j", (variable, hosts) => {
    expect(refusal(variable, hosts).code).toBe("invalid_options");
  });

  test.each([
    "127.0.0.1:4010",
    "localhost",
    "http://127.0.0.1:4010/toss",
    "http://127.0.0.1:4010/?x",
    "http://user:canary@127.0.0.1:4010",
    "ftp://127.0.0.1",
    "file:///tmp",
    "http://",
    "1",
    "true",
    " ",
  ])("need the emulator's origin: %j is an error that shows no part of it", (variable) => {
    const error = refusal(variable);
    expect(error.code).toBe("invalid_options");
    expect(error.message).toContain("COMMERCE_AUTH_EMULATOR must be the emulator's origin");
    expect(error.message).not.toContain("canary");
  });
});

describe("a URL that tokens go to", () => {
  test("may be plain HTTP to a listed emulator only", () => {
    expect(() => checkUrl("p", "tokenUrl", "http://emulator:4010/p")).toThrow("https:");
    vi.stubEnv("COMMERCE_AUTH_EMULATOR", "http://emulator:4010");
    vi.stubEnv("COMMERCE_AUTH_EMULATOR_HOSTS", "emulator,other");
    expect(checkUrl("p", "tokenUrl", "http://emulator:4010/p").host).toBe("emulator:4010");
    for (const url of ["http://emulator:4011", "http://other:4010", "http://emulator.evil.test:4010"]) {
      expect(() => checkUrl("p", "tokenUrl", url)).toThrow("https:");
    }
  });
});

describe("fetch with COMMERCE_AUTH_EMULATOR", () => {
  const base = new URL("http://127.0.0.1:4010/p");

  function recorder() {
    const sent: { url: string; method: string | undefined }[] = [];
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const url = input instanceof Request ? input.url : String(input);
      sent.push({ url, method: input instanceof Request ? input.method : init?.method });
      return new Response();
    };
    return { sent, fetch };
  }

  test("sends calls of the real API to the emulator", async () => {
    vi.stubEnv("COMMERCE_AUTH_EMULATOR", "http://127.0.0.1:4010");
    const { sent, fetch } = recorder();
    const emulated = emulatedFetch("p", fetch, base, EMULATOR);
    await emulated("https://api.test/external/v1/a?b=https://api.test/external/c");
    await emulated(new URL("https://second.test/x"), { method: "PUT" });
    await emulated(new Request("https://api.test/external/v1/a", { method: "POST", body: "x" }));
    expect(sent).toEqual([
      { url: "http://127.0.0.1:4010/p/v1/a?b=https://api.test/external/c", method: undefined },
      { url: "http://127.0.0.1:4010/p/x", method: "PUT" },
      { url: "http://127.0.0.1:4010/p/v1/a", method: "POST" },
    ]);
  });

  test.each([
    "https://api.test/externals/v1",
    "https://api.test.evil.test/external/v1",
    "https://api.test/other",
    "http://127.0.0.1:4010/p/v1",
  ])("does not change other URLs: %s", async (url) => {
    vi.stubEnv("COMMERCE_AUTH_EMULATOR", "http://127.0.0.1:4010");
    const { sent, fetch } = recorder();
    await emulatedFetch("p", fetch, base, EMULATOR)(url);
    expect(sent).toEqual([{ url, method: undefined }]);
  });

  test("is the same fetch without the variable, and for a client of another server", () => {
    const { fetch } = recorder();
    expect(emulatedFetch("p", fetch, base, EMULATOR)).toBe(fetch);
    vi.stubEnv("COMMERCE_AUTH_EMULATOR", "http://127.0.0.1:4010");
    expect(emulatedFetch("p", fetch, new URL("http://127.0.0.1:5000"), EMULATOR)).toBe(fetch);
  });
});
