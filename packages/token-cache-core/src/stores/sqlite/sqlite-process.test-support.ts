// A process that works on a store's file until it is told to end or killed. A test starts it.

import { mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sqliteStore } from "./sqlite-store.ts";

const [path = "", witnessFolder = "", rounds = "0"] = process.argv.slice(2);
const store = sqliteStore({ path });

for (let round = 0; round < Number(rounds); round += 1) {
  const key = `key ${round % 5}`;
  const id = Math.random().toString(16).slice(2, 10).padEnd(8, "0");
  await store.set(key, { id, payload: id.repeat(200) }, 60_000 + round);
  const found = await store.get(key);
  if (found !== undefined && found.payload !== found.id.repeat(200)) throw new Error("A torn token.");
  if (round % 3 === 0 && found !== undefined) await store.delete(key, found.id);

  const lease = await store.lease?.(key, 10_000);
  if (lease !== undefined) {
    // Fails if another process has made it: two holders.
    mkdirSync(join(witnessFolder, key));
    if (round % 7 === 0) await sleep(1);
    rmdirSync(join(witnessFolder, key));
    await lease.release();
  }
  if (round === 0) process.send?.("started");
}
await store.close?.();
process.disconnect?.();
