import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startEmulator } from "@x/commerce-auth-emulator";
import { run } from "@x/testing/readme";
import { expect, it } from "vitest";
import { findRedisProgram, RedisServer } from "../processes/redis-server.ts";
import { CHAPTER_CODE, CLOCK_CODE, cardCode, PROCESS_CODE } from "./code.ts";

const CARD_ACTIONS = ["get", "thousand", "call", "refresh", "revoke", "fail", "hang", "wrong"] as const;
const built = fileURLToPath(new URL("../../dist/", import.meta.url));
const redisProgram = findRedisProgram(process.env);

/** All code that the page shows, each piece once, without shell lines. */
function allCode(): string[] {
  const ofCards = (["toss", "naver", "iamport"] as const).flatMap((provider) =>
    CARD_ACTIONS.map((action) => cardCode(provider, action)),
  );
  const all = [CHAPTER_CODE, CLOCK_CODE, PROCESS_CODE].flatMap((codes) => Object.values(codes));
  const program = [...new Set([...all, ...ofCards])].filter((code) => !code.startsWith("redis-"));
  return redisProgram === undefined ? program.filter((code) => !code.includes("REDIS_URL")) : program;
}

it("shows code that runs as it stands, with the packages and the emulator", async () => {
  await mkdir(built, { recursive: true });
  // The packages are found from here, and the code stores its files here.
  const [folder, work] = [await mkdtemp(join(built, "code-")), await mkdtemp(join(tmpdir(), "playground-"))];
  const redis = redisProgram === undefined ? undefined : await RedisServer.start(redisProgram, work);
  await using emulator = await startEmulator();
  try {
    const codes = allCode();
    expect(codes.length).toBeGreaterThan(30);
    await writeFile(join(work, "toss-keys.json"), JSON.stringify({ accessKey: "a", secretKey: "b" }));
    await writeFile(join(work, "server.js"), "setInterval(() => {}, 1_000);");
    await Promise.all(codes.map((code, index) => writeFile(join(folder, `${index}.mjs`), code)));
    const program = `
      process.env.COMMERCE_AUTH_EMULATOR = ${JSON.stringify(emulator.origin)};
      process.env.REDIS_URL = ${JSON.stringify(redis?.url ?? "")};
      process.chdir(${JSON.stringify(work)});
      console.log = console.error = () => {};
      for (let index = 0; index < ${codes.length}; index++) {
        const file = ${JSON.stringify(folder)} + "/" + index + ".mjs";
        await import(file).catch((error) => process.stdout.write(index + ": " + error + "\\n"));
      }
      process.stdout.write("all ran");
      process.exit();
    `;
    expect(await run(program, new URL("../../", import.meta.url))).toBe("all ran");
    expect(emulator.requestCount("toss.token")).toBeGreaterThan(0);
    expect(emulator.requestCount("naver.api")).toBeGreaterThan(0);
    expect(emulator.requestCount("iamport.api")).toBeGreaterThan(0);
  } finally {
    await redis?.stop();
    await rm(folder, { recursive: true });
    await rm(work, { recursive: true, force: true });
  }
});
