import { stripVTControlCharacters } from "node:util";
import { startEmulator } from "@x/commerce-auth-emulator";
import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { credentialsOf } from "../command.test-support.ts";
import { layoutOf } from "./layout.ts";
import { hasPseudoTerminal, onTerminal } from "./pseudo-terminal.test-support.ts";

const ESCAPE = "\u001b[";

describe.skipIf(!hasPseudoTerminal)("on a terminal", () => {
  it.concurrent.each(["toss", "naver"] as const)(
    "the doctor's report of %s fits 80 columns, in colours",
    async (provider) => {
      await using emulator = await startEmulator({ naver: { rateLimit: "documented", deniedRoutes: ["inquiries"] } });
      const { tokenUrl, apiBaseUrl } = emulator[provider];
      const args = ["doctor", provider, "--lang", "ko", "--token-url", tokenUrl, "--api-url", apiBaseUrl];
      const env = { ...credentialsOf(emulator)[provider], TOSS_SHOPPING_SECRET_KEY: "wrong-secret" };
      const { shown, code } = await onTerminal(args, env);
      expect(code).toBe(provider === "toss" ? 1 : 0);
      expect(shown).toContain(ESCAPE);
      expectLaidOut(stripVTControlCharacters(shown));
    },
  );

  it.concurrent("asks for iamport's missing secret without showing it, and shows no colours with NO_COLOR", async () => {
    await using emulator = await startEmulator();
    const { tokenUrl, apiBaseUrl, credentials } = emulator.iamport;
    const args = ["doctor", "iamport", "--lang", "ko", "--token-url", tokenUrl, "--api-url", apiBaseUrl];
    const env = { IAMPORT_IMP_KEY: credentials.impKey, NO_COLOR: "1" };
    const typing = { prompt: "표시되지 않음", keys: `${credentials.impSecret}x\u007f\r` };
    const { shown, code } = await onTerminal(args, env, typing);
    expect(code).toBe(0);
    expect(shown).not.toContain(`${ESCAPE}3`);
    expect(shown).not.toContain(credentials.impSecret);
    expect(shown).toContain("IAMPORT_IMP_SECRET: 19자");
    expectLaidOut(stripVTControlCharacters(shown));
  });

  it.concurrent("ends with 130 on Ctrl+C at the prompt", async () => {
    const typing = { prompt: "not shown", keys: "\u0003" };
    const { code } = await onTerminal(["token", "iamport", "--lang", "en"], { IAMPORT_IMP_KEY: "key" }, typing);
    expect(code).toBe(130);
  });

  it.concurrent("hides a pasted request, which has a signature", async () => {
    const pasted =
      "curl 'https://api.commerce.naver.com/external/v1/oauth2/token' \\\r  -d client_secret_sign=JDJhJDA0\r";
    const typing = { prompt: "not shown", keys: `${pasted}\u0004` };
    const { shown, code } = await onTerminal(["lint", "--lang", "en"], {}, typing);
    expect(code).toBe(1);
    expect(shown).toContain("(sign.not_base64_of_bcrypt)");
    expect(shown).not.toContain("JDJhJDA0");
  });

  it.concurrent("warns of a token on the screen", async () => {
    await using emulator = await startEmulator();
    const args = ["token", "toss", "--lang", "en", "--token-url", emulator.toss.tokenUrl];
    const { shown, code } = await onTerminal(args, credentialsOf(emulator).toss);
    expect(code).toBe(0);
    expect(shown).toContain("The token stays on the screen");
  });

  it.concurrent("shows what takes longer than a second, in a line that vanishes", async () => {
    await using emulator = await startEmulator();
    emulator.fault({ endpoint: "toss.token", kind: "delay", ms: 1_300 });
    const { tokenUrl, apiBaseUrl } = emulator.toss;
    const args = ["doctor", "toss", "--lang", "ko", "--token-url", tokenUrl, "--api-url", apiBaseUrl];
    const { shown } = await onTerminal(args, credentialsOf(emulator).toss);
    expect(shown).toContain("… 토스쇼핑 토큰 요청 중 (1 s)");
    expect(shown).toContain(`\r${ESCAPE}2K`);
  });
});

/** No line is too long, and all headings are as wide as each other: a Korean letter takes two columns. */
function expectLaidOut(report: string): void {
  const lines = report.split("\n");
  expect(lines.filter((line) => stringWidth(line) > 80)).toEqual([]);
  const heads = lines.filter((line) => /^[✓✗!i] /.test(line));
  expect(heads.length).toBeGreaterThanOrEqual(5);
  const columns = heads.map((line) => stringWidth(/^.*?\s{2,}/.exec(line)?.[0] ?? ""));
  expect(new Set(columns)).toEqual(new Set([16]));
}

it("lays text out by the terminal's columns, and in 80 for a file", () => {
  const { wrap, pad, paint } = layoutOf({ write: () => {} }, {});
  expect(paint("red", "빨강")).toBe("빨강");
  expect(wrap("가나다라 ".repeat(20).trim(), 4).split("\n")[0]).toBe(`    ${"가나다라 ".repeat(8).trim()}`);
  expect(pad("토큰", 6)).toBe("토큰  ");
  const narrow = layoutOf({ write: () => {}, columns: 50, isTTY: true }, { TERM: "dumb" });
  expect(narrow.paint("red", "x")).toBe("x");
  expect(
    narrow
      .wrap("a ".repeat(60), 0)
      .split("\n")
      .every((line) => line.length <= 50),
  ).toBe(true);
  const url = "https://api.commerce.naver.com/external/v1/pay-order/seller/product-orders/last-changed-statuses";
  expect(wrap(`URL: ${url}`, 16).split("\n")[1]?.trim()).toBe(url.slice(0, 64));
});
