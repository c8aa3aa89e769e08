// One process of several that share tokens: it is told over its parent's channel what to open and what to ask for.

import { TokenCache, type TokenStore } from "@x/token-cache-core";
import { createTossShoppingAuth, type TossShoppingAuth } from "@x/toss-shopping-auth";
import type { Order, Reply, StoreChoice } from "./crew.ts";

let auth: TossShoppingAuth | undefined;

process.on("disconnect", () => process.exit());
process.on("message", (order: Order) => {
  carryOut(order).then(reply, (error: unknown) => reply({ type: "failed", message: String(error) }));
});

function reply(message: Reply): void {
  process.send?.(message);
}

async function carryOut(order: Order): Promise<Reply> {
  if (order.type === "open") {
    const cache = new TokenCache({ store: await openStore(order.store) });
    auth = createTossShoppingAuth({ ...order.seller, tokenUrl: order.tokenUrl, cache });
    return { type: "ready" };
  }
  const opened = auth;
  if (opened === undefined) throw new Error("It was asked before it was opened.");
  const tokens = await Promise.all(Array.from({ length: order.callers }, () => opened.getToken()));
  return { type: "answered", values: tokens.map(({ value }) => value) };
}

/** Loads what it opens and no more: these processes start while somebody looks on. */
async function openStore(choice: StoreChoice): Promise<TokenStore> {
  if (choice.kind === "sqlite") {
    const [{ sqliteStore }, { encryptedStore }] = await Promise.all([
      import("@x/token-cache-core/sqlite"),
      import("@x/token-cache-core/encrypted"),
    ]);
    const store = sqliteStore({ path: choice.path });
    return choice.encryptionKey === undefined ? store : encryptedStore(store, { keys: [choice.encryptionKey] });
  }
  const [{ redisStore }, { createClient }] = await Promise.all([import("@x/token-cache-core/redis"), import("redis")]);
  const client = await createClient({ url: choice.url }).on("error", ignore).connect();
  const subscriber = await client.duplicate().on("error", ignore).connect();
  return redisStore({ client, subscriber, prefix: choice.prefix });
}

function ignore(): void {}
