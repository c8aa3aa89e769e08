import { createNaverCommerceAuth } from "@x/naver-commerce-auth";
import { TokenCache } from "@x/token-cache-core";
import bcryptjs, { genSaltSync, hashSync } from "bcryptjs";
import { importFromContenders } from "../clients/contenders.ts";
import { type Measure, rowsOf } from "../measure.ts";
import { callInChild } from "../processes/child-process.ts";
import { newEndpoint } from "../processes/token-endpoint.ts";
import { figure, spread } from "../report/figures.ts";
import { summarize } from "../report/statistics.ts";

const TOKENS = 200;
const RUNS = 7;
const MOST_MS = 15;
const PASSWORD = "client-id_1700000000000";

export const signatures: Measure = {
  name: "signatures",
  title: "200 Naver tokens at once",
  explanation:
    "200 applications with secrets of bcrypt cost 4 request their tokens at once. A stall is the longest time for which " +
    "the event loop does nothing else. The others are the 200 hashes alone, without token requests.",
  isQuick: true,
  async run({ quick, server }) {
    const { origin } = server;
    const hashes = await callInChild(import.meta.url, hashesOfOneApplication, { origin });
    const oneHash = {
      wanted: "1 hash for 200 sellers of one application",
      reached: figure(hashes),
      isMet: hashes === 1,
      isExact: true,
    };
    if (quick) return { data: { hashes }, tables: [], targets: [oneHash] };

    const ways = new Map(Object.entries(await callInChild(import.meta.url, stallsInTurns, { origin })));
    const stall = summarize(ways.get("ours")?.stallMs ?? []);
    return {
      data: { hashes, ways: Object.fromEntries(ways) },
      tables: [
        {
          columns: ["", "longest stall, ms", "until all are done, ms"],
          rows: rowsOf([...ways.keys()], { results: ways, failures: new Map() }, ({ stallMs, wallMs }) => [
            spread(summarize(stallMs)),
            spread(summarize(wallMs)),
          ]),
        },
      ],
      targets: [
        { wanted: `at most ${MOST_MS} ms`, reached: `${spread(stall)} ms`, isMet: stall.median <= MOST_MS },
        oneHash,
      ],
    };
  },
};

interface SignaturesInput {
  readonly origin: string;
}

/** The figures of each run. */
interface Stalls {
  readonly stallMs: number[];
  readonly wallMs: number[];
}

interface BcryptModule {
  hash(password: string, salt: string): Promise<string>;
}

/** Answers at once: the stall must not include a server's work. */
const answer = async () => Response.json({ access_token: "token", token_type: "Bearer", expires_in: 10_800 });

/** Runs in a process of its own. */
export async function stallsInTurns({ origin }: SignaturesInput): Promise<Record<string, Stalls>> {
  const { tokenUrl } = newEndpoint(origin);
  const native = await importFromContenders<BcryptModule>("bcrypt");
  const secrets = Array.from({ length: TOKENS }, () => genSaltSync(4));
  const ways: Record<string, () => Promise<unknown>> = {
    async ours() {
      const cache = new TokenCache();
      const auths = secrets.map((clientSecret, index) =>
        createNaverCommerceAuth({ clientId: `client-${index}`, clientSecret, tokenUrl, cache, fetch: answer }),
      );
      await Promise.all(auths.map((auth) => auth.getToken()));
      await cache.close();
    },
    "bcryptjs, all at once": () => Promise.all(secrets.map((secret) => bcryptjs.hash(PASSWORD, secret))),
    async "bcryptjs, one per turn"() {
      for (const secret of secrets) {
        hashSync(PASSWORD, secret);
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    "native bcrypt, all at once": () => Promise.all(secrets.map((secret) => native.hash(PASSWORD, secret))),
  };

  const stalls: Record<string, Stalls> = {};
  for (let run = -1; run < RUNS; run++) {
    for (const [name, way] of Object.entries(ways)) {
      const { stall, wall } = await stallOf(way);
      if (run < 0) continue;
      stalls[name] ??= { stallMs: [], wallMs: [] };
      stalls[name].stallMs.push(stall);
      stalls[name].wallMs.push(wall);
    }
  }
  return stalls;
}

/** Runs in a process of its own: the hashes that 200 sellers of one application need. */
export async function hashesOfOneApplication({ origin }: SignaturesInput): Promise<number> {
  const { tokenUrl, clientId } = newEndpoint(origin);
  let hashes = 0;
  const cache = new TokenCache();
  const bcryptHash = (password: string, salt: string) => {
    hashes++;
    return hashSync(password, salt);
  };
  const application = { clientId, clientSecret: genSaltSync(4), tokenUrl, cache, bcryptHash, fetch: answer };
  const sellers = Array.from({ length: TOKENS }, (_, index) =>
    createNaverCommerceAuth({ ...application, type: "SELLER", accountId: `seller-${index}` }),
  );
  await Promise.all(sellers.map((seller) => seller.getToken()));
  await cache.close();
  return hashes;
}

/** Asks for a turn of the event loop again and again. The longest wait between two turns is the longest stall. */
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
