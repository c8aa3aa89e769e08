import { runChild } from "../child-process.ts";
import type { StoreReadsInput, StoreReadsResult } from "../children/store-reads.ts";
import { spread, times } from "../figures.ts";
import type { Measure } from "../measure.ts";
import { startRedis } from "../redis-server.ts";
import { ratios, summarize } from "../statistics.ts";

export const storeReads: Measure = {
  name: "store-reads",
  title: "A token found in a store",
  explanation:
    "One read after another of a value of the same length: the raw client's (ioredis GET; a prepared SELECT by primary " +
    "key), the store's get, which also learns the remaining life, and a whole getToken with nothing in memory, which " +
    "also checks the entry and keeps the token.",
  notes: [
    "Redis: the value and its remaining life come by one script, since no wall clock is trusted between machines; a bare " +
      "GET does not tell the life. SQLite: the raw read takes 2 µs, so that whatever is checked shows: whether the file " +
      "was replaced, whether the token has expired by two clocks. Both stand behind a memory and are asked once per " +
      "token and process.",
  ],
  isQuick: false,
  async run() {
    const redis = await startRedis();
    try {
      const input: StoreReadsInput = { redisPort: redis.port, runs: 25, reads: 400 };
      const result = await runChild<StoreReadsResult>("store-reads", input);
      const stores = Object.entries(result);
      return {
        data: result,
        tables: [
          {
            columns: ["", "raw, µs", "store get, µs", "ratio", "getToken, µs", "ratio"],
            rows: stores.map(([name, { raw, store, getToken }]) => [
              name,
              spread(summarize(raw)),
              spread(summarize(store)),
              times(ratios(store, raw)),
              spread(summarize(getToken)),
              times(ratios(getToken, raw)),
            ]),
          },
        ],
        targets: stores.map(([name, { raw, store }]) => {
          const ratio = ratios(store, raw);
          return { wanted: `${name}: at most 1.3 × the raw read`, reached: times(ratio), isMet: ratio.median <= 1.3 };
        }),
      };
    } finally {
      await redis.stop();
    }
  },
};
