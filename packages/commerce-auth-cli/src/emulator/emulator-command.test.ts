import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { run } from "../command.test-support.ts";

/** Starts it, and calls back with what it printed. */
async function running(args: readonly string[], use: (printed: string) => Promise<void>) {
  const stop = new AbortController();
  const lines: string[] = [];
  const { PassThrough } = await import("node:stream");
  const { main } = await import("../main.ts");
  const ended = main(["emulator", "--port", "0", ...args], {
    env: {},
    stdin: new PassThrough(),
    stdout: { write: (text) => lines.push(text) },
    stderr: { write: () => {} },
    stopSignal: () => stop.signal,
  });
  try {
    await expect.poll(() => lines.length).toBeGreaterThan(0);
    await use(lines.join(""));
  } finally {
    stop.abort();
  }
  return await ended;
}

describe("emulator", () => {
  it.each(["ko", "en"])("prints lines for .env and curl that work as they stand (%s)", async (language) => {
    const code = await running(["--lang", language], async (printed) => {
      const origin = /^COMMERCE_AUTH_EMULATOR=(\S+)$/m.exec(printed)?.[1];
      const curls = printed.split("\n").filter((line) => line.startsWith("curl "));
      expect(curls).toHaveLength(2);
      const answers = await Promise.all(curls.map((line) => answerTo(line)));
      expect(answers[0]).toMatchObject({ token_type: "Bearer" });
      expect(answers[1]).toMatchObject({ code: 0 });
      expect(origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    });
    expect(code).toBe(0);
  });

  it("has the flags and the guide of the emulator's own command", async () => {
    const flags = [
      "--toss-lifetime",
      "year",
      "--naver-denied-route",
      "inquiries",
      "--naver-denied-route",
      "settlements",
    ];
    await running([...flags, "--skew=-5000", "--lang", "en"], async (printed) => {
      const origin = /^COMMERCE_AUTH_EMULATOR=(\S+)$/m.exec(printed)?.[1] ?? "";
      expect(printed).toContain(await (await fetch(origin)).text().then((guide) => guide.trim()));
      const [, line = ""] = /^(curl \S*toss.*)$/m.exec(printed) ?? [];
      expect(await answerTo(line)).toMatchObject({ expires_in: 31_535_999 });
      expect(await (await fetch(`${origin}/_emulator/clock`)).json()).toMatchObject({ skewMs: -5_000 });
    });
  });

  it("prints its URLs for programs", async () => {
    await running(["--json"], async (printed) => {
      const { naver } = JSON.parse(printed);
      expect((await fetch(naver.tokenUrl, { method: "POST" })).status).toBe(400);
    });
  });

  it("names a port in use", async () => {
    await running(["--json"], async (printed) => {
      const { port } = new URL(JSON.parse(printed).origin);
      const { code, err } = await run(["emulator", "--port", port, "--lang", "en"]);
      expect(code).toBe(2);
      expect(err).toContain(`127.0.0.1:${port} cannot be used (EADDRINUSE).`);
    });
  });
});

/** Runs a line as a shell does. Without a curl, by its meaning. */
async function answerTo(line: string): Promise<unknown> {
  const { promisify } = await import("node:util");
  const { exec } = await import("node:child_process");
  if (!hasCurl()) {
    const { readCurl } = await import("../lint/read-curl.ts");
    const { url, method, headers, body } = readCurl(line);
    return await (await fetch(url, { method, headers: [...headers], body })).json();
  }
  return JSON.parse((await promisify(exec)(`${line} --silent`)).stdout);
}

function hasCurl(): boolean {
  try {
    execFileSync("curl", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
