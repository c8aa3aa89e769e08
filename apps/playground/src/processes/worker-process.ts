// One of several processes that share tokens. Its parent sends it commands over their channel.

import type { TokenStore } from "@x/token-cache-core";
import { createTossShoppingAuth } from "@x/toss-shopping-auth";
import { tossByHand } from "../chapters/by-hand/toss.js";
import { tossByRedis } from "../chapters/by-hand/toss-redis.js";
import { type Client, clientByHand, packageClient } from "../chapters/client.ts";
import { Recorder } from "../chapters/recorder.ts";
import type { TimelineRecord } from "../chapters/timeline.ts";
import type { Opening, Order, Reply, StoreChoice } from "./order.ts";

const GATHER_MS = 20;

let worker: { readonly client: Client; readonly recorder: Recorder } | undefined;
let unsent: TimelineRecord[] = [];

process.on("disconnect", () => process.exit());
process.on("message", ({ order, number }: { order: Order; number: number }) => {
  carryOut(order).then(
    (tokens) => {
      sendRecords();
      send({ type: "done", order: number, tokens });
    },
    (error: unknown) => send({ type: "failed", order: number, message: String(error) }),
  );
});

function send(reply: Reply): void {
  process.send?.(reply);
}

function record(one: TimelineRecord): void {
  if (unsent.length === 0) setTimeout(sendRecords, GATHER_MS);
  unsent.push(one);
  // Sent at once, since this process may be killed while it waits.
  if (one.type === "asking") sendRecords();
}

function sendRecords(): void {
  if (unsent.length > 0) send({ type: "records", records: unsent });
  unsent = [];
}

async function carryOut(order: Order): Promise<readonly string[]> {
  if (order.type === "open") {
    worker = await open(order);
    return [];
  }
  if (worker === undefined) throw new Error("The order to open a client has to come before all others.");
  const { client, recorder } = worker;
  if (order.type === "call") {
    await times(order.callers, () => recorder.call(() => client.call(order.url)));
    return [];
  }
  const asked: Promise<(string | undefined)[]>[] = [];
  for (let round = 0; round < order.rounds; round++) {
    if (round > 0) await new Promise((resolve) => setTimeout(resolve, order.everyMs));
    asked.push(times(order.callers, () => recorder.call(() => client.getToken())));
  }
  return (await Promise.all(asked)).flat().filter((token) => token !== undefined);
}

function times<T>(count: number, act: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, act));
}

async function open({ lane, side, toss, store, startedAt }: Opening) {
  const now = () => performance.timeOrigin + performance.now() - startedAt;
  const time = { now, jumpedMs: () => 0, wall: Date.now };
  const recorder = new Recorder(lane, time, record);
  if (side === "ours") {
    const shared = store && { store: await openStore(store) };
    return { recorder, client: packageClient(createTossShoppingAuth, toss, recorder, fetch, shared) };
  }
  if (store?.kind !== "redis") {
    return { recorder, client: clientByHand(tossByHand, toss, recorder, fetch, Date.now) };
  }
  const redis = await connect(store.url);
  const byRedis = tossByRedis({ ...toss, redis, fetch: recorder.watching(fetch, toss.tokenUrl) });
  return { recorder, client: { ...byRedis, close: async () => redis.destroy() } };
}

/** Loads only what it opens: a user watches these processes start. */
async function openStore(choice: StoreChoice): Promise<TokenStore> {
  if (choice.kind === "sqlite") {
    const [{ sqliteStore }, { encryptedStore }] = await Promise.all([
      import("@x/token-cache-core/sqlite"),
      import("@x/token-cache-core/encrypted"),
    ]);
    const store = sqliteStore({ path: choice.path });
    return choice.encryptionKey === undefined ? store : encryptedStore(store, { keys: [choice.encryptionKey] });
  }
  const { redisStore } = await import("@x/token-cache-core/redis");
  const [client, subscriber] = [await connect(choice.url), await connect(choice.url)];
  return redisStore({ client, subscriber, prefix: choice.prefix });
}

async function connect(url: string) {
  const { createClient } = await import("redis");
  const client = createClient({ url });
  // It reconnects by itself; without a listener the error would end the process.
  client.on("error", () => {});
  await client.connect();
  return client;
}
