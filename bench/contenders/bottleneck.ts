import Bottleneck from "bottleneck";

/** One call each interval for the whole cluster: its documentation's way to keep a rate. */
export async function connectLimiter(redisPort: number, perSecond: number) {
  const limiter = new Bottleneck({
    id: "limits",
    datastore: "ioredis",
    clientOptions: { host: "127.0.0.1", port: redisPort },
    minTime: 1_000 / perSecond,
    timeout: 60_000,
  });
  await limiter.ready();
  return {
    schedule: (work: () => Promise<Response>) => limiter.schedule(work),
    end: () => limiter.disconnect(),
  };
}
