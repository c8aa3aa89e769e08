import { type EmulatorOptions, startEmulator } from "@x/commerce-auth-emulator";
import { describe, expect, it } from "vitest";
import { credentialsOf, run } from "../command.test-support.ts";
import type { ProviderName } from "../providers/profile.ts";
import { QUESTIONS, type QuestionId } from "./questions.ts";

/** Probes an emulator by these rules. Its clock passes the waits. */
async function probed(provider: ProviderName, rules: EmulatorOptions = {}, ...flags: string[]) {
  await using emulator = await startEmulator(rules);
  const wait = async (ms: number) => emulator.clock.advance(ms);
  const { tokenUrl, apiBaseUrl } = emulator[provider];
  const args = ["doctor", provider, "--probe", "--json", "--token-url", tokenUrl, "--api-url", apiBaseUrl, ...flags];
  const env = credentialsOf(emulator)[provider];
  const { code, out } = await run(args, { env, wait });
  const [report] = JSON.parse(out).reports;
  for (const value of Object.values(env)) expect(out).not.toContain(value);
  expect(emulator.journal.flatMap(({ offForm }) => offForm ?? [])).toEqual([]);
  expect(report.requests).toBe(emulator.requestCount(`${provider}.token`) + emulator.requestCount(`${provider}.api`));
  expect(code).toBe(0);
  const answers = report.answers as { question: QuestionId; answer?: unknown; open?: string }[];
  return { report, answerTo: (question: QuestionId) => answers.find((each) => each.question === question) };
}

type Switch = readonly [provider: ProviderName, rules: EmulatorOptions, question: QuestionId, answer: unknown];

const SWITCHES: readonly Switch[] = [
  ["toss", { toss: { lifetimeSeconds: 3_599 } }, "toss.lifetime", 3_599],
  ["toss", { toss: { lifetimeSeconds: 31_535_999 } }, "toss.lifetime", 31_535_999],
  ["toss", { toss: { reissue: "new-token" } }, "toss.reissue", "new-token"],
  ["toss", { toss: { reissue: "same-token" } }, "toss.reissue", "same-token"],
  ["toss", { toss: { previousToken: "lives" } }, "toss.previousToken", "lives"],
  ["toss", { toss: { previousToken: "dies" } }, "toss.previousToken", "dies"],
  ["toss", { toss: { errorStatus: 401 } }, "toss.invalidClientStatus", 401],
  ["toss", { toss: { errorStatus: 400 } }, "toss.invalidClientStatus", 400],
  ["toss", { toss: { propagationMs: 0 } }, "propagation", "at once"],
  ["toss", { toss: { propagationMs: 800 } }, "propagation", "within 1000"],
  ["naver", { naver: { expiresInOnReturn: "remaining" } }, "naver.expiresInOnReturn", "remaining"],
  ["naver", { naver: { expiresInOnReturn: "full" } }, "naver.expiresInOnReturn", "full"],
  ["naver", { naver: { clockRefusalStatus: 400 } }, "naver.clockRefusalStatus", 400],
  ["naver", { naver: { clockRefusalStatus: 403 } }, "naver.clockRefusalStatus", 403],
  ["naver", { naver: { signatureRefusalStatus: 403 } }, "naver.signatureRefusalStatus", 403],
  ["naver", { naver: { signatureRefusalStatus: 400 } }, "naver.signatureRefusalStatus", 400],
  [
    "naver",
    { naver: { deniedRoutes: ["inquiries"], missingPermission: "GW.AUTHN" } },
    "naver.missingPermission",
    "401 GW.AUTHN",
  ],
  [
    "naver",
    { naver: { deniedRoutes: ["inquiries"], missingPermission: "GW.AUTHZ" } },
    "naver.missingPermission",
    "403 GW.AUTHZ",
  ],
  [
    "naver",
    { naver: { deniedRoutes: ["inquiries"], missingPermission: "403 GW.AUTHN" } },
    "naver.missingPermission",
    "403 GW.AUTHN",
  ],
  ["naver", {}, "naver.tokenRateHeaders", false],
  ["naver", { naver: { tokenRateLimit: { replenishRate: 2, burstCapacity: 9 } } }, "naver.tokenRateHeaders", true],
  ["iamport", { iamport: { echoCredentials: false } }, "iamport.echoCredentials", false],
  ["iamport", { iamport: { echoCredentials: true } }, "iamport.echoCredentials", true],
  ["iamport", {}, "iamport.issuedStatus", 200],
  ["iamport", {}, "iamport.wholeSeconds", true],
  ["iamport", { iamport: { propagationMs: 0 } }, "propagation", "at once"],
  ["iamport", { iamport: { propagationMs: 2_500 } }, "propagation", "within 3000"],
  ["iamport", { dateHeader: true }, "dateHeader", true],
  ["iamport", { dateHeader: false }, "dateHeader", false],
  ["naver", { dateHeader: false }, "naver.clockRefusalStatus", 400],
];

