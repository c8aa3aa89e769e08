import { describe, expect, it, vi } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { run } from "../command.test-support.ts";

const COMMANDS = ["doctor", "lint", "token", "emulator"];

describe("help", () => {
  it.each(["ko", "en"])(
    "fits 80 columns, has examples and exit codes, and is in one language (%s)",
    async (language) => {
      for (const args of [[], ["--help"], ["help"], ...COMMANDS.map((name) => [name, "--help"])]) {
        const { code, out } = await run([...args, "--lang", language]);
        expect(code).toBe(0);
        expect(out).toMatch(
          language === "ko" ? /사용법:[\s\S]*예시:[\s\S]*종료 코드: 0/ : /Usage:[\s\S]*Examples:[\s\S]*Exit codes: 0/,
        );
        expect(/[가-힣]/.test(out)).toBe(language === "ko");
        if (language === "ko") expect(out).not.toMatch(/Usage|Examples|Show |completion script/);
        expect(out).not.toContain("\u001b[");
      }
    },
  );

  it("prints its version", async () => {
    expect(await run(["--version"])).toEqual({ code: 0, out: `${packageJson.version}\n`, err: "" });
  });

  it.each(["bash", "zsh", "fish", "pwsh", "nu"])("completes in %s", async (shell) => {
    const { code, out } = await run(["completion", shell]);
    expect(code).toBe(0);
    expect(out).toContain("commerce-auth");
  });
});

const TOSS = { TOSS_SHOPPING_ACCESS_KEY: "key", TOSS_SHOPPING_SECRET_KEY: "secret-key" };
const NAVER = { NAVER_COMMERCE_CLIENT_ID: "id", NAVER_COMMERCE_CLIENT_SECRET: "$2a$04$abcdefghijklmnopqrstuv" };
const EMULATOR = { COMMERCE_AUTH_EMULATOR: "http://127.0.0.1:1" };
const LOCAL = "http://127.0.0.1:1/token";

describe("a flag that would have no effect", () => {
  it.each<[args: string[], words: string, env?: NodeJS.ProcessEnv]>([
    [["doctor", "naver", "--test"], "--test is for Toss Shopping only"],
    [["doctor", "--test"], "--test is for Toss Shopping only", { ...TOSS, ...NAVER }],
    [["token", "iamport", "--test"], "--test is for Toss Shopping only"],
    [["doctor", "toss", "--test", "--token-url", LOCAL], "--test"],
    [["doctor", "toss", "--test", "--api-url", LOCAL], "--test"],
    [["token", "toss", "--test", "--token-url", LOCAL], "--test"],
    [["token", "toss", "--api-url", LOCAL], "--api-url"],
    [["doctor", "iamport", "--slow"], "--slow needs --probe"],
    [["doctor", "toss", "--probe", "--slow"], "--slow is for iamport (PortOne V1) only"],
    [["doctor", "--probe", "--slow"], "--slow is for iamport (PortOne V1) only", { ...TOSS, ...NAVER }],
    [["token", "toss", "--header", "--json"], "either --header or --json"],
    [["token", "toss", "--store", ""], "--store"],
    [["doctor", "toss", "--test"], "COMMERCE_AUTH_EMULATOR", EMULATOR],
    [["token", "toss", "--test"], "COMMERCE_AUTH_EMULATOR", EMULATOR],
    [["token", "naver", "--token-url", "https://proxy.example/token"], "COMMERCE_AUTH_EMULATOR", EMULATOR],
    [["doctor", "naver", "--api-url", LOCAL], "COMMERCE_AUTH_EMULATOR", EMULATOR],
    [["--lang", "ko", "doctor", "naver"], "--lang"],
  ])("is an error that says what to do: %j", async (args, words, env = {}) => {
    const fetch = vi.spyOn(globalThis, "fetch").mockRejectedValue(new Error("a request"));
    const { code, out, err } = await run([...args, "--lang", "en"], { env });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(words);
    expect(fetch).not.toHaveBeenCalled();
    fetch.mockRestore();
  });

  it("is no error where it has an effect", async () => {
    const incomplete = { TOSS_SHOPPING_ACCESS_KEY: "key" };
    const { code } = await run(["doctor", "toss", "--test", "--json"], { env: incomplete });
    expect(code).toBe(1);
  });
});

describe("a wrong command line", () => {
  it.each([
    [["doktor"], "doktor"],
    [["doctor", "navar"], "toss, naver, iamport"],
    [["doctor", "--timeout", "soon"], "is not a number"],
    [["doctor", "--client-secret", "x"], "--client-secret"],
    [["token"], "Name a provider"],
    [["doctor", "--token-url", "http://127.0.0.1:1/token"], "need a provider"],
    [["emulator", "--port", "x"], "--port: must be a whole number"],
    [["emulator", "--naver-penalty", "never"], "--naver-penalty: must be one of next-day, at-once, off"],
    [["emulator", "--port", "0", "--host", "0.0.0.0"], "--allow-host"],
    [["doctor", "naver", "--dotenv", "/does/not/exist"], "ENOENT"],
  ])("%j ends with 2 and one line", async (args, words) => {
    const { code, out, err } = await run([...args, "--lang", "en"]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(words);
  });
});
