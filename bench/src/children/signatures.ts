// 200 Naver tokens at once: the longest time for which the event loop does nothing else.

import { createNaverCommerceAuth } from "@x/naver-commerce-auth";
import { TokenCache } from "@x/token-cache-core";
import { hash as nativeHash } from "bcrypt";
import bcryptjs, { genSaltSync, hashSync } from "bcryptjs";
import { asChild } from "../child-process.ts";
import { newEndpoint } from "../token-endpoint.ts";

export interface SignaturesInput {
  readonly origin: string;
  readonly runs: number;
  readonly isQuick: boolean;
}

export interface SignaturesResult {
  /** Of each run, the longest stall in ms, by way. */
  readonly stallMs: Record<string, number[]>;
  /** Of each run, until all are done, in ms. */
  readonly wallMs: Record<string, number[]>;
  /** Hashes made for 200 sellers of one application. */
  readonly hashesOfOneApplication: number;
}

const TOKENS = 200;
const PASSWORD = "client-id_1700000000000";

await asChild(async ({ origin, runs, isQuick }: SignaturesInput): Promise<SignaturesResult> => {
  const { tokenUrl } = newEndpoint(origin);
  const secrets = Array.from({ length: TOKENS }, () => genSaltSync(4));
  // The server that answers is not what is measured here: a fetch that answers at once is left out of the stall.
  const answer = async () => Response.json({ access_token: "token", token_type: "Bearer", expires_in: 10_800 });

  async function ours() {
    const cache = new TokenCache();
    const tokens = secrets.map((clientSecret, index) =>
      createNaverCommerceAuth({ clientId: `client-${index}`, clientSecret, tokenUrl, cache, fetch: answer }).getToken(),
    );
    await Promise.all(tokens);
    await cache.close();
  }
  const ways: Record<string, () => Promise<unknown>> = {
    ours,
    "bcryptjs, all at once": () => Promise.all(secrets.map((secret) => bcryptjs.hash(PASSWORD, secret))),
    "bcryptjs, one per turn": async () => {
      for (const secret of secrets) {
        hashSync(PASSWORD, secret);
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    "native bcrypt, all at once": () => Promise.all(secrets.map((secret) => nativeHash(PASSWORD, secret))),
  };

  const stallMs: Record<string, number[]> = {};
  const wallMs: Record<string, number[]> = {};
  if (!isQuick) {
    for (let run = -1; run < runs; run++) {
      for (const [name, way] of Object.entries(ways)) {
        const { stall, wall } = await stallOf(way);
        if (run < 0) continue;
        stallMs[name] = [...(stallMs[name] ?? []), stall];
        wallMs[name] = [...(wallMs[name] ?? []), wall];
      }
    }
  }
  return { stallMs, wallMs, hashesOfOneApplication: await hashesOfOneApplication() };

  async function hashesOfOneApplication(): Promise<number> {
    let hashes = 0;
    const cache = new TokenCache();
    const bcryptHash = (password: string, salt: string) => {
      hashes++;
      return hashSync(password, salt);
    };
    const application = { clientId: "client", clientSecret: secrets[0] as string, tokenUrl, cache, bcryptHash };
    const sellers = Array.from({ length: TOKENS }, (_, index) =>
      createNaverCommerceAuth({ ...application, type: "SELLER", accountId: `seller-${index}`, fetch: answer }),
    );
    await Promise.all(sellers.map((seller) => seller.getToken()));
    await cache.close();
    return hashes;
  }
});

/** A turn of the event loop is asked for again and again: the longest wait between two is the longest stall. */
async function stallOf(work: () => Promise<unknown>): Promise<{ stall: number; wall: number }> {
  let longest = 0;
  let last = performance.now();
  let isRunning = true;
  const tick = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (isRunning) setImmediate(tick);
  };
  setImmediate(tick);
  const began = last;
  await work();
  isRunning = false;
  tick();
  return { stall: longest, wall: performance.now() - began };
}