describe("doctor --probe", () => {
  it.each(SWITCHES)("asks %s by the rules %j: %s is %j", async (provider, rules, question, answer) => {
    const { answerTo } = await probed(provider, rules);
    expect(answerTo(question)).toEqual({ question, answer });
  });

  it.each(["repeats", "once"] as const)("waits for iamport's extension, which %s", async (extension) => {
    const { answerTo } = await probed("iamport", { iamport: { extension } }, "--slow");
    expect(answerTo("iamport.extension")).toEqual({ question: "iamport.extension", answer: extension });
  });

  it("says what it did not ask, and why", async () => {
    expect((await probed("iamport")).answerTo("iamport.extension")).toMatchObject({ open: "needs_slow" });
    expect((await probed("naver")).answerTo("naver.missingPermission")).toMatchObject({ open: "no_occasion" });
    expect((await probed("toss", { toss: { reissue: "same-token" } })).answerTo("toss.previousToken")).toMatchObject({
      open: "no_occasion",
    });
  });

  it.each([
    ["toss", 6],
    ["naver", 11],
    ["iamport", 3],
  ] as const)("asks %s by at most %d requests", async (provider, most) => {
    const { report } = await probed(provider);
    expect(report.requests).toBeLessThanOrEqual(most);
  });

  it("has a question for each answer, in both languages, and shows them to people", async () => {
    await using emulator = await startEmulator();
    const wait = async (ms: number) => emulator.clock.advance(ms);
    const shown = async (language: string) => {
      const env = { COMMERCE_AUTH_EMULATOR: emulator.origin };
      const { out } = await run(["doctor", "--probe", "--lang", language], { env, wait });
      return out.replaceAll(/\s+/g, " ");
    };
    const [korean, english] = [await shown("ko"), await shown("en")];
    for (const { ko, en } of Object.values(QUESTIONS)) {
      expect(korean).toContain(ko);
      expect(english).toContain(en);
    }
  });

  it("leaves open what nobody answered: a broken connection has no status and no headers", async () => {
    await using emulator = await startEmulator();
    emulator.fault({ endpoint: "toss.token", kind: "cut" });
    const { tokenUrl, apiBaseUrl } = emulator.toss;
    const args = ["doctor", "toss", "--probe", "--json", "--token-url", tokenUrl, "--api-url", apiBaseUrl];
    const { answers } = JSON.parse((await run(args, { env: credentialsOf(emulator).toss })).out).reports[0];
    expect(answers).toContainEqual({ question: "toss.invalidClientStatus", open: "no_occasion" });
    expect(answers).toContainEqual({ question: "dateHeader", open: "no_occasion" });
  });

  it("says what is missing instead, without credentials", async () => {
    const { code, out } = await run(["doctor", "toss", "--probe", "--json"], {
      env: { TOSS_SHOPPING_ACCESS_KEY: "key" },
    });
    expect(code).toBe(1);
    expect(JSON.parse(out).reports[0].cause).toBe("secret.missing");
  });

  it("is of no use without a token, and says so by its exit code", async () => {
    await using emulator = await startEmulator();
    const env = { ...credentialsOf(emulator).toss, TOSS_SHOPPING_SECRET_KEY: "wrong-secret-key" };
    const { tokenUrl, apiBaseUrl } = emulator.toss;
    const args = ["doctor", "toss", "--probe", "--json", "--token-url", tokenUrl, "--api-url", apiBaseUrl];
    const { code, out } = await run(args, { env });
    expect(code).toBe(1);
    expect(JSON.parse(out).reports[0].answers).toContainEqual({ question: "toss.reissue", open: "no_token" });
  });
});
