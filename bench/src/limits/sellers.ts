import { createNaverCommerceAuth } from "@x/naver-commerce-auth";
import { TokenCache } from "@x/token-cache-core";
import { ManualClock } from "@x/token-cache-core/testing";

const SELLERS = 10_000;
const HOUR_MS = 3_600_000;
const STEP_MS = 500;

export interface SellersOutcome {
  readonly refused: number;
  readonly waited: number;
  readonly expiredInUse: number;
  readonly renewed: number;
  readonly calls: number;
}

/** 10,000 sellers of a Naver application in virtual time. Their tokens end within an hour, each seller calls once a minute. */
export async function renewSellers(): Promise<SellersOutcome> {
  const clock = new ManualClock();
  const endpoint = new TokenEndpoint(clock);
  const cache = new TokenCache({ clock, maxIdentities: 2 * SELLERS });
  const sellers = Array.from({ length: SELLERS }, (_, index) =>
    createNaverCommerceAuth({
      clientId: "limits",
      clientSecret: "$2a$04$abcdefghijklmnopqrstuv",
      type: "SELLER",
      accountId: `seller-${index}`,
      bcryptHash: (_password, salt) => `${salt}${"x".repeat(31)}`,
      fetch: async () => endpoint.answer(),
      cache,
    }),
  );
  endpoint.perSecond = 10;
  for (const seller of sellers) {
    const first = seller.getToken();
    clock.advance(360);
    await turnOfEvents();
    await first;
  }
  endpoint.perSecond = 2;
  // From the next answer on, the lane knows.
  clock.advance(1_000);
  await sellers[0]?.getToken({ forceRefresh: true });
  clock.advance(1.5 * HOUR_MS);

  let [waited, expiredInUse, calls] = [0, 0, 0];
  const before = endpoint.issued;
  for (let step = 0; clock.monotonic() < 4.1 * HOUR_MS; step++) {
    for (let index = step % 120; index < SELLERS; index += 120) {
      const seller = sellers[index];
      if (seller?.peek() === undefined) waited++;
      calls++;
      seller?.getToken().then(
        ({ expiresAt }) => {
          if (expiresAt <= clock.wall()) expiredInUse++;
        },
        () => {
          waited++;
        },
      );
    }
    clock.advance(STEP_MS);
    await turnOfEvents();
  }
  await cache.close();
  return { refused: endpoint.refused, waited, expiredInUse, renewed: endpoint.issued - before, calls };
}

/** A token endpoint with a bucket of two seconds' worth of requests. */
class TokenEndpoint {
  perSecond = 2;
  issued = 0;
  refused = 0;
  readonly #clock: ManualClock;
  #level = 2;
  #levelAt = 0;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  answer(): Response {
    const { perSecond } = this;
    const now = this.#clock.monotonic();
    this.#level = Math.min(perSecond, this.#level + ((now - this.#levelAt) * perSecond) / 1_000);
    this.#levelAt = now;
    const isTaken = this.#level >= 1;
    if (isTaken) this.#level--;
    const headers = {
      "gncp-gw-ratelimit-replenish-rate": String(perSecond),
      "gncp-gw-ratelimit-burst-capacity": String(perSecond),
      "gncp-gw-ratelimit-remaining": String(Math.floor(this.#level)),
    };
    if (!isTaken) {
      this.refused++;
      return Response.json({ code: "GW.RATE_LIMIT" }, { status: 429, headers });
    }
    this.issued++;
    const token = { access_token: `token-${this.issued}`, expires_in: 10_800, token_type: "Bearer" };
    return Response.json(token, { headers });
  }
}

/** Lets everything happen that waits for no virtual time: a new signature waits for a turn of the event loop. */
async function turnOfEvents(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}
