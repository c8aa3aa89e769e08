import { describe, expect, test, vi } from "vitest";
import { TokenError } from "../contract/token-error.ts";
import { refuseBrowser } from "./browser-guard.ts";
import { checkHeaderValue, checkString, checkUrl, pathPart } from "./checks.ts";
import { credential } from "./credential.ts";

/** The error for an option. */
function refusal(check: () => unknown): TokenError {
  try {
    check();
  } catch (error) {
    if (TokenError.is(error)) return error;
    throw error;
  }
  return expect.unreachable("it was expected to be refused");
}

describe("a URL that credentials go to", () => {
  test.each([
    ["https://api.test/token"],
    ["https://api.test:8443"],
    ["http://localhost:3000/token"],
    ["http://127.0.0.1/"],
    ["http://127.255.10.9:1"],
    ["http://[::1]:80/"],
  ])("is accepted: %s", (url) => {
    expect(checkUrl("p", "tokenUrl", url).href).toBe(new URL(url).href);
  });

  test.each<[unknown, RegExp]>([
    ["http://api.test/token", /https:/],
    ["http://127.0.0.1.evil.test", /https:/],
    ["http://localhost.evil.test", /https:/],
    ["http://0.0.0.0", /https:/],
    ["http://[::2]", /https:/],
    ["ftp://localhost", /https:/],
    ["ws://localhost", /https:/],
    ["file:///etc/passwd", /https:/],
    ["javascript:alert(1)", /https:/],
    ["https://user@api.test", /user name or password/],
    ["https://:password@api.test", /user name or password/],
    ["/token", /absolute URL/],
    ["", /absolute URL/],
    [undefined, /absolute URL/],
    [null, /absolute URL/],
    [new URL("https://api.test"), /absolute URL/],
  ])("is refused: %s", (url, why) => {
    const error = refusal(() => checkUrl("p", "tokenUrl", url));
    expect(error).toMatchObject({ code: "invalid_options", provider: "p" });
    expect(error.message).toMatch(why);
    expect(error.message).toContain("tokenUrl");
    expect(error.message).not.toContain("password@");
  });
});

describe("a string option", () => {
  test("is returned unchanged, or absent", () => {
    expect(checkString("p", "clientId", "an id")).toBe("an id");
    expect(checkString("p", "clientId", undefined)).toBeUndefined();
  });

  test.each([
    ["", /is empty\.$/],
    [" ", /white space/],
    ["canary\n", /white space/],
    ["\tcanary", /white space/],
    [17, /string/],
    [null, /string/],
    [["canary"], /string/],
  ])("is refused, named and not shown, if it is %o", (value, why) => {
    const error = refusal(() => checkString("p", "clientId", value));
    expect(error).toMatchObject({ code: "invalid_options", provider: "p" });
    expect(error.message).toMatch(why);
    expect(error.message).toContain("clientId");
    expect(error.message).not.toContain("canary");
  });
});

describe("a string option that is sent as a header", () => {
  test.each(["x", "Tier 1 (gold)~", undefined])("is returned unchanged, or absent: %o", (value) => {
    expect(checkHeaderValue("p", "tier", value)).toBe(value);
  });

  test.each([
    ["gold\r\nX-Admin: canary", /printable ASCII/],
    ["골드 gold", /printable ASCII/],
    ["gold 골드", /printable ASCII/],
    ["gold\u007fcanary", /printable ASCII/],
    ["", /empty/],
  ])("is refused, named and not shown, if it is %o", (value, why) => {
    const error = refusal(() => checkHeaderValue("p", "tier", value));
    expect(error).toMatchObject({ code: "invalid_options", provider: "p" });
    expect(error.message).toMatch(why);
    expect(error.message).toContain("tier");
    expect(error.message).not.toContain("canary");
  });
});

describe("an option that is a part of a URL's path", () => {
  test.each([
    ["a1", "a1"],
    ["...", "..."],
    ["../가?", "..%2F%EA%B0%80%3F"],
  ])("is percent-encoded: %s", (text, encoded) => {
    expect(pathPart("p", "code", text)).toBe(encoded);
  });

  test.each([".", "..", "\ud800"])("is refused if it would be another path: %o", (text) => {
    const error = refusal(() => pathPart("p", "code", text));
    expect(error).toMatchObject({ code: "invalid_options", provider: "p" });
    expect(error.message).toContain("code");
  });
});

describe("a credential", () => {
  const read = (value?: string) => credential("p", "clientId", value, "CORE_TEST_CLIENT_ID");

  test("is the option, or else the environment variable", () => {
    vi.stubEnv("CORE_TEST_CLIENT_ID", "from the environment");
    expect(read("from the option")).toBe("from the option");
    expect(read()).toBe("from the environment");
  });

  test("is an error that names both if there is neither", () => {
    vi.stubEnv("CORE_TEST_CLIENT_ID", undefined);
    const error = refusal(read);
    expect(error.code).toBe("invalid_options");
    expect(error.message).toContain("clientId");
    expect(error.message).toContain("CORE_TEST_CLIENT_ID");
  });

  test.each([undefined, {}])("is the option in a runtime without environment variables: process is %o", (process) => {
    vi.stubGlobal("process", process);
    expect(read("from the option")).toBe("from the option");
    expect(refusal(read).message).toContain("clientId");
  });

  test.each(["", "canary\n"])("is checked if the environment has %o", (value) => {
    vi.stubEnv("CORE_TEST_CLIENT_ID", value);
    const error = refusal(read);
    expect(error.message).toContain("CORE_TEST_CLIENT_ID");
    expect(error.message).not.toContain("canary");
  });
});

describe("in a browser", () => {
  const USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36";

  test("everything is refused", () => {
    vi.stubGlobal("navigator", { userAgent: USER_AGENT });
    vi.stubGlobal("process", undefined);
    expect(refusal(() => refuseBrowser("p"))).toMatchObject({ code: "invalid_options", provider: "p" });
    vi.stubGlobal("process", { env: { NODE_ENV: "production" } });
    expect(refusal(() => refuseBrowser("p")).code).toBe("invalid_options");
  });

  test.each([
    undefined,
    {},
    { userAgent: "Node.js/24" },
    { userAgent: "Cloudflare-Workers" },
    { userAgent: "Bun/1.3" },
  ])("and nothing if the navigator is %o", (navigator) => {
    vi.stubGlobal("navigator", navigator);
    vi.stubGlobal("process", undefined);
    refuseBrowser("p");
  });

  test("simulated on a server, nothing is refused", () => {
    vi.stubGlobal("navigator", { userAgent: USER_AGENT });
    refuseBrowser("p");
  });
});
