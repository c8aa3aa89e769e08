import { describe, expect, it } from "vitest";
import packageJson from "../package.json" with { type: "json" };
import { run } from "./command.test-support.ts";

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

describe("a wrong command line", () => {
  it.each([
    [["doktor"], "doktor"],
    [["doctor", "navar"], "toss, naver, iamport"],
    [["doctor", "--timeout", "soon"], "is not a number"],
    [["doctor", "--client-secret", "x"], "--client-secret"],
    [["token"], "Name a provider"],
    [["doctor", "--token-url", "http://127.0.0.1:1/token"], "need a provider"],
    [["emulator", "--port", "x"], "is not a number"],
    [["doctor", "naver", "--env-file", "/does/not/exist"], "ENOENT"],
  ])("%j ends with 2 and one line", async (args, words) => {
    const { code, out, err } = await run([...args, "--lang", "en"]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(words);
  });
});
