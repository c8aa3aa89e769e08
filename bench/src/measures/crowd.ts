import { type ChildProcess, fork } from "node:child_process";
import { endWithUs, messageFrom } from "../child-process.ts";
import type { CrowdInput, CrowdOrder, Way } from "../children/crowd.ts";
import { failure, figure, spread, times } from "../figures.ts";
import type { Measure } from "../measure.ts";
import { startRedis } from "../redis-server.ts";
import { ratios, summarize } from "../statistics.ts";
import { behave, newEndpoint, stateOf } from "../token-endpoint.ts";

const PROCESSES = 8;
const CALLERS = 1_000;
const DELAY_MS = 50;

const LOCK: Way = "a 30-line lock with polling";
const WAYS: readonly Way[] = ["ours", LOCK, "bentocache", "cacheable", "cache-manager"];

export const crowd: Measure = {
  name: "crowd",
  title: "8 processes of 1,000 callers each, a cold Redis",
  explanation:
    "The endpoint takes 50 ms. All processes are told to go at the same moment, with nothing in memory and nothing in " +
    "Redis, connections open, after each process has issued once by itself. The wall time is that of the process that was last " +
    "to have all its tokens. The ways take turns in the same eight processes.",
  notes: [
    "Eight processes on few processors: what each of 8,000 callers costs decides, since all of them are served before a " +
      "process gets to hear from Redis. It was 1.07 × while a caller who joins a flight looked at both clocks first; the " +
      "lock, which nobody extends, blocks all others for 10 s when its holder dies, the lease for 3 s.",
    "Ours hear of the token by a notice, all at once; the lock's look one by one within 10 ms, which comes to the same. " +
      "What tells is that the Redis store gives the token or else the lease in one round trip, where it took three: " +
      "runs lay between 1.01 and 1.08 × before and between 0.95 and 1.01 × since. Tried without effect: no notice when " +
      "the lease is given back.",
  ],
  isQuick: true,
  async run({ quick, server, progress }) {
    const redis = await startRedis();
    const input: CrowdInput = { redisPort: redis.port, callers: CALLERS };
    const children = Array.from({ length: PROCESSES }, () =>
      fork(new URL("../children/crowd.ts", import.meta.url), [JSON.stringify(input)], {
        stdio: ["ignore", "ignore", "ignore", "ipc"],
      }),
    );
    const ends = children.map(endWithUs);
    try {
      await Promise.all(children.map((child) => messageFrom(child)));
      const data: Record<string, { wallMs: number[]; requests: number[] }> = {};
      const problems = new Map<string, string>();
      const ways = quick ? WAYS.slice(0, 1) : WAYS;
      for (const way of ways) await warmUp(way);
      for (let run = 0; run < (quick ? 3 : 15); run++) {
        progress(`run ${run + 1}`);
        for (const way of ways) {
          if (problems.has(way)) continue;
          try {
            const { wallMs, requests } = await once(way);
            data[way] ??= { wallMs: [], requests: [] };
            data[way].wallMs.push(wallMs);
            data[way].requests.push(requests);
          } catch (error) {
            problems.set(way, failure(error));
          }
        }
      }
      const ours = data["ours"];
      if (ours === undefined) throw new Error(problems.get("ours") ?? "Ours could not be measured.");
      const lock = data[LOCK];
      const requests = Math.max(...ours.requests);
      return {
        data,
        tables: [
          {
            title: `Redis ${redis.version}`,
            columns: ["", "token requests", "wall, ms", "× the lock with polling"],
            rows: ways.map((way) => {
              const each = data[way];
              if (each === undefined) return [way, problems.get(way) ?? ""];
              const ratio = lock === undefined ? "" : times(ratios(each.wallMs, lock.wallMs));
              return [way, spread(summarize(each.requests)), spread(summarize(each.wallMs)), ratio];
            }),
          },
        ],
        targets: [
          { wanted: "1 request", reached: figure(requests), isMet: requests === 1, isExact: true },
          ...(lock === undefined ? [] : [notSlower(ours.wallMs, lock.wallMs)]),
        ],
      };
    } finally {
      for (const end of ends) end();
      await redis.stop();
    }

    /** Each process issues once by itself: what it does only once, loading and compiling, is not what is asked here. */
    async function warmUp(way: Way): Promise<void> {
      for (const child of children) {
        await tell({ prepare: way, endpoint: newEndpoint(server.origin) }, [child]);
        await tell("go", [child]);
      }
    }

    async function once(way: Way): Promise<{ wallMs: number; requests: number }> {
      const endpoint = newEndpoint(server.origin);
      await behave(endpoint, { delayMs: DELAY_MS });
      await tell({ prepare: way, endpoint });
      const walls = await tell<{ wallMs: number }>("go");
      const { tokenRequests } = await stateOf(endpoint);
      return { wallMs: Math.max(...walls.map(({ wallMs }) => wallMs)), requests: tokenRequests };
    }

    function tell<T>(order: CrowdOrder, to: readonly ChildProcess[] = children): Promise<T[]> {
      return Promise.all(
        to.map((child) => {
          const answer = messageFrom<T>(child);
          child.send(order);
          return answer;
        }),
      );
    }
  },
};

function notSlower(ours: readonly number[], lock: readonly number[]) {
  const ratio = ratios(ours, lock);
  return { wanted: "no longer than the lock with polling", reached: times(ratio), isMet: ratio.median <= 1 };
}
