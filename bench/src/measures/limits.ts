import { type Outcome, PROCESSES, runCrowd, type Scenario } from "../limits/crowded-lane.ts";
import type { Measure, Target } from "../measure.ts";
import { figure } from "../report/figures.ts";

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
    return {
      data: [...outcomes],
      tables: [
        {
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
      ],
      targets: [...outcomes].flatMap(([crowd, outcome]) => targetsOf(crowd, outcome)),
    };
  },
};

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
