import { callsWithRoom, storeTripsPerCall } from "../limits/added-time.ts";
import { type Outcome, PROCESSES, runCrowd, type Scenario } from "../limits/crowded-lane.ts";
import { medianWait } from "../limits/fair-share.ts";
import { renewSellers } from "../limits/sellers.ts";
import type { Measure, Table, Target } from "../measure.ts";
import { callInChild } from "../processes/child-process.ts";
import { figure, spread, times } from "../report/figures.ts";
import { ratios, summarize } from "../report/statistics.ts";

const REAL = { perSecond: 2, burst: 2 };
const TEN_TIMES = { perSecond: 20, burst: 20 };

interface Crowd extends Scenario {
  readonly name: string;
}

/** Each takes its time and hardly any work, so some run side by side. */
const CROWDS: readonly (readonly Crowd[])[] = [
  [
    { name: "Redis, 2 a second", way: "Redis", limit: REAL, calls: 400 },
    { name: "SQLite, 2 a second", way: "SQLite", limit: REAL, calls: 400 },
    { name: "Redis, 20 a second", way: "Redis", limit: TEN_TIMES, calls: 3_200 },
  ],
  [
    { name: "Redis, 2 a second, another system spends half", way: "Redis", limit: REAL, calls: 200, otherShare: 0.5 },
    { name: "SQLite, 20 a second", way: "SQLite", limit: TEN_TIMES, calls: 3_200 },
    {
      name: "Redis, 20 a second, another system spends half",
      way: "Redis",
      limit: TEN_TIMES,
      calls: 1_600,
      otherShare: 0.5,
    },
  ],
  [
    {
      name: "Redis, 20 a second, killed in the middle",
      way: "Redis",
      limit: TEN_TIMES,
      calls: 800,
      killAfterMs: 20_000,
    },
  ],
  [{ name: "each process by itself", way: "not shared", limit: TEN_TIMES, calls: 400 }],
  [{ name: "bottleneck, clustered by Redis", way: "bottleneck", limit: TEN_TIMES, calls: 400 }],
  [{ name: "fetch alone", way: "nothing", limit: TEN_TIMES, calls: 400 }],
  [
    {
      name: "bottleneck, another system spends half",
      way: "bottleneck",
      limit: TEN_TIMES,
      calls: 400,
      otherShare: 0.5,
    },
  ],
];

export const limits: Measure = {
  name: "limits",
  title: "Naver's rate limits",
  explanation:
    `${PROCESSES} processes call one API of one application as fast as they may, over real sockets. Its gateway is a token ` +
    "bucket that its headers report, as Naver's is. Used is the share of what the bucket allows from the first call to the " +
    "last one. At 20 a second, ten times Naver's rate, more calls fit into the time. Another system spends at uneven " +
    "moments. The excess is by how many calls a bucket that refuses nothing would have been overdrawn.",
  isQuick: false,
  async run({ progress }) {
    const outcomes = new Map<Crowd, Outcome>();
    for (const group of CROWDS) {
      progress(group.map(({ name }) => name).join("; "));
      await Promise.all(group.map(async (crowd) => outcomes.set(crowd, await runCrowd(crowd))));
    }
    progress("one process");
    const room = await callInChild(import.meta.url, inOneProcess, {}, { timeoutMs: 300_000 });
    progress("10,000 sellers in virtual time");
    const sellers = await callInChild(import.meta.url, tenThousandSellers, {}, { timeoutMs: 600_000 });
    return reportOf(outcomes, room, sellers);
  },
};

/** Runs in a process of its own. */
export async function inOneProcess() {
  const times = await callsWithRoom();
  const fair = await medianWait();
  const trips = [];
  for (const [processes, perSecond] of [
    [1, 25],
    [1, 3],
    [8, 5],
    [8, 3],
  ] as const) {
    trips.push({ processes, perSecond, perCall: await storeTripsPerCall(processes, perSecond) });
  }
  return { ...times, fair, trips };
}

/** Runs in a process of its own. */
export async function tenThousandSellers() {
  return await renewSellers();
}

