import { SECOND } from "@x/testing/emulated-life";
import { expect, it } from "vitest";
import { emulated } from "./emulated.test-support.ts";

it("a Toss API that refuses every token causes a handful of token requests a minute", async () => {
  await using world = await emulated();
  const { emulator, life, clock } = world;
  const toss = world.createAuth();
  await toss.getToken();
  life.pass(5 * SECOND);
  emulator.fault({ endpoint: "toss.api", kind: "status", status: 401 });
  for (let nth = 0; nth < 60; nth++) {
    let isDone = false;
    const done = () => {
      isDone = true;
    };
    toss.api.get("products/categories/children").then(done, done);
    while (!isDone) {
      await new Promise((resolve) => setImmediate(resolve));
      if (clock.pendingTimers > 0) life.pass(100); // A young token is waited out.
    }
    life.pass(SECOND);
  }
  expect(emulator.requestCount("toss.token")).toBeLessThan(15);
});
