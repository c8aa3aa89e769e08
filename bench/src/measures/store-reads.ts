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
    "key); the raw client's of the value with what tells its remaining life (GET and PTTL at once; three more columns); " +
    "the store's get; and a whole getToken with nothing in memory, which also checks the entry and keeps the token.",
  notes: [
    "A value that does not tell how long it still lives is of no use to a store, since no wall clock is trusted between " +
      "machines. SQLite reads it in less time than other stores take to send a question, so that all that is asked for " +
      "shows: three more columns, a reading of two clocks, a look at whether it is time to see if the file was replaced. " +
      "It was 4.1 × while each read asked the system for its uptime and compared in SQL. Tried: all of it as text in one " +
      "column, which takes as long to take apart. Both stores stand behind a memory and are asked once per token and " +
      "process.",
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
            columns: [
              "",
              "raw, µs",
              "with its life, µs",
              "store get, µs",
              "× raw",
              "× with its life",
              "getToken, µs",
              "× raw",
            ],
            rows: stores.map(([name, { raw, rawWithLife, store, getToken }]) => [
              name,
              spread(summarize(raw)),
              spread(summarize(rawWithLife)),
              spread(summarize(store)),
              times(ratios(store, raw)),
              times(ratios(store, rawWithLife)),
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
