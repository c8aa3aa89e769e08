import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { CHAPTER_IDS } from "./chapters/chapter-ids.ts";
import type { StoryResult } from "./story/play.ts";
import { koreanFact } from "./story/report-words.ts";

const DEMO = fileURLToPath(new URL("demo.ts", import.meta.url));
const LONGEST_MS = 240_000;

/** Runs the demo as `npm run demo` does. */
function demo(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve, reject) => {
    const child = spawn(process.execPath, [DEMO, ...args], { env: { ...process.env, ...env } });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk) => (stdout += chunk));
    child.stderr.on("data", (chunk) => (stderr += chunk));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** Toss, Naver, iamport. A pair is a range. */
const REQUESTS: Readonly<Record<string, readonly (number | [number, number])[]>> = {
  "toss: issued": [1, 0, 0],
  "toss: reused": [0, 0, 0],
  "toss: renewal fails": [3, 0, 0],
  "toss: renewed behind": [1, 0, 0],
  "toss: expired while idle": [1, 0, 0],
  "toss: refused and recovered": [1, 0, 0],
  "naver: issued": [0, 1, 0],
  "naver: reused": [0, 0, 0],
  "naver: renewal fails": [0, 3, 0],
  "naver: renewed behind": [0, 1, 0],
  "naver: expired while idle": [0, 1, 0],
  "naver: refused and recovered": [0, 1, 0],
  "iamport: issued": [0, 0, 1],
  "iamport: reused": [0, 0, 0],
  "iamport: renewal fails": [0, 0, 3],
  "iamport: renewed behind": [0, 0, 1],
  "iamport: expired while idle": [0, 0, 1],
  "iamport: refused and recovered": [0, 0, 1],
  "api: the documents' first calls": [1, 2, 1],
  "api: a revoked token": [1, 1, 1],
  "api: a foreign URL": [0, 0, 0],
  "mistakes: wrong secret": [
    [1, 4],
    [1, 4],
    [1, 4],
  ],
  "mistakes: clock ten minutes ahead": [0, 2, 0],
  "mistakes: clock ten minutes behind": [0, 2, 0],
  "mistakes: the clock stays learnt": [0, 2, 0],
  "sqlite: one issue for all": [1, 0, 0],
  "sqlite: a restart issues nothing": [0, 0, 0],
  "sqlite: encrypted": [1, 0, 0],
  "redis: one issue for all": [1, 0, 0],
  "redis: a restart issues nothing": [0, 0, 0],
  "secrets: nowhere": [0, 0, 0],
};

/** No program of that name anywhere: Redis's chapter is left out. */
const WITHOUT_REDIS = { PATH: "", REDIS_URL: "", REDIS_SERVER: "" };

describe("npm run demo", () => {
  it(
    "prints one JSON object whose every step held, with the requests that reached each token endpoint",
    async () => {
      const { code, stdout, stderr } = await demo(["--json"]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      const story = JSON.parse(stdout) as StoryResult;
      expect(story.steps.filter(({ held }) => !held)).toEqual([]);
      expect(story.held).toBe(true);
      if (process.env["CI"]) expect(story.leftOut).toEqual([]);
      const isLeftOut = (name: string) => story.leftOut.length > 0 && /redis/.test(name);
      const names = [...CHAPTER_IDS.map((id) => `guided: ${id}`), ...Object.keys(REQUESTS)];
      expect(story.steps.map(({ name }) => name)).toEqual(names.filter((name) => !isLeftOut(name)));
      for (const { name, tokenRequests, expected, seen } of story.steps) {
        expect(Object.keys(seen), name).toEqual(Object.keys(expected));
        expect(Object.keys(expected).map(koreanFact), name).not.toContain("");
        if (name.startsWith("guided: ")) continue;
        const { toss, naver, iamport } = tokenRequests;
        for (const [index, found] of [toss, naver, iamport].entries()) {
          const wanted = REQUESTS[name]?.[index] ?? 0;
          const [least, most] = typeof wanted === "number" ? [wanted, wanted] : wanted;
          expect(found, name).toBeGreaterThanOrEqual(least);
          expect(found, name).toBeLessThanOrEqual(most);
        }
      }
    },
    LONGEST_MS,
  );

  it.each([
    ["en", "✓ All 6 steps held", "Left out: Redis"],
    ["ko_KR.UTF-8", "✓ 6단계 모두 기대대로입니다", "제외: "],
  ])(
    "tells the story in the language %s, without colors if the output is no terminal, and without a secret",
    async (lang, held, leftOut) => {
      const { code, stdout, stderr } = await demo(["--lang", lang, "--only", "iamport"], WITHOUT_REDIS);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stripVTControlCharacters(stdout)).toBe(stdout);
      expect(stdout).toContain(held);
      expect(stdout).toContain(leftOut);
      expect(stdout).not.toContain("✗");
      expect(stdout).not.toMatch(/canary|\$2a\$|Bearer/i);
    },
    LONGEST_MS,
  );

  it(
    "ends with 1 if a step does not hold, and says which and why",
    async () => {
      const fault = '{"endpoint": "toss.token", "kind": "provider-error", "code": "invalid_client"}';
      const { code, stdout } = await demo(["--json", "--only", "toss", "--fault", fault], WITHOUT_REDIS);
      expect(code).toBe(1);
      const story = JSON.parse(stdout) as StoryResult;
      expect(story.held).toBe(false);
      const issued = story.steps.find(({ name }) => name === "toss: issued");
      expect(issued?.held).toBe(false);
      expect(issued?.problem).toMatch(/^invalid_credentials: /);
    },
    LONGEST_MS,
  );

  it.each([
    ["--unknown"],
    ["--fault", "nonsense"],
    ["--only", "toss", "--fault", '{"endpoint": "nowhere", "kind": "hang"}'],
  ])("ends with 2 and the usage at %s %s", async (...args) => {
    const { code, stdout, stderr } = await demo(args);
    expect({ code, stdout: stdout.includes("✓") }).toEqual({ code: 2, stdout: false });
    expect(stderr).toContain("npm run demo");
  });
});