function reportOf(
  outcomes: ReadonlyMap<Crowd, Outcome>,
  room: Awaited<ReturnType<typeof inOneProcess>>,
  sellers: Awaited<ReturnType<typeof tenThousandSellers>>,
) {
  const added = summarize(room.limited.map((each, run) => each - (room.unlimited[run] ?? 0)));
  const fairness = room.fair.medianMs / room.fair.fairMs;
  const tables: Table[] = [
    {
      title: `${PROCESSES} processes`,
      columns: ["", "calls", "429", "failed", "used", "excess, calls"],
      rows: [...outcomes].map(([crowd, outcome]) => [
        crowd.name,
        figure(crowd.calls),
        `${figure(outcome.refused)} (${percent(refusedShare(outcome))})`,
        figure(outcome.failed),
        percent(usedShare(crowd, outcome)),
        figure(Math.ceil(Math.max(0, outcome.excess))),
      ]),
    },
    {
      title: "One process, with room in the lane",
      columns: ["", "µs of CPU per call", "× without lanes"],
      rows: [
        ["auth.fetch, rateLimit: false", spread(summarize(room.unlimited)), ""],
        ["auth.fetch", spread(summarize(room.limited)), times(ratios(room.limited, room.unlimited))],
      ],
    },
    {
      title: "Store requests in a lane of 50 a second",
      columns: ["processes", "calls a second of each", "store requests per call"],
      rows: room.trips.map(({ processes, perSecond, perCall }) => [
        figure(processes),
        figure(perSecond),
        perCall.toFixed(2),
      ]),
    },
  ];
  const targets: Target[] = [...outcomes].flatMap(([crowd, outcome]) => targetsOf(crowd, outcome));
  targets.push(
    {
      wanted: "1,000 sellers, one floods: the others wait at most 1.2 × a fair share",
      reached: `${fairness.toFixed(2)} ×`,
      isMet: fairness <= 1.2,
    },
    {
      wanted: "a call when there is room: at most 1 µs more",
      reached: `${spread(added)} µs`,
      isMet: added.median <= 1,
    },
    {
      wanted: "no store request per call in a wide lane",
      reached: `at most ${Math.max(...room.trips.map(({ perCall }) => perCall)).toFixed(2)} per call`,
      isMet: room.trips.every(({ perCall }) => perCall < 0.75),
    },
    {
      wanted:
        "10,000 sellers renew within an hour's span at 2 token requests a second: no 429, nobody waits, none expires",
      reached:
        `${figure(sellers.refused)} × 429, ${figure(sellers.waited)} waits, ${figure(sellers.expiredInUse)} expired; ` +
        `${figure(sellers.renewed)} renewed, ${figure(sellers.calls)} calls`,
      isMet: sellers.refused + sellers.waited + sellers.expiredInUse === 0 && sellers.renewed >= 10_000,
    },
  );
  return { data: { outcomes: [...outcomes], room, sellers }, tables, targets };
}

function targetsOf(crowd: Crowd, outcome: Outcome): Target[] {
  const { name, way, otherShare, killAfterMs, limit } = crowd;
  if (way !== "Redis" && way !== "SQLite") return [];
  const reached = `${percent(refusedShare(outcome))} refused, ${outcome.failed} failed`;
  if (killAfterMs !== undefined) {
    const wanted = `${name}: no failed call, at most one second's allowance in excess`;
    const isMet = outcome.failed === 0 && outcome.excess <= limit.perSecond;
    return [
      {
        wanted,
        reached: `${outcome.failed} failed, ${figure(Math.ceil(Math.max(0, outcome.excess)))} calls in excess`,
        isMet,
      },
    ];
  }
  if (otherShare !== undefined) {
    const isMet = refusedShare(outcome) <= 0.02 && outcome.failed === 0;
    return [{ wanted: `${name}: at most 2 % refused, no call fails`, reached, isMet }];
  }
  const used = usedShare(crowd, outcome);
  const isMet = outcome.refused === 0 && outcome.failed === 0 && used >= 0.95;
  const wanted = `${name}: no 429, no failure, at least 95 % used`;
  return [{ wanted, reached: `${reached}, ${percent(used)} used`, isMet }];
}

function refusedShare({ answered, refused }: Outcome): number {
  return refused / (answered + refused);
}

function usedShare({ limit }: Crowd, { answered, spanMs }: Outcome): number {
  return answered / (limit.burst + (limit.perSecond * spanMs) / 1_000);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
