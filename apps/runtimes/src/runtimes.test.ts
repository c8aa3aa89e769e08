import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Emulator, startEmulator } from "@x/commerce-auth-emulator";
import type { TokenErrorCode } from "@x/token-cache-core";
import { describe, expect, it } from "vitest";
import { findProgram, mustBeThere } from "./programs.test-support.ts";
import type { ScenarioInput, ScenarioReport } from "./scenario.ts";
import { startWorkerd } from "./workerd.test-support.ts";

/** What happens to a token is the same in every runtime. Only Toss issues another one before the old one ends. */
const LIFE = {
  tokensOfAHundredCallers: 1,
  reused: true,
  called: true,
  renewedIsNew: false,
  recovered: true,
  recoveredIsNew: true,
  printed: "[redacted] [redacted]",
  shown: false,
};
const failure = (code: TokenErrorCode, provider: string, retryable = false) => ({
  name: "TokenError",
  code,
  provider,
  retryable,
});

const REPORT: ScenarioReport = {
  providers: { toss: { ...LIFE, renewedIsNew: true }, naver: LIFE, iamport: LIFE },
  errors: {
    credentials: failure("invalid_credentials", "iamport"),
    origin: failure("origin_not_allowed", "toss-shopping"),
    network: failure("network", "toss-shopping", true),
    aborted: "gone",
  },
  fetch: { statuses: [404, 404, 404, 404], asked: 5, home: 404, away: failure("origin_not_allowed", "toss-shopping") },
  encrypted: { tokens: 1 },
  eventTypes: [
    "attempt_failed",
    "clock_synced",
    "flight_joined",
    "flight_started",
    "hit",
    "issued",
    "limit_learnt",
    "refused",
    "renewal_failed",
    "unchanged",
  ],
};

const inputOf = ({ origin, toss, naver, iamport }: Emulator): ScenarioInput => ({ origin, toss, naver, iamport });

/** Cold, forced, refused; and with Toss four refused bodies, the refused redirect's end, and the encrypted store's. */
const TOKEN_REQUESTS = { toss: 3 + 4, naver: 3, iamport: 3 + 1 };

function tokenRequests(emulator: Emulator) {
  return {
    toss: emulator.requestCount("toss.token"),
    naver: emulator.requestCount("naver.token"),
    iamport: emulator.requestCount("iamport.token"),
  };
}

describe("a token's life at all three providers", () => {
  const deno = ["run", "--allow-all", "--no-lock", "--node-modules-dir=manual"];
  it.for([
    ["node22", []],
    ["node26", []],
    ["bun", []],
    ["deno", deno],
  ] as const)("in %s", async ([name, options], { skip }) => {
    const program = findProgram(name);
    if (program === undefined && !mustBeThere()) return skip();
    await using emulator = await startEmulator();
    const script = fileURLToPath(new URL("run.ts", import.meta.url));
    const run = promisify(execFile)(`${program}`, [...options, script, JSON.stringify(inputOf(emulator))], {
      timeout: 25_000,
      env: { ...process.env, NO_COLOR: "1", NO_PROXY: "127.0.0.1", DENO_NO_UPDATE_CHECK: "1" },
    });
    const { stdout, stderr } = await run;
    expect(JSON.parse(stdout)).toEqual(REPORT);
    expect(stderr).toBe("");
    expect(tokenRequests(emulator)).toEqual(TOKEN_REQUESTS);
  });

  it("in this Node", async () => {
    const { scenario } = await import("./scenario.ts");
    await using emulator = await startEmulator();
    expect(await scenario(inputOf(emulator))).toEqual(REPORT);
    expect(tokenRequests(emulator)).toEqual(TOKEN_REQUESTS);
  });

  it("in workerd, without Node's modules", async ({ skip }) => {
    const program = findProgram("workerd");
    if (program === undefined && !mustBeThere()) return skip();
    await using emulator = await startEmulator();
    await using worker = await startWorkerd(`${program}`);
    const answer = await worker.ask({ do: "scenario", input: inputOf(emulator) });
    expect(answer).toEqual({ status: 200, body: REPORT });
    expect(worker.output).toBe("");
    expect(tokenRequests(emulator)).toEqual(TOKEN_REQUESTS);
  });
});

describe("requests of one Worker (case 27)", () => {
  it("that start together share one issue", async ({ skip }) => {
    const program = findProgram("workerd");
    if (program === undefined && !mustBeThere()) return skip();
    await using emulator = await startEmulator();
    await using worker = await startWorkerd(`${program}`);
    await worker.ask({ do: "set-up", input: inputOf(emulator), cache: { sharedFlights: true } });
    emulator.fault({ endpoint: "toss.token", kind: "delay", ms: 100 });
    const answers = await Promise.all(Array.from({ length: 20 }, () => worker.ask({ do: "token" })));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(emulator.requestCount("toss.token")).toBe(1);
  });
});
