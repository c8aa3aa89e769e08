import { startEmulator } from "@x/commerce-auth-emulator";
import { describe, expect, it } from "vitest";
import { findProgram, mustBeThere } from "./programs.test-support.ts";
import { startWorkerd } from "./workerd.test-support.ts";

const program = findProgram("workerd");

async function startWorld(options: Parameters<typeof startEmulator>[0] = {}) {
  const emulator = await startEmulator(options);
  const worker = await startWorkerd(`${program}`);
  const { origin, toss, naver, iamport } = emulator;
  await worker.ask({ do: "set-up", input: { origin, toss, naver, iamport }, cache: {} });
  return {
    emulator,
    worker,
    async [Symbol.asyncDispose]() {
      await worker[Symbol.asyncDispose]();
      await emulator.close();
    },
  };
}

describe.skipIf(program === undefined && !mustBeThere())(
  "requests of one Worker, by the default options (case 27)",
  () => {
    it("do not hang on a request that gave up while it got a token, and neither do later ones", async () => {
      await using world = await startWorld();
      const { emulator, worker } = world;
      emulator.fault({ endpoint: "toss.token", kind: "delay", ms: 400, times: 1 });
      const gaveUp = worker.ask({ do: "token", giveUpMs: 100 });
      const beside = worker.ask({ do: "token" });
      expect([(await gaveUp).status, (await beside).status]).toEqual([500, 200]);
      expect((await worker.ask({ do: "token" })).status).toBe(200);
    });

    it("renew a stale token themselves, since nothing outlives a request", async () => {
      await using world = await startWorld();
      const { emulator, worker } = world;
      const first = await worker.ask({ do: "token" });
      await worker.ask({ do: "advance", ms: 3_500_000 });
      emulator.fault({ endpoint: "toss.token", kind: "delay", ms: 100, times: 1 });
      const second = await worker.ask({ do: "token" });
      expect([second.status, second.body]).toEqual([200, expect.not.objectContaining(first.body as object)]);
      await worker.ask({ do: "advance", ms: 3_599_000 });
      expect((await worker.ask({ do: "token" })).status).toBe(200);
      expect(worker.output).toBe("");
    });

    it("keep the rate limit, each by its own timers", async () => {
      await using world = await startWorld({ toss: { rateLimit: "seen" } });
      const { emulator, worker } = world;
      await worker.ask({ do: "token" });
      const url = `${emulator.toss.apiBaseUrl}/products/categories/children`;
      const calls = Array.from({ length: 60 }, () => worker.ask({ do: "call", url }));
      const gaveUp = worker.ask({ do: "call", url }, AbortSignal.timeout(50)).catch(() => undefined);
      const answers = await Promise.all(calls);
      await gaveUp;
      expect(answers.map(({ status, body }) => [status, body])).toEqual(calls.map(() => [200, { status: 200 }]));
      expect((await worker.ask({ do: "events" })).body).toContain("call_waited");
      expect(worker.output).toBe("");
    });

    it("serve a stale token if its renewal fails", async () => {
      await using world = await startWorld();
      const { emulator, worker } = world;
      const first = await worker.ask({ do: "token" });
      await worker.ask({ do: "advance", ms: 3_500_000 });
      emulator.fault({ endpoint: "toss.token", kind: "status", status: 401 });
      expect(await worker.ask({ do: "token" })).toEqual(first);
    });
  },
);
