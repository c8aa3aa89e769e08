import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface ApiLimit {
  readonly perSecond: number;
  readonly burst: number;
}

/** What the API counted. Times are in ms. */
export interface ApiCounts {
  readonly answered: number;
  readonly refused: number;
  /** From the first call to the last one. */
  readonly spanMs: number;
  /** The most calls by which a bucket without refusals would have been overdrawn. */
  readonly excess: number;
}

/** An API behind Naver's gateway: a token bucket that its headers report, and a token endpoint. */
export interface RateLimitedApi {
  readonly origin: string;
  counts(): ApiCounts;
  stop(): Promise<void>;
}

/** @param otherShare the share of the limit that another system spends, at uneven moments */
export async function startRateLimitedApi(
  { perSecond, burst }: ApiLimit,
  { otherShare = 0 }: { readonly otherShare?: number | undefined } = {},
): Promise<RateLimitedApi> {
  let level = burst;
  let levelAt = performance.now();
  let issued = 0;
  let refused = 0;
  let answered = 0;
  let firstAt = 0;
  let lastAt = 0;
  /** Of a bucket that refuses nothing. */
  let openLevel = burst;
  let lowest = 0;
  const server = createServer((request, response) => {
    request.resume();
    if (request.url === "/token") {
      send(response, 200, { access_token: `token-${++issued}`, expires_in: 10_800, token_type: "Bearer" });
      return;
    }
    const now = performance.now();
    openLevel = Math.min(burst, openLevel + ((now - (lastAt || now)) * perSecond) / 1_000) - 1;
    lowest = Math.min(lowest, openLevel);
    firstAt ||= now;
    lastAt = now;
    const isTaken = take();
    if (isTaken) answered++;
    else refused++;
    response.setHeader("GNCP-GW-RateLimit-Replenish-Rate", perSecond);
    response.setHeader("GNCP-GW-RateLimit-Burst-Capacity", burst);
    response.setHeader("GNCP-GW-RateLimit-Remaining", Math.floor(level));
    if (isTaken) send(response, 200, {});
    else send(response, 429, { code: "GW.RATE_LIMIT" });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", 4_096, resolve));
  let timer: NodeJS.Timeout | undefined;
  const spend = () => {
    take();
    timer = setTimeout(spend, (1_000 / (perSecond * otherShare)) * (0.5 + Math.random()));
  };
  if (otherShare > 0) spend();
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts: () => ({ answered, refused, spanMs: lastAt - firstAt, excess: -lowest }),
    async stop() {
      clearTimeout(timer);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  function take(): boolean {
    const now = performance.now();
    level = Math.min(burst, level + ((now - levelAt) * perSecond) / 1_000);
    levelAt = now;
    if (level < 1) return false;
    level--;
    return true;
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.statusCode = status;
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(body));
}
