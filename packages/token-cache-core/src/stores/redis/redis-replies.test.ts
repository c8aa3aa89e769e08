import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { recorder, TestTokenSource } from "../../cache/token-source.test-support.ts";
import { TokenCache } from "../../index.ts";
import { type LoopbackProxy, startProxy } from "./loopback-proxy.test-support.ts";
import { type ConnectedClient, redisClients } from "./redis-clients.test-support.ts";
import { hasNoRedis, type RedisServer, startRedis } from "./redis-servers.test-support.ts";
import { redisStore } from "./redis-store.ts";

const SELLERS = ["kim", "lee", "park", "choi", "jung"];

/** The source of one seller, whose tokens name their seller. */
function sourceOf(seller: string): TestTokenSource {
  return new TestTokenSource({
    key: `test-provider:https://auth.test:${seller}`,
    answer: () => ({ value: `${seller}-token` }),
  });
}

describe.skipIf(hasNoRedis).each(Object.entries(redisClients))("case 41: with %s", (_, connect) => {
  let server: RedisServer;
  let proxy: LoopbackProxy;
  let direct: ConnectedClient;
  let proxied: ConnectedClient;

  beforeAll(async () => {
    server = await startRedis();
    proxy = await startProxy(server.port);
    direct = await connect(server.port);
    proxied = await connect(proxy.port);
  });

  afterAll(async () => {
    await Promise.all([direct?.end(), proxied?.end()]);
    await proxy?.close();
    await server?.stop();
  });

  test("one lost reply on a shared connection gives no seller another one's token", async () => {
    const before = new TokenCache({ store: redisStore({ client: direct.client }) });
    for (const seller of SELLERS) await before.getToken(sourceOf(seller));

    const seen = recorder();
    const store = redisStore({ client: proxied.client });
    // The wait for replies has no limit here, so that none is given up before the next one arrives.
    const cache = new TokenCache({ store, storeTimeoutMs: 10_000, observer: seen.observer });
    await store.getOrLease?.("warm-up", 1, undefined);
    const lost = proxy.loseNextAnswer();
    const tokens = [];
    for (const seller of SELLERS) {
      tokens.push(cache.getToken(sourceOf(seller)));
      await lost;
      await sleep(20);
    }
    // The last one waits for a lost reply. The connection is dropped, as a client does after its own limit.
    proxy.drop();
    const values = (await Promise.all(tokens)).map(({ value }) => value);
    expect(values).toEqual(SELLERS.map((seller) => `${seller}-token`));
    expect(seen.ofType("store_failed").map(({ reason }) => reason)).toContain("other_identity");
    await Promise.all([before.close(), cache.close()]);
  });
});
