import { callsWithRoom, storeTrips } from "../limits/added-time.ts";
import { medianWait } from "../limits/fair-share.ts";
import { renewSellers } from "../limits/sellers.ts";
import type { Measure } from "../measure.ts";
import { callInChild } from "../processes/child-process.ts";
import { figure, spread, times } from "../report/figures.ts";
import { ratios, summarize } from "../report/statistics.ts";

export const limitsOfOneProcess: Measure = {
  name: "limits-one-process",
  title: "Naver's rate limits in one process",
  explanation:
    "What a lane costs where it has room, whom it serves first where it has none, and how often it asks the store. Calls " +
    "with and without lanes take turns in one process; the answer is there at once. The added time is the difference of the " +
    "fastest turns: noise only adds. The sellers' renewals take place in virtual time.",
  isQuick: false,
  async run({ progress }) {
    progress("with room");
    const { limited, unlimited } = await callInChild(
      import.meta.resolve("../limits/added-time.ts"),
      callsWithRoom,
      {},
      { timeoutMs: 300_000 },
    );
    const addedUs = summarize(limited).min - summarize(unlimited).min;
    progress("1,000 sellers");
    const fair = await callInChild(
      import.meta.resolve("../limits/fair-share.ts"),
      medianWait,
      {},
      { timeoutMs: 300_000 },
    );
    const fairness = fair.medianMs / fair.fairMs;
    progress("store requests");
    const trips = await callInChild(
      import.meta.resolve("../limits/added-time.ts"),
      storeTrips,
      {},
      { timeoutMs: 300_000 },
    );
    progress("10,000 sellers in virtual time");
    const sellers = await callInChild(
      import.meta.resolve("../limits/sellers.ts"),
      renewSellers,
      {},
      { timeoutMs: 600_000 },
    );
    return {
      data: { limited, unlimited, fair, trips, sellers },
      tables: [
        {
          title: "With room in the lane",
          columns: ["", "µs of CPU per call", "× without lanes"],
          rows: [
            ["auth.fetch, rateLimit: false", spread(summarize(unlimited)), ""],
            ["auth.fetch", spread(summarize(limited)), times(ratios(limited, unlimited))],
          ],
        },
        {
          title: "Store requests in a lane of 50 a second",
          columns: ["processes", "calls a second of each", "store requests per call"],
          rows: trips.map(({ processes, perSecond, perCall }) => [
            figure(processes),
            figure(perSecond),
            perCall.toFixed(2),
          ]),
        },
      ],
      targets: [
        {
          wanted: "1,000 sellers, one floods: the others wait at most 1.2 × a fair share",
          reached: `${fairness.toFixed(2)} ×`,
          isMet: fairness <= 1.2,
        },
        {
          wanted: "a call when there is room: at most 1 µs more",
          reached: `${figure(addedUs)} µs`,
          isMet: addedUs <= 1,
        },
        {
          wanted: "no store request per call in a wide lane",
          reached: `at most ${Math.max(...trips.map(({ perCall }) => perCall)).toFixed(2)} per call`,
          isMet: trips.every(({ perCall }) => perCall < 0.75),
        },
        {
          wanted:
            "10,000 sellers renew within an hour's span at 2 token requests a second: no 429, nobody waits, none expires",
          reached:
            `${figure(sellers.refused)} × 429, ${figure(sellers.waited)} waits, ${figure(sellers.expiredInUse)} expired; ` +
            `${figure(sellers.renewed)} renewed, ${figure(sellers.calls)} calls`,
          isMet: sellers.refused + sellers.waited + sellers.expiredInUse === 0 && sellers.renewed >= 10_000,
        },
      ],
    };
  },
};
